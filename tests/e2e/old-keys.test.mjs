// Old messages' keys come in by emoji or from a file, or not at all. Emoji may differ or be called off, and files may
// be of any kind. Also the kit to print, and what an earlier visit left behind.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { coverage } from "../interop/coverage.mjs";
import { seal } from "../interop/key_file.mjs";
import { readableFrom } from "../interop/readable.mjs";
import { makeAccount } from "../support/accounts/states/makers.mjs";
import { sharedHomeserver } from "../support/server/homeserver.mjs";
import { withPage } from "./support/page.mjs";

describe("old messages' keys", () => {
  let homeserver;
  before(async () => (homeserver = await sharedHomeserver()));
  after(() => homeserver?.stop());

  async function account(test, setUp) {
    const made = await makeAccount(homeserver, { setUp, native: false, name: "old-keys" });
    test.after(() => made.phones.forEach((phone) => phone.stop()));
    return { ...made, app: made.phones[0] };
  }

  it("are not handed over when the emoji differ or the app calls it off, and then are", async (test) => {
    const made = await account(test, "backup");
    const published = await made.server.publishedKeys();
    await withPage({ homeserver }, async (visit) => {
      await visit.signIn(made);
      await visit.click("Confirm it's you, with your open app");
      await visit.at("verify");
      const answers = [
        async (sas) => sas.mismatch(),
        async (sas) => sas.cancel(),
        async (sas) => {
          await visit.button("They match").waitFor();
          await sas.confirm();
        },
      ];
      made.app.answerWith((sas) => answers.shift()(sas));
      await visit.ask();
      await visit.main.getByText("The emoji did not match. Nothing was shared.").waitFor();
      await visit.click("Try again");
      await visit.main.getByText("Your other device said no.").waitFor();
      const page = (await made.server.publishedKeys()).devices;
      const trusted = Object.values(page).filter(({ signatures }) => Object.keys(signatures[made.userId]).length > 1);
      assert.equal(trusted.length, Object.values(published.devices).length, "nobody trusts the page's device");
      await visit.click("Try again");
      await visit.click("They match");
      await visit.at("findings");
      assert.match(await visit.heading(), /handed over/i);
      await visit.click("Sign out here");
      await visit.at("finished");
    });
    assert.deepEqual(await made.server.accountData("m.secret_storage.default_key"), null, "nothing was written");
  });

  it("are not handed over when the person says on the page that the emoji differ", async (test) => {
    const made = await account(test, "backup");
    await withPage({ homeserver }, async (visit) => {
      await visit.signIn(made);
      await visit.click("Confirm it's you, with your open app");
      let ended;
      made.app.answerWith(async (sas, verifier) => (ended = verifier));
      await visit.ask();
      await visit.click("They don't match");
      await visit.main.getByText("The emoji did not match. Nothing was shared.").waitFor();
      await visit.until(() => ended?.hasBeenCancelled);
      const isPrimary = await visit.button("Try again").evaluate((button) => button.classList.contains("primary"));
      assert.ok(isPrimary, "the page proposes to try again after the first time");
      await visit.click("Try again");
      await visit.click("They don't match");
      await visit.main.getByText("The emoji did not match again.").waitFor();
      assert.match(await visit.main.innerText(), /Somebody may be between you and your server\. Go no further/);
      assert.equal(await visit.button("Try again").count(), 0, "the page does not propose it after the second time");
      await visit.click("Sign out here");
      await visit.at("finished");
    });
  });

  it("come out of an app's file, whatever was tried before, and are counted", async (test) => {
    const made = await account(test, "nothing");
    const keys = JSON.parse(await made.app.crypto.exportRoomKeysAsJson());
    const file = (name, text) => ({ name, text });
    const exported = await seal(JSON.stringify(keys), "the file's own", 1_000);
    const access = { homeserver: homeserver.url, user: made.user, password: made.password };
    let recoveryKey;
    await withPage({ homeserver }, async (visit) => {
      await visit.signIn(made);
      await visit.choose("key");
      recoveryKey = (await visit.saveAndProve()).text.trim();
      await visit.turnOn();
      await visit.otherWay("Import a file");
      await visit.at("import");
      const version = JSON.stringify(await made.server.backup());
      // A picture is refused before anybody is asked for its passphrase.
      await visit.chooseFile(file("photo.jpg", "not a file of keys"));
      assert.match(await visit.notice(), /not a file of exported keys/);
      assert.equal(await visit.page.getByLabel("Passphrase of the file").count(), 0);
      for (const [{ name, text }, passphrase, says] of [
        [file("notes.txt", "not a file of keys"), "x", /not a file of exported keys/],
        [file("cut.txt", exported.slice(0, exported.length / 2)), "x", /damaged|not a file/],
        [file("keys.txt", exported), "wrong", /passphrase does not open/],
      ]) {
        await visit.importFile({ name, text }, passphrase);
        assert.match(await visit.notice(), says);
      }
      assert.equal(JSON.stringify(await made.server.backup()), version, "nothing was changed");
      await visit.importFile(file("keys.txt", exported), "the file's own");
      await visit.main.getByText("The keys of this file are in your backup.").waitFor();
      const row = (name) => visit.page.getByRole("row", { name: new RegExp(`^${name}`) }).innerText();
      assert.match(await row("New"), new RegExp(`${keys.length}$`));
      // A second time nothing is new.
      await visit.importFile(file("keys.txt", exported), "the file's own");
      await visit.main.getByText("Your backup had all of these keys already.").waitFor();
      await visit.click("Go on");
      const covered = await visit.coverage();
      const counted = Object.entries(await coverage(access, { recoveryKeys: [recoveryKey] }));
      for (const [roomId, { covered: has, missing, unknown }] of counted) {
        assert.deepEqual(covered[roomId], { covered: has, missing, unknown });
        assert.equal(missing, 0);
      }
      await visit.takeHome();
      await visit.at("done");
      // The kit shows that very key, and a QR code that holds it.
      await visit.showKit();
      assert.equal(await visit.shownKey(), recoveryKey);
      await visit.page.locator("svg.qr").waitFor();
      await visit.signOut();
    });
    const after = await readableFrom({ ...access, recoveryKey, signOutOthers: true });
    assert.ok(after.all > 0);
    assert.equal(after.readable, after.all);
  });

  it("are looked after by one device: what an earlier visit left can be removed", async (test) => {
    const made = await account(test, "recovery");
    const left = await made.server.request("POST", "/login", {
      type: "m.login.password",
      identifier: { type: "m.id.user", user: made.user },
      password: made.password,
      initial_device_display_name: "Key backup page (temporary)",
    });
    const ids = async () => (await made.server.devices()).map(({ device_id: id }) => id);
    assert.ok((await ids()).includes(left.device_id));
    await withPage({ homeserver }, async (visit) => {
      await visit.signIn(made);
      await visit.tryKey(made.recoveryKey);
      await visit.at("findings");
      await visit.click("See which messages are safe");
      await visit.coverage();
      await visit.takeHome();
      await visit.at("done");
      await visit.removeLeftOver("not the password", made.password);
      assert.ok(!(await ids()).includes(left.device_id));
      assert.ok((await ids()).includes(made.server.deviceId), "the app stays");
      await visit.signOut();
    });
    assert.deepEqual(await ids(), [made.server.deviceId]);
  });
});
