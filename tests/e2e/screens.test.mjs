// Every screen is shown from its fixture, in both themes, on a small phone and on a desk. axe-core finds nothing wrong,
// and nothing has to be scrolled sideways. The pictures are kept for people to look at.

import assert from "node:assert/strict";
import { mkdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, it } from "node:test";

import { cache } from "./support/figures.mjs";
import { buildGallery } from "./support/gallery.mjs";
import { withPage } from "./support/page.mjs";

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const standard = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const pictures = join(cache, "screenshots");
const views = [
  { theme: "light", width: 1280, height: 900 },
  { theme: "dark", width: 1280, height: 900 },
  { theme: "light", width: 320, height: 640 },
  { theme: "dark", width: 320, height: 640 },
];
// The elements that index.html can show instead of the page.
const standIns = ["framed", "insecure", "too-old", "no-webassembly", "elsewhere", "stopped"];

// The elements that callback.html can show.
const comingBack = ["waiting", "received", "unheard"];

const openAll = () => document.querySelectorAll("details").forEach((each) => (each.open = true));

let gallery;
before(() => (gallery = buildGallery()));
after(() => gallery?.remove());

it("every screen is accessible and fits, light and dark, narrow and wide", async (test) => {
  rmSync(pictures, { recursive: true, force: true });
  mkdirSync(pictures, { recursive: true });
  await withPage({ serve: { dist: gallery.folder }, browser: { reducedMotion: "reduce" } }, async (visit) => {
    const { page } = visit;
    await visit.at("gallery");
    const names = await page.getByRole("listitem").allInnerTexts();
    assert.ok(names.length > 20, "there are fixtures");
    test.diagnostic(`${names.length} screens, pictures in ${pictures}`);
    await page.addInitScript({ path: axe });

    const violations = () =>
      page.evaluate(async (values) => {
        const rules = { "target-size": { enabled: true } };
        const found = await axe.run(document, { runOnly: values, resultTypes: ["violations"], rules });
        return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join()}`);
      }, standard);
    const defects = [];
    const look = async (name) => {
      for (const { theme, width, height } of views) {
        await page.emulateMedia({ colorScheme: theme });
        await page.setViewportSize({ width, height });
        const where = `${name} ${theme} ${width}`;
        const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        if (tooWide > 0) defects.push(`${where}: ${tooWide} px too wide`);
        await page.screenshot({ path: join(pictures, `${name}-${theme}-${width}.png`), fullPage: true });
        // axe-core looks at the light wide screen and at the dark narrow one, there with everything opened.
        if ((theme === "dark") !== (width === 320)) continue;
        if (width === 320) await page.evaluate(openAll);
        for (const violation of await violations()) defects.push(`${where}: ${violation}`);
      }
    };

    for (const name of names) {
      await page.goto(`${visit.server.url}?${name}#${name}`, { waitUntil: "commit" });
      await page.locator("#page main[data-step]").and(page.locator(':not([data-step="loading"])')).waitFor();
      await page.locator("#page main h1").waitFor();
      await look(name);
      if (name === "save") {
        await page.emulateMedia({ media: "print", colorScheme: "light" });
        await page.setViewportSize({ width: 794, height: 1123 });
        await page.screenshot({ path: join(pictures, "save-print.png"), fullPage: true });
        await page.emulateMedia({ media: "screen" });
      }
    }
    for (const id of standIns) {
      await page.evaluate((id) => {
        for (const main of document.querySelectorAll("body > main")) main.hidden = main.id !== id;
        document.getElementById("page").hidden = true;
      }, id);
      await look(`instead-${id}`);
    }
    await page.goto(`${visit.server.url}callback.html`);
    for (const id of comingBack) {
      await page.evaluate((id) => {
        for (const main of document.querySelectorAll("main")) main.hidden = main.id !== id;
      }, id);
      await look(`callback-${id}`);
    }
    assert.deepEqual(defects, []);

    // Shows that axe-core would have found something.
    await page.evaluate(() => document.body.append(document.createElement("input")));
    assert.match((await violations()).join(), /label/);
  });
});
