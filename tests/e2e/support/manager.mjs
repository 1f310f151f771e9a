// Reads in Chromium's log which fields its password manager takes for a secret and for a name, and when it asks to keep
// them. It does not ask in a browser that says it is automated: launch that with `unautomated`.

export const unautomated = { ignoreDefaultArgs: ["--enable-automation"] };

/**
 * Starts to watch. `asked()` then lists what the manager has asked the person about, in order: `{ name, secret }` are
 * the fields, and a text stands for the page's own button.
 */
export async function watchManager({ page }) {
  const log = await page.context().newPage();
  await log.goto("chrome://password-manager-internals/");
  await page.bringToFront();
  return {
    async asked() {
      const asked = [];
      let last;
      for (const [, output, decision, api] of (await log.evaluate(() => document.body.innerText)).matchAll(
        /Form parsing output: \{([^}]*)\}|Message:\s+Decision: (\w+)|(CM API save a credential)/g,
      )) {
        if (output) last = output;
        const field = (what) => last?.match(new RegExp(`^\\s*${what} element :\\s*(\\S+) ,`, "m"))?.[1];
        if (api) asked.push("Save in password manager");
        if (decision === "ASK") asked.push({ name: field("Username"), secret: field("Password") ?? field("New password") });
      }
      return asked;
    },
  };
}
