// A fresh account gets a generated key, which is written down and typed back. The keyboard alone is used, on a page
// under a sub-path.

import assert from "node:assert/strict";
import { after, before, it } from "node:test";

import { verifyAccount } from "../interop/verifier.mjs";
import { sharedHomeserver } from "../support/server/homeserver.mjs";
import { registerUser, withPage } from "./support/page.mjs";

let homeserver;
before(async () => (homeserver = await sharedHomeserver()));
after(() => homeserver?.stop());

it("sets up backup with a generated key, with nothing but Tab, Enter and typing", async () => {
  const account = await registerUser(homeserver);
  await withPage({ homeserver, serve: { mount: "/chat/backup/" } }, async (visit) => {
    const { page, main } = visit;
    const { keyboard } = page;
    const hasFocus = (target) => target.evaluate((element) => element === document.activeElement);
    const isSeen = (element) => {
      const style = getComputedStyle(element);
      return style.outlineStyle !== "none" || style.boxShadow !== "none";
    };

    // Presses Tab until the target has the focus, and checks that the focus can be seen.
    async function tabTo(target) {
      await target.waitFor();
      for (let presses = 0; presses < 60; presses++) {
        if (await hasFocus(target)) {
          assert.ok(await target.evaluate(isSeen), `the focus on ${target} cannot be seen`);
          return;
        }
        await keyboard.press("Tab");
      }
      assert.fail(`${target} cannot be reached with Tab`);
    }
    const button = (name) => main.getByRole("button", { name });
    async function press(name) {
      await tabTo(button(name));
      await keyboard.press("Enter");
    }
    // Fills a field and sends its form with Enter.
    async function type(label, text) {
      await tabTo(page.getByLabel(label, { exact: true }));
      await keyboard.type(text);
      await keyboard.press("Enter");
    }

    await press("Start");
    await visit.at("server");
    assert.ok(await hasFocus(page.getByLabel("Matrix ID")), "the only field has the focus at once");
    await type("Matrix ID", account.userId);
    await visit.at("sign-in");
    await type("Account password", account.password);
    await visit.at("findings");
    await press("With a recovery key");
    await visit.at("save");
    const key = await visit.shownKey();
    assert.ok(await button("Continue").isDisabled(), "there is no way on before the key was kept");
    await press("I wrote it down");
    await press("Continue");
    await visit.at("prove");

    // One wrong character is noticed, and not taken for something that is no key at all.
    await type("Recovery key", key.slice(0, -1) + (key.endsWith("a") ? "b" : "a"));
    assert.match(await visit.notice(), /characters are wrong/);
    await keyboard.press("Control+A");
    await keyboard.type(key.toLowerCase().slice(0, 20));
    await keyboard.press("Control+A");
    // No Enter: it goes on by itself when the key is complete.
    await keyboard.type(key);
    await visit.at("confirm");
    await press("Turn on backup");
    await visit.at("old-keys");

    const report = await verifyAccount({
      homeserver: homeserver.url,
      user: account.user,
      password: account.password,
      recoveryKey: key,
    });
    assert.ok(report.ok, JSON.stringify(report));
    assert.equal(report.facts.signed_in, true);
    await press("Sign out here");
    await visit.at("finished");
  });
});
