// trunk's post_build hook. trunk neither hashes a worker's files nor adds their `integrity`, so this does. The glue
// that wasm-bindgen made and src/worker.js become one script: the page starts the worker from a blob, which can import
// nothing. Each file's name gets a hash of its content, and index.html gets the names and digests, with the engine's size.
// The reader of photos and the estimate of phrases are such workers, too. The page's own files are made smaller on the way (tools/shrink.mjs).

import { createHash } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { callbackMetaPolicy } from "./headers.mjs";
import { bundled, minify, oneScript, shrink } from "./shrink.mjs";
import { split } from "./split.mjs";
import { languages } from "./words.mjs";

const staging = process.env.TRUNK_STAGING_DIR ?? fail("TRUNK_STAGING_DIR is not set: this is a hook for trunk");
const source = process.env.TRUNK_SOURCE_DIR ?? fail("TRUNK_SOURCE_DIR is not set: this is a hook for trunk");

function fail(reason) {
  console.error(`pin-engine: ${reason}`);
  process.exit(1);
}

function read(folder, name) {
  try {
    return readFileSync(join(folder, name));
  } catch (error) {
    return fail(`cannot read ${name}: ${error.code}`);
  }
}

const digest = (algorithm, encoding, ...parts) =>
  parts.reduce((hash, part) => hash.update(part), createHash(algorithm)).digest(encoding);
const shortHash = (...parts) => digest("sha256", "hex", ...parts).slice(0, 16);
const integrity = (bytes, algorithm = "sha384") => `${algorithm}-${digest(algorithm, "base64", bytes)}`;

let html = read(staging, "index.html").toString();

/**
 * Joins the glue that trunk left under `name` and the worker's frame. Returns names and digests of the worker's two files, the
 * program's size, and the hash of all that is in both.
 */
function workerFiles(name, frame) {
  const [glue, wasm, worker] = [read(staging, `${name}.js`), read(staging, `${name}_bg.wasm`), read(source, frame)];
  const script = Buffer.concat([glue, Buffer.from("\n"), worker]);
  const scriptName = replaceFile(`${name}.js`, `${name}-${shortHash(script)}.js`, script);
  const wasmName = replaceFile(`${name}_bg.wasm`, `${name}-${shortHash(wasm)}_bg.wasm`, wasm);
  console.log(`pin-engine: ${scriptName}, ${wasmName} (${wasm.length} bytes)`);
  const pins = { js: `./${scriptName}`, jsIntegrity: integrity(script), wasm: `./${wasmName}`, wasmIntegrity: integrity(wasm) };
  return { pins, size: wasm.length, build: shortHash(glue, worker, wasm) };
}

/** Pins both files of a worker: writes names and digests into the element of index.html with that id. */
function pinWorker(name, frame, more = () => ({})) {
  const { pins, ...pinned } = workerFiles(name, frame);
  const attributes = {
    id: name,
    "data-js": pins.js,
    "data-js-integrity": pins.jsIntegrity,
    "data-wasm": pins.wasm,
    "data-wasm-integrity": pins.wasmIntegrity,
    ...more(pinned),
  };
  const element = `<link ${Object.entries(attributes).map(([key, value]) => `${key}="${value}"`).join(" ")}>`;
  const placeholder = new RegExp(`<link\\s+id="${name}"[^>]*>`, "g");
  const found = html.match(placeholder)?.length ?? 0;
  if (found !== 1) fail(`index.html has ${found} elements <link id="${name}">, expected one`);
  html = html.replace(placeholder, element);
  return pinned;
}

const engine = pinWorker("engine", "src/worker.js", ({ size, build }) => ({ "data-wasm-size": size, "data-build": build }));
// Fetched only with the first photo of a printed kit.
pinWorker("photo", "src/photo.js");
// Fetched only with the first phrase that somebody types.
pinWorker("estimate", "src/estimate.js");

// The texts of each language: index.html pins the file of its first screen, and that pins the others.
function writeTexts(language, texts) {
  const content = Buffer.from(JSON.stringify(texts));
  const name = `words-${language}-${shortHash(content)}.json`;
  writeFileSync(join(staging, name), content);
  // The shorter digest: the first screen has one for each language.
  return { address: `./${name}`, integrity: integrity(content, "sha256") };
}
// The sentences that index.html has for who cannot come to the page: by their element, the keys of its texts in order.
const keys = (text) => [...text.matchAll(/ data-words="(\w+)"/g)].map(([, key]) => key);
const standIns = [...html.matchAll(/<main id="([\w-]+)"[^]*?<\/main>/g)].map(([main, id]) => [id, keys(main)]);
const allLanguages = languages(join(source, "src/words"));
const firstFiles = [...allLanguages].map(([language, { first, rest, page, hosts }]) => {
  const sentences = Object.fromEntries(standIns.map(([id, keys]) => [id, keys.map((key) => page[key])]));
  const others = { rest: writeTexts(language, rest), page: writeTexts(language, sentences) };
  // The scripts for those who host have the English ones in themselves.
  if (language !== "en") others.hosts = writeTexts(language, hosts);
  const { address, integrity } = writeTexts(language, { texts: first, ...others });
  return [language, address, integrity].join();
});
const noFiles = 'data-files=""';
if (!html.includes(noFiles)) fail(`index.html has no ${noFiles}`);
html = html.replace(noFiles, `data-files="${firstFiles.join(" ")}"`);
/** Says a paragraph of this key in every language: without scripts none can be chosen. */
function inEachLanguage(text, key, part) {
  const paragraph = new RegExp(`<p ([^>]*)data-words="${key}">[^<]*</p>`);
  if (!paragraph.test(text)) fail(`nothing says ${key}`);
  return text.replace(paragraph, (_, attributes) =>
    [...allLanguages].map(([language, texts]) => `<p ${attributes}lang="${language}" dir="auto">${texts[part][key]}</p>`).join(""),
  );
}
html = inEachLanguage(html, "page_noscript", "page").replaceAll(/ data-words="\w+"/g, "");

// The page's own program is made smaller, so its names get the hash of the new content. Nothing preloads it: WebKit would
// fetch it twice, since it takes no preload for a `fetch`.
const [named, oldGlue] = html.match(/ data-js="\.\/(app-[0-9a-f]+\.js)"/) ?? fail("index.html does not name the page's glue");
const [, oldWasm] = html.match(/data-wasm="\.\/(app-[0-9a-f]+_bg\.wasm)"/) ?? fail("index.html does not name the page's wasm");
const program = join(
  process.env.CARGO_TARGET_DIR ?? join(source, "target"),
  `wasm32-unknown-unknown/${process.env.TRUNK_PROFILE}/app.wasm`,
);
const page = shrink(split(program, join(source, "src/later.js")));
const newWasm = replaceFile(oldWasm, `app-${shortHash(page.wasm)}_bg.wasm`, page.wasm);
const laterName = `later-${shortHash(page.later)}.wasm`;
writeFileSync(join(staging, laterName), page.later);
const preloads = /<link rel="modulepreload"[^>]*><link rel="preload"[^>]*>/;
if (!preloads.test(html)) fail("trunk preloads the page's program otherwise than it did");
html = html
  .replace(preloads, "")
  .replace(named, "")
  .replace(
    '<link id="app-module"',
    `$& data-wasm-integrity="${integrity(page.wasm)}" data-later="./${laterName}" data-later-integrity="${integrity(page.later)}"`,
  )
  .replaceAll(oldWasm, newWasm);

// boot.js starts the page and has the glue in it: a script that is imported by name would have no `integrity`.
const [bootTag, oldBoot] = html.match(/<script src="\.\/(boot-[0-9a-f]+\.js)"[^>]*>/) ?? fail("index.html has no boot.js");
const boot = oneScript(read(staging, oldBoot).toString(), page.glue);
rmSync(join(staging, oldGlue));
const newBoot = replaceFile(oldBoot, `boot-${shortHash(boot)}.js`, boot);
html = html.replace(bootTag, `<script src="./${newBoot}" integrity="${integrity(boot)}" type="module">`);

// The host's checkup and the list of who is ready, which only administrators load. The checkup expects the headers of
// tools/headers.mjs. Each waits in a template of index.html, from which src/boot.js takes it. What only the list needs is named
// in its script: for everybody else, each digest in index.html is a part of the first screen.
const english = (start) => Object.fromEntries(Object.entries(allLanguages.get("en").hosts).filter(([key]) => key.startsWith(start)));
function pinScript(name, define = {}) {
  const script = bundled(join(source, `src/${name}.js`), { ENGLISH: JSON.stringify(english(`${name}_`)), ...define });
  const scriptName = `${name}-${shortHash(script)}.js`;
  writeFileSync(join(staging, scriptName), script);
  const holder = `<template id="${name}"></template>`;
  if (!html.includes(holder)) fail(`index.html has no ${holder}`);
  const tag = `<script src="./${scriptName}" integrity="${integrity(script)}" type="module"></script>`;
  html = html.replace(holder, `<template id="${name}">${tag}</template>`);
}
const readinessStyle = minify(read(source, "style/readiness.css").toString(), "css");
const readinessStyleName = `readiness-${shortHash(readinessStyle)}.css`;
writeFileSync(join(staging, readinessStyleName), readinessStyle);
pinScript("checkup");
pinScript("readiness", {
  WORKER: JSON.stringify(workerFiles("readiness", "src/readiness/worker.js").pins),
  STYLE: JSON.stringify({ href: `./${readinessStyleName}`, integrity: integrity(readinessStyle) }),
});

function replaceFile(old, name, content) {
  rmSync(join(staging, old));
  writeFileSync(join(staging, name), content);
  return name;
}

// One style sheet instead of several: fewer requests, and it compresses better.
const sheets = [...html.matchAll(/ *<link rel="stylesheet" href="\.\/([^"]+)"[^>]*>\n?/g)];
if (sheets.length === 0) fail("index.html has no style sheet");
const style = minify(sheets.map(([, name]) => read(staging, name).toString()).join("\n"), "css");
const styleName = `style-${shortHash(style)}.css`;
writeFileSync(join(staging, styleName), style);
sheets.forEach(([link, name], at) => {
  rmSync(join(staging, name));
  const one = `<link rel="stylesheet" href="./${styleName}" integrity="${integrity(style)}">\n`;
  html = html.replace(link, at === 0 ? one : "");
});

writeFileSync(join(staging, "index.html"), html);

// The window of a sign-in comes back to callback.html, which has nothing of the page's program in it.
const callback = minify(read(source, "src/callback.js").toString());
const callbackName = `callback-${shortHash(callback)}.js`;
writeFileSync(join(staging, callbackName), callback);
const [icon] = html.match(/<link rel="icon"[^>]*>/) ?? fail("index.html has no icon");
const pinned = {
  '<meta http-equiv="Content-Security-Policy" content="">': `<meta http-equiv="Content-Security-Policy" content="${callbackMetaPolicy}">`,
  '<link rel="icon">': icon,
  '<link rel="stylesheet">': `<link rel="stylesheet" href="./${styleName}" integrity="${integrity(style)}">`,
  '<script src="src/callback.js">': `<script src="./${callbackName}" integrity="${integrity(callback)}" type="module">`,
};
let callbackHtml = read(source, "callback.html").toString();
for (const [element, pin] of Object.entries(pinned)) {
  if (callbackHtml.split(element).length !== 2) fail(`callback.html should have one ${element}`);
  callbackHtml = callbackHtml.replace(element, () => pin);
}
callbackHtml = inEachLanguage(callbackHtml, "page_callback_noscript", "callback");
// Each of its few texts is there in every language: what it says must not wait for another file.
const quoted = (text) => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
callbackHtml = callbackHtml.replace(/data-words="(\w+)"/g, (_, key) =>
  `data-texts="${quoted(JSON.stringify(Object.fromEntries([...allLanguages].map(([language, { callback }]) => [language, callback[key]]))))}"`,
);
writeFileSync(join(staging, "callback.html"), callbackHtml);
console.log(`pin-engine: build ${engine.build}`);
