// What a host sends to people (tools/campaign.mjs) and states (tools/statements.mjs): complete in every language, fits its
// sheet, and its code is read by zbar, which shares no code with what draws it.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

import { LANGUAGES, campaign, given, isRtl, texts } from "../../tools/campaign.mjs";
import { CHECKED, PRIVACY, accessibility, privacy } from "../../tools/statements.mjs";
import { sheets } from "../../tools/poster.mjs";
import { LANGUAGES as OF_PAGE } from "./support/language.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const usual = { ADDRESS: "https://keys.example.org/", DATE: "2027-03-01", SERVER: "example.org", CONTACT: "chat-help@example.org" };
const long = {
  ADDRESS: "https://a-rather-long-host-name.department-of-geography.university.example.org/services/chat/key-backup/?lang=pt-BR",
  DATE: "2027-09-30",
  SERVER: "Genossenschaft für freie Kommunikation & Söhne",
  CONTACT: "chat-help@department-of-geography.university.example.org, +49 30 1234567-89",
};
const asked = ["ADDRESS", "DATE", "SERVER", "CONTACT"];
const named = (text) => [...new Set(text.match(/\{\w+\}/g))].sort();
/** Nothing of a template may be left. */
const unfilled = /[{}]|undefined|NaN|\[object/;

/** Reads the codes in an image of a file. */
const read = (png) => execFileSync("zbarimg", ["--nodbus", "--quiet", "--raw", png], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();

let folder, browser;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "matrixbackup-campaign-"));
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
});
after(async () => {
  await browser?.close();
  if (folder) rmSync(folder, { recursive: true });
});

describe("what a host sends to people", () => {
  it("has every text in each language of the page, with the same arguments, and uses each", () => {
    assert.deepEqual([...LANGUAGES].sort(), [...OF_PAGE].sort());
    const english = texts("en");
    for (const language of LANGUAGES) {
      const own = texts(language);
      assert.equal(own["@@locale"], language);
      assert.deepEqual(Object.keys(own), Object.keys(english), language);
      for (const [key, text] of Object.entries(own)) {
        assert.deepEqual(named(text), named(english[key]), `${language}: ${key}`);
        if (language !== "en" && key !== "@@locale") assert.notEqual(text, english[key], `${language}: ${key} is in English`);
      }
    }
    const code = ["campaign", "statements"].map((name) => readFileSync(`${root}/tools/${name}.mjs`, "utf8")).join("\n");
    const built = /^(timeline_\d+|checked_view_\w+)$/;
    const unused = Object.keys(english).filter((key) => key !== "@@locale" && !built.test(key) && !new RegExp(`"${key}"|\\b${key}:`).test(code));
    assert.deepEqual(unused, []);
  });

  it("has nothing left to fill in, and the same bytes each time", () => {
    for (const environment of [usual, long]) {
      const values = given(environment, asked);
      for (const language of LANGUAGES) {
        const files = campaign(language, values);
        if (language === "ar") assert.deepEqual(files, campaign(language, values));
        for (const [name, text] of Object.entries(files)) assert.doesNotMatch(text.replace(/<style>.*<\/style>/s, ""), unfilled, `${language}: ${name}`);
        for (const name of ["notice.txt", "email.txt"]) {
          // On lines of their own, and nothing that nobody sees beside them.
          for (const value of [values.address, values.contact]) assert.ok(files[name].split("\n").includes(value), `${language}: ${name}`);
        }
        assert.match(files["faq.html"], new RegExp(`<html lang="${language}" dir="${isRtl(language) ? "rtl" : "ltr"}">`));
        assert.equal(files["faq.html"].match(/<h2>/g).length, 12, language);
      }
    }
  });

  it("refuses what is missing, and what people could not use", () => {
    for (const [change, why] of [
      [{ SERVER: "" }, /SERVER is missing/],
      [{ ADDRESS: "http://keys.example.org/" }, /https/],
      [{ ADDRESS: "keys.example.org" }, /https/],
      [{ ADDRESS: "https://user@keys.example.org/" }, /https/],
      [{ DATE: "2027-02-30" }, /DATE/],
      [{ DATE: "1 March" }, /DATE/],
      [{ CONTACT: "a\u202eb" }, /nobody sees/],
      [{ SERVER: "x".repeat(61) }, /longer/],
    ]) {
      assert.throws(() => given({ ...usual, ...change }, asked), why);
    }
  });

  it("has posters that fit their sheets in every language, with a code that reads", async () => {
    const page = await browser.newPage({ viewport: { width: 1000, height: 1300 } });
    for (const environment of [usual, long]) {
      const values = given(environment, asked);
      for (const language of LANGUAGES) {
        const files = campaign(language, values);
        for (const [sheet, { width, height }] of Object.entries(sheets)) {
          const where = `${language} ${sheet} ${environment.SERVER}`;
          await page.setContent(files[`poster-${sheet}.svg`].replace(/^<\?xml.*\n/, ""));
          assert.deepEqual(await page.evaluate(badlyPlaced, [width, height]), [], where);
          // The code is the same in every language; what lies on it was looked for above.
          if (!["ar", "en"].includes(language)) continue;
          const png = join(folder, "poster.png");
          await page.locator("svg").screenshot({ path: png });
          assert.equal(read(png), environment.ADDRESS, where);
        }
      }
    }
    // Shows that a defect would have been found.
    await page.evaluate(() => (document.querySelector("svg text:last-of-type").textContent += " and so on".repeat(20)));
    assert.notDeepEqual(await page.evaluate(badlyPlaced, [sheets.letter.width, sheets.letter.height]), []);
    await page.evaluate(() => document.querySelectorAll("svg text")[3].setAttribute("y", document.querySelectorAll("svg text")[2].getAttribute("y")));
    assert.ok((await page.evaluate(badlyPlaced, [sheets.letter.width, sheets.letter.height])).some((defect) => / lies on /.test(defect)));
    await page.evaluate(() => document.querySelector("svg .code").remove());
    const png = join(folder, "empty.png");
    await page.locator("svg").screenshot({ path: png });
    assert.throws(() => read(png));
    await page.close();
  });

  it("comes out of make campaign whole, in one language, with codes that read in the PDFs", () => {
    const variables = Object.entries(long).map(([name, value]) => `${name}=${value}`);
    execFileSync("make", ["--no-print-directory", "campaign", ...variables, "LANG=ar", `OUT=${folder}`], { cwd: root, stdio: ["ignore", "ignore", 2] });
    assert.deepEqual(readdirSync(folder).filter((name) => !/\.png$/.test(name)), ["ar"]);
    const posters = Object.keys(sheets).flatMap((sheet) => [`poster-${sheet}.pdf`, `poster-${sheet}.svg`]);
    assert.deepEqual(readdirSync(join(folder, "ar")).sort(), ["email.txt", "faq.html", "notice.txt", ...posters, "timeline.txt"].sort());
    for (const [sheet, { width, height }] of Object.entries(sheets)) {
      const pdf = join(folder, "ar", `poster-${sheet}.pdf`);
      const info = execFileSync("pdfinfo", [pdf], { encoding: "utf8" });
      assert.match(info, /^Pages: +1$/m);
      const [across, down] = info.match(/Page size: +([\d.]+) x ([\d.]+)/).slice(1).map((points) => (points / 72) * 25.4);
      assert.ok(Math.abs(across - width) < 0.5 && Math.abs(down - height) < 0.5, info);
      execFileSync("pdftoppm", ["-r", "150", "-png", "-singlefile", pdf, join(folder, sheet)]);
      assert.equal(read(join(folder, `${sheet}.png`)), long.ADDRESS, sheet);
    }
  });

  it("says in place of PDFs that Chromium is missing, or a font", () => {
    const bare = mkdtempSync(join(tmpdir(), "matrixbackup-bare-"));
    try {
      writeFileSync(join(bare, "fc-list"), "#!/bin/sh\n", { mode: 0o755 });
      const run = (environment) =>
        execFileSync(process.execPath, [join(root, "tools/campaign.mjs"), "zh-Hans"], { encoding: "utf8", env: { ...usual, OUT: bare, ...environment } });
      assert.match(run({ PATH: bare, CHROMIUM: "/usr/bin/chromium" }), /no font here has its letters/);
      assert.match(run({ PATH: bare }), /Chromium is not here/);
      assert.ok(existsSync(join(bare, "zh-Hans/poster-a4.svg")) && !existsSync(join(bare, "zh-Hans/poster-a4.pdf")));
    } finally {
      rmSync(bare, { recursive: true });
    }
  });
});

/** Runs in the page: names texts that stick out of the sheet's margin, or that lie on another or on the code. */
function badlyPlaced([width, height]) {
  const svg = document.querySelector("svg");
  const each = svg.getBoundingClientRect().width / width;
  const { left, top } = svg.getBoundingClientRect();
  const margin = 15;
  const boxes = [...svg.querySelectorAll("text, .code")].map((element) => {
    const box = element.getBoundingClientRect();
    const [x, y] = [(box.left - left) / each, (box.top - top) / each];
    return { name: element.textContent.slice(0, 60) || "the code", x, y, right: x + box.width / each, bottom: y + box.height / each };
  });
  const out = boxes.filter(({ x, y, right, bottom }) => x < margin || y < margin || right > width - margin || bottom > height - margin);
  // Lines stand closer than the boxes of their fonts, by a millimetre at most.
  const on = boxes.flatMap((one, at) =>
    boxes.slice(at + 1)
      .filter((other) => one.bottom - other.y > 1.6 && other.bottom - one.y > 1.6 && one.right > other.x && other.right > one.x)
      .map((other) => `${one.name} lies on ${other.name}`),
  );
  return [...out.map(({ name }) => `${name} sticks out`), ...on];
}

describe("what a host states", () => {
  const values = { ...given(usual, ["ADDRESS", "SERVER", "CONTACT"]), version: "1.2.3" };
  const at = "2026-12-01T03:00:00.000Z";
  const parts = {
    screens: {
      axe: "4.14.1", rules: ["wcag2a", "wcag22aa"], screens: 217, inEach: false, narrow: 320, full: 1280, at,
      views: [{ theme: "light", width: 1280 }, { theme: "dark", width: 320 }],
    },
    "language-de": { language: "de", width: 320, screens: 24, judged: 12, at },
    keyboard: { at },
    phone: { screens: 207, width: 360, at },
    "engine-firefox": { engine: "Firefox 140", passed: 9, tried: 10, at: "2026-12-02T03:00:00.000Z" },
  };

  it("about accessibility is what tests took down, in every language, and no more", () => {
    for (const language of LANGUAGES) {
      const number = new Intl.NumberFormat(language);
      const all = accessibility(language, values, parts, "0123456789abcdef");
      assert.doesNotMatch(all, unfilled, language);
      for (const shown of ["4.14.1", "WCAG 2.0 A", "WCAG 2.2 AA", "Firefox 140", "0123456789abcdef", "1.2.3", values.contact]) assert.ok(all.includes(shown), `${language}: ${shown}`);
      for (const count of [217, 320, 1280, 24, 12, 207, 360, 9, 10]) assert.ok(all.includes(number.format(count)), `${language}: ${count}`);
      for (const name of Object.values(CHECKED)) assert.ok(all.includes(name), `${language}: ${name}`);
      const least = accessibility(language, values, { screens: parts.screens }, "0123456789abcdef");
      for (const part of ["language", "keyboard", "phone"]) assert.ok(!least.includes(CHECKED[part]), `${language}: ${part} was not checked`);
      assert.ok(!least.includes("make browsers"));
      assert.ok(least.includes(new Intl.DisplayNames(language, { type: "language" }).of("de")), "German was not looked at");
    }
    assert.throws(() => accessibility("en", values, { keyboard: parts.keyboard }, "0123456789abcdef"), /make screens/);
  });

  it("about accessibility is written for the very page that was looked at, and for no other", () => {
    const place = mkdtempSync(join(tmpdir(), "matrixbackup-stated-"));
    try {
      const sums = join(place, "SHA256SUMS");
      const { PATH } = process.env;
      const env = { ...usual, PATH, OUT: place, XDG_CACHE_HOME: place, MATRIXBACKUP_DIST: place };
      const run = (...command) => execFileSync(process.execPath, command, { cwd: root, env, encoding: "utf8", stdio: "pipe" });
      const keep = (part, facts) =>
        run("--input-type=module", "-e", `import { keepChecked } from "./tools/checked.mjs"; keepChecked("${place}", "${part}", ${JSON.stringify(facts)})`);
      const state = () => run("tools/statements.mjs", "en");
      writeFileSync(sums, "one page");
      keep("screens", parts.screens);
      keep("keyboard", {});
      state();
      const written = readFileSync(join(place, "en/accessibility.html"), "utf8");
      assert.ok(written.includes(CHECKED.keyboard) && !written.includes(CHECKED.phone));
      // A test that began anew and did not pass leaves nothing of the run before.
      keep("screens");
      assert.throws(state, /make screens/);
      keep("screens", parts.screens);
      writeFileSync(sums, "another page");
      assert.throws(state, /make screens/);
      assert.ok(existsSync(join(place, "en/privacy.html")));
    } finally {
      rmSync(place, { recursive: true });
    }
  });

  it("about privacy is there in every language, and each of its lines names tests that are there", () => {
    for (const language of LANGUAGES) {
      const text = privacy(language, values);
      assert.doesNotMatch(text, unfilled, language);
      assert.ok(text.includes("keys.example.org") && text.includes(values.contact));
    }
    const sources = ["tests/e2e", "tests/states", "tests/engine", "src"]
      .flatMap((place) => readdirSync(join(root, place), { recursive: true }).map((name) => join(root, place, String(name))))
      .filter((name) => /\.(test\.mjs|rs)$/.test(name))
      .filter((name) => !name.endsWith("campaign.test.mjs"))
      .map((name) => readFileSync(name, "utf8"))
      .join("\n");
    const lines = Object.values(PRIVACY).flat();
    for (const [key, ...tests] of lines) assert.ok(tests.length, key);
    const names = [...lines.flatMap(([, ...tests]) => tests).filter((test) => !test.document), ...Object.values(CHECKED)];
    assert.deepEqual(names.filter((name) => !name.split(" … ").every((part) => sources.includes(part))), []);
    assert.match(readFileSync(join(root, "SECURITY.md"), "utf8"), /Known limits: with single sign-on/);
  });
});
