// Runs a real Synapse for the tests and the demo: a throw-away one, in a temporary folder, on loopback, that talks to
// no other server.
//
//   node tests/support/server/homeserver.mjs -- COMMAND…
//
// runs COMMAND beside a fresh one, or beside the one that the environment names already. For COMMAND it sets
// MATRIXBACKUP_HOMESERVER (its URL), MATRIXBACKUP_SERVER_NAME, MATRIXBACKUP_REGISTRATION_SECRET and
// MATRIXBACKUP_DATABASE (a file of SQLite's).

import { spawn } from "node:child_process";
import { createHmac, randomBytes } from "node:crypto";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";

const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "matrixbackup");
/** The interpreter that Synapse is installed for. */
export const python = join(cache, "synapse-venv/bin/python");

// Linux ends Synapse together with the process that started it, however that one ends.
const launcher = `
import ctypes, runpy, signal, sys
ctypes.CDLL(None).prctl(1, signal.SIGTERM)

# Nothing here has to outlive a power cut, so no commit waits for the disk.
from synapse.storage.engines.sqlite import Sqlite3Engine
prepare = Sqlite3Engine.on_new_connection
def without_waiting(engine, connection):
    prepare(engine, connection)
    connection.execute("PRAGMA synchronous = OFF")
Sqlite3Engine.on_new_connection = without_waiting

# Every sync would have Synapse's own schema of filters judged anew: a fifth of all that it does here.
from jsonschema.validators import validator_for
from synapse.api.filtering import USER_FILTER_SCHEMA
validator_for(USER_FILTER_SCHEMA).check_schema = lambda *schema, **options: None

runpy.run_module("synapse.app.homeserver", run_name="__main__")
`;

const unlimited = { per_second: 100000, burst_count: 100000 };
const noRateLimits = {
  rc_message: unlimited,
  rc_registration: unlimited,
  rc_registration_token_validity: unlimited,
  rc_login: { address: unlimited, account: unlimited, failed_attempts: unlimited },
  rc_admin_redaction: unlimited,
  rc_joins: { local: unlimited, remote: unlimited },
  rc_joins_per_room: unlimited,
  rc_3pid_validation: unlimited,
  rc_invites: { per_room: unlimited, per_user: unlimited, per_issuer: unlimited },
  rc_key_requests: unlimited,
  rc_room_creation: unlimited,
  rc_presence: { per_user: unlimited },
};

/**
 * Starts a Synapse; resolves once it is ready.
 *
 * - `serverName`: what follows the colon in user ids; by default its own address, so that it can be found by it.
 * - `publicUrl`: where clients reach it, if not at its own address (a proxy in front of it).
 * - `rateLimits`: "none", or "default" for those Synapse ships with.
 * - `passwordLogin`: false for a server where nobody can sign in with a password.
 * - `config`: anything else for homeserver.yaml.
 *
 * Returns `{ url, serverName, secret, database, log(), register(user, password), halt(), start(), stop() }`.
 */
export async function startHomeserver({
  serverName,
  publicUrl,
  rateLimits = "none",
  passwordLogin = true,
  config = {},
} = {}) {
  const folder = mkdtempSync(join(tmpdir(), "matrixbackup-synapse-"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const secret = randomBytes(16).toString("hex");
  serverName ??= `127.0.0.1:${port}`;

  const settings = {
    server_name: serverName,
    public_baseurl: publicUrl ?? url,
    pid_file: join(folder, "pid"),
    signing_key_path: join(folder, "signing.key"),
    media_store_path: join(folder, "media"),
    database: { name: "sqlite3", args: { database: join(folder, "homeserver.db") } },
    log_config: join(folder, "log.yaml"),
    listeners: [
      {
        port,
        bind_addresses: ["127.0.0.1"],
        type: "http",
        // A proxy that speaks https says so in a header: Synapse sends sign-ins to `publicUrl` until they come from there.
        x_forwarded: true,
        resources: [{ names: ["client"], compress: false }],
      },
    ],
    registration_shared_secret: secret,
    macaroon_secret_key: randomBytes(16).toString("hex"),
    form_secret: randomBytes(16).toString("hex"),
    // Anybody may register: the tests' accounts are made this way.
    enable_registration: true,
    enable_registration_without_verification: true,
    password_config: { enabled: passwordLogin },
    // Only tests sign in here, so that hashing need not be slow.
    bcrypt_rounds: 4,
    report_stats: false,
    trusted_key_servers: [],
    suppress_key_server_warning: true,
    federation_domain_whitelist: [],
    url_preview_enabled: false,
    enable_metrics: false,
    // Dehydrated devices (MSC3814), which Element uses.
    experimental_features: { msc3814_enabled: true },
    ...(rateLimits === "none" && noRateLimits),
    ...config,
  };
  const logging = {
    version: 1,
    formatters: { line: { format: "%(asctime)s %(levelname)s %(name)s %(message)s" } },
    handlers: { file: { class: "logging.FileHandler", filename: join(folder, "log"), formatter: "line" } },
    root: { level: "WARNING", handlers: ["file"] },
    disable_existing_loggers: false,
  };
  // JSON is YAML.
  writeFileSync(join(folder, "homeserver.yaml"), JSON.stringify(settings));
  writeFileSync(join(folder, "log.yaml"), JSON.stringify(logging));
  writeFileSync(join(folder, "signing.key"), `ed25519 a_test ${randomBytes(32).toString("base64").replace(/=+$/, "")}\n`);

  let synapse;
  let ended;
  const running = () => synapse.pid !== undefined && synapse.exitCode === null && synapse.signalCode === null;

  /** Starts Synapse, on the data of an earlier start if there is any. */
  async function start() {
    const output = openSync(join(folder, "output"), "a");
    synapse = spawn(python, ["-c", launcher, "--config-path", join(folder, "homeserver.yaml")], {
      cwd: folder,
      stdio: ["ignore", output, output],
      // In a process group of its own: Ctrl-C reaches only this process, which then stops Synapse.
      detached: true,
    });
    closeSync(output);
    ended = new Promise((done) => synapse.once("exit", done).once("error", done));
    // A busy machine takes more than a minute; one that fails ends by itself.
    const deadline = Date.now() + 180_000;
    while (!(await fetch(`${url}/health`).then((answer) => answer.ok, () => false))) {
      if (!running() || Date.now() > deadline) {
        const said = log();
        await stop();
        throw new Error(`Synapse did not start. It said:\n${said || "nothing: is it installed? (make setup)"}`);
      }
      await sleep(50);
    }
  }

  const log = () =>
    ["output", "log"].map((name) => {
      try {
        return readFileSync(join(folder, name), "utf8");
      } catch {
        return "";
      }
    }).join("");

  // For a process that exits without having called `stop`.
  const leave = () => {
    synapse.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  process.once("exit", leave);

  /** Ends Synapse and keeps its data, for another `start`. */
  async function halt() {
    if (!running()) return;
    synapse.kill("SIGTERM");
    const killing = setTimeout(() => synapse.kill("SIGKILL"), 5000);
    await ended;
    clearTimeout(killing);
  }

  async function stop() {
    await halt();
    rmSync(folder, { recursive: true, force: true });
  }

  await start();
  const { database } = settings.database.args;
  return { url, serverName, secret, database, log, register: registerAt(url, secret), start, halt, stop };
}

/**
 * Returns the homeserver that the environment names, or starts one. The name of a started one is a free local address:
 * a page served there finds its homeserver by the Matrix ID alone.
 */
export async function sharedHomeserver() {
  const {
    MATRIXBACKUP_HOMESERVER: url,
    MATRIXBACKUP_SERVER_NAME: serverName,
    MATRIXBACKUP_REGISTRATION_SECRET: secret,
    MATRIXBACKUP_DATABASE: database,
  } = process.env;
  if (!url) return startHomeserver({ serverName: `127.0.0.1:${await freePort()}` });
  return { url, serverName, secret, database, register: registerAt(url, secret), stop: async () => {} };
}

const registerAt = (url, secret) =>
  async function register(user, password, { admin = false } = {}) {
    const endpoint = `${url}/_synapse/admin/v1/register`;
    const { nonce } = await (await fetch(endpoint)).json();
    const mac = createHmac("sha1", secret)
      .update([nonce, user, password, admin ? "admin" : "notadmin"].join("\0"))
      .digest("hex");
    const answer = await fetch(endpoint, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ nonce, username: user, password, admin, mac, inhibit_login: true }),
    });
    const body = await answer.json();
    if (!answer.ok) throw new Error(`cannot register ${user}: ${body.error}`);
    return body;
  };

/** Returns a port that nobody listens on: `wanted`, or any for 0. Rejects if `wanted` is taken. */
export async function freePort(wanted = 0) {
  const server = createServer();
  await new Promise((done, taken) => server.once("error", taken).listen(wanted, "127.0.0.1", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [command, ...args] = process.argv.slice(process.argv.indexOf("--") + 1);
  const homeserver = await sharedHomeserver();
  const child = spawn(command, args, {
    stdio: "inherit",
    env: {
      ...process.env,
      MATRIXBACKUP_HOMESERVER: homeserver.url,
      MATRIXBACKUP_SERVER_NAME: homeserver.serverName,
      MATRIXBACKUP_REGISTRATION_SECRET: homeserver.secret,
      MATRIXBACKUP_DATABASE: homeserver.database,
    },
  });
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  const code = await new Promise((done) => {
    child.once("exit", (exitCode, signal) => done(signal ? 1 : exitCode));
    child.once("error", (error) => {
      console.error(`cannot run ${command}: ${error.message}`);
      done(127);
    });
  });
  await homeserver.stop();
  process.exit(code);
}
