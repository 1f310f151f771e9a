// Drives Chromium by Playwright.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { chromium } from "playwright-core";

import { circumstanceIn } from "./circumstances.mjs";
import { freeze, processWith } from "./processes.mjs";

export const name = "Chromium";

const binary = process.env.CHROMIUM ?? "/usr/bin/chromium";
const usual = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"];

// What a browser can be started with, by the names that features use.
const jitless = { flags: ["--js-flags=--jitless"] };
const circumstances = {
  // It has no WebAssembly without a just-in-time compiler.
  "no WebAssembly": jitless,
  "no JIT": jitless,
  // The engine's switch for people who want fewer optimizations: WebAssembly has one compiler left.
  "no optimizer": { flags: ["--js-flags=--no-sparkplug --no-maglev --no-turbofan --liftoff-only"] },
  "no cookies": { settings: { profile: { default_content_setting_values: { cookies: 2 } } } },
  "private window": { isPrivate: true },
  "large text": { settings: { webkit: { webprefs: { default_font_size: 32 } } } },
  "reduced motion": { context: { reducedMotion: "reduce" } },
  "forced colours": { context: { forcedColors: "active" } },
};

/** Starts a Chromium with a fresh profile, under one of the circumstances if there is one. */
export async function launch({ under } = {}) {
  const { flags = [], settings, isPrivate, context: more } = circumstanceIn(circumstances, under, name);
  const profile = mkdtempSync(join(tmpdir(), "matrixbackup-chromium-"));
  if (settings) {
    mkdirSync(join(profile, "Default"));
    writeFileSync(join(profile, "Default/Preferences"), JSON.stringify(settings));
  }
  const how = { executablePath: binary, args: [...usual, ...flags], headless: true };
  const which = { ignoreHTTPSErrors: true, ...more };
  // A context of Playwright's is what a private window has: a profile that is never on the disk.
  const browser = isPrivate && (await chromium.launch(how));
  const context = browser ? await browser.newContext(which) : await chromium.launchPersistentContext(profile, { ...how, ...which });
  if (browser) await context.newPage();
  const downloads = [];
  const listen = (page) => page.on("download", (download) => downloads.push(download));
  context.pages().forEach(listen);
  context.on("page", listen);
  return {
    version: context.browser()?.version() ?? "",
    page: pageOf(context.pages()[0]),
    newPage: async () => pageOf(await context.newPage()),
    pages: async () => context.pages().map(pageOf),
    saved: () =>
      Promise.all(
        downloads.map(async (download) => {
          const path = await download.path();
          return { name: download.suggestedFilename(), text: readFileSync(path, "utf8"), path };
        }),
      ),
    freeze: () => freeze(processWith(profile), /--type=renderer/),
    async quit() {
      await context.close();
      await browser?.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

const known = new WeakMap();

function pageOf(page) {
  if (!known.has(page)) known.set(page, drive(page));
  return known.get(page);
}

function drive(page) {
  page.setDefaultTimeout(60_000);
  page.on("dialog", (dialog) => dialog.accept().catch(() => {}));
  // As texts, because Playwright hands over one argument only.
  const expression = (act, args) => `(${act})(...${JSON.stringify(args)})`;
  return {
    id: page,
    goto: (url) => page.goto(url),
    reload: () => page.reload(),
    back: () => page.goBack(),
    close: () => page.close(),
    evaluate: (act, ...args) => page.evaluate(expression(act, args)),
    find: async (finder, ...args) => (await page.evaluateHandle(expression(finder, args))).asElement() ?? undefined,
    click: (element) => element.click(),
    type: (element, text) => element.fill(text),
    choose: (element, path) => element.setInputFiles(path),
    hasWorker: async () => page.workers().length > 0,
    inWorker: (act, ...args) => page.workers()[0].evaluate(expression(act, args)),
    /** Tells whether the browser's own tree for assistive technology has such an element. */
    async isInTree(role, name) {
      const devtools = await page.context().newCDPSession(page);
      const { root } = await devtools.send("DOM.getDocument", { depth: 0 });
      const { nodes } = await devtools.send("Accessibility.queryAXTree", { nodeId: root.nodeId, role, accessibleName: name });
      await devtools.detach();
      return nodes.some(({ ignored }) => !ignored);
    },
    print: () => page.pdf({ preferCSSPageSize: true, printBackground: true }),
    beforeEach: (act) => page.addInitScript(`(${act})()`),
  };
}
