// A fresh account with a phrase of one's own goes from the first screen to the signed-out page. Then an independent
// client looks at the account.

import assert from "node:assert/strict";
import { after, before, it } from "node:test";

import { decodeRecoveryKey } from "matrix-js-sdk/lib/crypto-api/recovery-key.js";

import { signIn } from "../interop/account.mjs";
import { verifyAccount } from "../interop/verifier.mjs";
import { startPhone } from "../support/clients/phone.mjs";
import { searchFolder, searchFor, searchRequests } from "../support/judges/leak.mjs";
import { sharedHomeserver } from "../support/server/homeserver.mjs";
import { sendFromApp } from "./support/native-client.mjs";
import { nothingKept, registerUser, withPage } from "./support/page.mjs";

const phrase = "glass otter fifty moons under Łódź";

let homeserver;
before(async () => (homeserver = await sharedHomeserver()));
after(() => homeserver?.stop());

it("sets up backup with a phrase, and the file's key and the phrase open it for others", async (test) => {
  const account = await registerUser(homeserver);
  const credentials = { homeserver: homeserver.url, user: account.user, password: account.password };
  // The person's app is signed in before, and has a message whose key exists nowhere else.
  const phone = await startPhone({ ...credentials, deviceName: "Phone" });
  test.after(() => phone.stop());
  const roomId = await phone.createRoom("Before");
  const old = await phone.send(roomId, "written before");
  const oldMessage = { roomId, eventId: old.event_id, text: "written before" };

  const secrets = { phrase, password: account.password };
  // Searches everything that the browser left on disk, once it is closed.
  const onProfile = (profile) => assert.deepEqual(searchFolder(searchFor(secrets), profile).found, []);

  await withPage({ homeserver, onProfile }, async (visit) => {
    await visit.signIn(account);
    assert.match(await visit.heading(), /not backed up yet/);
    await visit.choosePhrase(phrase);

    const file = await visit.downloadKey();
    secrets.key = file.text;
    secrets.keyWithoutSpaces = file.text.replaceAll(" ", "");
    secrets.keyItself = Buffer.from(decodeRecoveryKey(file.text));
    assert.equal(file.text, await visit.shownKey());
    // Element's recovery screen accepts a file of this form.
    assert.match(file.text, /^[1-9A-HJ-NP-Za-km-z ]{48,128}$/);
    assert.match(file.name, /\.txt$/);
    await visit.click("Continue");
    await visit.at("prove");
    // The page does not take another file for it.
    await visit.dropFile({ name: "shopping.txt", text: "milk, eggs" });
    assert.match(await visit.notice(), /does not look like a recovery key/);
    await visit.dropFile(file);
    await visit.at("confirm");
    const writes = visit.server.requests.filter(({ method }) => method === "PUT");
    assert.deepEqual(writes, [], "nothing is written before the person agrees");
    await visit.turnOn();

    for (const kept of [{ recoveryKey: file.text }, { phrase }]) {
      const report = await verifyAccount({ ...credentials, ...kept });
      assert.ok(report.ok, JSON.stringify(report));
      if (kept.phrase) assert.equal(report.figures.phrase_rounds, 500_000);
    }

    const message = await sendFromApp({ ...credentials, recoveryKey: file.text, text: "written afterwards" }, test);
    const later = await verifyAccount({ ...credentials, recoveryKey: file.text, event: message });
    assert.ok(later.ok, JSON.stringify(later));

    // The app gets the key, as the page asks: its old keys arrive, and the page counts them.
    await phone.enterRecoveryKey(file.text);
    const { count } = await phone.backup();
    assert.ok(count >= 2, `${count} keys`);
    await visit.main.getByText(String(count), { exact: true }).waitFor();
    const old = await verifyAccount({ ...credentials, phrase, event: oldMessage });
    assert.ok(old.ok, JSON.stringify(old));

    await visit.signOut();
    assert.match(await visit.heading(), /Backup is on/);
    assert.equal(visit.page.workers().length, 0, "the engine is ended");

    const observer = await signIn(credentials);
    const names = (await observer.devices()).map((device) => device.display_name);
    assert.ok(names.includes("Phone"), names.join());
    assert.ok(!names.some((name) => /key backup page/i.test(name)), names.join());
    const announced = await observer.accountData("m.org.matrix.custom.backup_disabled");
    assert.equal(announced?.disabled, false);
    assert.equal((await observer.accountData("m.key_backup"))?.enabled, true);
    await observer.signOut();

    assert.deepEqual(await visit.kept(), nothingKept);
    assert.deepEqual([...visit.hosts], [new URL(visit.server.origin).host], "no other host was asked for anything");
    // The password goes to sign-in; every other secret leaves encrypted.
    const hits = searchRequests(searchFor(secrets), visit.server.requests);
    const signingIn = ({ secret, request }) => secret === "password" && request.path.endsWith("/login");
    assert.deepEqual(hits.filter((hit) => !signingIn(hit)).map(({ secret, request }) => [secret, request.path]), []);
  });
});

it("asks of a phrase the length that the homeserver asks for, and proposes one of it", async () => {
  const account = await registerUser(homeserver);
  const policy = { custom_recovery_passphrase: { min_character_count: 60 } };
  await withPage({ homeserver, serve: { policy } }, async (visit) => {
    await visit.signIn(account);
    const paths = visit.server.requests.map(({ path }) => path);
    const asked = paths.indexOf("/.well-known/element/element.json");
    assert.ok(asked >= 0 && asked < paths.findLastIndex((path) => path.endsWith("/login")), "before signing in");
    await visit.choose("phrase");
    await visit.fill("Security phrase", phrase);
    await visit.click("Continue");
    assert.match(await visit.notice(), /Your server asks for at least 60 characters/);
    await visit.click("Suggest one");
    await visit.button("Copy the words").waitFor();
    await visit.click("Continue");
    await visit.at("save");
    await visit.page.goto("about:blank");
    const again = visit.server.requests.filter(({ path }) => path === "/.well-known/element/element.json");
    assert.equal(again.length, 1);
  });
});
