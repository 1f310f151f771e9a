// A fresh backup that holds everything: each key is compared. The older version stays until somebody ticks and presses.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { verifyAccount } from "../interop/verifier.mjs";
import { sharedHomeserver } from "../support/server/homeserver.mjs";
import { observedState, version } from "./support/observer.mjs";
import { withPage } from "./support/page.mjs";

describe("a fresh backup", () => {
  let homeserver;
  before(async () => (homeserver = await sharedHomeserver()));
  after(() => homeserver?.stop());

  async function rotate(test, { deleting }) {
    const { state, observer, before } = await observedState(test, 4, homeserver);
    await withPage({ homeserver }, async (visit) => {
      await visit.signIn(state);
      await visit.tryKey(state.kept.recoveryKey);
      await visit.at("findings");
      await visit.click("Make a fresh backup");
      await visit.at("consent");
      await visit.click("Make the fresh backup");
      await visit.at("rotated");
      assert.match(await visit.main.innerText(), /We read each one back and compared it/);
      assert.match(await visit.heading(), /is complete/);
      if (deleting) {
        await visit.page.getByText("Delete older versions", { exact: true }).click();
        assert.ok(await visit.button("Delete them for good").isDisabled(), "nothing can be deleted without a tick");
        await visit.page.getByRole("checkbox").check();
        await visit.click("Delete them for good");
        await visit.main.getByText("Deleted: those whose every key").waitFor();
      }
      await visit.click("Go on");
      await visit.at("old-keys");
      await visit.signOut();
    });
    const { keys, backup } = await observer.snapshot();
    assert.notEqual(backup.version, before.backup.version);
    assert.deepEqual([keys.master, backup.count], [before.keys.master, before.backup.count]);
    assert.equal(Boolean(await version(observer.server, before.backup.version)), !deleting);
    const { user, password, kept, messages } = state;
    const credentials = { homeserver: homeserver.url, user, password };
    const report = await verifyAccount({ ...credentials, recoveryKey: kept.recoveryKey, event: messages[0] });
    assert.ok(report.ok, JSON.stringify(report));
  }

  it("keeps the older one unless told otherwise", (test) => rotate(test, { deleting: false }));
  it("goes without the older one when somebody ticks and presses", (test) => rotate(test, { deleting: true }));

  it("is made where nothing opens the old one, after the key was entered", async (test) => {
    const { state, observer, before } = await observedState(test, 11, homeserver);
    await withPage({ homeserver }, async (visit) => {
      await visit.signIn(state);
      assert.match(await visit.heading(), /Your backup may be locked for good/);
      await visit.tryKey(state.other.lostKey);
      await visit.at("findings");
      await visit.click("Make a fresh backup");
      await visit.at("consent");
      await visit.click("Make the fresh backup");
      await visit.at("rotated");
      assert.match(await visit.main.innerText(), /keys could not be opened/);
      assert.doesNotMatch(await visit.heading(), /complete/);
      assert.equal(await visit.page.getByRole("checkbox").count(), 0, "what nobody opened cannot be deleted here");
      await visit.click("Go on");
      await visit.at("old-keys");
      await visit.signOut();
    });
    assert.ok(await version(observer.server, before.backup.version), "the old version stays");
  });
});
