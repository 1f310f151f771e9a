// Makes the page's own program smaller after wasm-bindgen. Unused code is left out of its parts (the glue and the two
// modules), and the long names of their imports and exports become short. Nothing else about them changes.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const { buildSync, transformSync } = createRequire(new URL("../tests/package.json", import.meta.url))("esbuild");

// The syntax that browsers have which can run the page; nothing is rewritten for older ones.
const options = { minify: true, format: "esm", target: "es2022", legalComments: "none" };
// The features that rustc uses; index.html has the same list for the engine.
const features = "bulk-memory nontrapping-float-to-int sign-ext mutable-globals reference-types multivalue".split(" ");
const wasmOptions = ["-Oz", "--strip-producers", "--strip-target-features", ...features.map((name) => `--enable-${name}`)];

/** Returns a script or style sheet without comments, spaces and long names. */
export const minify = (text, loader = "js") =>
  transformSync(text, loader === "js" ? options : { loader, minify: true, target: "esnext" }).code;

/** Returns a script and all that it imports as one script; `define` has what stands in place of names in it. */
export const bundled = (file, define) =>
  buildSync({ ...options, entryPoints: [file], bundle: true, write: false, define }).outputFiles[0].text;

/**
 * Shrinks the parts of the page's program. `glue` is the text that wasm-bindgen made for the web. `wasm` and `later`
 * are the bytes of the first and the second module, and `loader` is the text of the script that loads the second.
 * Returns the glue, with the loader in it, and both modules.
 */
export function shrink({ glue, loader, wasm, later }) {
  const folder = mkdtempSync(join(tmpdir(), "matrixbackup-shrink-"));
  const optimise = (bytes) => {
    const file = join(folder, "part.wasm");
    writeFileSync(file, bytes);
    execFileSync("wasm-opt", [...wasmOptions, file, "-o", file], { stdio: ["ignore", 2, 2] });
    return readFileSync(file);
  };
  try {
    writeFileSync(join(folder, "__wasm_split.js"), loader);
    const smallLater = optimise(later);
    const shared = names(smallLater).imports;
    // Drops the exports that neither the glue nor the second module uses; wasm-opt then removes what only they needed.
    const reached = [bundle(folder, glue), ...shared].join();
    const small = optimise(rewrite(wasm, { exports: (name) => mentions(reached, name) && name }));

    // Drops the functions of the glue that the module no longer imports.
    const { imports, exports } = names(small);
    const entry = /^ {8}(__wb\w+): function\([^]*?\n(?= {8}__wb| {4}\};)/gm;
    const entries = [...glue.matchAll(entry)].map(([, name]) => name);
    const unknown = [
      ...imports.filter((name) => !entries.includes(name) && !mentions(loader, name)),
      ...shared.filter((name) => !exports.includes(name)),
    ];
    if (unknown.length) throw new Error(`the glue lacks ${unknown}: wasm-bindgen writes it otherwise than it did`);
    const text = bundle(folder, glue.replace(entry, (all, name) => (imports.includes(name) ? all : "")));

    // `$` comes first, so that no short name is a reserved word.
    const short = (list) => new Map(list.map((name, at) => [name, `$${at.toString(36)}`]));
    const [shortImports, shortExports] = [short([...imports, "__wasm_split"]), short(exports)];
    const shortModules = new Map([
      ["./app_bg.js", "$"],
      ["./__wasm_split.js", "$$"],
      ["__wasm_split", shortImports.get("__wasm_split")],
    ]);
    const word = /(\.?)([\w$]+)/g;
    return {
      glue: text
        .replace('"./app_bg.js"', "$")
        .replace('"./__wasm_split.js"', "$$$$")
        .replace(word, (all, dot, name) => (dot ? `.${shortExports.get(name) ?? name}` : (shortImports.get(name) ?? name))),
      wasm: rewrite(small, {
        module: (name) => shortModules.get(name),
        imports: (name) => shortImports.get(name),
        exports: (name) => shortExports.get(name),
      }),
      // The second module imports only what the first one exports.
      later: rewrite(smallLater, {
        module: (name) => shortModules.get(name),
        imports: (name) => shortExports.get(name),
      }),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Returns the script that starts the page, with the glue in it that it would import. */
export function oneScript(boot, glue) {
  const imported = "import(new URL(js, document.baseURI))";
  if (boot.split(imported).length !== 2) throw new Error(`src/boot.js should have one ${imported}`);
  const folder = mkdtempSync(join(tmpdir(), "matrixbackup-boot-"));
  try {
    writeFileSync(join(folder, "app.js"), glue);
    const contents = boot.replace(imported, 'import("./app.js")');
    const { outputFiles } = buildSync({ ...options, stdin: { contents, resolveDir: folder }, bundle: true, write: false });
    return outputFiles[0].text;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Returns the names of a module's imports and exports. */
function names(wasm) {
  const found = { imports: [], exports: [] };
  const note = (list) => (name) => (list.push(name), name);
  rewrite(wasm, { imports: note(found.imports), exports: note(found.exports) });
  return found;
}

const mentions = (text, name) => new RegExp(`\\b${name}\\b`).test(text);

/** Returns the glue without what only its unused exports need. */
function bundle(folder, glue) {
  writeFileSync(
    join(folder, "app.js"),
    glue.replaceAll("new FinalizationRegistry(", "/* @__PURE__ */ new FinalizationRegistry("),
  );
  const { outputFiles } = buildSync({
    ...options,
    stdin: { contents: 'export { default } from "./app.js";', resolveDir: folder },
    bundle: true,
    write: false,
    // Otherwise the glue gives each class a method by this name, and the class counts as used.
    define: { "Symbol.dispose": "undefined" },
  });
  return outputFiles[0].text;
}

/** Returns the module with other names for imports and exports; an export whose name comes out empty is dropped. */
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
  // Readers of an import's type, by its kind: function, table, memory, global.
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
