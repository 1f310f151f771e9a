// Backups whose entries are damaged: on every screen the page says of them what another client can read, until they are
// mended.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { coverage } from "../interop/coverage.mjs";
import { readableFrom } from "../interop/readable.mjs";
import { makeAccount } from "../support/accounts/states/makers.mjs";
import { sharedHomeserver } from "../support/server/homeserver.mjs";
import { fillBackup } from "./support/fill-backup.mjs";
import { withPage } from "./support/page.mjs";

describe("a backup with entries", () => {
  let homeserver;
  before(async () => (homeserver = await sharedHomeserver()));
  after(() => homeserver?.stop());

  /** Makes an account whose app is gone, with a backup in which the entries of its first room are spoilt. */
  async function spoilt(how) {
    const made = await makeAccount(homeserver, { setUp: "recovery", native: false, name: how });
    const [{ roomId }] = made.messages;
    const { version } = await fillBackup(made, { spoil: { [roomId]: how } });
    const { rooms } = await made.server.request("GET", `/room_keys/keys?version=${version}`);
    made.spoilt = Object.keys(rooms[roomId].sessions).length;
    await made.phones[0].client.logout(true);
    made.phones[0].stop();
    return made;
  }

  const access = ({ user, password }) => ({ homeserver: homeserver.url, user, password });

  /** Counts what another client can read, and asserts that the page counted the same. */
  async function counted(made, covered) {
    const theirs = await coverage(access(made), { recoveryKeys: [made.recoveryKey] });
    const sums = { covered: 0, missing: 0, unopened: 0, unknown: 0 };
    for (const [roomId, room] of Object.entries(theirs)) {
      for (const what of Object.keys(sums)) sums[what] += room[what];
      const { covered: has, missing, unknown } = room;
      assert.deepEqual(covered[roomId], { covered: has, missing, unknown }, roomId);
    }
    const { readable, all } = await readableFrom({ ...access(made), recoveryKey: made.recoveryKey });
    assert.deepEqual([readable, all], [sums.covered, sums.covered + sums.missing + sums.unopened]);
    return sums;
  }

  const says = (visit, words) => visit.main.getByText(words).first().waitFor();

  async function toCoverage(visit, made) {
    await visit.signIn(made);
    await visit.click("Enter my key or phrase");
    await visit.at("check");
    await visit.enterKey(made.recoveryKey);
    await visit.at("findings");
    await visit.click("See which messages are safe");
    await visit.at("coverage");
    return visit.coverage();
  }

  it("that nobody can open is not called safe on any screen", async () => {
    const made = await spoilt("garbled");
    await withPage({ homeserver }, async (visit) => {
      const covered = await toCoverage(visit, made);
      const { unopened } = await counted(made, covered);
      assert.equal(unopened, 3);
      await says(visit, /3 messages can't be read: their keys in the backup don't open/);
      assert.equal(await visit.page.getByRole("button", { name: "Repair these keys" }).count(), 0);
      await visit.takeHome("six words nobody else would choose");
      await visit.at("done");
      await says(visit, /3 messages can't be read/);
      const entries = made.spoilt === 1 ? "1 entry" : `${made.spoilt} entries`;
      await says(visit, new RegExp(`${entries} of the backup did not open`));
      await visit.page.getByRole("heading", { level: 1, name: /^Safe from now on, but some/ }).waitFor();
      await visit.signOut();
      assert.match(await visit.heading(), /^Safe from now on, but some older messages can't be read\. /);
      assert.doesNotMatch(await visit.main.innerText(), /You can close this tab|your app yet|Stay signed in/);
    });
  });

  it("that only this page can read is called so, and all of it is read by others after a fresh backup", async () => {
    const made = await spoilt("bare");
    await withPage({ homeserver }, async (visit) => {
      const covered = await toCoverage(visit, made);
      assert.equal((await counted(made, covered)).unopened, 3);
      await says(visit, /3 messages can be read by this page only, and by no app/);
      await visit.click("Repair these keys");
      // Synapse keeps the entries that it has, so that only a fresh backup helps.
      await visit.button("Make a fresh backup").waitFor();
      await visit.click("Make a fresh backup");
      await visit.at("consent");
      await visit.click("Make the fresh backup");
      await visit.at("rotated");
    });
    const { readable, all } = await readableFrom({ ...access(made), recoveryKey: made.recoveryKey });
    assert.deepEqual([readable, all], [10, 10]);
  });
});
