// Opens a page in a fresh Chromium at the end of a link, and watches it while somebody uses it.

import { withPage } from "../e2e/support/page.mjs";
import { narrow } from "./link.mjs";
import { mostMemory, renderers } from "./renderers.mjs";

/**
 * Runs `body(visit)` in a fresh browser, whose page shows nothing yet. Returns what `body` does, with the most `memory`
 * that a renderer held, in megabytes.
 */
export async function inBrowser(server, link, body, how) {
  let result;
  // The page that is missing has the headers of those that are not, so that the next one stays in its process.
  await withPage({ host: { url: `${server.url}nothing` }, alone: true }, async (visit) => {
    visit.page.setDefaultTimeout(600_000);
    await visit.page.addInitScript(watch);
    const free = await narrow(link, visit, how);
    const before = renderers();
    try {
      result = { ...(await body(visit)), memory: mostMemory(renderers()) };
    } finally {
      await free();
    }
    const fresh = renderers().filter((pid) => !before.includes(pid));
    if (link.rate && fresh.some((pid) => mostMemory([pid]) === result.memory)) throw new Error("the page changed its process");
  });
  return result;
}

/** Runs in the page, before its own scripts. Notes by the page's own clock when which screen came, and after which press. */
function watch() {
  // Steps in which the page works and the person waits.
  const waiting = ["loading", "discovering", "looking", "making-key", "writing"];
  const seen = { steps: [], waits: [], longest: 0 };
  globalThis.seen = seen;
  let pressed;
  const press = ({ timeStamp, type, target }) => {
    if (type === "drop" || target.closest?.("button")) pressed = timeStamp;
  };
  addEventListener("click", press, true);
  addEventListener("drop", press, true);
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) seen.longest = Math.max(seen.longest, duration);
  }).observe({ type: "longtask", buffered: true });
  new MutationObserver(() => {
    const step = document.querySelector("main[data-step]")?.dataset.step;
    if (!step || step === seen.steps.at(-1)?.step) return;
    const at = performance.now();
    seen.steps.push({ step, at });
    if (pressed === undefined || waiting.includes(step)) return;
    seen.waits.push({ step, ms: at - pressed });
    pressed = undefined;
  }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-step"] });
}

/**
 * Returns what was seen until the step `done` came, with times in milliseconds since navigation: `usable`, when the first
 * screen that can be used was there, `firstBytes`, what had been downloaded by then, `done`, the `waits` and their `sum`,
 * the `longest` task of the main thread, and the moment `until` by the clock of this machine.
 */
export async function whatWasSeen({ page }, done) {
  const { steps, waits, longest, origin, entries } = await page.evaluate(() => ({
    ...globalThis.seen,
    origin: performance.timeOrigin,
    entries: [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")].map(
      ({ responseEnd, encodedBodySize }) => ({ responseEnd, encodedBodySize }),
    ),
  }));
  const usable = steps.find(({ step }) => step !== "loading").at;
  const end = steps.find(({ step }) => step === done).at;
  const early = entries.filter(({ responseEnd }) => responseEnd > 0 && responseEnd <= usable);
  return {
    usable,
    firstBytes: sum(early.map(({ encodedBodySize }) => encodedBodySize)),
    done: end,
    waits,
    sum: sum(waits.map(({ ms }) => ms)),
    longest,
    until: origin + end,
  };
}

export const sum = (values) => values.reduce((total, value) => total + value, 0);
