// The page mends in place what can be mended, and replaces nothing.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { verifyAccount } from "../interop/verifier.mjs";
import { sharedHomeserver } from "../support/server/homeserver.mjs";
import { observedState } from "./support/observer.mjs";
import { withPage } from "./support/page.mjs";

describe("mending", () => {
  let homeserver;
  before(async () => (homeserver = await sharedHomeserver()));
  after(() => homeserver?.stop());

  const cases = {
    "a backup that lost its signature": { number: 12, says: /may not trust your backup/ },
    "an identity that was never published": {
      number: 16,
      says: /a recovery key, but no identity/,
      // The new identity has verified no app yet.
      ends: /Your key works, but one of your apps isn't backing up yet/,
    },
    "a backup whose key is not stored, with that key": {
      number: 9,
      says: /does not open the backup/,
      first: ({ other }) => other.backupKey,
    },
    "a backup that was switched off": {
      number: 18,
      says: /Backup is switched off/,
      start: (visit) => visit.click("I want backup"),
      does: "Switch backup on",
    },
  };
  for (const [what, { number, says, first, start, does = "Repair", ends = /You are covered/ }] of Object.entries(cases)) {
    it(`puts right ${what}`, async (test) => {
      const { state, observer, before } = await observedState(test, number, homeserver);
      await withPage({ homeserver }, async (visit) => {
        await visit.signIn(state);
        await start?.(visit);
        await visit.click("Enter my key or phrase");
        await visit.at("check");
        if (first) {
          await visit.enterKey(first(state));
          assert.match(await visit.notice(), /opens the backup itself/);
        }
        await visit.enterKey(state.kept.recoveryKey);
        await visit.at("findings");
        assert.match(await visit.heading(), says);
        await visit.click(does);
        await visit.at("consent");
        assert.deepEqual(await observer.snapshot().then(({ data }) => data), before.data);
        await visit.click(`${does} now`);
        await visit.at("findings");
        assert.match(await visit.heading(), ends);
        await visit.main.getByRole("button", { name: /^Sign out/ }).first().click();
        await visit.at("finished");
      });
      const { keys, backup } = await observer.snapshot();
      if (before.keys.master) assert.deepEqual(keys.master, before.keys.master);
      assert.deepEqual([backup.version, backup.count], [before.backup.version, before.backup.count]);
      const { user, password, kept, messages } = state;
      const credentials = { homeserver: homeserver.url, user, password };
      const report = await verifyAccount({ ...credentials, recoveryKey: kept.recoveryKey, event: messages[0] });
      assert.ok(report.ok, JSON.stringify(report));
    });
  }
});
