// Every screen is shown from its fixture. axe-core finds nothing wrong, and nothing has to be scrolled sideways.
//
// axe-core looks at each screen in one view, in turn the light wide one and the dark narrow one. With
// MATRIXBACKUP_SCREENS=all it looks in both, and each screen is photographed in both themes, narrow and wide.

import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";

import { keepChecked } from "../../tools/checked.mjs";
import { PSEUDO } from "../../tools/words.mjs";
import { cache } from "./support/figures.mjs";
import { buildGallery } from "./support/gallery.mjs";
import { dist, withPage } from "./support/page.mjs";

const require = createRequire(import.meta.url);
const axe = require.resolve("axe-core/axe.min.js");
const standard = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const pictures = join(cache, "screenshots");
const everything = process.env.MATRIXBACKUP_SCREENS === "all";
/** What axe-core judges: the light wide screen, and the dark narrow one with everything opened. */
const judged = [
  { theme: "light", width: 1280, height: 900 },
  { theme: "dark", width: 320, height: 640 },
];
const others = [
  { theme: "dark", width: 1280, height: 900 },
  { theme: "light", width: 320, height: 640 },
];
// The elements that index.html can show instead of the page.
const standIns = ["framed", "insecure", "too-old", "no-webassembly", "elsewhere", "stopped"];

// The elements that callback.html can show.
const comingBack = ["waiting", "received", "unheard"];

const openAll = () => document.querySelectorAll("details").forEach((each) => (each.open = true));

/** Has axe-core look at what is on screen; returns what it finds. */
const violationsOn = (page) =>
  page.evaluate(async (values) => {
    const rules = { "target-size": { enabled: true } };
    const found = await axe.run(document, { runOnly: values, resultTypes: ["violations"], rules });
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join()}`);
  }, standard);

let gallery;
before(() => (gallery = buildGallery()));
after(() => gallery?.remove());

it("every screen is accessible and fits, light or dark, narrow and wide", async (test) => {
  keepChecked(dist, "screens");
  rmSync(pictures, { recursive: true, force: true });
  mkdirSync(pictures, { recursive: true });
  await withPage({ serve: { dist: gallery.folder }, browser: { reducedMotion: "reduce" } }, async (visit) => {
    const { page } = visit;
    await visit.at("gallery");
    const names = await page.getByRole("listitem").allInnerTexts();
    assert.ok(names.length > 20, "there are fixtures");
    test.diagnostic(`${names.length} screens${everything ? `, pictures in ${pictures}` : ""}`);
    await page.addInitScript({ path: axe });

    const violations = () => violationsOn(page);
    const defects = [];
    let looks = 0;
    const look = async (name) => {
      const inTurn = judged[looks++ % judged.length];
      for (const view of everything ? [...others, ...judged] : new Set([inTurn, judged[1]])) {
        const { theme, width, height } = view;
        await page.emulateMedia({ colorScheme: theme });
        await page.setViewportSize({ width, height });
        const where = `${name} ${theme} ${width}`;
        const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        if (tooWide > 0) defects.push(`${where}: ${tooWide} px too wide`);
        if (everything) await page.screenshot({ path: join(pictures, `${name}-${theme}-${width}.png`), fullPage: true });
        if (everything ? !judged.includes(view) : view !== inTurn) continue;
        if (width === 320) await page.evaluate(openAll);
        for (const violation of await violations()) defects.push(`${where}: ${violation}`);
      }
    };

    for (const name of names) {
      await page.goto(`${visit.server.url}?${name}#${name}`, { waitUntil: "commit" });
      await page.locator("#page main[data-step]").and(page.locator(':not([data-step="loading"])')).waitFor();
      await page.locator("#page main h1").waitFor();
      await look(name);
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
    keepChecked(dist, "screens", {
      axe: require("axe-core/package.json").version,
      rules: standard,
      screens: looks,
      views: judged.map(({ theme, width }) => ({ theme, width })),
      inEach: everything,
      narrow: judged[1].width,
      full: judged[0].width,
    });
  });
});

/** Of so many screens, CI looks at one in each other language. */
const sampled = 9;

describe("in another language", () => {
  // The language of accents, one that is a third longer than English, and one from right to left.
  for (const [turn, language] of [PSEUDO, "de", "ar"].entries()) {
    it(`every screen is accessible, fits and has no English in it: ${language}`, async (test) => {
      if (language !== PSEUDO) keepChecked(dist, `language-${language}`);
      await withPage({ serve: { dist: gallery.folder }, browser: { reducedMotion: "reduce" } }, async (visit) => {
        const { page } = visit;
        await visit.at("gallery");
        const names = (await page.getByRole("listitem").allInnerTexts()).filter(
          (_, at) => everything || at % sampled === turn,
        );
        test.diagnostic(`${names.length} screens`);
        await page.addInitScript({ path: axe });
        const defects = [];
        const width = judged[1].width;
        let looks = 0;
        for (const [at, name] of names.entries()) {
          await page.setViewportSize({ width, height: 640 });
          await page.goto(`${visit.server.url}?lang=${language}&screen=${name}#${name}`, { waitUntil: "commit" });
          await page.locator("#page main[data-step]").and(page.locator(':not([data-step="loading"])')).waitFor();
          await page.locator("#page main h1").waitFor();
          const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          if (tooWide > 0) defects.push(`${name}: ${tooWide} px too wide`);
          await page.evaluate(openAll);
          if (everything) await page.screenshot({ path: join(pictures, `${name}-${language}-${width}.png`), fullPage: true });
          if (language === PSEUDO) {
            defects.push(...(await page.evaluate(english)).map((text) => `${name}: not translated: ${text}`));
          }
          if (!everything && at % 2) continue;
          looks++;
          defects.push(...(await violationsOn(page)).map((violation) => `${name}: ${violation}`));
        }
        assert.deepEqual(defects, []);
        if (language !== PSEUDO) {
          keepChecked(dist, `language-${language}`, { language, width, screens: names.length, judged: looks });
          return;
        }
        // Shows that a forgotten text would have been found.
        await page.evaluate(() => document.querySelector("main").append("Forgotten words"));
        assert.deepEqual(await page.evaluate(english), ["Forgotten words"]);
      });
    });
  }
});

/** Returns the texts on screen that are in English: in the language of accents, each text of ours has one. */
function english() {
  // Names, keys and codes, which no language changes.
  const others = "bdi, option, .key, .mono, .names, .symbol, [translate='no'], script, style, textarea, pre";
  const found = [];
  const walker = document.createTreeWalker(document.querySelector("#page"), NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const text = node.data.trim();
    if (/[A-Za-z]{3}/.test(text) && !/[^\x00-\x7f“”…·]/.test(text) && !node.parentElement.closest(others)) found.push(text);
  }
  for (const element of document.querySelectorAll("#page [aria-label]")) {
    const text = element.getAttribute("aria-label");
    if (/[A-Za-z]{3}/.test(text) && !/[^\x00-\x7f“”…·]/.test(text)) found.push(text);
  }
  return found;
}

// The width of paper between the margins of style/print.css, in CSS pixels.
const papers = { A4: 658, Letter: 680 };

describe("the kit on paper", () => {
  for (const name of ["save", "save-phrase", "done-kit"]) {
    it(`is one sheet of A4 and of US Letter, with nothing cut and a QR code that reads: ${name}`, async () => {
      mkdirSync(pictures, { recursive: true });
      await withPage({ serve: { dist: gallery.folder } }, async (visit) => {
        const { page } = visit;
        await page.goto(`${visit.server.url}?${name}#${name}`, { waitUntil: "commit" });
        await page.locator("section.kit").waitFor({ state: "attached" });
        // The second time with the longest Matrix ID that there is (255 bytes).
        for (const userId of ["@ada:example.org", `@${"ada.".repeat(58)}:matrix.example.org`]) {
          await page.locator(".fact bdi").first().evaluate((element, text) => (element.textContent = text), userId);
          for (const [format, width] of Object.entries(papers)) {
            const pdf = await page.pdf({ format, preferCSSPageSize: false, printBackground: false });
            writeFileSync(join(pictures, `${name}-${format}-${userId.length}.pdf`), pdf);
            assert.equal(pdf.toString("latin1").match(/\/Type\s*\/Page\b/g)?.length, 1, `${format}: one sheet`);
            for (const colorScheme of ["light", "dark"]) {
              await page.emulateMedia({ media: "print", colorScheme });
              await page.setViewportSize({ width, height: 900 });
              assert.deepEqual(await page.evaluate(cut), [], `${format}: nothing is cut`);
              const image = await page.locator(".qr").screenshot();
              assert.deepEqual(await page.evaluate(unread, image.toString("base64")), [], `${format} ${colorScheme}: the code reads`);
            }
            await page.emulateMedia({ media: null, colorScheme: null });
          }
        }
        // Shows that a covered code would not read.
        await page.emulateMedia({ media: "print", colorScheme: "light" });
        await page.locator(".qr path").first().evaluate((element) => element.parentNode.append(element));
        const image = await page.locator(".qr").screenshot();
        assert.notDeepEqual(await page.evaluate(unread, image.toString("base64")), []);
      });
    });
  }
});

/** Runs in the page: names what is on paper and is not part of the sheet, or sticks out of it. */
function cut() {
  const visible = [...document.querySelectorAll("#page *")].filter((each) => each.checkVisibility() && each.getClientRects().length);
  const sheet = document.querySelector("section.kit");
  const leaves = visible.filter(({ children, textContent }) => !children.length && textContent.trim());
  return [
    ...leaves.filter((each) => !sheet.contains(each)),
    ...visible.filter((each) => {
      const { left, right } = each.getBoundingClientRect();
      return sheet.contains(each) && (left < 0 || right > innerWidth || each.scrollWidth > each.clientWidth + 1 && each.clientWidth > 0);
    }),
  ].map((each) => each.outerHTML.slice(0, 120));
}

/** Runs in the page: lists the modules of the QR code that an image of it, a PNG in base64, shows otherwise. */
async function unread(image) {
  const bytes = Uint8Array.from(atob(image), (character) => character.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
  canvas.drawImage(bitmap, 0, 0);
  const code = document.querySelector(".qr");
  const { x: left, y: top, width } = code.viewBox.baseVal;
  const dark = code.querySelector('[fill="#000"]');
  const wrong = [];
  for (let y = 0; y < width; y++) {
    for (let x = 0; x < width; x++) {
      const at = [x, y].map((module) => Math.floor(((module + 0.5) / width) * bitmap.width));
      const [red] = canvas.getImageData(...at, 1, 1).data;
      const isDark = dark.isPointInFill(new DOMPoint(left + x + 0.5, top + y + 0.5));
      if (red < 128 !== isDark) wrong.push([x, y]);
    }
  }
  return wrong;
}
