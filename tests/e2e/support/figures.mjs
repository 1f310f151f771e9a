// Keeps the figures that only a real run gives, for `make budget`, together with the build that they belong to.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

import { dist } from "./page.mjs";

export const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "matrixbackup");
const file = join(cache, "budget-e2e.json");

/** Adds `{ name, value, limit, unit }` to the figures of this build; a part of another figure has no limit. */
export function keep(...figures) {
  const build = readFileSync(join(dist, "index.html"), "utf8").match(/data-build="([^"]*)"/)?.[1];
  let known = { build, figures: [] };
  try {
    const before = JSON.parse(readFileSync(file, "utf8"));
    if (before.build === build) known = before;
  } catch {
    // There are no figures yet.
  }
  const others = known.figures.filter(({ name }) => !figures.some((figure) => figure.name === name));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ build, figures: [...others, ...figures] }, undefined, 2));
}

/** Counts the longest chain of requests of which each began after the one before it was over. */
export function depth(requests) {
  let deepest = 0;
  let lastEnd = -Infinity;
  for (const { start, end } of [...requests].sort((a, b) => a.end - b.end)) {
    if (start >= lastEnd) {
      deepest++;
      lastEnd = end;
    }
  }
  return deepest;
}
