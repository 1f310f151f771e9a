// Plays a person's other device with matrix-js-sdk, Element Web's engine. It has none of this page's code; only the
// crates of its cryptography are the same. Keys live in memory only.

import "../node20.mjs";

import { setTimeout as sleep } from "node:timers/promises";

import { ClientEvent, createClient } from "matrix-js-sdk";
import { CryptoEvent, VerifierEvent } from "matrix-js-sdk/lib/crypto-api/index.js";
import { decodeRecoveryKey } from "matrix-js-sdk/lib/crypto-api/recovery-key.js";
import { deriveRecoveryKeyFromPassphrase } from "matrix-js-sdk/lib/crypto-api/key-passphrase.js";
import { logger } from "matrix-js-sdk/lib/logger.js";

// The client's own logger does not silence everything.
logger.methodFactory = () => () => {};
logger.rebuild();

const quiet = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, getChild: () => quiet };

/**
 * Signs a device in, starts its encryption and its sync, and resolves when both run.
 *
 * `signIn({ user, deviceName })`: signs it in where there is no password; see tests/support/identity.
 *
 * `newIdentityBy`: the proof with which it makes another identity than the account has. It does so before it syncs,
 * since that may undo a new one (matrix-rust-sdk#4728).
 *
 * `has`: "identity" for an app that makes the account's first one, "backup" for one that makes a backup with it and
 * stores the key nowhere: Element's default.
 *
 * `syncs`: false to leave starting the sync to the caller.
 */
export async function startPhone({ homeserver, user, password, signIn, deviceName, newIdentityBy, has, syncs = true }) {
  const account = await (signIn ? signIn({ user, deviceName }) : byPassword({ homeserver, user, password, deviceName }));

  // The text that the person types when the app asks for the recovery key; a phrase works, too.
  let typed;
  const client = createClient({
    baseUrl: homeserver,
    accessToken: account.accessToken,
    userId: account.userId,
    deviceId: account.deviceId,
    logger: quiet,
    cryptoCallbacks: {
      async getSecretStorageKey({ keys }) {
        for (const [keyId, description] of Object.entries(keys)) {
          const key = await keyFrom(typed, description);
          if (key && (await client.secretStorage.checkKey(key, description))) return [keyId, key];
        }
        throw new Error("this recovery key or phrase does not open the account's secret storage");
      },
    },
  });
  await client.initRustCrypto({ useIndexedDB: false });
  const crypto = client.getCrypto();
  if (newIdentityBy) await setUpIdentity(newIdentityBy);
  if (has === "identity" || has === "backup") await setUpIdentity();
  if (has === "backup") await crypto.resetKeyBackup();
  let keysToUpload;
  client.on(CryptoEvent.KeyBackupSessionsRemaining, (remaining) => (keysToUpload = remaining));
  const synced = new Promise((done) => {
    client.on(ClientEvent.Sync, (state) => state === "PREPARED" && done());
  });
  if (syncs) {
    await client.startClient({ initialSyncLimit: 1 });
    await synced;
  }

  /** Makes an encrypted room, with a new room key every few messages, so that there is something to count. */
  async function createRoom(name, invite = [], messagesPerKey = 5) {
    const { room_id: roomId } = await client.createRoom({
      name,
      invite,
      preset: "trusted_private_chat",
      initial_state: [
        {
          type: "m.room.encryption",
          state_key: "",
          content: { algorithm: "m.megolm.v1.aes-sha2", rotation_period_msgs: messagesPerKey },
        },
      ],
    });
    await roomKnown(roomId);
    return roomId;
  }

  async function joinRoom(roomId) {
    await client.joinRoom(roomId);
    await roomKnown(roomId);
  }

  // Before the sync has told of the room and its encryption, a message would be sent in the clear.
  async function roomKnown(roomId) {
    while (!(await crypto.isEncryptionEnabledInRoom(roomId))) await sleep(20);
  }

  const send = (roomId, body) => client.sendMessage(roomId, { msgtype: "m.text", body });

  /** Makes and publishes an identity; servers want proof if the account has another one already. */
  async function setUpIdentity(proof = null) {
    await crypto.bootstrapCrossSigning({
      setupNewCrossSigning: true,
      authUploadDeviceSigningKeys: (upload) => upload(proof),
    });
  }

  /** Sets up recovery as Element did when it still asked for a phrase; returns the recovery key. */
  async function setUpRecovery(phrase) {
    const key = await crypto.createRecoveryKeyFromPassphrase(phrase);
    typed = key.encodedPrivateKey;
    await setUpIdentity();
    await crypto.bootstrapSecretStorage({
      setupNewSecretStorage: true,
      setupNewKeyBackup: true,
      createSecretStorageKey: async () => key,
    });
    return key.encodedPrivateKey;
  }

  /**
   * Enters the recovery key as Element does: opens secret storage, verifies this device with what is in it, and takes
   * the backup key from it. Resolves when all of this device's room keys are in the backup.
   */
  async function enterRecoveryKey(text) {
    typed = text;
    await crypto.userHasCrossSigningKeys(account.userId, true);
    // Without a stored identity the next call would make a new one.
    if (!(await client.secretStorage.isStored("m.cross_signing.master"))) {
      throw new Error("this account has no recovery key yet");
    }
    await crypto.bootstrapCrossSigning({});
    // A running client goes on using the version that it knows until it looks again.
    await crypto.checkKeyBackupAndEnable();
    await crypto.loadSessionBackupPrivateKeyFromSecretStorage();
    await crypto.checkKeyBackupAndEnable();
    if (!(await crypto.getActiveSessionBackupVersion())) throw new Error("there is no backup this device trusts");
    while (keysToUpload !== 0) await sleep(100);
  }

  /**
   * Accepts every request to verify with emoji from now on. `matches` gets the seven names, and returns true if they
   * are those on the other screen.
   */
  function verifyWhenAsked(matches) {
    client.on(CryptoEvent.VerificationRequestReceived, (request) => {
      // The other screen shows it when somebody gives up.
      verify(request, matches).catch(() => {});
    });
  }

  /** Accepts every request to verify from now on, and leaves the answer to the emoji to `answer(sas, verifier)`. */
  function answerWith(answer) {
    client.on(CryptoEvent.VerificationRequestReceived, async (request) => {
      await request.accept();
      while (!request.verifier && request.pending) await sleep(50);
      const { verifier } = request;
      verifier?.on(VerifierEvent.ShowSas, (sas) => answer(sas, verifier));
      // The other screen shows it when somebody gives up.
      await verifier?.verify().catch(() => {});
    });
  }

  /** Returns the version of the account's backup and the number of keys in it, as the server has them. */
  async function backup() {
    const { version, count } = await client.http.authedRequest("GET", "/room_keys/version");
    return { version, count };
  }

  /** Sets the text that the person types next, for those who drive `crypto` themselves. */
  const openWith = (text) => (typed = text);
  const stop = () => client.stopClient();
  /** Removes its device from the account, in the way that the server asks for. */
  const signOut = account.signOut ?? (() => client.logout(true));
  return {
    client,
    crypto,
    createRoom,
    joinRoom,
    send,
    setUpIdentity,
    setUpRecovery,
    enterRecoveryKey,
    verifyWhenAsked,
    answerWith,
    openWith,
    backup,
    stop,
    signOut,
  };
}

async function byPassword({ homeserver, user, password, deviceName }) {
  const account = await createClient({ baseUrl: homeserver, logger: quiet }).loginRequest({
    type: "m.login.password",
    identifier: { type: "m.id.user", user },
    password,
    initial_device_display_name: deviceName,
  });
  return { userId: account.user_id, deviceId: account.device_id, accessToken: account.access_token };
}

async function verify(request, matches) {
  await request.accept();
  while (!request.verifier && request.pending) await sleep(50);
  request.verifier?.on(VerifierEvent.ShowSas, async (sas) => {
    const same = await matches(sas.sas.emoji.map(([, name]) => name));
    if (same) await sas.confirm();
    else sas.mismatch();
  });
  await request.verifier?.verify();
}

async function keyFrom(typed, { passphrase }) {
  try {
    return decodeRecoveryKey(typed);
  } catch {
    return passphrase && deriveRecoveryKeyFromPassphrase(typed, passphrase.salt, passphrase.iterations, passphrase.bits);
  }
}
