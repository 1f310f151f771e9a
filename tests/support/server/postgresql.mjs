// Runs a real PostgreSQL for a test: a throw-away one, in a temporary folder, that only a socket in that folder leads to.

import { execFileSync, spawn } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

// PostgreSQL refuses to run as root. On Debian these are the ids of `nobody`.
const who = process.getuid() === 0 ? { uid: 65534, gid: 65534 } : {};

/**
 * Starts a PostgreSQL whose programs are in `programs`; resolves once it answers.
 *
 * Returns `{ forSynapse, psql(flags, role), stop() }`: what homeserver.yaml says of the database, and what psql prints as the
 * superuser or another role.
 */
export async function startPostgresql(programs) {
  const folder = mkdtempSync(join(tmpdir(), "matrixbackup-postgresql-"));
  chmodSync(folder, 0o755);
  const own = join(folder, "own");
  mkdirSync(own);
  if (who.uid) chownSync(own, who.uid, who.gid);
  const data = join(own, "data");
  const options = { cwd: own, env: { ...process.env, TZ: "UTC" }, ...who };
  // Synapse wants this encoding and this order. Nothing here has to outlive a power cut.
  const made = ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"];
  execFileSync(join(programs, "initdb"), made, { ...options, stdio: ["ignore", "ignore", "inherit"] });
  const settings = ["listen_addresses=", `unix_socket_directories=${own}`, "fsync=off", "log_min_messages=panic"];
  const postgres = [join(programs, "postgres"), "-D", data, ...settings.flatMap((setting) => ["-c", setting])];
  // Linux ends PostgreSQL together with the process that started it, however that one ends.
  const server = spawn("setpriv", ["--pdeathsig", "INT", ...postgres], {
    ...options,
    stdio: ["ignore", "ignore", "inherit"],
    // In a process group of its own: Ctrl-C reaches only this process, which then stops PostgreSQL.
    detached: true,
  });
  const ended = new Promise((done) => server.once("exit", done).once("error", done));
  const leave = () => {
    server.kill("SIGINT");
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  process.once("exit", leave);

  async function stop() {
    // The fast shutdown: it ends whoever is connected.
    server.kill("SIGINT");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }

  const psql = (flags, role = "postgres") =>
    execFileSync(join(programs, "psql"), ["-X", "-h", own, "-U", role, "-d", "postgres", ...flags], { encoding: "utf8" });

  const deadline = Date.now() + 60_000;
  const answers = () => {
    try {
      execFileSync(join(programs, "pg_isready"), ["-q", "-h", own]);
      return true;
    } catch {
      return false;
    }
  };
  while (!answers()) {
    if (server.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error("PostgreSQL did not start");
    }
    await sleep(50);
  }
  const args = { user: "postgres", dbname: "postgres", host: own, cp_min: 1, cp_max: 5 };
  return { forSynapse: { name: "psycopg2", args }, psql, stop };
}
