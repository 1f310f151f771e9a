// Each state is what it says. The server has exactly the signals that tell it apart, and what the person kept opens
// exactly what it should.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { text } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";

import { encodeRecoveryKey } from "matrix-js-sdk/lib/crypto-api/recovery-key.js";

import { makeState, stateNumbers } from "../support/accounts/states.mjs";
import { sharedHomeserver } from "../support/server/homeserver.mjs";
import { signIn } from "./account.mjs";
import { openable } from "./openable.mjs";
import { signals } from "./signals.mjs";

const good = {
  identity: true,
  defaultKey: "described",
  crossSigning: "default",
  backupSecret: "default",
  secretsMatch: true,
  secretOpens: "newest",
  backupCounts: [3],
  backupSigned: true,
  devices: { App: "verified" },
  dehydrated: false,
  switchedOff: false,
};
const noStorage = {
  ...good,
  defaultKey: "none",
  crossSigning: "nowhere",
  backupSecret: "nowhere",
  secretsMatch: null,
  secretOpens: null,
};
const noBackup = { ...noStorage, backupCounts: [], backupSigned: false };
const fresh = { ...noBackup, identity: false, devices: { App: "unverified" } };

const expected = {
  1: fresh,
  2: noStorage,
  3: noBackup,
  4: good,
  5: good,
  6: { ...good, devices: {} },
  7: { ...noStorage, devices: {} },
  8: { ...good, crossSigning: "nowhere", secretsMatch: false },
  9: { ...good, backupSecret: "nowhere", secretOpens: "none" },
  10: { ...good, secretOpens: "older", backupCounts: [4, 3] },
  11: { ...good, backupSecret: "nowhere", secretOpens: "none", devices: {} },
  12: { ...good, backupSigned: false },
  13: { ...good, secretsMatch: false, backupSigned: false, devices: { "App that resets": "verified" } },
  14: { ...good, crossSigning: "elsewhere", backupSecret: "elsewhere" },
  15: { ...good, defaultKey: "dangling", crossSigning: "elsewhere", backupSecret: "elsewhere" },
  16: { ...good, identity: false, secretsMatch: false, backupSigned: false, devices: { App: "unverified" } },
  17: { ...good, secretOpens: "none" },
  18: { ...good, switchedOff: true },
  19: { ...good, devices: { App: "verified", "Unverified app": "unverified" } },
  20: { ...good, backupCounts: [2] },
  21: { ...good, backupCounts: [2], devices: {} },
  22: { ...good, dehydrated: true },
  23: { ...noBackup, devices: {} },
  24: good,
  25: fresh,
};

// The keys that come with a state: those that the person kept, then those that only the test may use.
const keys = {
  ...Object.fromEntries([1, 3, 23, 25].map((number) => [number, "| missing"])),
  2: "| backupKey",
  4: "phrase recoveryKey | backupKey",
  5: "| backupKey lostKey",
  6: "| backupKey lostKey",
  7: "|",
  ...Object.fromEntries([8, 9, 12, 13, 15, 16, 17, 22].map((number) => [number, "recoveryKey | backupKey"])),
  10: "recoveryKey | backupKey olderBackupKey",
  11: "| lostKey",
  14: "recoveryKey | backupKey defaultKey",
  18: "phrase recoveryKey | backupKey",
  19: "recoveryKey | backupKey missing",
  20: "recoveryKey | backupKey missing",
  21: "recoveryKey | backupKey missing",
  24: "phrase recoveryKey | backupKey olderKey",
};
const keptOpensNothing = [1, 2, 3, 5, 6, 7, 9, 11, 17, 23, 25];
const writtenSinceTheOlderBackup = 1;

// Four at a time, because js-sdk lets up to ten seconds pass before it uploads.
describe("the states of an account", { concurrency: 4 }, () => {
  let homeserver;
  before(async () => (homeserver = await sharedHomeserver()));
  after(() => homeserver?.stop());

  /** Makes a state, and looks at it with a device of the test's own. */
  async function inState(number, look) {
    const account = await makeState(number, { homeserver });
    const server = await signIn(account);
    try {
      await look(account, server);
    } finally {
      account.stop();
      await server.signOut();
    }
  }

  const asList = async (server, messages) => [...new Set(await Promise.all(messages.map(roomKey(server))))].sort();
  const roomKey = (server) => async ({ roomId, eventId }) => {
    const { content } = await server.request("GET", `/rooms/${encodeURIComponent(roomId)}/event/${eventId}`);
    return `${roomId}|${content.session_id}|0`;
  };
  const openedBy = (account, ...recoveryKeys) =>
    openable(account, { recoveryKeys: recoveryKeys.filter((key) => key !== undefined) });
  const names = (object) => Object.keys(object).sort().join(" ");
  // A verified app that runs has to hold the identity's private keys, since it may be asked to hand them over.
  async function holdIdentity(phones) {
    for (const { crypto } of phones) {
      const { privateKeysCachedLocally: held } = await crypto.getCrossSigningStatus();
      assert.deepEqual(held, { masterKey: true, selfSigningKey: true, userSigningKey: true });
    }
  }
  const newIdentity = (server) => {
    const key = randomBytes(32).toString("base64").replace(/=+$/, "");
    const master_key = { user_id: server.userId, usage: ["master"], keys: { [`ed25519:${key}`]: key } };
    return server.request("POST", "/keys/device_signing/upload", { master_key });
  };

  it("are 25", () => assert.deepEqual(stateNumbers, Object.keys(expected).map(Number)));

  for (const number of stateNumbers) {
    it(`${number}: the server has its signals, and what was kept opens what it should`, async () => {
      await inState(number, async (account, server) => {
        const { kept, other, messages } = account;
        assert.deepEqual(await signals(server, kept.recoveryKey ?? other.lostKey), expected[number]);

        assert.equal(`${names(kept)} | ${names(other)}`.trim(), keys[number]);
        if (expected[number].identity && number !== 19) await holdIdentity(account.phones);

        const all = await asList(server, messages);
        let readable = all;
        if (keptOpensNothing.includes(number)) readable = [];
        if (number === 10) readable = await asList(server, messages.slice(0, -writtenSinceTheOlderBackup));
        assert.deepEqual(await openedBy(account, kept.recoveryKey), readable);
        if (kept.phrase) assert.deepEqual(await openable(account, { phrase: kept.phrase }), readable);
        if (other.backupKey) assert.deepEqual(await openedBy(account, other.backupKey), all);
        if (other.lostKey) assert.deepEqual(await openedBy(account, other.lostKey), number === 11 ? [] : all);
        for (const key of [other.olderKey, other.defaultKey].filter(Boolean)) {
          assert.deepEqual(await openedBy(account, key), []);
        }

        const missing = await asList(server, other.missing ?? []);
        assert.deepEqual(missing.filter((key) => all.includes(key)), []);
        if (other.missing) assert.notDeepEqual(missing, []);
        if (expected[number].identity) await assert.rejects(newIdentity(server), { status: 401 });
      });
    });
  }

  it("10: the older backup's own key opens that one alone", async () => {
    await inState(10, async (account, server) => {
      const older = await asList(server, account.messages.slice(0, -writtenSinceTheOlderBackup));
      assert.deepEqual(await openedBy(account, account.other.olderBackupKey), older);
      assert.equal((await openedBy(account, account.kept.recoveryKey, account.other.backupKey)).length, 4);
    });
  });

  it("are told apart: whatever is changed shows, and nothing else does", async () => {
    await inState(4, async ({ kept, ...account }, server) => {
      const changed = async (difference) =>
        assert.deepEqual(await signals(server, kept.recoveryKey), { ...good, ...difference });
      const secret = await server.accountData("m.megolm_backup.v1");
      await changed({});
      await server.setAccountData("m.megolm_backup.v1", {});
      await changed({ backupSecret: "nowhere", secretOpens: "none" });
      assert.deepEqual(await openedBy(account, kept.recoveryKey), []);

      // The copy of the secret in an archive still opens the backup.
      await server.setAccountData("matrixbackup.archive.1", { "m.megolm_backup.v1": secret });
      assert.equal((await openedBy(account, kept.recoveryKey)).length, 3);
      assert.deepEqual(await openedBy(account, encodeRecoveryKey(randomBytes(32))), []);
      assert.deepEqual(await openable(account), []);

      const { version } = await server.backup();
      const { rooms } = await server.request("GET", `/room_keys/keys?version=${version}`);
      const [roomId, { sessions }] = Object.entries(rooms).find(([, room]) => Object.keys(room.sessions).length === 2);
      const [, entry] = Object.entries(sessions)[0];
      const elsewhere = encodeURIComponent(randomBytes(32).toString("base64").replace(/=+$/, ""));
      const path = `/room_keys/keys/${encodeURIComponent(roomId)}/${elsewhere}?version=${version}`;
      await server.request("PUT", path, entry);
      assert.equal((await server.backup()).count, 4);
      assert.equal((await openedBy(account, kept.recoveryKey)).length, 3, "a key under another session's id does not count");

      await server.request("DELETE", `/room_keys/version/${version}`);
      await changed({ backupSecret: "nowhere", secretOpens: "none", backupCounts: [], backupSigned: false });
      assert.deepEqual(await openedBy(account, kept.recoveryKey), []);
    });
  });

  it("are made, and what opens is listed, on the command line too", async () => {
    const environment = {
      ...process.env,
      MATRIXBACKUP_HOMESERVER: homeserver.url,
      MATRIXBACKUP_SERVER_NAME: homeserver.serverName,
      MATRIXBACKUP_REGISTRATION_SECRET: homeserver.secret,
    };
    const run = async (program, args, asked) => {
      const path = fileURLToPath(new URL(program, import.meta.url));
      const child = spawn(process.execPath, [path, ...args], { env: environment });
      child.stdin.end(asked && JSON.stringify(asked));
      const [said, complained, code] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        new Promise((done) => child.once("exit", done)),
      ]);
      return { said: said.trim().split("\n"), complained, code };
    };
    const made = await run("../support/accounts/states.mjs", ["4"]);
    assert.deepEqual([made.code, made.complained, made.said.length], [0, "", 1]);
    const account = JSON.parse(made.said[0]);
    assert.equal(account.state, 4);
    assert.equal(account.messages.length, 10);
    const { user, password, kept } = account;
    const asked = { homeserver: account.homeserver, user, password, recovery_keys: [kept.recoveryKey] };
    const listed = await run("openable.mjs", [], asked);
    assert.deepEqual([listed.code, listed.complained, JSON.parse(listed.said[0]).length], [0, "", 3]);
    const server = await signIn(account);
    const byToken = { homeserver: account.homeserver, access_token: server.accessToken, phrase: kept.phrase };
    assert.equal(JSON.parse((await run("openable.mjs", [], byToken)).said[0]).length, 3);
    await server.signOut();

    assert.equal((await run("../support/accounts/states.mjs", ["26"])).code, 2);
    assert.equal((await run("openable.mjs", [], {})).code, 2);
  });
});
