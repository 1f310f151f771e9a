// The tarball of a release: how dist/ gets into it and, for demo, image and Debian package, out of it again.

import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What goes with the page, for whoever hosts it. It lies beside dist/, so that nobody serves it by accident. */
const beside = ["hosting", "LICENSE-APACHE", "LICENSE-MIT"];
const big = { maxBuffer: 256 * 1024 * 1024 };

/** Throws unless `dist` has the files that its SHA256SUMS names, as they are named, and nothing else. */
export function check(dist) {
  if (!existsSync(join(dist, "SHA256SUMS"))) throw new Error(`there is no SHA256SUMS in ${dist}`);
  const named = new Map();
  for (const line of readFileSync(join(dist, "SHA256SUMS"), "utf8").trimEnd().split("\n")) {
    const [, sum, name] = line.match(/^([0-9a-f]{64}) {2}(\S+)$/) ?? [];
    if (!name) throw new Error("SHA256SUMS has a line that names no file");
    named.set(name, sum);
  }
  for (const entry of readdirSync(dist, { withFileTypes: true })) {
    if (entry.name === "SHA256SUMS") continue;
    // A link could lead anywhere.
    if (!entry.isFile() || !named.has(entry.name)) throw new Error(`${entry.name} is no file that SHA256SUMS names`);
    const sum = createHash("sha256").update(readFileSync(join(dist, entry.name))).digest("hex");
    if (sum !== named.get(entry.name)) throw new Error(`${entry.name} is not the file that SHA256SUMS names`);
    named.delete(entry.name);
  }
  if (named.size) throw new Error(`${[...named.keys()].join(", ")} is missing`);
}

/** Returns a tar archive of everything in `folder`, the same bytes on every machine with these tools. */
export function archive(folder, mtime) {
  const same = ["--sort=name", "--owner=0", "--group=0", "--numeric-owner", "--mode=u=rwX,go=rX", `--mtime=@${mtime}`];
  return execFileSync("tar", ["--create", "--format=ustar", ...same, "-C", folder, ...readdirSync(folder).sort()], big);
}

/** Compresses, the same bytes on every machine with these tools. */
export function compress(content, level = 6) {
  return execFileSync("gzip", ["--no-name", `-${level}`], { ...big, input: content });
}

/** Returns dist/ and what goes with it below a folder called `top`, the same bytes on every machine with these tools. */
export function pack(top, mtime) {
  const place = mkdtempSync(join(tmpdir(), "matrixbackup-pack-"));
  try {
    for (const name of ["dist", ...beside]) cpSync(name, join(place, top, name), { recursive: true });
    return compress(archive(place, mtime));
  } finally {
    rmSync(place, { recursive: true });
  }
}

/**
 * Unpacks a release's tarball into a folder of its own, and checks what came out. Returns the page's folder, and
 * `remove()`, which deletes all of it. This tells a damaged tarball; that it is ours only its signature can tell.
 */
export function unpack(tarball) {
  const place = mkdtempSync(join(tmpdir(), "matrixbackup-page-"));
  const remove = () => rmSync(place, { recursive: true, force: true });
  try {
    execFileSync("tar", ["--extract", "--gzip", "--no-same-owner", "--strip-components=1", "-C", place, "-f", tarball], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    const dist = join(place, "dist");
    check(dist);
    return { dist, remove };
  } catch (error) {
    remove();
    throw new Error(`${tarball} is no release that can be used: ${error.stderr?.toString().trim() || error.message}`);
  }
}

/**
 * Finds what is to be packed: the page of the release whose tarball is called `tarball`, or dist/ of this work tree. Returns
 * the folder that holds dist/ and what goes with it, the version, the second that its files get, and `remove()`.
 */
export function source(tarball) {
  if (!tarball) {
    check("dist");
    const [, version] = readFileSync("Cargo.toml", "utf8").match(/^version = "(.*)"$/m);
    const seconds = execFileSync("git", ["show", "--no-patch", "--format=%ct", "HEAD"], { encoding: "utf8" }).trim();
    return { folder: ".", version, seconds, remove() {} };
  }
  const { dist, remove } = unpack(tarball);
  const [top] = execFileSync("tar", ["--list", "--gzip", "-f", tarball], { ...big, encoding: "utf8" }).split("/");
  const [, version] = top.match(/^matrixbackup-(\d+\.\d+\.\d+[\w.+~-]*)$/) ?? [];
  if (!version) {
    remove();
    throw new Error(`${tarball} has a folder called ${top}, which names no version`);
  }
  // A release's files all have the time of its commit.
  return { folder: join(dist, ".."), version, seconds: String(statSync(dist).mtimeMs / 1000), remove };
}
