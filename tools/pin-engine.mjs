// trunk's post_build hook. trunk neither hashes a worker's files nor adds their `integrity`, so this does. The glue
// that wasm-bindgen made and src/worker.js become one script: the page starts the worker from a blob, which can import
// nothing. Each file's name gets a hash of its content, and index.html gets the names and digests, with the engine's size.
// The reader of photos and the estimate of phrases are such workers, too. The page's own files are made smaller on the way (tools/shrink.mjs).

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { callbackMetaPolicy, leafletMetaPolicy } from "./headers.mjs";
import { bundled, minify, oneScript, shrink } from "./shrink.mjs";
import { split } from "./split.mjs";
import { direction, languages } from "./words.mjs";

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
 * Pins both files of a worker: joins the glue that trunk left under `name` and the worker's frame, and writes names and
 * digests into the element of index.html with that id. Returns the program's size and the hash of all that is in both.
 */
function pinWorker(name, frame, more = () => ({})) {
  const [glue, wasm, worker] = [read(staging, `${name}.js`), read(staging, `${name}_bg.wasm`), read(source, frame)];
  const script = Buffer.concat([glue, Buffer.from("\n"), worker]);
  const scriptName = replaceFile(`${name}.js`, `${name}-${shortHash(script)}.js`, script);
  const wasmName = replaceFile(`${name}_bg.wasm`, `${name}-${shortHash(wasm)}_bg.wasm`, wasm);
  const pinned = { size: wasm.length, build: shortHash(glue, worker, wasm) };
  const attributes = {
    id: name,
    "data-js": `./${scriptName}`,
    "data-js-integrity": integrity(script),
    "data-wasm": `./${wasmName}`,
    "data-wasm-integrity": integrity(wasm),
    ...more(pinned),
  };
  const element = `<link ${Object.entries(attributes).map(([key, value]) => `${key}="${value}"`).join(" ")}>`;
  const placeholder = new RegExp(`<link\\s+id="${name}"[^>]*>`, "g");
  const found = html.match(placeholder)?.length ?? 0;
  if (found !== 1) fail(`index.html has ${found} elements <link id="${name}">, expected one`);
  html = html.replace(placeholder, element);
  console.log(`pin-engine: ${scriptName}, ${wasmName} (${wasm.length} bytes)`);
  return pinned;
}

const engine = pinWorker("engine", "src/worker.js", ({ size, build }) => ({ "data-wasm-size": size, "data-build": build }));
// Fetched only with the first photo of a printed kit.
pinWorker("photo", "src/photo.js");
// Fetched only with the first phrase that somebody types.
pinWorker("estimate", "src/estimate.js");

// The texts of each language: index.html pins the file of its first screen, and that pins the other two.
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
const firstFiles = [...allLanguages].map(([language, { first, rest, page, checkup }]) => {
  const sentences = Object.fromEntries(standIns.map(([id, keys]) => [id, keys.map((key) => page[key])]));
  const others = { rest: writeTexts(language, rest), page: writeTexts(language, sentences) };
  // The checkup has the English ones in itself.
  if (language !== "en") others.checkup = writeTexts(language, checkup);
  const { address, integrity } = writeTexts(language, { texts: first, ...others });
  return [language, address, integrity].join();
});
const noFiles = 'data-files=""';
if (!html.includes(noFiles)) fail(`index.html has no ${noFiles}`);
html = html.replace(noFiles, `data-files="${firstFiles.join(" ")}"`);
html = html.replaceAll(/ data-words="\w+"/g, "");

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

// The host's checkup, which only administrators load. It expects the headers of tools/headers.mjs.
const checkup = bundled(join(source, "src/checkup.js"), { ENGLISH: JSON.stringify(allLanguages.get("en").checkup) });
const checkupName = `checkup-${shortHash(checkup)}.js`;
writeFileSync(join(staging, checkupName), checkup);
const holder = '<template id="checkup"></template>';
if (!html.includes(holder)) fail(`index.html has no ${holder}`);
const checkupTag = `<script src="./${checkupName}" integrity="${integrity(checkup)}" type="module"></script>`;
html = html.replace(holder, `<template id="checkup">${checkupTag}</template>`);

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

// Without scripts no language can be chosen, and search engines should find each.
const tags = [...allLanguages.keys()];
const alternate = '<link rel="alternate" hreflang="x-default" href="./">';
if (!html.includes(alternate)) fail(`index.html has no ${alternate}`);
html = html.replace(alternate, tags.map((tag) => `<link rel="alternate" hreflang="${tag}" href="./?lang=${tag}">`).join("") + alternate);
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
/** Says a paragraph of this key in every language: without scripts none can be chosen. */
function inEachLanguage(text, key, part) {
  const paragraph = new RegExp(`<p ([^>]*)data-words="${key}">[^<]*</p>`);
  if (!paragraph.test(text)) fail(`nothing says ${key}`);
  return text.replace(paragraph, (_, attributes) =>
    [...allLanguages].map(([language, texts]) => `<p ${attributes}lang="${language}" dir="auto">${texts[part][key]}</p>`).join(""),
  );
}
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

// The pages that need no script: src/pages makes them, with a sheet of styles that the first screen does not need.
const leaflet = minify(read(source, "style/leaflet.css").toString(), "css");
const leafletName = `leaflet-${shortHash(leaflet)}.css`;
writeFileSync(join(staging, leafletName), leaflet);
writeFileSync(join(staging, "preview.png"), read(source, "style/preview.png"));
/** Describes a language to src/pages: its name for itself, and where its writing begins. */
function described(tag) {
  const name = new Intl.DisplayNames([tag], { type: "language" }).of(tag);
  return { tag, name: name[0].toLocaleUpperCase(tag) + name.slice(1), direction: direction(tag) };
}
const build = {
  policy: leafletMetaPolicy,
  icon: icon.match(/href="([^"]+)"/)[1],
  styles: [
    { address: `./${styleName}`, integrity: integrity(style) },
    { address: `./${leafletName}`, integrity: integrity(leaflet) },
  ],
  languages: tags.map(described),
};
const cargo = "run --quiet --locked --offline --features pages --bin pages --".split(" ");
execFileSync("cargo", [...cargo, staging], { cwd: source, input: JSON.stringify(build), stdio: ["pipe", "inherit", "inherit"] });
console.log(`pin-engine: build ${engine.build}`);
