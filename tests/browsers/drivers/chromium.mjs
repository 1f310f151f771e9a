// Drives Chromium by Playwright.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { chromium } from "playwright-core";

export const name = "Chromium";

const binary = process.env.CHROMIUM ?? "/usr/bin/chromium";
const usual = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"];

/** Starts a Chromium with a fresh profile. `without` names what is blocked: "webAssembly", "cookies". */
export async function launch({ without } = {}) {
  const profile = mkdtempSync(join(tmpdir(), "matrixbackup-chromium-"));
  if (without === "cookies") {
    mkdirSync(join(profile, "Default"));
    const settings = { profile: { default_content_setting_values: { cookies: 2 } } };
    writeFileSync(join(profile, "Default/Preferences"), JSON.stringify(settings));
  }
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: binary,
    args: [...usual, ...(without === "webAssembly" ? ["--js-flags=--jitless"] : [])],
    headless: true,
    ignoreHTTPSErrors: true,
  });
  return {
    version: context.browser()?.version() ?? "",
    page: pageOf(context.pages()[0]),
    newPage: async () => pageOf(await context.newPage()),
    async quit() {
      await context.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function pageOf(page) {
  page.setDefaultTimeout(60_000);
  page.on("dialog", (dialog) => dialog.accept().catch(() => {}));
  // As texts, because Playwright hands over one argument only.
  const expression = (act, args) => `(${act})(...${JSON.stringify(args)})`;
  return {
    goto: (url) => page.goto(url),
    reload: () => page.reload(),
    close: () => page.close(),
    evaluate: (act, ...args) => page.evaluate(expression(act, args)),
    find: async (finder, ...args) => (await page.evaluateHandle(expression(finder, args))).asElement() ?? undefined,
    click: (element) => element.click(),
    type: (element, text) => element.fill(text),
    hasWorker: async () => page.workers().length > 0,
    inWorker: (act, ...args) => page.workers()[0].evaluate(expression(act, args)),
    print: () => page.pdf({ preferCSSPageSize: true, printBackground: true }),
    beforeEach: (act) => page.addInitScript(`(${act})()`),
  };
}
