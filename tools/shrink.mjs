// Makes the page's own program smaller after wasm-bindgen: what nobody uses is left out of both halves, the glue and
// the module, and the long names by which the two know each other become short. Nothing else about them changes.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const { buildSync, transformSync } = createRequire(new URL("../tests/package.json", import.meta.url))("esbuild");

// Written for browsers that can run the page, and rewritten for no older ones.
const options = { minify: true, format: "esm", target: "es2022", legalComments: "none" };
// As in index.html, where wasm-opt runs first.
const features = "bulk-memory nontrapping-float-to-int sign-ext mutable-globals reference-types multivalue".split(" ");
const wasmOptions = ["-Oz", "--strip-producers", "--strip-target-features", ...features.map((name) => `--enable-${name}`)];

/** A script or style sheet without comments, spaces and long names. */
export const minify = (text, loader = "js") =>
  transformSync(text, loader === "js" ? options : { loader, minify: true, target: "esnext" }).code;

/** `glue` is the text that wasm-bindgen made for the web, `wasm` the module's bytes; answers both, smaller. */
export function shrink({ glue, wasm }) {
  const folder = mkdtempSync(join(tmpdir(), "matrixbackup-shrink-"));
  try {
    // Exports that no code of the page reaches, and then what they alone needed.
    const reached = bundle(folder, glue);
    const file = join(folder, "app.wasm");
    writeFileSync(file, rewrite(wasm, { exports: (name) => mentions(reached, name) && name }));
    execFileSync("wasm-opt", [...wasmOptions, file, "-o", file], { stdio: ["ignore", 2, 2] });
    const small = readFileSync(file);

    // What is left to know each other by.
    const imports = new Map();
    const exports = new Map();
    const note = (names) => (name) => (names.set(name, name), name);
    rewrite(small, { imports: note(imports), exports: note(exports) });
    const entry = /^ {8}(__wb\w+): function\([^]*?\n(?= {8}__wb| {4}\};)/gm;
    const entries = new Set([...glue.matchAll(entry)].map(([, name]) => name));
    const unknown = [...imports.keys()].filter((name) => !entries.has(name));
    if (unknown.length) throw new Error(`the glue lacks ${unknown}: wasm-bindgen writes it otherwise than it did`);
    const text = bundle(folder, glue.replace(entry, (all, name) => (imports.has(name) ? all : "")));

    // A letter in front, so that no word of the language comes out.
    for (const names of [imports, exports]) {
      [...names.keys()].forEach((name, at) => names.set(name, `$${at.toString(36)}`));
    }
    const word = /(\.?)([\w$]+)/g;
    return {
      glue: text
        .replace(word, (all, dot, name) => (dot ? `.${exports.get(name) ?? name}` : (imports.get(name) ?? name)))
        .replace('"./app_bg.js"', "$"),
      wasm: rewrite(small, {
        module: () => "$",
        imports: (name) => imports.get(name),
        exports: (name) => exports.get(name),
      }),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const mentions = (text, name) => new RegExp(`\\b${name}\\b`).test(text);

/** The glue, but for what only its unused exports need. */
function bundle(folder, glue) {
  writeFileSync(
    join(folder, "glue.js"),
    glue.replaceAll("new FinalizationRegistry(", "/* @__PURE__ */ new FinalizationRegistry("),
  );
  const { outputFiles } = buildSync({
    ...options,
    stdin: { contents: 'export { default } from "./glue.js";', resolveDir: folder },
    bundle: true,
    write: false,
    // Otherwise each class is given a method, and so counts as used.
    define: { "Symbol.dispose": "undefined" },
  });
  return outputFiles[0].text;
}

/** The module with other names for imports and exports; an export whose name comes out empty is dropped. */
function rewrite(wasm, { module = (name) => name, imports = (name) => name, exports = (name) => name }) {
  let at = 8;
  const number = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = wasm[at++];
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  };
  const text = () => {
    const length = number();
    return wasm.toString("utf8", at, (at += length));
  };
  const asNumber = (value) => {
    const bytes = [];
    for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
    return Buffer.from([...bytes, value]);
  };
  const asText = (value) => Buffer.concat([asNumber(Buffer.byteLength(value)), Buffer.from(value)]);
  const since = (start) => wasm.subarray(start, at);
  const limits = () => {
    const flags = number();
    number();
    if (flags & 1) number();
  };
  // What an import is, by its kind: function, table, memory, global.
  const kinds = [number, () => (at++, limits()), limits, () => (at += 2)];

  const importEntry = () => {
    const names = [asText(module(text())), asText(imports(text()))];
    const start = at;
    kinds[wasm[at++]]();
    return Buffer.concat([...names, since(start)]);
  };
  const exportEntry = () => {
    const name = exports(text());
    const start = at++;
    number();
    return name ? Buffer.concat([asText(name), since(start)]) : undefined;
  };

  const parts = [wasm.subarray(0, 8)];
  while (at < wasm.length) {
    const start = at;
    const id = wasm[at++];
    const length = number();
    const end = at + length;
    const entry = { 2: importEntry, 7: exportEntry }[id];
    if (entry) {
      const entries = Array.from({ length: number() }, entry).filter(Boolean);
      const body = Buffer.concat([asNumber(entries.length), ...entries]);
      parts.push(Buffer.from([id]), asNumber(body.length), body);
    } else {
      parts.push(wasm.subarray(start, end));
    }
    at = end;
  }
  return Buffer.concat(parts);
}
