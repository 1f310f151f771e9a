// What most features need: a browser with the page open in it, and an account.

import { withPerson } from "./way.mjs";

// These run in the page.
const listen = () => {
  window.errorsHeard = [];
  const hear = (error) => errorsHeard.push(`${error?.name}: ${error?.message}\n${error?.stack}`);
  addEventListener("error", (event) => hear(event.error));
  addEventListener("unhandledrejection", (event) => hear(event.reason));
};
const heard = () => window.errorsHeard;

export const phrase = "glass otter fifty moons under a lantern";

/** Starts a browser, opens the page in it, runs `act(person, browser)`, and ends the browser. */
export async function visiting({ launch, page }, act, options) {
  const browser = await launch(options);
  const person = withPerson(browser.page, browser);
  let gone = false;
  try {
    if (options?.before) await person.beforeEach(options.before);
    await person.goto(page.url);
    await person.evaluate(listen);
    return await act(person, { ...browser, quit: () => ((gone = true), browser.quit()) }).catch(async (error) => {
      const errors = await person.evaluate(heard).catch(() => []);
      // Without it nobody learns where a program stopped.
      if (errors?.length) error.stack += `\nThe page's own errors:\n${errors.join("\n")}`;
      throw error;
    });
  } finally {
    if (!gone) await browser.quit();
  }
}
