// Chromium's own password manager, by its own account: what it takes for a secret, what for the name it belongs to, and
// whether it asks the person to keep it. It asks no browser that says it is automated: launch it with `unautomated`.

export const unautomated = { ignoreDefaultArgs: ["--enable-automation"] };

/**
 * Watches; the answer's `asked()` tells, in order, about which `{ name, secret }` fields it asked the person so far, and
 * where the page's own button made it ask.
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
