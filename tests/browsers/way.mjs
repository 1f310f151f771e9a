// The person's way, in any browser: finds things by what is written on them, and presses and types as a person does.

import { setTimeout as sleep } from "node:timers/promises";

// A step that takes longer than this, in milliseconds, is broken even on a slow machine.
const patience = 90_000;

// These run in the page.

const buttonCalled = (name) =>
  [...document.querySelectorAll("button, a.button")].find((each) => {
    const text = each.innerText.trim().replace(/\s+/g, " ");
    return each.offsetParent && !each.disabled && (name.endsWith("…") ? text.startsWith(name.slice(0, -1)) : text === name);
  });
const fieldCalled = (name) =>
  [...document.querySelectorAll("label")].find((each) => each.innerText.trim() === name && each.control)?.control;
const textOf = (selector) => document.querySelector(selector)?.innerText.trim().replace(/\s+/g, " ") ?? "";
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

/** Adds the person to a driver's page. */
export function withPerson(page) {
  const screen = () => page.evaluate(textOf, "body").catch(() => "nothing");

  async function at(...steps) {
    const found = await until(() => page.evaluate(stepNow).then((step) => [...steps, "stopped"].includes(step) && step), steps.join(" or ")).catch(
      async (error) => {
        throw new Error(`${error.message}. On screen: ${(await screen()).slice(0, 300)}`);
      },
    );
    if (!steps.includes(found)) throw new Error(`not at ${steps.join(" or ")} but stopped: ${(await screen()).slice(0, 300)}`);
    return found;
  }

  const press = async (name) => page.click(await until(() => page.find(buttonCalled, name), `the button “${name}”`));
  const fill = async (label, text) => page.type(await until(() => page.find(fieldCalled, label), `the field “${label}”`), text);

  return {
    ...page,
    at,
    press,
    fill,
    text: (selector) => page.evaluate(textOf, selector),
    /** Waits for the sentence that index.html shows instead of the page; returns its id. */
    instead: () => until(() => page.evaluate(insteadNow), "a sentence instead of the page"),

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
      await fill("Account password", password);
      await press("Sign in");
      await at("findings");
    },

    /** Goes from what was found to the key on screen; returns it. */
    async choosePhrase(phrase) {
      await press("With a security phrase…");
      await at("phrase");
      await fill("Security phrase", phrase);
      await press("Continue");
      await at("repeat");
      await fill("Security phrase", phrase);
      await press("Continue");
      await at("save");
      return this.shownKey();
    },

    shownKey: () =>
      page.evaluate(() => [...document.querySelectorAll("p.key")].find((each) => each.offsetParent).innerText.trim().replace(/\s+/g, " ")),

    /** Enters the key once more and turns backup on. */
    async proveAndTurnOn(key) {
      await press("Continue");
      await at("prove");
      await fill("Recovery key", key);
      await at("confirm");
      await press("Turn on backup");
      await at("old-keys");
    },

    async signOut() {
      await press("Sign out here and finish");
      await at("finished");
    },
  };
}
