// The homeserver goes away in the middle of writing, and comes back.

import assert from "node:assert/strict";
import { it } from "node:test";

import { verifyAccount } from "../interop/verifier.mjs";
import { freePort, startHomeserver } from "../support/server/homeserver.mjs";
import { registerUser, withPage } from "./support/page.mjs";

it("says that the server is away, and goes on where it stopped once it is back", async () => {
  const homeserver = await startHomeserver({ serverName: `127.0.0.1:${await freePort()}` });
  try {
    const account = await registerUser(homeserver);
    let halted = false;
    const intercept = async ({ method, url }) => {
      if (!halted && method === "POST" && url.endsWith("/room_keys/version")) {
        halted = true;
        await homeserver.halt();
      }
      return false;
    };
    await withPage({ homeserver, serve: { intercept } }, async (visit) => {
      await visit.signIn(account);
      await visit.choose("key");
      const file = await visit.saveAndProve();
      await visit.click("Turn on backup");
      const notice = await visit.notice();
      assert.ok(halted);
      assert.match(notice, /had a problem of its own|did not answer/);
      assert.match(notice, /Trying again is safe/);
      assert.match(await visit.main.innerText(), /What is done stays done/);

      // The server is still away: the same happens again, and nothing is lost.
      const before = visit.server.requests.length;
      await visit.click("Try again");
      await visit.until(() => visit.server.requests.length > before);
      await visit.button("Try again").waitFor();

      await homeserver.start();
      await visit.click("Try again");
      await visit.at("old-keys");
      const report = await verifyAccount({
        homeserver: homeserver.url,
        user: account.user,
        password: account.password,
        recoveryKey: file.text,
      });
      assert.ok(report.ok, JSON.stringify(report));
      assert.equal(report.figures.backup_version, "1", "no second version was made");
      await visit.signOut();
    });
  } finally {
    await homeserver.stop();
  }
});
