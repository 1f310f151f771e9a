// The OCI image holds the page and a server that sends it right, for two machines, and is the same twice. Debian's skopeo and
// umoci, which share no code with ours, read and unpack it. Its server then runs as the image says, without a container
// engine: in its own root folder, as a user without rights. The examples beside it name what it has.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, cpSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { extname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { headersFor, headersWhenMissing, types } from "../../tools/headers.mjs";
import { beside, image as places } from "../../tools/hosting.mjs";
import { image, platforms } from "../../tools/image.mjs";
import { freePort } from "../support/server/homeserver.mjs";
import { checkup } from "./support/checkup.mjs";
import { dist, withPage } from "./support/page.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "matrixbackup");
const place = mkdtempSync(join(tmpdir(), "matrixbackup-image-test-"));
after(() => rmSync(place, { recursive: true, force: true }));
const page = { folder: join(place, "page"), version: "1.2.3", seconds: "1790000000" };
const bundle = (architecture) => join(place, architecture);
/** What this machine can run. */
const own = { x64: "amd64", arm64: "arm64" }[process.arch];
let made;

before(() => {
  mkdirSync(page.folder);
  cpSync(dist, join(page.folder, "dist"), { recursive: true });
  for (const name of ["LICENSE-APACHE", "LICENSE-MIT"]) cpSync(join(root, name), join(page.folder, name));
  made = image(page);
  const archive = join(place, "image.oci.tar");
  writeFileSync(archive, made);
  for (const { architecture } of platforms) {
    const layout = `${join(place, "layout")}:${architecture}`;
    const chosen = ["--override-arch", architecture];
    execFileSync("skopeo", [...chosen, "copy", "--quiet", `oci-archive:${archive}`, `oci:${layout}`]);
    const rights = process.getuid() === 0 ? [] : ["--rootless"];
    execFileSync("umoci", ["unpack", ...rights, "--image", layout, bundle(architecture)], { stdio: "pipe" });
  }
});

it("is made twice, in different places, with the same bytes", () => {
  // Elsewhere nothing is kept from the first time; clock and the new files' permissions are others, too.
  const elsewhere = join(place, "cache/matrixbackup/image");
  mkdirSync(elsewhere, { recursive: true });
  for (const name of readdirSync(join(cache, "image")).filter((name) => name.endsWith(".deb"))) {
    symlinkSync(join(cache, "image", name), join(elsewhere, name));
  }
  const again = join(place, "again.oci.tar");
  const tool = join(root, "tools/image.mjs");
  const script = `import { writeFileSync } from "node:fs"; import { image } from ${JSON.stringify(tool)};
    writeFileSync(${JSON.stringify(again)}, image(${JSON.stringify(page)}));`;
  const env = { ...process.env, XDG_CACHE_HOME: join(place, "cache"), TZ: "Pacific/Kiritimati", LC_ALL: "C" };
  execFileSync("bash", ["-c", `umask 077; exec node --input-type=module -e "$0"`, script], { env });
  assert.ok(made.equals(readFileSync(again)));
});

for (const { architecture, triplet } of platforms) {
  describe(`for ${architecture}`, () => {
    const files = join(bundle(architecture), "rootfs");

    it("has each library that its server names, and the loader", () => {
      const asked = ["--wide", "--file-header", "--program-headers", "--dynamic"];
      const program = execFileSync("readelf", [...asked, join(files, "usr/bin/caddy")], { encoding: "utf8" });
      assert.match(program, { amd64: /Machine: +.*X86-64/, arm64: /Machine: +AArch64/ }[architecture]);
      const [, loader] = program.match(/program interpreter: (.*)\]/);
      // A link in it may be absolute.
      const target = execFileSync("realpath", ["--no-symlinks", join(files, loader)], { encoding: "utf8" }).trim();
      assert.ok(lstatSync(target));
      const named = [...program.matchAll(/\(NEEDED\) +Shared library: \[(.*)\]/g)].map(([, name]) => name);
      assert.ok(named.includes("libc.so.6"));
      const isThere = (name) => ["lib", "usr/lib"].some((folder) => existsSync(join(files, folder, triplet, name)));
      assert.deepEqual(named.filter((name) => !isThere(name)), []);
    });

    it("has the page as it is in dist/, and no file that whoever runs it may change", () => {
      execFileSync("diff", ["--recursive", join(files, "srv/matrixbackup"), dist]);
      const entries = readdirSync(files, { recursive: true }).map((name) => join(files, name));
      assert.ok(entries.length > 30);
      for (const entry of entries.filter((entry) => !lstatSync(entry).isSymbolicLink())) {
        const { mode, uid } = lstatSync(entry);
        assert.equal(mode & 0o7022, 0, entry);
        assert.equal(uid, process.getuid(), entry);
      }
      // No shell, and nothing else to run.
      const programs = entries.filter((entry) => lstatSync(entry).isFile() && lstatSync(entry).mode & 0o111);
      const known = /\/(bin\/caddy|(ld-linux-[\w-]+|libc|libzstd)\.so[\d.]*)$/;
      assert.deepEqual(programs.filter((program) => !known.test(program)), []);
    });

    it("runs as a user by number, without rights", () => {
      const { process: run } = JSON.parse(readFileSync(join(bundle(architecture), "config.json"), "utf8"));
      assert.ok(run.user.uid > 60_000 && run.user.gid > 60_000);
    });
  });
}

/** Starts the server of the unpacked image as the image says. Returns `{ origin, url, close() }`, or what it said instead. */
async function start(mount) {
  const { process: run } = JSON.parse(readFileSync(join(bundle(own), "config.json"), "utf8"));
  // A copy with another port; the image's own may be taken.
  const files = join(bundle(own), "rootfs");
  const port = await freePort();
  const configuration = join(files, `etc/caddy/${port}`);
  const text = readFileSync(join(files, "etc/caddy/Caddyfile"), "utf8");
  assert.ok(text.includes(`http://:${places.port} {`));
  writeFileSync(configuration, text.replace(`http://:${places.port} {`, `http://:${port} {`));
  const args = run.args.map((word) => (word === "/etc/caddy/Caddyfile" ? `/etc/caddy/${port}` : word));
  const variables = { MATRIXBACKUP_BIND: "127.0.0.1", ...(mount && { MATRIXBACKUP_PATH: mount }) };
  const env = { ...Object.fromEntries(run.env.map((line) => line.split(/=(.*)/s, 2))), ...variables };
  // Who is not root has user namespaces to change the root folder in.
  const into =
    process.getuid() === 0
      ? ["chroot", `--userspec=${run.user.uid}:${run.user.gid}`, files]
      : ["unshare", "--user", "--map-root-user", "chroot", files];
  const path = `${env.PATH}:${process.env.PATH}`;
  const options = { env: { ...env, PATH: path }, stdio: ["ignore", "ignore", "pipe"] };
  const child = spawn(into[0], [...into.slice(1), ...args], options);
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (more) => (said += more));
  const over = new Promise((done) => child.once("exit", done).once("error", done));
  const close = async () => {
    child.kill();
    await over;
    rmSync(configuration, { force: true });
  };
  const origin = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + 20_000;
  const answers = () => fetch(origin).then((answer) => answer.arrayBuffer(), () => false);
  while (!(await answers())) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await close();
      return { said };
    }
    await setTimeout(50);
  }
  return { origin, url: origin + (mount ?? "/"), pid: child.pid, close };
}

// What the host mounts at /etc/matrixbackup.
const settings = {
  "config.json": `{ "brand": "Example Cooperative", "logo": "own.svg" }`,
  "own.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
};
function mounted(files) {
  const folder = join(bundle(own), "rootfs", places.own);
  chmodSync(folder, 0o755);
  for (const name of readdirSync(folder)) rmSync(join(folder, name));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
}

for (const mount of [undefined, beside]) {
  describe(`its server ${mount ? `with MATRIXBACKUP_PATH=${mount}` : "as it is"}`, () => {
    let host;
    let unpacked;
    before(async () => {
      mounted({});
      unpacked = readdirSync(join(bundle(own), "rootfs"), { recursive: true }).sort();
      host = await start(mount);
    });
    after(() => host?.close?.());

    it("passes every check of the checkup", async () => {
      assert.ok(host.url, host.said);
      mounted({});
      await withPage({ host }, async (visit) => {
        const { wrong, mind, right, sum } = await checkup(visit, host.url);
        assert.deepEqual([...wrong, ...mind], []);
        assert.ok(right.length > 20);
        assert.equal(sum, "This host is set up right");
      });
    });

    it("sends every file with its headers, and what is mounted, and else that there is nothing", async () => {
      const expect = async (name, status, headers) => {
        const answer = await fetch(host.url + name, { redirect: "manual" });
        assert.equal(answer.status, status, name);
        for (const [header, value] of Object.entries(headers)) {
          assert.equal(answer.headers.get(header), value, `${name}: ${header}`);
        }
        return Buffer.from(await answer.arrayBuffer());
      };
      const named = (name) => {
        const type = types[extname(name).slice(1)];
        return { ...headersFor(name), ...(type && { "Content-Type": type }) };
      };
      for (const name of readdirSync(dist).filter((name) => !/\.(br|gz)$/.test(name))) {
        assert.ok((await expect(name, 200, named(name))).equals(readFileSync(join(dist, name))), `${name}: other content`);
      }
      mounted({});
      for (const name of ["config.json", "own.svg", "sub/folder/x.js"]) await expect(name, 404, headersWhenMissing);
      mounted(settings);
      for (const [name, text] of Object.entries(settings)) assert.equal(`${await expect(name, 200, named(name))}`, text);
      // A file of the page stays the page's.
      mounted({ "index.html": "not ours" });
      assert.ok((await expect("", 200, headersFor(""))).equals(readFileSync(join(dist, "index.html"))));
      mounted({});
    });

    it("has the rights of nobody, and writes nothing", () => {
      const status = readFileSync(`/proc/${host.pid}/status`, "utf8");
      // In a user namespace it looks like the one who started it.
      const user = process.getuid() || 65532;
      assert.match(status, new RegExp(`^Uid:\t${user}\t${user}\t${user}\t${user}$`, "m"));
      if (process.getuid() === 0) assert.match(status, /^CapEff:\t0+$/m);
      const there = readdirSync(join(bundle(own), "rootfs"), { recursive: true });
      assert.deepEqual(there.filter((name) => !/^etc\/caddy\/\d+$/.test(name)).sort(), unpacked);
    });

    if (!mount) return;

    it("leads to the page from its path without the slash, and has nothing beside it", async () => {
      const answer = await fetch(`${host.origin}${mount.slice(0, -1)}?checkup`, { redirect: "manual" });
      assert.equal(answer.status, 308);
      assert.equal(answer.headers.get("location"), `${mount}?checkup`);
      for (const path of ["/", "/index.html", `${mount.slice(0, -1)}x`]) {
        assert.equal((await fetch(host.origin + path)).status, 404, path);
      }
    });
  });
}

it("a path without its slashes is refused, and it says why", async () => {
  const host = await start("/matrixbackup");
  try {
    const answer = await fetch(`${host.origin}/matrixbackup/`);
    assert.equal(answer.status, 500);
    assert.match(await answer.text(), /MATRIXBACKUP_PATH must begin and end with a slash/);
  } finally {
    await host.close?.();
  }
  const { said } = await start("matrixbackup/");
  assert.match(said, /must begin with '\/'/);
});

describe("the examples", () => {
  const read = (name) => {
    const script = "import json, sys, yaml; print(json.dumps(list(yaml.safe_load_all(open(sys.argv[1])))))";
    const python = join(cache, "synapse-venv/bin/python");
    return JSON.parse(execFileSync(python, ["-c", script, join(root, "hosting", name)], { encoding: "utf8" }));
  };
  let has;
  before(() => {
    const { process: run } = JSON.parse(readFileSync(join(bundle(own), "config.json"), "utf8"));
    const variables = run.env.map((line) => line.split("=")[0]).filter((name) => name.startsWith("MATRIXBACKUP_"));
    has = { variables, user: `${run.user.uid}:${run.user.gid}`, port: places.port, folder: places.own };
    assert.ok(lstatSync(join(bundle(own), "rootfs", has.folder)).isDirectory());
  });

  it("for compose has the image's variables, user, folder and port", () => {
    const [{ services }] = read("compose.yaml");
    const { environment, user, volumes, ports, read_only } = services.matrixbackup;
    assert.ok("MATRIXBACKUP_PATH" in environment);
    assert.deepEqual(Object.keys(environment).filter((name) => !has.variables.includes(name)), []);
    assert.deepEqual([user, read_only], [has.user, true]);
    assert.deepEqual(volumes.map((volume) => volume.split(":").slice(1)), [[has.folder, "ro"]]);
    assert.deepEqual(ports.map((port) => port.split(":").at(-1)), [`${has.port}`]);
  });

  it("for Kubernetes has them, too, and probes that the server answers", () => {
    const parts = Object.fromEntries(read("kubernetes.yaml").map((part) => [part.kind, part]));
    const { containers, volumes, securityContext } = parts.Deployment.spec.template.spec;
    const [{ env, ports, readinessProbe, livenessProbe, volumeMounts, securityContext: limits }] = containers;
    assert.deepEqual(env.map(({ name }) => name).filter((name) => !has.variables.includes(name)), []);
    assert.equal(`${securityContext.runAsUser}:${securityContext.runAsGroup}`, has.user);
    assert.deepEqual([securityContext.runAsNonRoot, limits.readOnlyRootFilesystem], [true, true]);
    assert.deepEqual(ports, [{ name: "http", containerPort: has.port }]);
    assert.deepEqual(volumeMounts.map(({ mountPath }) => mountPath), [has.folder]);
    assert.ok(JSON.parse(parts.ConfigMap.data["config.json"]).homeserver);
    assert.equal(volumes[0].configMap.name, parts.ConfigMap.metadata.name);
    const [{ value: path }] = env.filter(({ name }) => name === "MATRIXBACKUP_PATH");
    for (const { httpGet } of [readinessProbe, livenessProbe]) assert.deepEqual(httpGet, { path, port: "http" });
    assert.equal(parts.Service.spec.ports[0].targetPort, "http");
    assert.equal(parts.Ingress.spec.rules[0].http.paths[0].backend.service.name, parts.Service.metadata.name);
  });

  it("for Ansible has them, too", () => {
    const [tasks] = read("ansible-tasks.yaml");
    assert.ok(tasks.every((task) => task.name && Object.keys(task).some((key) => key.startsWith("ansible.builtin."))));
    const copied = tasks.map((task) => task["ansible.builtin.copy"]?.content);
    const service = copied.find((content) => content?.includes("[Service]"));
    const set = [...service.matchAll(/--env=(\w+)=/g)].map(([, name]) => name);
    assert.deepEqual(set, ["MATRIXBACKUP_PATH"]);
    assert.deepEqual(set.filter((name) => !has.variables.includes(name)), []);
    assert.match(service, new RegExp(`--user=${has.user} .*--read-only`));
    assert.match(service, new RegExp(`--volume=\\S+.*:${has.folder}:ro`));
    assert.match(service, new RegExp(`--publish=127\\.0\\.0\\.1:\\d+:${has.port} `));
  });
});
