// Makes the release of a tagged commit, into release/: `make release`; RELEASING.md says what comes before and after.
//
//   matrixbackup-VERSION.tar.gz    dist/, the files for web servers, the licences
//   matrixbackup-VERSION.oci.tar   an OCI image of a web server and the page
//   matrixbackup_VERSION_all.deb   a Debian package of the page
//   matrixbackup-VERSION.cdx.json  the crates in it (CycloneDX)
//   CHANGELOG-VERSION.md           this version's part of CHANGELOG.md
//   SHA256SUMS                     of these five
//   SHA256SUMS.minisig             by the key that MINISIGN_KEY names, a file outside of the repository; else left out
//
// The same commit gives the same bytes.

import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { sep } from "node:path";
import { fileURLToPath } from "node:url";

import { deb, nameOf } from "./deb.mjs";
import { image } from "./image.mjs";
import { check, pack } from "./tarball.mjs";

const root = realpathSync(fileURLToPath(new URL("..", import.meta.url)));
process.chdir(root);

/** The form of Software Bill of Materials; the test has its schema. */
const CYCLONEDX = "1.6";

try {
  release();
} catch (error) {
  console.error(`release: ${error.message}`);
  process.exitCode = 1;
}

function release() {
  const version = readFileSync("Cargo.toml", "utf8").match(/^version = "(.*)"$/m)[1];
  const name = `matrixbackup-${version}`;
  const tag = `v${version}`;
  refuseUnlessTagged(tag);
  const changes = changesOf(version);
  const key = process.env.MINISIGN_KEY;
  const publicKey = key && publicKeyBeside(key);

  // Most of half an hour, unless dist/ is newer than all its sources.
  execFileSync("make", ["--no-print-directory", "dist"], { stdio: ["ignore", "inherit", "inherit"] });
  check("dist");
  // A build writes nothing that git would see; if it did, the tag would not be what was built.
  refuseUnlessTagged(tag);

  const seconds = git("show", "--no-patch", "--format=%ct", "HEAD");
  const tarball = pack(name, seconds);
  const page = { folder: ".", version, seconds };
  const bill = billOfMaterials({ name: "matrixbackup", version, tarball, time: new Date(seconds * 1000) });
  const files = {
    [`${name}.tar.gz`]: tarball,
    [`${name}.oci.tar`]: image(page),
    [nameOf(version)]: deb(page),
    [`${name}.cdx.json`]: `${JSON.stringify(bill, null, 1)}\n`,
    [`CHANGELOG-${version}.md`]: changes,
  };
  const sums = Object.entries(files).map(([file, content]) => `${sha256(content)}  ${file}\n`).join("");
  rmSync("release", { recursive: true, force: true });
  mkdirSync("release");
  for (const [file, content] of Object.entries({ ...files, SHA256SUMS: sums })) writeFileSync(`release/${file}`, content);
  if (key) sign(key, publicKey, name);
  console.log(said({ name, tag, publicKey, crates: bill.components.length }));
}

function git(...args) {
  return execFileSync("git", args, { encoding: "utf8" }).trim();
}

function refuseUnlessTagged(tag) {
  const changed = git("status", "--porcelain", "--untracked-files=normal");
  if (changed) {
    throw new Error(`the work tree is not clean. Commit these, or remove them, and start again:\n${changed}`);
  }
  if (!git("tag", "--points-at", "HEAD").split("\n").includes(tag)) {
    throw new Error(`this commit has no tag ${tag}, which is Cargo.toml's version. Check out ${tag}, or make it: git tag -a ${tag}`);
  }
}

/** Returns this version's part of CHANGELOG.md. */
function changesOf(version) {
  const parts = readFileSync("CHANGELOG.md", "utf8").split(/^(?=## )/m);
  const part = parts.find((text) => text.startsWith(`## ${version} (`));
  if (!part || part.startsWith(`## ${version} (unreleased)`)) {
    throw new Error(`CHANGELOG.md has no part "## ${version} (day)". Put the day there, commit, and tag again.`);
  }
  return `${part.trimEnd()}\n`;
}

/** Returns the public key that minisign.pub publishes. Refuses a secret key that could get into the repository. */
function publicKeyBeside(key) {
  if (!existsSync(key)) throw new Error(`MINISIGN_KEY names ${key}, which is not there.`);
  if (realpathSync(key).startsWith(root + sep)) throw new Error("MINISIGN_KEY is in the repository. Keep it elsewhere.");
  if (!existsSync("minisign.pub")) throw new Error("there is no minisign.pub to verify with. RELEASING.md says how to make it.");
  return readFileSync("minisign.pub", "utf8").trim().split("\n").at(-1);
}

/** Ed25519 gives the same signature each time, and so does what is written beside it. minisign may ask for a password. */
function sign(key, publicKey, name) {
  const comments = ["-c", `signature of ${name}`, "-t", name];
  const stdio = ["inherit", "ignore", "inherit"];
  execFileSync("minisign", ["-S", "-s", realpathSync(key), ...comments, "-m", "release/SHA256SUMS"], { stdio });
  try {
    execFileSync("minisign", ["-V", "-P", publicKey, "-m", "release/SHA256SUMS"], { stdio: "pipe" });
  } catch {
    rmSync("release/SHA256SUMS.minisig");
    throw new Error("MINISIGN_KEY is not the key of minisign.pub: the signature was removed again.");
  }
}

function sha256(content) {
  return createHash("sha256").update(content).digest("hex");
}

/** Lists the crates that are compiled into dist/, in the form of CycloneDX. */
function billOfMaterials({ name, version, tarball, time }) {
  const { components, dependencies } = crates();
  const [, channel] = readFileSync("rust-toolchain.toml", "utf8").match(/^channel = "(.*)"$/m);
  const { licenses } = components.get(name);
  components.delete(name);
  // Its source is in the toolchain, and some of it in every program.
  components.set("rust", {
    type: "library",
    "bom-ref": "rust",
    name: "Rust standard library",
    version: channel,
    licenses: [{ expression: "MIT OR Apache-2.0" }],
    purl: `pkg:github/rust-lang/rust@${channel}`,
  });
  dependencies.get(name).add("rust");
  const byRef = ([a], [b]) => (a < b ? -1 : 1);
  return {
    $schema: `http://cyclonedx.org/schema/bom-${CYCLONEDX}.schema.json`,
    bomFormat: "CycloneDX",
    specVersion: CYCLONEDX,
    version: 1,
    metadata: {
      timestamp: time.toISOString(),
      component: {
        type: "application",
        "bom-ref": name,
        name,
        version,
        hashes: [{ alg: "SHA-256", content: sha256(tarball) }],
        licenses,
      },
    },
    components: [...components].sort(byRef).map(([, component]) => component),
    dependencies: [...dependencies].sort(byRef).map(([ref, on]) => ({ ref, dependsOn: [...on].sort() })),
  };
}

/**
 * Asks cargo which crates it compiles into each program that index.html names, with that program's features. What runs
 * while it compiles (build scripts, macros) is not in the program, and not in this list.
 */
function crates() {
  const checksums = new Map(
    [...readFileSync("Cargo.lock", "utf8").matchAll(/^name = "(.*)"\nversion = "(.*)"\nsource = .*\nchecksum = "(.*)"$/gm)]
      .map(([, crate, version, sum]) => [`${crate} ${version}`, sum]),
  );
  const [components, dependencies] = [new Map(), new Map()];
  for (const [, features] of readFileSync("index.html", "utf8").matchAll(/rel="rust"[^>]*? data-cargo-features="(.*?)"/g)) {
    const target = ["--target", "wasm32-unknown-unknown", "--features", features];
    const form = ["--edges", "normal,no-proc-macro", "--prefix", "depth", "--format", "\t{p}\t{l}\t"];
    const tree = execFileSync("cargo", ["tree", "--locked", "--quiet", ...target, ...form], { encoding: "utf8" });
    const above = [];
    for (const line of tree.trim().split("\n")) {
      const [depth, crate, licence] = line.split("\t");
      const component = componentOf(...crate.match(/^(\S+) v(\S+)/).slice(1), licence, checksums);
      const ref = component["bom-ref"];
      components.set(ref, component);
      if (!dependencies.has(ref)) dependencies.set(ref, new Set());
      if (Number(depth)) dependencies.get(above[depth - 1]).add(ref);
      above[depth] = ref;
    }
  }
  return { components, dependencies };
}

/** What has no checksum in Cargo.lock is this repository's own: crates.io may have another crate of that name. */
function componentOf(name, version, licence, checksums) {
  const sum = checksums.get(`${name} ${version}`);
  const purl = `pkg:cargo/${name}@${encodeURIComponent(version)}`;
  return {
    type: "library",
    "bom-ref": sum ? purl : name,
    name,
    version,
    ...(sum ? { hashes: [{ alg: "SHA-256", content: sum }] } : { description: "part of this repository" }),
    // Cargo once took a slash for "or".
    licenses: [{ expression: licence.replaceAll("/", " OR ") }],
    ...(sum && { purl }),
  };
}

function said({ name, tag, publicKey, crates }) {
  const signed = publicKey
    ? `It is signed. From the holder of the project's key:\n  minisign -Vm SHA256SUMS -P ${publicKey}`
    : "It is NOT signed: MINISIGN_KEY names no key. Publish it only with a signature: RELEASING.md says how.";
  return `
release/ has ${name} of ${tag}: the page, also as an image and as a Debian package, ${crates} components
listed, the changes.

In that folder, everything as it was made:
  sha256sum -c SHA256SUMS
${signed}
The same bytes from the same source, in a clone of the repository (half an hour):
  git checkout ${tag} && make release && cmp release/SHA256SUMS FOLDER/SHA256SUMS`;
}
