// The pages beside the page, which need no script: how to do it inside one's app, and the sheet for those who help. People
// come to them by an address on paper, by a link, and where scripts are blocked; they are read in every language and printed.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";

import { LANGUAGES, texts } from "./support/language.mjs";
import { dist, withPage } from "./support/page.mjs";

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const names = ["in-app", "help"];
const all = LANGUAGES.flatMap((language) => names.map((name) => `${name}-${language}.html`));
const title = { "in-app": "link_do_it_in_your_app", help: "pages_help_title" };

describe("an address on paper leads to", () => {
  const doors = { "in-app": (language) => `?lang=${language}#/in-app`, help: (language) => `?help&lang=${language}` };
  for (const name of names) {
    it(`${name}, in the language that was asked for`, async () => {
      await withPage({}, async ({ page, server }) => {
        for (const language of LANGUAGES) {
          await page.goto("about:blank");
          await page.goto(`${server.url}${doors[name](language)}`);
          await page.waitForURL(`**/${name}-${language}.html`);
          await page.getByRole("heading", { level: 1, name: texts(language)[title[name]], exact: true }).waitFor();
          assert.equal(await page.evaluate(() => document.documentElement.lang), language);
        }
      });
    });
  }
});

it("who wants to do it in their app goes there from the first screen, and comes back to check", async () => {
  await withPage({ language: "de" }, async ({ page }) => {
    const said = texts("de");
    await page.getByRole("link", { name: said.link_do_it_in_your_app }).click();
    await page.waitForURL("**/in-app-de.html");
    await page.getByRole("link", { name: said.pages_in_app_check }).click();
    await page.getByRole("heading", { level: 1, name: said.intro_keep_your_private_chats_readable }).waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.lang), "de");
  });
});

it("without scripts the page is the whole guide, says why, and leads to each language", async () => {
  await withPage({ browser: { javaScriptEnabled: false } }, async ({ page }) => {
    await page.waitForURL("**/in-app-en.html#no-scripts");
    const said = texts("en");
    await page.getByText(said.pages_in_app_no_scripts).waitFor();
    for (const walk of ["element-2026", "element-x-android", "nheko"]) assert.ok(await page.locator(`#${walk} li`).count() >= 3, walk);
    for (const language of LANGUAGES.slice(1)) {
      await page.locator(`footer a[hreflang="${language}"]`).click();
      await page.getByRole("heading", { level: 1, name: texts(language).link_do_it_in_your_app, exact: true }).waitFor();
      // Here nobody's scripts are blocked.
      assert.ok(await page.getByText(texts(language).pages_in_app_no_scripts).isHidden());
    }
  });
});

it("none of them has a script, or asks for anything but styles, its icon, and what a link names", () => {
  for (const name of all) {
    const html = readFileSync(join(dist, name), "utf8");
    assert.doesNotMatch(html, /<script|javascript:|\son\w+=|style="/, name);
    const [, policy] = html.match(/<meta http-equiv="Content-Security-Policy" content="([^"]+)">/);
    assert.match(policy, /^default-src &#39;none&#39;;|^default-src 'none';/);
    const addresses = [...html.matchAll(/ (?:href|src)="([^"]*)"/g)].map(([, address]) => address);
    const files = addresses.filter((address) => !address.startsWith("#")).map((address) => address.replace(/^\.\/|[?#].*$/g, ""));
    const there = new Set(["", ...readdirSync(dist)]);
    assert.deepEqual(files.filter((file) => !there.has(file)), [], name);
  }
});

it("axe-core finds nothing wrong with them, light and wide or dark and narrow, and nothing has to be scrolled sideways", async () => {
  const { version } = JSON.parse(readFileSync(join(axe, "../package.json"), "utf8"));
  assert.ok(version);
  await withPage({}, async ({ page, server }) => {
    await page.addInitScript({ path: axe });
    for (const [at, name] of all.entries()) {
      const isDark = at % 2 === 1;
      await page.emulateMedia({ colorScheme: isDark ? "dark" : "light" });
      await page.setViewportSize(isDark ? { width: 320, height: 640 } : { width: 1280, height: 800 });
      await page.goto(`${server.url}${name}`);
      const found = await page.evaluate(async () => (await axe.run(document, { resultTypes: ["violations"] })).violations);
      assert.deepEqual(found.map(({ id, nodes }) => `${id}: ${nodes[0].html}`), [], name);
      await page.setViewportSize({ width: 320, height: 640 });
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} is wider than 320`);
    }
  });
});

it("printed on either paper, no step and no problem is missing or cut", async () => {
  const folder = mkdtempSync(join(tmpdir(), "matrixbackup-print-"));
  try {
    await withPage({}, async ({ page, server }) => {
      for (const name of ["in-app-de.html", "help-en.html"]) {
        await page.goto(`${server.url}${name}`);
        const said = await page.locator("main li, main dt").allInnerTexts();
        assert.ok(said.length > 40);
        for (const format of ["A4", "Letter"]) {
          const file = join(folder, `${name}-${format}.pdf`);
          writeFileSync(file, await page.pdf({ format }));
          const words = (text) => text.replace(/\s+|\u00ad|-/g, "");
          const printed = words(execFileSync("pdftotext", ["-layout", "-nopgbrk", file, "-"], { encoding: "utf8" }));
          for (const text of said) {
            const [first] = text.split("\n").filter(Boolean);
            assert.ok(printed.includes(words(first).slice(0, 24)), `${format}: “${first}” is not printed`);
          }
        }
      }
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

it("a preview of a link has a title, a sentence and a picture, and each language is named", () => {
  const html = readFileSync(join(dist, "index.html"), "utf8");
  for (const name of ["og:title", "og:description", "og:image"]) assert.match(html, new RegExp(`<meta property="${name}" content="[^"]+">`));
  assert.match(html, /<meta name="description" content="[^"]{50,160}">/);
  const named = [...html.matchAll(/<link rel="alternate" hreflang="([^"]+)"/g)].map(([, language]) => language);
  assert.deepEqual(named, [...LANGUAGES, "x-default"]);
  const picture = readFileSync(join(dist, "preview.png"));
  assert.equal(picture.toString("latin1", 1, 4), "PNG");
  assert.deepEqual([picture.readUInt32BE(16), picture.readUInt32BE(20)], [1200, 630]);
});
