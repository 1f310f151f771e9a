// Tells the states of an account apart, by what the server says of it and what the kept key opens.

import { backupVersions } from "./openable.mjs";
import { isSignedBy, publicHalf } from "./keys.mjs";
import { decrypted, describedKeys, openedKeys } from "./storage.mjs";

const crossSigning = {
  "m.cross_signing.master": "master",
  "m.cross_signing.self_signing": "selfSigning",
  "m.cross_signing.user_signing": "userSigning",
};
const backupSecret = "m.megolm_backup.v1";

/**
 * Looks at an account through `server` (see account.mjs), whose own device does not count, with a recovery key if there
 * is one. Without one `secretsMatch` and `secretOpens` cannot be known and are null.
 */
export async function signals(server, recoveryKey) {
  const [data, published, versions, devices] = await Promise.all([
    server.allAccountData(),
    server.publishedKeys(),
    backupVersions(server),
    server.devices(),
  ]);
  const opened = recoveryKey ? await openedKeys(data, { recoveryKeys: [recoveryKey] }) : null;
  const masterKey = publicKey(published.master);
  return {
    identity: Boolean(masterKey),
    defaultKey: defaultKeyOf(data),
    crossSigning: placeOf(data, Object.keys(crossSigning)),
    backupSecret: placeOf(data, [backupSecret]),
    secretsMatch: opened && (await secretsMatch(data, opened, published)),
    secretOpens: opened && (await secretOpens(data, opened, versions)),
    backupCounts: versions.map(({ count }) => count),
    backupSigned: isSignedBy(versions[0]?.auth_data, server.userId, masterKey),
    devices: devicesOf(server, published, devices),
    dehydrated: Object.values(published.devices).some(({ dehydrated }) => dehydrated),
    switchedOff: switchedOff(data),
  };
}

const publicKey = (key) => Object.values(key?.keys ?? {})[0];
const defaultKeyId = (data) => data["m.secret_storage.default_key"]?.key;

function defaultKeyOf(data) {
  const keyId = defaultKeyId(data);
  if (!keyId) return "none";
  return describedKeys(data)[keyId] ? "described" : "dangling";
}

/** Returns under which key all of these secrets are. */
function placeOf(data, names) {
  const allUnder = (keyId) => names.every((name) => data[name]?.encrypted?.[keyId]);
  if (allUnder(defaultKeyId(data))) return "default";
  return Object.keys(describedKeys(data)).some(allUnder) ? "elsewhere" : "nowhere";
}

async function secretsMatch(data, opened, published) {
  const matches = async ([type, name]) => {
    const half = publicHalf("ed25519", await decrypted(type, data[type], opened));
    return half !== null && half === publicKey(published[name]);
  };
  return (await Promise.all(Object.entries(crossSigning).map(matches))).every(Boolean);
}

/** Returns which backup the stored key opens. */
async function secretOpens(data, opened, versions) {
  const half = publicHalf("x25519", await decrypted(backupSecret, data[backupSecret], opened));
  const at = versions.findIndex(({ auth_data }) => auth_data.public_key === half);
  if (half === null || at < 0) return "none";
  return at === 0 ? "newest" : "older";
}

/** Returns the other devices that are signed in: by name, how far they are trusted. */
function devicesOf({ userId, deviceId }, { selfSigning, devices: withKeys }, devices) {
  const others = devices.filter(({ device_id: id }) => id !== deviceId && !withKeys[id]?.dehydrated);
  const trust = (keys) => {
    if (!keys) return "without keys";
    return isSignedBy(keys, userId, publicKey(selfSigning)) ? "verified" : "unverified";
  };
  return Object.fromEntries(others.map(({ device_id: id, display_name: name }) => [name, trust(withKeys[id])]));
}

const switchedOff = (data) =>
  data["m.key_backup"]?.enabled === false && data["m.org.matrix.custom.backup_disabled"]?.disabled === true;
