// Puts a .br and a .gz beside each file of dist/, so that a static host can send them without compressing anything
// itself. Writes SHA256SUMS last, for `sha256sum -c`: that file tells make that dist/ is complete.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const dist = "dist";
// trunk leaves its lock file here, which must not be published.
rmSync(join(dist, ".trunk-lock"), { force: true });

const files = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && !/\.(br|gz)$|^SHA256SUMS$/.test(entry.name))
  .map((entry) => join(entry.path, entry.name));

for (const file of files) {
  const raw = readFileSync(file);
  const [br, gz] = await Promise.all([
    promisify(brotliCompress)(raw, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
        [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
        [constants.BROTLI_PARAM_SIZE_HINT]: raw.length,
      },
    }),
    promisify(gzip)(raw, { level: constants.Z_BEST_COMPRESSION }),
  ]);
  writeFileSync(`${file}.gz`, gz);
  writeFileSync(`${file}.br`, br);
}

const all = files.flatMap((file) => [file, `${file}.br`, `${file}.gz`]).map((file) => relative(dist, file));
const sum = (name) => createHash("sha256").update(readFileSync(join(dist, name))).digest("hex");
writeFileSync(join(dist, "SHA256SUMS"), all.sort().map((name) => `${sum(name)}  ${name}\n`).join(""));
console.log(`compress: ${files.length} files in ${dist}/ have a .br and a .gz`);
