// Builds the gallery: the release page with another program in it, which shows every screen from its fixture. It is
// built beside dist/, never into it.

import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { PSEUDO, languages, pseudo } from "../../../tools/words.mjs";
import { dist } from "./page.mjs";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** Builds it; returns `{ folder, remove() }`. */
export function buildGallery() {
  const folder = mkdtempSync(join(tmpdir(), "matrixbackup-gallery-"));
  const run = (command) =>
    execFileSync("bash", ["-c", `source tools/env.sh && ${command}`], { cwd: root, stdio: ["ignore", 2, 2] });
  const target = "wasm32-unknown-unknown";
  const program = `"$CARGO_TARGET_DIR/${target}/release/gallery.wasm"`;
  const element = '<link id="app-module" data-js="./gallery.js" data-wasm="./gallery_bg.wasm">';
  run(`cargo build --quiet --locked --release --target ${target} --bin gallery --features gallery`);
  cpSync(dist, folder, { recursive: true, filter: (name) => !/\.(br|gz)$/.test(name) });
  // The logo that a host may put beside the page.
  cpSync(join(root, "style/icon.svg"), join(folder, "logo.svg"));
  run(`wasm-bindgen --target web --no-typescript --out-dir ${folder} ${program}`);

  const index = join(folder, "index.html");
  const html = readFileSync(index, "utf8")
    .replace(/<link id="app-module"[^>]*>/, element)
    // The release's boot.js has the page's own glue in it.
    .replace(/<script src="[^"]*boot-[^>]*>/, '<script src="./boot.js" type="module">')
    // One language more, which no release has.
    .replace(/(data-files="[^"]*)"/, `$1 ${PSEUDO},./${PSEUDO}.json,"`);
  copyFileSync(join(root, "src/boot.js"), join(folder, "boot.js"));
  writeFileSync(index, html);
  const { first, rest } = languages(join(root, "src/words")).get("en");
  const other = { address: `./${PSEUDO}-rest.json` };
  writeFileSync(join(folder, `${PSEUDO}.json`), JSON.stringify({ texts: first.map(pseudo), rest: other, page: other }));
  writeFileSync(join(folder, `${PSEUDO}-rest.json`), JSON.stringify(rest.map(pseudo)));
  return { folder, remove: () => rmSync(folder, { recursive: true }) };
}
