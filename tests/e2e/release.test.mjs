// dist/ names each of its files by digest, and nothing in it names the machine that it was built on. A release of it is
// the same twice, can be verified by the commands that it prints, and lists what is in it.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { appendFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";

import { unpack } from "../../tools/tarball.mjs";
import { dist } from "./support/page.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const files = readdirSync(dist).sort();

it("SHA256SUMS names every file, and fits", () => {
  const sums = readFileSync(join(dist, "SHA256SUMS"), "utf8");
  const named = sums.trim().split("\n").map((line) => line.split("  ")[1]);
  assert.deepEqual(named, files.filter((name) => name !== "SHA256SUMS"));
  execFileSync("sha256sum", ["--check", "--strict", "--quiet", "SHA256SUMS"], { cwd: dist, stdio: "pipe" });
});

it("holds no path of the machine that built it", () => {
  const own = [root, `${homedir()}/`, `${process.env.CARGO_HOME ?? join(homedir(), ".cargo")}/`, `${tmpdir()}/`, "/registry/src/"];
  const plain = files.filter((name) => !/\.(br|gz)$/.test(name));
  assert.ok(plain.some((name) => name.startsWith("engine-") && name.endsWith(".wasm")));
  for (const name of plain) {
    const content = readFileSync(join(dist, name));
    for (const path of own) assert.ok(!content.includes(path), `${name} holds ${path}`);
  }
});

describe("a release", () => {
  const place = mkdtempSync(join(tmpdir(), "matrixbackup-release-"));
  after(() => rmSync(place, { recursive: true, force: true }));
  const [one, two, key] = ["one", "two, elsewhere", "key"].map((name) => join(place, name));
  const version = readFileSync(join(root, "Cargo.toml"), "utf8").match(/^version = "(.*)"$/m)[1];
  const named = (extension) => join(one, "release", `matrixbackup-${version}.${extension}`);
  let printed;

  // A repository of these sources, with the one commit that is to be released, and the dist/ that is under test.
  before(() => {
    mkdirSync(one);
    const copy = "git ls-files -z --cached --others --exclude-standard | tar -c --null --files-from=- | tar -x -C \"$0\"";
    execFileSync("bash", ["-c", copy, one], { cwd: root });
    const changelog = readFileSync(join(one, "CHANGELOG.md"), "utf8");
    writeFileSync(join(one, "CHANGELOG.md"), changelog.replace("(unreleased)", "(2026-12-01)"));
    makeKey(key, join(one, "minisign.pub"));
    git(one, "init", "--quiet");
    commit(one);
    git(one, "tag", `v${version}`);
    git(place, "clone", "--quiet", one, two);
    for (const folder of [one, two]) putDist(folder);
    printed = release(one).stdout;
  });

  it("is made twice, in different places, with the same bytes", () => {
    // Elsewhere the clock and the new files' permissions are others, too.
    const { status, stderr } = release(two, { TZ: "Pacific/Kiritimati", LC_ALL: "C" }, "077");
    assert.equal(status, 0, stderr);
    const names = readdirSync(join(one, "release"));
    assert.deepEqual(names.sort(), [
      `CHANGELOG-${version}.md`,
      "SHA256SUMS",
      "SHA256SUMS.minisig",
      `matrixbackup-${version}.cdx.json`,
      `matrixbackup-${version}.oci.tar`,
      `matrixbackup-${version}.tar.gz`,
      `matrixbackup_${version}_all.deb`,
    ]);
    assert.deepEqual(readdirSync(join(two, "release")).sort(), names);
    for (const name of names) {
      assert.ok(readFileSync(join(one, "release", name)).equals(readFileSync(join(two, "release", name))), `${name} differs`);
    }
    assert.match(printed, /cmp release\/SHA256SUMS FOLDER\/SHA256SUMS/);
    execFileSync("cmp", [join(one, "release/SHA256SUMS"), join(two, "release/SHA256SUMS")]);
  });

  it("is verified by the commands that it prints, and one changed byte anywhere is refused by them", () => {
    const commands = printed.match(/^  (sha256sum|minisign) .*/gm);
    assert.equal(commands.length, 2);
    const refused = (folder) => commands.filter((command) => run("bash", ["-c", command], folder).status !== 0).length;
    assert.equal(refused(join(one, "release")), 0);
    for (const name of readdirSync(join(one, "release"))) {
      const changed = join(place, "changed");
      cpSync(join(one, "release"), changed, { recursive: true });
      const content = readFileSync(join(changed, name));
      content[content.length >> 1] ^= 1;
      writeFileSync(join(changed, name), content);
      assert.ok(refused(changed) > 0, `${name} was changed, and nobody says so`);
      rmSync(changed, { recursive: true });
    }
  });

  it("without a key is the same one, and says that it is not signed", () => {
    const { status, stdout } = release(two, { MINISIGN_KEY: "" });
    assert.equal(status, 0);
    assert.match(stdout, /It is NOT signed/);
    assert.ok(!existsSync(join(two, "release/SHA256SUMS.minisig")));
    execFileSync("cmp", [join(one, "release/SHA256SUMS"), join(two, "release/SHA256SUMS")]);
  });

  it("is of a clean work tree, of the version's tag, of a day, and signed by the published key, or it is refused", () => {
    const tried = join(place, "tried");
    git(place, "clone", "--quiet", one, tried);
    putDist(tried);
    const refuses = (sentence, environment) => {
      const { status, stdout, stderr } = release(tried, environment);
      assert.notEqual(status, 0);
      assert.match(stderr, sentence);
      assert.ok(!/sha256sum/.test(stdout) && !existsSync(join(tried, "release/SHA256SUMS.minisig")));
    };
    const stray = join(tried, "stray.rs");
    writeFileSync(stray, "");
    refuses(/the work tree is not clean.*start again:\n.*stray\.rs/);
    rmSync(stray);
    writeFileSync(join(tried, "dist/config.json"), "{}");
    refuses(/config\.json is no file that SHA256SUMS names/);
    rmSync(join(tried, "dist/config.json"));
    refuses(/MINISIGN_KEY names .*, which is not there/, { MINISIGN_KEY: join(place, "no key") });
    makeKey(join(place, "another key"), join(place, "another.pub"));
    refuses(/MINISIGN_KEY is not the key of minisign\.pub/, { MINISIGN_KEY: join(place, "another key") });
    cpSync(key, join(tried, ".git/key"));
    refuses(/MINISIGN_KEY is in the repository/, { MINISIGN_KEY: join(tried, ".git/key") });
    const changelog = readFileSync(join(tried, "CHANGELOG.md"), "utf8");
    writeFileSync(join(tried, "CHANGELOG.md"), changelog.replace("(2026-12-01)", "(unreleased)"));
    commit(tried);
    refuses(new RegExp(`this commit has no tag v${version}.*make it: git tag -a v${version}`));
    git(tried, "tag", "--force", `v${version}`);
    refuses(/CHANGELOG\.md has no part .*Put the day there/);
  });

  it("has a list of crates that CycloneDX's own schema takes", () => {
    const judge = `
import json, pathlib, sys, jsonschema, referencing
schemas = pathlib.Path(sys.argv[2])
read = lambda name: json.loads((schemas / f"{name}.SNAPSHOT.schema.json").read_text())
address = "http://cyclonedx.org/schema/{}.SNAPSHOT.schema.json"
others = [(address.format(name), referencing.Resource.from_contents(read(name))) for name in ("spdx", "jsf-0.82")]
bill = json.loads(pathlib.Path(sys.argv[1]).read_text())
judge = jsonschema.Draft7Validator(read("bom-" + bill["specVersion"]), registry=referencing.Registry().with_resources(others))
for error in judge.iter_errors(bill): print(error.json_path, error.message)
del bill["components"][0]["name"]
print(len(list(judge.iter_errors(bill))))`;
    const cache = process.env.MATRIXBACKUP_CACHE ?? join(homedir(), ".cache/matrixbackup");
    const schemas = join(root, "tests/node_modules/@cyclonedx/cyclonedx-library/res/schema");
    const { stdout, stderr } = run(join(cache, "synapse-venv/bin/python"), ["-c", judge, named("cdx.json"), schemas], place);
    assert.equal(stdout, "1\n", `the list is taken, and without a name it is not: ${stderr}`);
  });

  it("lists every crate that is compiled into the page, with Cargo.lock's digest, and none that is not", () => {
    const { components, dependencies, metadata } = JSON.parse(readFileSync(named("cdx.json"), "utf8"));
    const lock = readFileSync(join(root, "Cargo.lock"), "utf8").split("[[package]]");
    const locked = (name, version) =>
      lock.find((text) => text.includes(`\nname = "${name}"\n`) && (!version || text.includes(`\nversion = "${version}"\n`)));
    const listed = (name) => components.filter((component) => component.name === name);
    for (const name of ["matrix-sdk-crypto", "leptos", "vodozemac", "rqrr", "zxcvbn"]) {
      assert.match(locked(name), new RegExp(`\nversion = "${listed(name)[0]?.version}"\n`), name);
    }
    // Of tests, of native programs, of a feature that is not used, and of the build alone.
    for (const name of ["proptest", "axum", "rustls", "rusqlite", "leptos_macro", "serde_derive", "matrixbackup"]) {
      assert.deepEqual(listed(name), [], name);
    }
    for (const { name, version, hashes, licenses, purl } of components.filter(({ purl }) => purl?.startsWith("pkg:cargo/"))) {
      assert.ok(locked(name, version).includes(`\nchecksum = "${hashes[0].content}"\n`), name);
      assert.match(licenses[0].expression, /^[\w.()+ -]+$/, name);
      assert.equal(decodeURIComponent(purl), `pkg:cargo/${name}@${version}`);
    }
    // The programs say it, too: where a crate can panic, its name is in them.
    const seen = new Set();
    for (const file of files.filter((name) => name.endsWith(".wasm"))) {
      const program = readFileSync(join(dist, file), "latin1");
      for (const [, crate] of program.matchAll(/([a-z][\w-]*-\d+\.\d+\.\d+[\w.+-]*)\/src\//g)) seen.add(crate);
    }
    const known = components.map(({ name, version }) => `${name}-${version}`);
    const unknown = [...seen].filter((crate) => !known.some((one) => crate.endsWith(one)));
    assert.ok(seen.size > 20);
    // A part of Rust's standard library, which the list has as a whole.
    assert.deepEqual(unknown.filter((crate) => !crate.startsWith("dlmalloc-")), []);
    const refs = [metadata.component, ...components].map((component) => component["bom-ref"]).sort();
    assert.deepEqual(refs, [...new Set(refs)]);
    assert.ok(dependencies.every(({ ref, dependsOn }) => [ref, ...dependsOn].every((one) => refs.includes(one))));
  });

  it("has no path of the machine in what is not the page, either", () => {
    for (const name of readdirSync(join(one, "release")).filter((name) => !name.endsWith(".gz"))) {
      const text = readFileSync(join(one, "release", name), "utf8");
      for (const path of [place, root, homedir()]) assert.ok(!text.includes(`${path}/`), `${name} holds ${path}`);
    }
  });

  it("is unpacked for the demo as it was packed, and with a file that is changed, added, linked or missing it is refused", () => {
    const page = unpack(named("tar.gz"));
    execFileSync("diff", ["--recursive", page.dist, dist]);
    assert.ok(existsSync(join(page.dist, "../hosting/nginx.conf")) && existsSync(join(page.dist, "../LICENSE-MIT")));
    page.remove();
    assert.ok(!existsSync(page.dist));
    const wrongs = {
      "index.html is not the file": (folder) => appendFileSync(join(folder, "index.html"), " "),
      "config.json is no file": (folder) => writeFileSync(join(folder, "config.json"), "{}"),
      "callback.html is no file": (folder) => {
        rmSync(join(folder, "callback.html"));
        symlinkSync("index.html", join(folder, "callback.html"));
      },
      "callback.html is missing": (folder) => rmSync(join(folder, "callback.html")),
      "there is no SHA256SUMS": (folder) => rmSync(join(folder, "SHA256SUMS")),
    };
    // Of two files: that is faster.
    const sums = readFileSync(join(dist, "SHA256SUMS"), "utf8").match(/^.*  (index|callback)\.html\n/gm).join("");
    for (const [said, wrong] of Object.entries(wrongs)) {
      const folder = join(place, "wrong/matrixbackup/dist");
      mkdirSync(folder, { recursive: true });
      for (const name of ["index.html", "callback.html"]) cpSync(join(dist, name), join(folder, name));
      writeFileSync(join(folder, "SHA256SUMS"), sums);
      const tar = () => execFileSync("tar", ["-czf", join(place, "wrong.tar.gz"), "-C", join(place, "wrong"), "matrixbackup"]);
      tar();
      unpack(join(place, "wrong.tar.gz")).remove();
      wrong(folder);
      tar();
      assert.throws(() => unpack(join(place, "wrong.tar.gz")), new RegExp(said));
      rmSync(join(place, "wrong"), { recursive: true });
    }
    writeFileSync(join(place, "cut.tar.gz"), readFileSync(named("tar.gz")).subarray(0, 100_000));
    assert.throws(() => unpack(join(place, "cut.tar.gz")), /is no release that can be used/);
  });

  it("is all that image and Debian package need: of the tarball, they are the release's", () => {
    rmSync(join(two, "dist"), { recursive: true });
    const { status, stderr } = run("make", ["--no-print-directory", "image", "deb", `PAGE=${named("tar.gz")}`], two);
    assert.equal(status, 0, stderr);
    for (const name of [`matrixbackup-${version}.oci.tar`, `matrixbackup_${version}_all.deb`]) {
      execFileSync("cmp", [join(two, "packages", name), join(one, "release", name)]);
    }
  });

  it("is all that the demo needs: with PAGE it builds nothing", () => {
    const steps = (...of) => run("make", ["--dry-run", "demo", ...of], two).stdout;
    assert.match(steps(), /trunk build/);
    assert.doesNotMatch(steps(`PAGE=${named("tar.gz")}`), /trunk|cargo|setup\.sh build/);
  });

  function putDist(folder) {
    cpSync(dist, join(folder, "dist"), { recursive: true });
  }

  function release(folder, environment, umask = "022") {
    const env = { MINISIGN_KEY: key, ...environment };
    // Newer than every source, so that make takes dist/ for finished. Building it takes half an hour.
    execFileSync("touch", [join(folder, "dist/SHA256SUMS")]);
    assert.equal(run("make", ["--question", "dist"], folder).status, 0);
    return run("bash", ["-c", `umask ${umask}; exec make --no-print-directory release`], folder, env);
  }
});

function run(program, args, cwd, environment) {
  const env = { ...process.env, ...environment };
  return spawnSync(program, args, { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

function git(cwd, ...args) {
  // Nobody's own settings, and no signatures.
  const env = { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" };
  execFileSync("git", ["-c", "user.name=test", "-c", "user.email=test@localhost", ...args], { cwd, env, stdio: "pipe" });
}

function commit(folder) {
  git(folder, "add", "--all");
  git(folder, "commit", "--quiet", "--message", "Release");
}

function makeKey(secret, published) {
  execFileSync("minisign", ["-G", "-W", "-s", secret, "-p", published], { stdio: "pipe" });
}
