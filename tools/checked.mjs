// Keeps what the tests have seen of a page, so that `make statements` claims no more than that. A record belongs to one
// page, by all its bytes: for other bytes nothing is known.

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

const file = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "matrixbackup/checked.json");

/** Returns the first digits of the digest of a page's SHA256SUMS, which names all its files. */
export const buildOf = (dist) =>
  createHash("sha256").update(readFileSync(join(dist, "SHA256SUMS"))).digest("hex").slice(0, 16);

/** Returns what tests have seen of this page, by the names of the parts. */
export function checkedOf(dist) {
  try {
    const { build, parts } = JSON.parse(readFileSync(file, "utf8"));
    return build === buildOf(dist) ? parts : {};
  } catch (error) {
    if (error.code === "ENOENT") return {};
    throw error;
  }
}

/** Takes down what a test has just seen of a part; without `facts`, what an earlier run has seen no longer counts. */
export function keepChecked(dist, part, facts) {
  const parts = { ...checkedOf(dist), [part]: facts && { ...facts, at: new Date().toISOString() } };
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ build: buildOf(dist), parts }, undefined, 2));
}
