// A new identity where nobody holds the old one: the person asks for it in typed words, and the old backup stays.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { verifyAccount } from "../interop/verifier.mjs";
import { sharedHomeserver } from "../support/server/homeserver.mjs";
import { observedState, version } from "./support/observer.mjs";
import { withPage } from "./support/page.mjs";

describe("a new identity", () => {
  let homeserver;
  before(async () => (homeserver = await sharedHomeserver()));
  after(() => homeserver?.stop());

  const cases = {
    "where nobody holds the old one": { number: 7, find: async (visit) => assert.match(await visit.heading(), /can't confirm new devices/) },
    "where the key is lost and no app is left": {
      number: 6,
      async find(visit) {
        await visit.click("I no longer have the key");
        await visit.main.getByText("no app is left to replace it").waitFor();
      },
    },
    "where a dehydrated device goes with the old one": {
      number: 22,
      async find(visit) {
        await visit.click("I no longer have the key");
        await visit.click("I no longer have that app");
        await visit.main.getByText("no app is left to replace it").waitFor();
      },
    },
  };
  const isDehydrated = ({ keys }) => Object.values(keys.devices).some(({ dehydrated }) => dehydrated);
  for (const [what, { number, find }] of Object.entries(cases)) {
    it(`is made ${what}`, async (test) => {
      const { state, observer, before } = await observedState(test, number, homeserver);
      let file;
      await withPage({ homeserver }, async (visit) => {
        await visit.signIn(state);
        await find(visit);
        await visit.click("Start over with a new identity");
        await visit.at("consent");
        await visit.fill("To agree, type: new identity", "yes");
        await visit.click("Go on");
        assert.match(await visit.notice(), /not the words/);
        assert.deepEqual((await observer.snapshot()).keys.master, before.keys.master);
        await visit.fill("To agree, type: new identity", "new identity");
        await visit.click("Go on");
        await visit.at("choose");
        await visit.choose("key");
        file = await visit.saveAndProve();
        await visit.click("Start over now");
        // Synapse asks for the password before it replaces an identity.
        const password = visit.page.getByLabel("Account password", { exact: true });
        await password.or(visit.page.locator('main[data-step="old-keys"]')).first().waitFor();
        if (await password.count()) {
          await visit.fill("Account password", state.password);
          await visit.click("Go on");
        }
        await visit.at("old-keys");
        await visit.signOut();
      });
      const now = await observer.snapshot();
      const { keys, backup } = now;
      assert.equal(isDehydrated(before), number === 22);
      assert.ok(!isDehydrated(now), "no dehydrated device is left");
      assert.notDeepEqual(keys.master, before.keys.master);
      assert.notEqual(backup.version, before.backup.version);
      assert.ok(await version(observer.server, before.backup.version), "the old backup stays");
      const { user, password } = state;
      const report = await verifyAccount({ homeserver: homeserver.url, user, password, recoveryKey: file.text });
      assert.ok(report.ok, JSON.stringify(report));
    });
  }
});
