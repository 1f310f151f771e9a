// Brings an account that a client set up into each of the other states. Every bend gets what makeAccount returned. It
// returns what differs from "the person kept the recovery key, and the phrase if there is one", as
// `{ kept, other, messages }`, or nothing.

import { randomBytes } from "node:crypto";

import { calculateKeyCheck } from "matrix-js-sdk/lib/secret-storage.js";
import { encodeRecoveryKey } from "matrix-js-sdk/lib/crypto-api/recovery-key.js";

import { publicHalf } from "../../../interop/keys.mjs";
import { startPhone } from "../../clients/phone.mjs";
import { keysArrived, makeAccount, serverOf, write } from "./makers.mjs";

const identityKeys = ["m.cross_signing.master", "m.cross_signing.self_signing", "m.cross_signing.user_signing"];
const backupSecret = "m.megolm_backup.v1";
const defaultKey = "m.secret_storage.default_key";
const keyDescription = "m.secret_storage.key.";

export async function loseKey({ recoveryKey, backupKey }) {
  return { kept: {}, other: { lostKey: recoveryKey, backupKey } };
}

export async function loseKeyAndBackupKey({ server, recoveryKey }) {
  await server.setAccountData(backupSecret, {});
  return { kept: {}, other: { lostKey: recoveryKey } };
}

export async function forgetEverything() {
  return { kept: {}, other: {} };
}

// The specification has no removal of account data: an empty content stands for it.
export async function dropIdentityKeys({ server }) {
  await Promise.all(identityKeys.map((type) => server.setAccountData(type, {})));
}

export async function dropBackupKey({ server }) {
  await server.setAccountData(backupSecret, {});
}

export async function damageBackupSecret({ phones: [phone] }) {
  await phone.client.secretStorage.store(backupSecret, randomBytes(16).toString("base64"));
}

/** Makes a newer backup, whose key only the app has: the app uploads all its keys, and that of one more message. */
export async function addNewerBackup({ server, phones: [phone], messages, backupKey }) {
  const key = randomBytes(32);
  await startBackup(server, phone, key);
  const newer = await write(phone, ["Since then there is another backup."]);
  await keysArrived(server, 4);
  return {
    other: { backupKey: encodeRecoveryKey(key), olderBackupKey: backupKey },
    messages: [...messages, ...newer],
  };
}

async function startBackup(server, phone, key) {
  const auth_data = { public_key: publicHalf("x25519", key.toString("base64")) };
  await phone.crypto.signObject(auth_data);
  const algorithm = "m.megolm_backup.v1.curve25519-aes-sha2";
  const { version } = await server.request("POST", "/room_keys/version", { algorithm, auth_data });
  await phone.crypto.storeSessionBackupPrivateKey(key, version);
  await phone.crypto.checkKeyBackupAndEnable();
}

export async function unsignBackup({ server }) {
  const { algorithm, auth_data, version } = await server.backup();
  const { signatures, ...unsigned } = auth_data;
  await server.request("PUT", `/room_keys/version/${version}`, { algorithm, version, auth_data: unsigned });
}

/** Makes a new identity in another app, which then is the only one; secret storage is left as it was. */
export async function resetElsewhere(made) {
  const { server, phones, userId, password } = made;
  const stored = await server.accountData(defaultKey);
  // An app that sees secret storage would write the new secrets there.
  await server.setAccountData(defaultKey, {});
  const proof = { type: "m.login.password", identifier: { type: "m.id.user", user: userId }, password };
  const other = await startPhone({ ...made, deviceName: "App that resets", newIdentityBy: proof });
  await server.setAccountData(defaultKey, stored);
  phones.splice(0, 1, other)[0].stop();
  await server.signOut();
  made.server = serverOf(other, made.homeserver);
}

/** Makes another key of secret storage the default, under which there is no secret. */
export async function moveDefaultKey({ server, backupKey }) {
  const key = randomBytes(32);
  const { iv, mac } = await calculateKeyCheck(key);
  const keyId = randomBytes(16).toString("hex");
  await server.setAccountData(keyDescription + keyId, { algorithm: "m.secret_storage.v1.aes-hmac-sha2", iv, mac });
  await server.setAccountData(defaultKey, { key: keyId });
  return { other: { defaultKey: encodeRecoveryKey(key), backupKey } };
}

export async function unlinkDefaultKey({ server }) {
  await server.setAccountData(defaultKey, { key: randomBytes(16).toString("hex") });
}

/**
 * Copies secret storage from another account, whose identity was never published here, and makes a backup of the backup
 * key in it.
 */
export async function copyFromTwin({ server, phones: [phone], messages }, homeserver) {
  const twin = await makeAccount(homeserver, { setUp: "recovery", name: "twin" });
  const data = Object.entries(await twin.server.allAccountData());
  const stored = [defaultKey, ...identityKeys, backupSecret];
  for (const [type, content] of data) {
    if (stored.includes(type) || type.startsWith(keyDescription)) await server.setAccountData(type, content);
  }
  await startBackup(server, phone, Buffer.from(await twin.phones[0].crypto.getSessionBackupPrivateKey()));
  await keysArrived(server, 3);
  twin.phones[0].stop();
  await twin.server.signOut();
  return { kept: { recoveryKey: twin.recoveryKey }, other: { backupKey: twin.backupKey }, messages };
}

export async function switchOff({ server }) {
  await server.setAccountData("m.key_backup", { enabled: false });
  await server.setAccountData("m.org.matrix.custom.backup_disabled", { disabled: true });
}

export async function addUnverifiedDevice(made) {
  // A verified app that runs would be given the keys of the other one, and back them up.
  for (const phone of made.phones.splice(0)) phone.stop();
  const second = await startPhone({ ...made, deviceName: "Unverified app" });
  made.phones.push(second);
  const missing = await write(second, ["Nobody has saved this.", "Nor this."]);
  return { other: { missing, backupKey: made.backupKey } };
}

/** Takes the key of the newest messages out of the backup. */
export async function makeGap({ server, messages, backupKey }) {
  const sessions = await Promise.all(messages.map((message) => sessionOf(server, message)));
  const gone = sessions.at(-1);
  const { version } = await server.backup();
  const [room, session] = [messages.at(-1).roomId, gone].map(encodeURIComponent);
  await server.request("DELETE", `/room_keys/keys/${room}/${session}?version=${version}`);
  const missing = messages.filter((_, i) => sessions[i] === gone);
  return { messages: messages.filter((message) => !missing.includes(message)), other: { missing, backupKey } };
}

async function sessionOf(server, { roomId, eventId }) {
  const [room, event] = [roomId, eventId].map(encodeURIComponent);
  return (await server.request("GET", `/rooms/${room}/event/${event}`)).content.session_id;
}

export async function dehydrate({ phones: [phone] }) {
  await phone.crypto.startDehydration();
}

/** Stores the same secrets in a new secret storage; the key of the older one opens nothing any more. */
export async function renewStorage({ phones: [phone], recoveryKey: olderKey, backupKey }) {
  const phrase = "an otter made of glass";
  const key = await phone.crypto.createRecoveryKeyFromPassphrase(phrase);
  phone.openWith(key.encodedPrivateKey);
  await phone.crypto.bootstrapSecretStorage({
    setupNewSecretStorage: true,
    createSecretStorageKey: async () => key,
  });
  return { kept: { recoveryKey: key.encodedPrivateKey, phrase }, other: { olderKey, backupKey } };
}
