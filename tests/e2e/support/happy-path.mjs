// Walks from the first screen to "You're safe" as somebody does who does what each screen asks first: fills its empty
// fields, saves the key, and presses the primary button. Counts what that costs them. It names no sentence of the way's
// middle, so that a screen may be worded anew, split or left out.

import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";

// A way that takes more presses than this goes in a circle.
const longest = 40;

/**
 * Walks it. `account`: who signs in, with nothing set up; `app`: their app, which answers.
 *
 * Returns `{ screens, clicks, fields }`, where each screen is `{ step, title, words }`. A screen is a step with its heading
 * and its primary button. Its words are those visible when it first can be gone on from; what stood in the same step before
 * is not counted again, whatever its numbers.
 */
export async function walkHappily(visit, { account, app }) {
  const { page, main } = visit;
  const screens = new Map();
  const read = new Map();
  const emoji = answered(visit, app);
  let [clicks, fields, saved] = [0, 0, undefined];

  const press = async (button) => {
    clicks++;
    await button.click();
  };
  const fill = async (field, text) => {
    fields++;
    await field.fill(text);
  };

  const note = ({ step, title, button, lines, atRest }) => {
    const name = [step, title, button].join("|");
    const before = screens.get(name);
    if (before && (before.atRest || !atRest)) return;
    const earlier = new Set([...(read.get(step) ?? [])].filter(([, by]) => by !== name).map(([line]) => line));
    const fresh = lines.filter((line) => !earlier.has(bare(line)));
    read.set(step, new Map([...(read.get(step) ?? []), ...fresh.map((line) => [bare(line), name])]));
    screens.set(name, { step, title, atRest, words: fresh.join(" ").split(/\s+/).filter(Boolean).length });
  };

  /** Does the first thing that the screen asks for; returns `false` if there is nothing to do yet. */
  const goOn = async ({ step }) => {
    for (const field of await main.locator("input:visible, textarea:visible").all()) {
      // The screen may change meanwhile: then its successor is looked at anew.
      if ((await main.getAttribute("data-step")) !== step) return true;
      const read = (element) => [element.type, element.value];
      const facts = await field.evaluate(read, undefined, { timeout: 2_000 }).catch(() => undefined);
      if (!facts) return true;
      const [kind, value] = facts;
      if (["file", "checkbox", "radio"].includes(kind) || value) continue;
      const label = await field.evaluate((element) => element.labels?.[0]?.innerText ?? element.ariaLabel ?? "");
      // Choosing the saved file takes a click, and no typing.
      const file = main.locator('input[type="file"]:not([capture])');
      if (/key/i.test(label) && saved && (await file.count())) {
        clicks++;
        await file.setInputFiles({ name: saved.name, mimeType: "text/plain", buffer: Buffer.from(saved.text) });
        await main.and(page.locator(`:not([data-step="${step}"])`)).waitFor();
        return true;
      }
      await fill(field, entry(label, account));
    }
    const download = visit.button("Download");
    if (!saved && (await download.count())) {
      clicks++;
      saved = await visit.downloadKey();
      return true;
    }
    if (await main.locator(".emoji").count()) await emoji.compared;
    const recommended = main.locator(".card:visible").filter({ hasText: "Recommended" });
    const primary = main.locator("button.primary:visible:enabled");
    // The last screen's button ends the visit. It is no part of the way to "You're safe".
    const next = (await recommended.count()) ? recommended.first() : primary.first();
    if (!(await next.count()) || /sign out/i.test(await next.innerText())) return false;
    await press(next);
    return true;
  };

  const deadline = Date.now() + 300_000;
  for (let last; ; await setTimeout(100)) {
    assert.ok(Date.now() < deadline, `the way stops at:\n${await main.innerText().catch(() => "nothing")}`);
    const screen = await page.evaluate(look);
    if (!screen) continue;
    note(screen);
    if (screen.title === "You're safe") break;
    assert.notEqual(screen.step, "stopped");
    // A press may take a moment to be answered: the same button is not pressed again while nothing has changed.
    const now = JSON.stringify([screen.step, screen.title, screen.button, screen.atRest, screen.empty]);
    if (now === last || !screen.atRest) continue;
    last = (await goOn(screen)) ? now : undefined;
    assert.ok(clicks <= longest, `the way goes in a circle:\n${await main.innerText()}`);
  }
  return { screens: [...screens.values()].map(({ atRest, ...screen }) => screen), clicks, fields };
}

/** Has the app compare its emoji with the page's, and say that they match only if they do. */
function answered(visit, app) {
  let compared;
  const state = { compared: new Promise((resolve) => (compared = resolve)) };
  app.verifyWhenAsked(async (names) => {
    const same = (await visit.shownEmoji()).join() === names.join();
    compared();
    return same;
  });
  return state;
}

function entry(label, { userId, password }) {
  if (/matrix id/i.test(label)) return userId;
  if (/account password/i.test(label)) return password;
  if (/passphrase/i.test(label)) return "six words nobody else would choose";
  return assert.fail(`the happy path has a field that it should not have: ${label}`);
}

/** Returns a line without its numbers, which grow while it is read. */
const bare = (line) => line.replace(/\d[\d,.:]*/g, "0");

/** Runs in the page: returns what is on screen, or undefined between two screens. */
function look() {
  const main = document.querySelector("#page main[data-step]");
  const heading = main?.querySelector("h1");
  if (!heading || main.dataset.step === "loading") return undefined;
  // What only screen readers and password managers meet, and what is folded, is not read by everybody.
  const unseen = [...document.body.querySelectorAll(".spoken, .login, option:not(:checked), details:not([open]) > :not(summary)")];
  for (const { style } of unseen) style.setProperty("display", "none", "important");
  const text = document.body.innerText;
  for (const { style } of unseen) style.removeProperty("display");
  const visible = (selector) => [...main.querySelectorAll(selector)].filter((each) => each.checkVisibility());
  const can = [...visible("button.primary:enabled"), ...visible(".card:enabled")];
  return {
    step: main.dataset.step,
    title: heading.innerText,
    button: can.map(({ innerText }) => innerText.split("\n")[0].replace(/\d[\d,.:]*/g, "0")).join(),
    lines: text.split("\n").map((line) => line.trim()).filter(Boolean),
    empty: visible("input").filter(({ value }) => !value).length,
    atRest: can.length > 0 || visible(".ways button").length > 0 || visible("input").length > 0,
  };
}
