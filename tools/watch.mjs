// `make watch`: shows every screen from its fixture, and loads it anew whenever a source file was changed. The page is
// built without optimising, so that a change is seen in seconds. `?lang=de` shows another language, with the texts as they
// were when this began.

import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { PSEUDO, languages, pseudo } from "./words.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(process.env.MATRIXBACKUP_CACHE, "watch");
const port = process.env.PORT ?? "8088";

// trunk's own script, which reloads the page, breaks the release's content security policy. Of the programs only the
// gallery is needed.
const html = readFileSync(join(root, "index.html"), "utf8")
  .replace(/ *<meta http-equiv="Content-Security-Policy"[^>]*>\n/, "")
  .replace(/ *<link data-trunk rel="rust" data-type="worker"[^>]*>\n/, "")
  .replace('data-bin="app" data-cargo-features="split"', `data-bin="gallery" data-cargo-features="gallery" href="${root}Cargo.toml"`)
  .replace(/(href|src)="((?:style|src)\/[^"]*)"/g, (_, name, path) => `${name}="${root}${path}"`);
mkdirSync(join(folder, "words"), { recursive: true });
const write = (name, content) => writeFileSync(join(folder, "words", name), JSON.stringify(content));
const all = languages(join(root, "src/words"));
const { first, rest } = all.get("en");
all.set(PSEUDO, { first: first.map(pseudo), rest: rest.map(pseudo) });
const files = [...all].map(([language, { first, rest }]) => {
  const address = `./words/${language}-rest.json`;
  write(`${language}.json`, { texts: first, rest: { address }, page: { address } });
  write(`${language}-rest.json`, rest);
  return `${language},./words/${language}.json,`;
});
writeFileSync(
  join(folder, "index.html"),
  html.replace('data-files=""', `data-files="${files.join(" ")}"`).replace("</head>", '<link data-trunk rel="copy-dir" href="words"></head>'),
);
writeFileSync(
  join(folder, "Trunk.toml"),
  `[build]
target = "index.html"
dist = "dist"
offline = true
locked = true
pattern_script = '<link id="app-module" data-js="{base}{js}" data-wasm="{base}{wasm}">'
[watch]
watch = ["${root}src", "${root}style"]
[serve]
addresses = ["127.0.0.1"]
port = ${port}
`,
);
console.log(`The screens are at http://127.0.0.1:${port}/ once the first build is done.`);
const trunk = spawn("trunk", ["serve"], { cwd: folder, stdio: "inherit" });
trunk.on("exit", (code) => process.exit(code ?? 1));
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => trunk.kill(signal));
