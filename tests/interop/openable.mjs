// Lists the room keys that somebody can really read with what they kept, over every backup version there still is. Two
// such lists tell whether all that could be opened before can be opened afterwards. On a command line:
//
//   node tests/interop/openable.mjs
//
// reads JSON on standard input, {"homeserver", "user" and "password" or "access_token", "recovery_keys", "phrase"}, and
// prints the list in one line. None of it is our engine's code.

import "../support/node20.mjs";

import { json } from "node:stream/consumers";
import { pathToFileURL } from "node:url";

import { BackupDecryptionKey, initAsync } from "@matrix-org/matrix-sdk-crypto-wasm";
import { decodeRecoveryKey } from "matrix-js-sdk/lib/crypto-api/recovery-key.js";

import { signIn, withToken } from "./account.mjs";
import { decrypted, openedKeys } from "./storage.mjs";

const backupSecret = "m.megolm_backup.v1";
const archivePrefix = "matrixbackup.archive";

/**
 * Lists what `keys` (`{ recoveryKeys, phrase }`) open on an account. Backups are opened by the backup keys in secret
 * storage and in archives, and by each recovery key that may itself be a backup key.
 *
 * `access`: `{ homeserver, user, password }`, or `{ homeserver, accessToken }` of a device that is signed in. Nothing
 * changes on the account; a device made for this is removed again.
 *
 * Returns a sorted list of `room id|session id|first known index`, with the best index of each session.
 */
export async function openable(access, keys = {}) {
  await initAsync();
  const server = access.accessToken ? await withAccessToken(access) : await signIn(access);
  try {
    return (await openableOn(server, await server.allAccountData(), keys)).sessions;
  } finally {
    if (!access.accessToken) await server.signOut();
  }
}

/**
 * Lists the same on a server that is signed in to already. `data` is the account data to look for secrets in.
 *
 * Returns `{ sessions, versions }`: the list, and of every backup version `{ version, count, opened }`.
 */
export async function openableOn(server, data, keys = {}) {
  await initAsync();
  const secrets = await backupKeys(data, keys);
  const best = new Map();
  const versions = [];
  for (const version of await backupVersions(server)) {
    const opening = secrets.filter((key) => opens(key, version));
    versions.push({ version: version.version, count: version.count, opened: opening.length > 0 });
    if (!opening.length || !version.count) continue;
    const { rooms } = await server.request("GET", `/room_keys/keys?version=${version.version}`);
    for (const key of opening) collect(rooms, key, best);
  }
  return { sessions: [...best].map(([session, index]) => `${session}|${index}`).sort(), versions };
}

async function withAccessToken({ homeserver, accessToken }) {
  const { user_id: userId, device_id: deviceId } = await withToken({ homeserver, accessToken }).request(
    "GET",
    "/account/whoami",
  );
  return withToken({ homeserver, userId, deviceId, accessToken });
}

/** Reads every backup version that the server still has, newest first. */
export async function backupVersions(server) {
  const newest = Number((await server.backup())?.version ?? 0);
  const numbers = Array.from({ length: newest }, (_, i) => newest - i);
  const versions = await Promise.all(numbers.map((number) => server.backup(number)));
  return versions.filter(Boolean);
}

/**
 * Returns the backup keys that `keys` lead to: in secret storage, in archives, and a recovery key that is one itself.
 */
export async function backupKeys(data, { recoveryKeys = [], phrase }) {
  const opened = await openedKeys(data, { recoveryKeys, phrase });
  const archives = Object.keys(data).filter((type) => type.startsWith(archivePrefix));
  const events = [data[backupSecret], ...archives.map((type) => data[type][backupSecret])];
  const texts = recoveryKeys.map((text) => Buffer.from(decodeRecoveryKey(text)).toString("base64"));
  for (const event of events) {
    // One by one: the same event may hold different secrets under different keys.
    for (const keyId of Object.keys(opened)) {
      texts.push(await decrypted(backupSecret, event, { [keyId]: opened[keyId] }));
    }
  }
  return [...new Set(texts)].map(backupKey).filter(Boolean);
}

function backupKey(text) {
  try {
    return BackupDecryptionKey.fromBase64(text);
  } catch {
    return null;
  }
}

/** Returns true if a backup key is a version's. */
export const opens = (key, { auth_data: { public_key: publicKey } }) => key.megolmV1PublicKey.publicKeyBase64 === publicKey;

function collect(rooms, key, best) {
  for (const [roomId, { sessions }] of Object.entries(rooms)) {
    for (const [sessionId, { session_data: sealed }] of Object.entries(sessions)) {
      const index = firstIndex(key, sessionId, sealed);
      const session = `${roomId}|${sessionId}`;
      if (index !== null && index < (best.get(session) ?? Infinity)) best.set(session, index);
    }
  }
}

// Reads the index in the decrypted key, since the server's `first_message_index` proves nothing. The key is a version,
// the index (4 bytes), the ratchet (128 bytes), and the public key that is the session's id.
function firstIndex(key, sessionId, { ephemeral, mac, ciphertext }) {
  try {
    const bytes = Buffer.from(JSON.parse(key.decryptV1(ephemeral, mac, ciphertext)).session_key, "base64");
    const isThisSession = bytes.subarray(133, 165).equals(Buffer.from(sessionId, "base64"));
    return isThisSession ? bytes.readUInt32BE(1) : null;
  } catch {
    return null;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const asked = await json(process.stdin).catch(() => ({}));
  const { homeserver, user, password, access_token, recovery_keys, phrase } = asked;
  if (!homeserver || !(access_token ?? (user && password))) {
    console.error("usage: see the head of this file");
    process.exit(2);
  }
  const access = { homeserver, user, password, accessToken: access_token };
  console.log(JSON.stringify(await openable(access, { recoveryKeys: recovery_keys, phrase })));
}
