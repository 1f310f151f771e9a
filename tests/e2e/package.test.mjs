// The Debian package is the same twice. dpkg installs it, keeps what an administrator wrote in its settings when a newer one
// comes, and takes all of it away again. (`make deb` also asks lintian, where that is installed.)

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, readlinkSync } from "node:fs";
import { rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

import { deb, nameOf } from "../../tools/deb.mjs";
import { files as hosting, folder as exampleFolder } from "../../tools/hosting.mjs";
import { dist } from "./support/page.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const place = mkdtempSync(join(tmpdir(), "matrixbackup-package-"));
after(() => rmSync(place, { recursive: true, force: true }));
const page = { folder: join(place, "page"), version: "1.2.3", seconds: "1790000000" };
const written = (content, version) => {
  const file = join(place, nameOf(version));
  writeFileSync(file, content);
  return file;
};
let made;

before(() => {
  mkdirSync(page.folder);
  cpSync(dist, join(page.folder, "dist"), { recursive: true });
  for (const name of ["LICENSE-APACHE", "LICENSE-MIT", "hosting"]) {
    cpSync(join(root, name), join(page.folder, name), { recursive: true });
  }
  made = deb(page);
});

it("is made twice, in different places, with the same bytes", () => {
  const again = join(place, "again.deb");
  const script = `import { writeFileSync } from "node:fs"; import { deb } from ${JSON.stringify(join(root, "tools/deb.mjs"))};
    writeFileSync(${JSON.stringify(again)}, deb(${JSON.stringify(page)}));`;
  const env = { ...process.env, TMPDIR: page.folder, TZ: "Pacific/Kiritimati", LC_ALL: "C" };
  execFileSync("bash", ["-c", `umask 077; exec node --input-type=module -e "$0"`, script], { env });
  assert.ok(made.equals(readFileSync(again)));
});

it("of a version that is not yet released is older than the release", () => {
  const versions = ["1.2.3-rc.1", "1.2.3"].map((version) => nameOf(version).split("_")[1]);
  execFileSync("dpkg", ["--compare-versions", versions[0], "lt", versions[1]]);
});

describe("once dpkg has installed it", () => {
  const installed = join(place, "root");
  const at = (path) => join(installed, path);
  const settings = at("etc/matrixbackup/config.json");
  const dpkg = (...args) => {
    // Who is not root is it in a user namespace.
    const command = ["dpkg", `--root=${installed}`, "--force-confold", ...args];
    const [program, ...words] = process.getuid() === 0 ? command : ["unshare", "--user", "--map-root-user", ...command];
    const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
    execFileSync(program, words, { stdio: ["ignore", "pipe", "pipe"], env });
  };
  before(() => {
    for (const folder of ["var/lib/dpkg/updates", "var/lib/dpkg/info"]) mkdirSync(at(folder), { recursive: true });
    writeFileSync(at("var/lib/dpkg/status"), "");
    dpkg("--install", written(made, page.version));
  });

  it("the page is there as in dist/, and its settings are the administrator's file", () => {
    const check = ["--check", "--strict", "--quiet"];
    execFileSync("sha256sum", [...check, "SHA256SUMS"], { cwd: at("usr/share/matrixbackup"), stdio: "pipe" });
    const others = readdirSync(at("usr/share/matrixbackup")).filter((name) => !existsSync(join(dist, name)));
    assert.deepEqual(others, ["config.json"]);
    assert.equal(readlinkSync(at("usr/share/matrixbackup/config.json")), "/etc/matrixbackup/config.json");
    // The page then has its own defaults.
    assert.deepEqual(JSON.parse(readFileSync(settings, "utf8")), {});
    execFileSync("md5sum", [...check, at("var/lib/dpkg/info/matrixbackup.md5sums")], { cwd: installed, stdio: "pipe" });
  });

  it("it has the examples that are served in other tests, for the folder that it has", () => {
    const examples = at("usr/share/doc/matrixbackup/examples");
    const names = readdirSync(examples).filter((name) => !name.startsWith("config."));
    const all = ["Caddyfile", "Caddyfile-beside", "apache-beside.conf", "apache.conf", "nginx-beside.conf", "nginx.conf"];
    assert.deepEqual(names.sort(), all);
    for (const name of names) {
      const text = readFileSync(join(examples, name), "utf8");
      assert.ok(text.includes("/usr/share/matrixbackup") && !text.includes(exampleFolder), name);
      assert.equal(text.replaceAll("/usr/share/matrixbackup", exampleFolder), hosting[name], name);
    }
  });

  it("it says its version and its licences", () => {
    const [first] = gunzipSync(readFileSync(at("usr/share/doc/matrixbackup/changelog.gz"))).toString().split("\n");
    assert.equal(first, "matrixbackup (1.2.3) unstable; urgency=medium");
    const copyright = readFileSync(at("usr/share/doc/matrixbackup/copyright"), "utf8");
    assert.match(copyright, /^License: MIT or Apache-2\.0$/m);
    assert.match(copyright, /THE SOFTWARE IS PROVIDED “AS IS”|THE SOFTWARE IS PROVIDED "AS IS"/);
  });

  it("a newer one leaves the settings as the administrator wrote them, and goes away without a trace", () => {
    const own = `{ "brand": "Example Cooperative" }`;
    writeFileSync(settings, own);
    dpkg("--install", written(deb({ ...page, version: "1.3.0" }), "1.3.0"));
    assert.equal(readFileSync(settings, "utf8"), own);
    dpkg("--remove", "matrixbackup");
    assert.equal(readFileSync(settings, "utf8"), own);
    assert.ok(!existsSync(at("usr/share/matrixbackup")));
    dpkg("--purge", "matrixbackup");
    assert.ok(!existsSync(at("etc/matrixbackup")));
  });
});
