// Files that a browser saves into a folder of its own.

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** Returns the files that are there as a whole, the oldest first. */
export function filesIn(folder) {
  const names = readdirSync(folder);
  // Beside an unfinished file, or in its place, lies one with such an ending.
  const begun = names.filter((name) => /\.(part|wkdownload)$/.test(name));
  if (begun.length) return [];
  return names
    .map((name) => ({ name, path: join(folder, name), ...statSync(join(folder, name), { bigint: true }) }))
    .filter(({ size }) => size > 0n)
    .sort((one, other) => Number(one.mtimeNs - other.mtimeNs))
    .map(({ name, path }) => ({ name, path, text: readFileSync(path, "utf8") }));
}
