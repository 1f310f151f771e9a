// A new recovery key for the same secrets: the old one opens nothing any more, and nothing else has changed.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { verifyAccount } from "../interop/verifier.mjs";
import { sharedHomeserver } from "../support/server/homeserver.mjs";
import { observedState } from "./support/observer.mjs";
import { withPage } from "./support/page.mjs";

describe("a new recovery key", () => {
  let homeserver;
  before(async () => (homeserver = await sharedHomeserver()));
  after(() => homeserver?.stop());

  const cases = {
    "for an account where all is well": { number: 4, entry: ({ kept }) => kept.recoveryKey, says: /You are covered/ },
    "for one whose secrets lie under an older key": {
      number: 14,
      entry: ({ kept }) => kept.recoveryKey,
      says: /apps ask for another one/,
    },
  };
  for (const [what, { number, entry, says }] of Object.entries(cases)) {
    it(`replaces the old one ${what}`, async (test) => {
      const { state, observer, before } = await observedState(test, number, homeserver);
      let file;
      await withPage({ homeserver }, async (visit) => {
        await visit.signIn(state);
        await visit.tryKey(entry(state));
        await visit.at("findings");
        assert.match(await visit.heading(), says);
        await visit.click("Get a new recovery key");
        await visit.at("choose");
        await visit.choose("key");
        file = await visit.saveAndProve();
        await visit.click("Change the key");
        await visit.at("findings");
        assert.match(await visit.heading(), /You are covered/);
        assert.match(await visit.main.innerText(), /Your recovery key was changed/);
        await visit.click("Sign out here");
        await visit.at("finished");
      });
      const { keys, backup } = await observer.snapshot();
      assert.deepEqual([keys.master, backup.version, backup.count], [before.keys.master, before.backup.version, before.backup.count]);
      const { user, password, messages } = state;
      const credentials = { homeserver: homeserver.url, user, password };
      const report = await verifyAccount({ ...credentials, recoveryKey: file.text, event: messages[0] });
      assert.ok(report.ok, JSON.stringify(report));
      const old = await verifyAccount({ ...credentials, recoveryKey: entry(state) });
      assert.equal(old.facts.key_opens_secret_storage, false, "the old key opens nothing");
    });
  }
});
