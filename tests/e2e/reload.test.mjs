// The person reloads the page or closes the tab. Before they agreed nothing has changed; afterwards they can come back.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { signIn } from "../interop/account.mjs";
import { verifyAccount } from "../interop/verifier.mjs";
import { sharedHomeserver } from "../support/server/homeserver.mjs";
import { observe } from "./support/observer.mjs";
import { registerUser, withPage } from "./support/page.mjs";

describe("when the page goes away in the middle", () => {
  let homeserver;
  before(async () => (homeserver = await sharedHomeserver()));
  after(() => homeserver?.stop());

  const credentialsOf = ({ user, password }) => ({ homeserver: homeserver.url, user, password });
  async function factsOf(account) {
    const observer = await signIn(credentialsOf(account));
    const { master, selfSigning, userSigning } = await observer.publishedKeys();
    const [data, backup] = [await observer.allAccountData(), await observer.backup()];
    await observer.signOut();
    return { data, master, selfSigning, userSigning, backup };
  }

  it("asks before a reload, has changed nothing, and begins anew", async () => {
    const account = await registerUser(homeserver);
    const before = await factsOf(account);
    await withPage({ homeserver }, async (visit) => {
      await visit.signIn(account);
      await visit.choose("key");
      await visit.saveAndProve();
      const asked = [];
      visit.page.on("dialog", (dialog) => {
        asked.push(dialog.type());
        dialog.accept();
      });
      await visit.page.reload();
      assert.deepEqual(asked, ["beforeunload"]);
      await visit.at("intro");
      assert.deepEqual(await factsOf(account), before);

      // Coming back works like coming for the first time.
      await visit.signIn(account);
      await visit.choose("key");
      const file = await visit.saveAndProve();
      await visit.turnOn();
      const report = await verifyAccount({ ...credentialsOf(account), recoveryKey: file.text });
      assert.ok(report.ok, JSON.stringify(report));
      await visit.signOut();
    });
  });

  it("goes back with the browser's Back, and keeps the key", async () => {
    const account = await registerUser(homeserver);
    await withPage({ homeserver }, async (visit) => {
      await visit.signIn(account);
      await visit.choose("key");
      const key = await visit.shownKey();
      await visit.downloadKey();
      await visit.click("Continue");
      await visit.at("prove");
      await visit.page.goBack();
      await visit.at("save");
      assert.equal(await visit.shownKey(), key);
      await visit.click("Continue");
      await visit.at("prove");
      await visit.click("Back");
      await visit.at("save");
      await visit.page.goBack();
      await visit.at("findings");
      await visit.click("Sign out here");
      await visit.at("finished");
      assert.match(await visit.heading(), /Nothing was changed/);
    });
  });

  it("can be done again when the tab was closed after the first write", async () => {
    const account = await registerUser(homeserver);
    let written, kept;
    const firstWrite = new Promise((done) => (written = done));
    const intercept = ({ method, url }) => {
      if (method === "PUT" && url.includes("/account_data/")) written();
      // The request reaches the server, and nobody gets the answer.
      return false;
    };
    await withPage({ homeserver, serve: { intercept } }, async (visit) => {
      await visit.signIn(account);
      await visit.choose("key");
      kept = await visit.saveAndProve();
      await visit.click("Turn on backup");
      await firstWrite;
      await visit.page.goto("about:blank");
    });
    const between = await factsOf(account);
    assert.equal(between.data["m.secret_storage.default_key"], undefined, "nothing points to the new key yet");

    await withPage({ homeserver }, async (visit) => {
      await visit.signIn(account);
      assert.match(await visit.heading(), /not backed up yet|begun and not finished/);
      let file = kept;
      if (between.backup) {
        await visit.click("Finish the set-up");
        await visit.at("resume");
        await visit.dropFile(kept);
        await visit.at("old-keys");
      } else {
        await visit.choose("key");
        file = await visit.saveAndProve();
        await visit.turnOn();
      }
      const report = await verifyAccount({ ...credentialsOf(account), recoveryKey: file.text });
      assert.ok(report.ok, JSON.stringify(report));
      await visit.signOut();
    });
  });

  // In the order of writes: which request was lost, and whether the identity was published by then.
  const lost = [
    ["the backup was made", "POST", "/keys/device_signing/upload", false],
    ["the identity was published", "PUT", "/account_data/m.secret_storage.default_key", true],
  ];
  for (const [after, lostMethod, end, isPublished] of lost) {
    it(`is finished with the key that was kept when the tab was closed after ${after}`, async () => {
      const account = await registerUser(homeserver);
      let reached;
      const atLost = new Promise((done) => (reached = done));
      const intercept = ({ method, url }) => {
        if (method !== lostMethod || !url.endsWith(end)) return false;
        reached();
        // The request is lost on the way.
        return true;
      };
      let file;
      await withPage({ homeserver, serve: { intercept } }, async (visit) => {
        await visit.signIn(account);
        await visit.choosePhrase("glass otter fifty moons under snow");
        file = await visit.saveAndProve();
        await visit.click("Turn on backup");
        await atLost;
        await visit.page.goto("about:blank");
      });
      const { master, backup } = await factsOf(account);
      assert.equal(backup.count, 0);
      assert.equal(master !== undefined && master !== null, isPublished);

      await withPage({ homeserver }, async (visit) => {
        await visit.signIn(account);
        assert.match(await visit.heading(), /begun and not finished/);
        await visit.click("Finish the set-up");
        await visit.at("resume");
        await visit.dropFile({ ...file, text: "EsTc LW2K PGiF wKEA 3As5 g5c4 BXwk qeeJ ZJV8 Q9fu gUMN UE4d" });
        await visit.notice();
        assert.equal(await visit.at("resume"), "resume", "another key finishes nothing");
        await visit.dropFile(file);
        await visit.at("old-keys");
        const report = await verifyAccount({ ...credentialsOf(account), recoveryKey: file.text });
        assert.ok(report.ok, JSON.stringify(report));
        const now = (await factsOf(account)).master;
        if (isPublished) assert.deepEqual(now, master, "the identity is the one that was begun");
        await visit.signOut();
      });
    });
  }

  it("signs itself out when its tab is closed", async () => {
    const account = await registerUser(homeserver);
    const { server, snapshot, stop } = await observe({ ...account, homeserver });
    const before = await snapshot();
    await withPage({ homeserver }, async (visit) => {
      await visit.signIn(account);
      assert.equal((await server.devices()).length, before.devices.length + 1);
      await visit.page.goto("about:blank");
      await visit.until(async () => (await server.devices()).length === before.devices.length);
    });
    assert.deepEqual(await snapshot(), before);
    await stop();
  });

  it("runs in one tab only", async () => {
    await withPage({ homeserver }, async (visit) => {
      await visit.at("intro");
      const second = await visit.page.context().newPage();
      await second.goto(visit.server.url);
      await second.getByRole("heading", { name: "already open in another tab" }).waitFor();
      await visit.page.close();
      await second.locator('main[data-step="intro"]').waitFor();
    });
  });
});
