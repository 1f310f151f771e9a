// The person's way, in any browser: finds things by what is written on them, and presses and types as a person does.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import { roomsIn } from "../support/coverage_text.mjs";

// A step that takes longer than this, in milliseconds, is broken even on a slow machine.
const patience = 60_000;

// These run in the page.

const buttonCalled = (name) =>
  [...document.querySelectorAll("button, a")].find((each) => {
    const text = each.innerText.trim().replace(/\s+/g, " ");
    // What is folded away is drawn and not seen.
    return each.checkVisibility() && !each.disabled && (name.endsWith("…") ? text.startsWith(name.slice(0, -1)) : text === name);
  });
const lineCalled = (name) =>
  [...document.querySelectorAll("details:not([open]) > summary")].find((each) => each.checkVisibility() && each.innerText.trim() === name);
const fieldCalled = (name) =>
  [...document.querySelectorAll("label")].find((each) => each.innerText.trim() === name && each.control)?.control;
// The other one is for a photo.
const fileField = () => document.querySelector('input[type="file"]:not([capture])');
const textOf = (selector) => document.querySelector(selector)?.innerText.trim().replace(/\s+/g, " ") ?? "";
const keyNow = () => [...document.querySelectorAll("p.key")].find((each) => each.checkVisibility())?.innerText.trim().replace(/\s+/g, " ");
const emojiNow = () => [...document.querySelectorAll(".emoji li > :not(.symbol)")].map((each) => each.innerText);
const stepNow = () => document.querySelector("#page main[data-step]")?.dataset.step ?? "";
const insteadNow = () => [...document.querySelectorAll("body > main[id]")].find((each) => !each.hidden)?.id ?? "";

/** Waits until `look` answers with something. */
export async function until(look, what) {
  const deadline = Date.now() + patience;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await sleep(50);
  }
}

/** Adds the person to a driver's page; `browser` is the one that it is in. */
export function withPerson(page, browser) {
  let looking = async () => {};
  const text = (selector) => page.evaluate(textOf, selector);
  const heading = () => text("#page main h1");
  /** Waits as `until` does; if in vain, says what the page shows instead. */
  const seen = (look, what) =>
    until(look, what).catch(async (error) => {
      const screen = await text("body").catch(() => "nothing");
      throw new Error(`${error.message}. On screen: ${screen.slice(0, 300)}`);
    });

  async function at(...steps) {
    const look = () => page.evaluate(stepNow).then((step) => [...steps, "stopped"].includes(step) && step);
    const found = await seen(look, steps.join(" or "));
    assert.ok(steps.includes(found), `not at ${steps.join(" or ")} but stopped`);
    await looking(found);
    return found;
  }

  const shows = (name) => seen(() => page.find(buttonCalled, name), `the button “${name}”`);
  const press = async (name) => page.click(await shows(name));
  const fill = async (label, text) => page.type(await seen(() => page.find(fieldCalled, label), `the field “${label}”`), text);
  const shownKey = () => seen(() => page.evaluate(keyNow), "the key");

  /** Presses one of these buttons, which may stand behind the line "Another way". */
  async function pressAny(...names) {
    const found = await seen(async () => {
      for (const name of names) {
        const button = await page.find(buttonCalled, name);
        if (button) return button;
      }
      const line = await page.find(lineCalled, "Another way");
      if (line) await page.click(line);
      return undefined;
    }, names.join(" or "));
    await page.click(found);
  }

  /** Does what saves a file; returns it, `{ name, text, path }`. */
  async function saves(act) {
    const before = (await browser.saved()).length;
    await act();
    return seen(async () => (await browser.saved())[before], "the file that was saved");
  }

  /** Does what opens a window, and returns the person in it. */
  async function opens(act) {
    const before = (await browser.pages()).map(({ id }) => id);
    await act();
    const opened = await seen(async () => (await browser.pages()).find(({ id }) => !before.includes(id)), "a window");
    // It goes over several addresses, and a page that is on its way elsewhere answers nothing.
    const find = (...asked) => opened.find(...asked).catch(() => undefined);
    return withPerson({ ...opened, find }, browser);
  }

  return {
    ...page,
    at,
    shows,
    /** Tells whether there is such a button now. */
    sees: async (name) => Boolean(await page.find(buttonCalled, name)),
    press,
    fill,
    text,
    heading,
    /** Has `look(step)` run at each step from now on. */
    atEach: (look) => (looking = look),
    saves,
    opens,
    shownKey,
    /** Waits until the screen's text has this in it. */
    reads: (pattern) => seen(async () => pattern.test(await text("body")), `${pattern}`),
    readsNoMore: (pattern) => seen(async () => !pattern.test(await text("body")), `${pattern} to go`),
    /** Waits for the sentence that index.html shows instead of the page; returns its id. */
    instead: () => until(() => page.evaluate(insteadNow), "a sentence instead of the page"),
    /** Tells whether the page begins, and no sentence comes instead. */
    starts: async () =>
      (await seen(async () => ((await page.evaluate(stepNow)) === "intro" ? "begins" : page.evaluate(insteadNow)), "a page")) === "begins",
    choosesFile: async (path) => page.choose(await seen(() => page.find(fileField), "the field for a file"), path),

    async goToSignIn(address) {
      await at("intro");
      await press("Start");
      await at("server");
      await fill("Matrix ID", address);
      await press("Continue");
      await at("sign-in");
    },

    async signIn({ userId, password }) {
      await this.goToSignIn(userId);
      await this.enterPassword(password);
    },

    async enterPassword(password) {
      await fill("Account password", password);
      await press("Sign in");
      await at("findings");
    },

    /** Goes from what was found to the key on screen; returns it. */
    async choosePhrase(phrase) {
      await press("With a security phrase…");
      await at("phrase");
      await fill("Security phrase", phrase);
      // The verdict moves the button: whoever presses before it comes may press beside.
      await this.reads(/Strong enough/);
      await press("Continue");
      await at("repeat");
      await fill("Security phrase", phrase);
      await press("Continue");
      await at("save");
      return shownKey();
    },

    /** Does the same for a key without a phrase. */
    async chooseKey() {
      await press("With a recovery key…");
      await at("save");
      return shownKey();
    },

    /** Goes on from the key on screen to the question whether it was kept. */
    async goToProve() {
      // Without a word that it is kept, the screen goes no further.
      await press("I wrote it down");
      await press("Continue");
      await at("prove");
    },

    /** Says that the key on screen is kept, enters it once more and turns backup on. */
    async proveAndTurnOn(key) {
      await this.goToProve();
      await fill("Recovery key", key);
      await this.turnOn();
    },

    async turnOn() {
      await at("confirm");
      await press("Turn on backup");
      await at("old-keys");
    },

    /** Goes from what was found to what the key or phrase opens, or to why it opens nothing. */
    async tryKey(entry) {
      await press("Enter my key or phrase");
      await at("check");
      await this.enterKey(entry);
    },

    async enterKey(entry) {
      await fill("Recovery key or security phrase", entry);
      await press("Try it");
    },

    /**
     * Asks the app, and compares both screens as a person does: what it shows must be what the page shows. `meanwhile`
     * runs while the page shows them. Returns their names.
     */
    async compareEmoji(app, meanwhile = () => {}) {
      const compared = new Promise((done, failed) => {
        app.verifyWhenAsked(async (names) => {
          try {
            await shows("They match");
            await meanwhile();
            const same = (await page.evaluate(emojiNow)).join() === names.join();
            done(same && names);
            return same;
          } catch (error) {
            failed(error);
            return false;
          }
        });
      });
      await press("Show the emoji");
      const names = await compared;
      assert.ok(names, "the page and the app show the same emoji");
      await press("They match");
      return names;
    },

    pressAny,

    /** Goes on to the counted messages; returns what the page said of each room, from the text that it saves. */
    async coverage() {
      if ((await at("old-keys", "coverage")) === "old-keys") {
        await pressAny("Go on", "Go on without them", "Go on without waiting");
        await at("coverage");
      }
      await shows("Look again");
      return roomsIn((await saves(() => press("Save as text"))).text);
    },

    /** Goes from the counted messages to the last screen, with a copy or without; returns the copy. */
    async takeHome(passphrase) {
      await pressAny("Go on: take a copy home", "Go on without them: take a copy home");
      await at("take-home");
      let copy;
      if (passphrase) {
        await fill("Passphrase for the file", passphrase);
        copy = await saves(() => press("Make the copy"));
        await press("Go on");
      } else {
        await press("Go on without a copy");
      }
      await at("done");
      return copy;
    },

    /** Waits for the last word. If a running app has sent another key since, the page first looks at the messages again. */
    async untilSafe() {
      const look = "Look at my messages";
      for (let looks = 0; looks < 3; looks++) {
        const isSafe = async () => ((await heading()) === "You're safe" ? "safe" : (await page.find(buttonCalled, look)) && "look");
        if ((await seen(isSafe, "“You're safe”")) === "safe") return;
        await press(look);
        await this.coverage();
        await pressAny("Go on: take a copy home", "Go on without them: take a copy home");
        await at("take-home");
        await pressAny("Go on", "Go on without a copy");
        await at("done");
      }
      throw new Error("the page wanted to look at the messages again and again");
    },

    async signOut() {
      await pressAny("Sign out here");
      await at("finished");
    },

    async stop() {
      await pressAny("Sign out here");
      await at("finished");
    },
  };
}
