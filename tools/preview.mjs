// Draws style/preview.png, the picture that previews of links show: `node tools/preview.mjs`. It is committed, since a build has
// no browser. Its drawing is the first screen's (src/drawings).

import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const { chromium } = createRequire(new URL("../tests/package.json", import.meta.url))("playwright-core");

const source = readFileSync("src/drawings/mod.rs", "utf8");
const of = source.slice(source.indexOf("pub const KEY_AND_BOX"));
const path = (kind) => of.match(new RegExp(`${kind}: "([^"]+)"`))[1];
const { intro_keep_your_private_chats_readable: title } = JSON.parse(readFileSync("src/words/en.arb", "utf8"));
const tokens = readFileSync("style/tokens.css", "utf8");

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--headless=new", "--no-sandbox", "--disable-gpu"],
});
const page = await browser.newPage({ viewport: { width: 1200, height: 630 }, colorScheme: "light" });
await page.setContent(`<style>${tokens}
  body { margin: 0; height: 630px; display: grid; align-content: center; gap: 40px; padding: 0 110px; background: var(--paper); color: var(--ink); }
  svg { width: 520px; fill: none; stroke: var(--quiet); stroke-width: 1.5; stroke-linecap: round; stroke-linejoin: round; }
  h1 { margin: 0; font: 600 76px/1.15 var(--serif); }
</style>
<svg viewBox="10 14 210 100"><path style="fill:var(--tint);stroke:none" d="${path("soft")}"/><path d="${path("thin")}"/><path style="stroke:var(--accent)" d="${path("accent")}"/><path style="stroke:var(--accent);stroke-dasharray:1 5" d="${path("dots")}"/></svg>
<h1></h1>`);
await page.locator("h1").evaluate((heading, text) => (heading.textContent = text), title);
writeFileSync("style/preview.png", await page.screenshot());
await browser.close();
