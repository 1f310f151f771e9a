// dist/ names each of its files by digest, and nothing in it names the machine that it was built on.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { fileURLToPath } from "node:url";

import { dist } from "./support/page.mjs";

const files = readdirSync(dist).sort();

it("SHA256SUMS names every file, and fits", () => {
  const sums = readFileSync(join(dist, "SHA256SUMS"), "utf8");
  const named = sums.trim().split("\n").map((line) => line.split("  ")[1]);
  assert.deepEqual(named, files.filter((name) => name !== "SHA256SUMS"));
  execFileSync("sha256sum", ["--check", "--strict", "--quiet", "SHA256SUMS"], { cwd: dist, stdio: "pipe" });
});

it("holds no path of the machine that built it", () => {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const own = [root, `${homedir()}/`, `${process.env.CARGO_HOME ?? join(homedir(), ".cargo")}/`, `${tmpdir()}/`, "/registry/src/"];
  const plain = files.filter((name) => !/\.(br|gz)$/.test(name));
  assert.ok(plain.some((name) => name.startsWith("engine-") && name.endsWith(".wasm")));
  for (const name of plain) {
    const content = readFileSync(join(dist, name));
    for (const path of own) assert.ok(!content.includes(path), `${name} holds ${path}`);
  }
});
