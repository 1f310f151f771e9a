// "Does my key still work?": the page says what each entry opens, and trying one changes nothing.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { sharedHomeserver } from "../support/server/homeserver.mjs";
import { assertOnlyLooked, observedState } from "./support/observer.mjs";
import { withPage } from "./support/page.mjs";

const anotherKey = "EsTc LW2K PGiF wKEA 3As5 g5c4 BXwk qeeJ ZJV8 Q9fu gUMN UE4d";
/** Returns a key with one wrong character, of those that a key can have. */
const mistyped = (key) => key.slice(0, -1) + (key.endsWith("a") ? "b" : "a");

describe("trying a key", () => {
  let homeserver;
  before(async () => (homeserver = await sharedHomeserver()));
  after(() => homeserver?.stop());

  /** Tries entries one after the other, `[entry, says]`: the page shows `says` then, at last as its heading. */
  async function tries(test, number, entries) {
    const { state, observer, before } = await observedState(test, number, homeserver);
    await withPage({ homeserver }, async (visit) => {
      await visit.signIn(state);
      await visit.click("Enter my key or phrase");
      for (const [entry, says] of entries(state)) {
        await visit.at("check");
        await visit.enterKey(entry);
        await visit.main.getByText(says).first().waitFor();
      }
      await visit.at("findings");
      const last = entries(state).at(-1)[1];
      assert.match(await visit.heading(), last);
      await visit.click("Sign out here");
      await visit.at("finished");
      assert.match(await visit.heading(), /Nothing was changed|changed nothing/);
      assertOnlyLooked(visit);
    });
    assert.deepEqual(await observer.snapshot(), before);
  }

  it("says of each entry why it opens nothing, and then that a key opens everything", (test) =>
    tries(test, 4, ({ kept, other, password }) => [
      [anotherKey, /opens nothing here/],
      [mistyped(kept.recoveryKey), /characters are wrong/],
      [password, /This is your account password/],
      ["glass otter fifty suns", /This is not your security phrase/],
      [other.backupKey, /opens the backup itself/],
      [`old: ${anotherKey}, new: ${kept.recoveryKey}`, /two recovery keys/],
      ["-----BEGIN MEGOLM SESSION DATA-----AXNhbHQ=-----END MEGOLM SESSION DATA-----", /file of exported keys/],
      // With what people copy along.
      [`> "Recovery key": ${kept.recoveryKey.replaceAll(" ", "\u00a0\u2013 ")}.`, /You are covered/],
    ]));

  it("says that the phrase opens everything", (test) =>
    tries(test, 4, ({ kept }) => [[kept.phrase, /You are covered/]]));

  it("says that there is no phrase", (test) =>
    tries(test, 22, ({ kept }) => [
      ["glass otter fifty moons", /has no security phrase/],
      [kept.recoveryKey, /You are covered/],
    ]));

  it("tells an older key from the newer one", (test) =>
    tries(test, 24, ({ kept, other }) => [
      [other.olderKey, /This is an older recovery key/],
      [kept.recoveryKey, /You are covered/],
    ]));

  it("says that a key opens an older backup only", (test) =>
    tries(test, 10, ({ kept }) => [[kept.recoveryKey, /opens an older backup, not the newest/]]));

  it("says that a key does not open the identity", (test) =>
    tries(test, 8, ({ kept }) => [[kept.recoveryKey, /does not open your identity/]]));

  it("says that a key belongs to an identity from before a reset", (test) =>
    tries(test, 13, ({ kept }) => [[kept.recoveryKey, /belongs to an earlier identity/]]));
});
