// The verifier is worth something only if it can fail. An account that is in order passes, and it notices each way of
// being out of order.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { text } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";

import { encodeRecoveryKey } from "matrix-js-sdk/lib/crypto-api/recovery-key.js";

import { startPhone } from "../support/clients/phone.mjs";
import { sharedHomeserver } from "../support/server/homeserver.mjs";
import { withToken } from "./account.mjs";
import { publicHalf } from "./keys.mjs";
import { verifyAccount } from "./verifier.mjs";

const password = "the account password";
const phrase = "glass otter fifty moons";
const anotherSecret = () => randomBytes(32).toString("base64");

// Four at a time, because js-sdk lets up to ten seconds pass before it uploads.
describe("the independent verifier", { concurrency: 4 }, () => {
  let homeserver;
  before(async () => (homeserver = await sharedHomeserver()));
  after(() => homeserver?.stop());

  // Has matrix-js-sdk set up an account, with one message; `spoil` then breaks it.
  async function accountInOrder(spoil = async () => {}) {
    const user = `verified-${randomBytes(6).toString("hex")}`;
    await homeserver.register(user, password);
    const phone = await startPhone({ homeserver: homeserver.url, user, password, deviceName: "Phone" });
    const recoveryKey = await phone.setUpRecovery(phrase);
    const roomId = await phone.createRoom("Room");
    const { event_id: eventId } = await phone.send(roomId, "kept");
    const server = withToken({
      homeserver: homeserver.url,
      userId: phone.client.getSafeUserId(),
      deviceId: phone.client.getDeviceId(),
      accessToken: phone.client.getAccessToken(),
    });
    while (!(await server.backup())?.count) await new Promise((done) => setTimeout(done, 200));
    await spoil({ server, phone });
    phone.stop();
    return { homeserver: homeserver.url, user, password, recoveryKey, event: { roomId, eventId, text: "kept" }, server };
  }

  const falseFacts = ({ facts }) => Object.keys(facts).filter((name) => !facts[name]);

  it("passes an account in order, by key and by phrase, and leaves it as it was", async () => {
    const { server, recoveryKey, ...account } = await accountInOrder();
    const before = [await server.allAccountData(), await server.backup(), (await server.publishedKeys()).master];
    for (const kept of [{ recoveryKey }, { phrase }]) {
      const report = await verifyAccount({ ...account, ...kept });
      assert.deepEqual(falseFacts(report), []);
      assert.deepEqual(report.problems, []);
      assert.ok(report.ok);
      assert.equal(report.figures.room_keys_restored, 1);
    }
    const after = [await server.allAccountData(), await server.backup(), (await server.publishedKeys()).master];
    assert.deepEqual(after, before);
    assert.deepEqual((await server.devices()).map(({ device_id: id }) => id), [server.deviceId]);
  });

  it("fails for another key, another phrase and another message", async () => {
    const { server, recoveryKey, event, ...account } = await accountInOrder();
    const anotherKey = encodeRecoveryKey(randomBytes(32));
    for (const kept of [{ recoveryKey: anotherKey }, { phrase: `${phrase}s` }]) {
      const report = await verifyAccount({ ...account, ...kept });
      assert.equal(report.ok, false);
      assert.equal(report.facts.key_opens_secret_storage, false);
    }
    const report = await verifyAccount({ ...account, recoveryKey, event: { ...event, text: "something else" } });
    assert.equal(report.ok, false);
    assert.deepEqual(falseFacts(report), ["event_decrypted"]);
  });

  const spoiled = {
    "the backup's key is not stored": {
      spoil: ({ server }) => server.setAccountData("m.megolm_backup.v1", {}),
      notices: ["all_four_secrets_under_default_key", "backup_key_is_that_of_the_backup"],
    },
    "another backup's key is stored": {
      spoil: ({ phone }) => phone.client.secretStorage.store("m.megolm_backup.v1", anotherSecret()),
      notices: ["backup_key_is_that_of_the_backup"],
    },
    "another master key is stored": {
      spoil: ({ phone }) => phone.client.secretStorage.store("m.cross_signing.master", anotherSecret()),
      notices: ["master_key_is_the_published_one"],
    },
    "the backup is not signed": {
      async spoil({ server }) {
        const { algorithm, auth_data, version } = await server.backup();
        const { signatures, ...unsigned } = auth_data;
        await server.request("PUT", `/room_keys/version/${version}`, { algorithm, version, auth_data: unsigned });
      },
      notices: ["backup_signed_by_master_key"],
    },
    "a newer backup belongs to nobody": {
      async spoil({ server }) {
        const { algorithm } = await server.backup();
        const auth_data = { public_key: publicHalf("x25519", anotherSecret()) };
        await server.request("POST", "/room_keys/version", { algorithm, auth_data });
      },
      notices: ["backup_signed_by_master_key", "backup_key_is_that_of_the_backup"],
    },
    "there is no backup": {
      spoil: async ({ server }) => server.request("DELETE", `/room_keys/version/${(await server.backup()).version}`),
      notices: ["backup_exists"],
    },
    "there is no default key": {
      spoil: ({ server }) => server.setAccountData("m.secret_storage.default_key", {}),
      notices: ["default_key_described"],
    },
    "the default key's description has no iv and mac": {
      async spoil({ server }) {
        const { key } = await server.accountData("m.secret_storage.default_key");
        const { iv, mac, ...bare } = await server.accountData(`m.secret_storage.key.${key}`);
        await server.setAccountData(`m.secret_storage.key.${key}`, bare);
      },
      notices: ["key_description_has_iv_and_mac"],
    },
  };
  for (const [state, { spoil, notices }] of Object.entries(spoiled)) {
    it(`fails when ${state}`, async () => {
      const { server, event, ...account } = await accountInOrder(spoil);
      const report = await verifyAccount(account);
      assert.equal(report.ok, false);
      for (const fact of notices) assert.equal(report.facts[fact], false, fact);
    });
  }

  it("tells its result on the command line in one line, and by the exit code", async () => {
    const { server, recoveryKey, event, ...account } = await accountInOrder();
    const run = async (asked) => {
      const child = spawn(process.execPath, [fileURLToPath(new URL("verify.mjs", import.meta.url))]);
      child.stdin.end(JSON.stringify(asked));
      const [said, complained, code] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        new Promise((done) => child.once("exit", done)),
      ]);
      assert.equal(complained, "");
      assert.equal(said.trim().split("\n").length, 1);
      for (const secret of [recoveryKey, password]) assert.ok(!said.includes(secret));
      return { code, said: JSON.parse(said) };
    };
    const message = { room_id: event.roomId, event_id: event.eventId, text: event.text };
    const right = await run({ ...account, recovery_key: recoveryKey, ...message });
    assert.equal(right.code, 0);
    assert.equal(right.said.event_decrypted, true);
    const wrong = await run({ ...account, recovery_key: encodeRecoveryKey(randomBytes(32)) });
    assert.equal(wrong.code, 1);
    assert.equal(wrong.said.ok, false);
  });
});
