// The independent verifier: a new device on matrix-js-sdk, Element Web's engine, that has nothing but the account
// password and what the person kept. It tells whether that is enough. It changes nothing on the account but its own
// device, which it removes at the end.

import { MatrixEvent } from "matrix-js-sdk";
import { decodeRecoveryKey, encodeRecoveryKey } from "matrix-js-sdk/lib/crypto-api/recovery-key.js";
import { deriveRecoveryKeyFromPassphrase } from "matrix-js-sdk/lib/crypto-api/key-passphrase.js";

import { startPhone } from "../support/clients/phone.mjs";
import { withToken } from "./account.mjs";
import { isSignedBy, publicHalf } from "./keys.mjs";

const secretNames = {
  master: "m.cross_signing.master",
  selfSigning: "m.cross_signing.self_signing",
  userSigning: "m.cross_signing.user_signing",
  backup: "m.megolm_backup.v1",
};

// The facts that must be true of every account; each stays false until it was seen.
const facts = () => ({
  signed_in: false,
  default_key_described: false,
  key_description_has_iv_and_mac: false,
  key_opens_secret_storage: false,
  all_four_secrets_under_default_key: false,
  master_key_is_the_published_one: false,
  self_signing_key_is_the_published_one: false,
  user_signing_key_is_the_published_one: false,
  identity_signed_by_master_key: false,
  backup_exists: false,
  backup_algorithm_known: false,
  backup_signed_by_master_key: false,
  backup_key_is_that_of_the_backup: false,
  own_device_verified: false,
  cross_signing_ready: false,
  secret_storage_ready: false,
  backup_trusted_by_signature: false,
  backup_matches_decryption_key: false,
  backup_restored: false,
});

/**
 * Looks at an account with the kept recovery key, or with the phrase.
 *
 * `account`: `{ homeserver, user }` and `password`, or `signIn` as startPhone takes it.
 * `event`: `{ roomId, eventId, text }` of a message that must become readable by the backup alone.
 * `keepDevice`: leaves the new device signed in.
 *
 * Returns `{ ok, facts, figures, problems }`; `ok` if every fact is true and there is no problem. Never contains a
 * secret.
 */
export async function verifyAccount({ recoveryKey, phrase, event, keepDevice = false, ...account }) {
  const { homeserver } = account;
  const report = { ok: false, facts: facts(), figures: {}, problems: [] };
  if (event) Object.assign(report.facts, { event_sealed_without_backup: false, event_decrypted: false });
  let phone;
  try {
    phone = await startPhone({ ...account, deviceName: "Independent verifier" });
    report.facts.signed_in = true;
    await look(phone, { homeserver, recoveryKey, phrase, event }, report);
  } catch (error) {
    report.problems.push(error.message);
  } finally {
    phone?.stop();
    if (!keepDevice) await phone?.signOut().catch((error) => report.problems.push(error.message));
  }
  report.ok = report.problems.length === 0 && Object.values(report.facts).every(Boolean);
  return report;
}

async function look(phone, { homeserver, recoveryKey, phrase, event }, { facts, figures, problems }) {
  const { client, crypto, openWith } = phone;
  const account = withToken({
    homeserver,
    userId: client.getSafeUserId(),
    deviceId: client.getDeviceId(),
    accessToken: client.getAccessToken(),
  });

  // Secret storage, opened with what was kept.
  const keyId = (await account.accountData("m.secret_storage.default_key"))?.key;
  const description = keyId ? await account.accountData(`m.secret_storage.key.${keyId}`) : null;
  facts.default_key_described = description?.algorithm === "m.secret_storage.v1.aes-hmac-sha2";
  facts.key_description_has_iv_and_mac = Boolean(description?.iv && description?.mac);
  if (!facts.default_key_described) throw new Error("there is no default key with a description");
  if (phrase !== undefined) figures.phrase_rounds = description.passphrase?.iterations ?? 0;
  const key = await keptKey({ recoveryKey, phrase }, description);
  // Without `iv` and `mac`, js-sdk takes any key for the right one.
  facts.key_opens_secret_storage =
    facts.key_description_has_iv_and_mac && (await client.secretStorage.checkKey(key, description));
  if (!facts.key_opens_secret_storage) throw new Error("what was kept does not open secret storage");
  openWith(encodeRecoveryKey(key));

  // The four secrets; each but the last must be the private half of what the server publishes.
  const secrets = {};
  for (const [name, type] of Object.entries(secretNames)) {
    if ((await account.accountData(type))?.encrypted?.[keyId]) secrets[name] = await client.secretStorage.get(type);
  }
  facts.all_four_secrets_under_default_key = Object.keys(secretNames).every((name) => secrets[name]);
  const published = await account.publishedKeys();
  const publicKeyOf = (name) => Object.values(published[name]?.keys ?? {})[0];
  const isPublished = (name) => Boolean(secrets[name]) && publicHalf("ed25519", secrets[name]) === publicKeyOf(name);
  facts.master_key_is_the_published_one = isPublished("master");
  facts.self_signing_key_is_the_published_one = isPublished("selfSigning");
  facts.user_signing_key_is_the_published_one = isPublished("userSigning");
  facts.identity_signed_by_master_key = ["selfSigning", "userSigning"].every((name) =>
    isSignedBy(published[name], account.userId, publicKeyOf("master")),
  );

  // The backup that the stored key opens.
  const backup = await account.backup();
  facts.backup_exists = Boolean(backup);
  facts.backup_algorithm_known = backup?.algorithm === "m.megolm_backup.v1.curve25519-aes-sha2";
  facts.backup_signed_by_master_key = isSignedBy(backup?.auth_data, account.userId, publicKeyOf("master"));
  facts.backup_key_is_that_of_the_backup =
    Boolean(backup && secrets.backup) && publicHalf("x25519", secrets.backup) === backup.auth_data.public_key;
  if (backup) Object.assign(figures, { backup_version: backup.version, room_keys_in_backup: backup.count });

  const sealed = event && (await fetchEvent(account, event));
  if (sealed) facts.event_sealed_without_backup = !(await reads(client, sealed, event.text));

  // js-sdk makes a new identity where it finds no stored one, so it goes on only with one that fits.
  const fits = ["master", "self_signing", "user_signing"].every((name) => facts[`${name}_key_is_the_published_one`]);
  if (!fits || !facts.all_four_secrets_under_default_key || !backup) throw new Error("it cannot be opened further");
  await crypto.userHasCrossSigningKeys(account.userId, true);
  await crypto.bootstrapCrossSigning({});
  // It learns of the new signature on its own device only from the server.
  await crypto.userHasCrossSigningKeys(account.userId, true);
  facts.own_device_verified = Boolean(
    (await crypto.getDeviceVerificationStatus(account.userId, account.deviceId))?.crossSigningVerified,
  );
  facts.cross_signing_ready = await crypto.isCrossSigningReady();

  const info = await crypto.getKeyBackupInfo();
  facts.backup_trusted_by_signature = Boolean(info) && (await crypto.isKeyBackupTrusted(info)).trusted;
  try {
    await crypto.loadSessionBackupPrivateKeyFromSecretStorage();
    facts.backup_matches_decryption_key = (await crypto.isKeyBackupTrusted(info)).matchesDecryptionKey;
    const restored = await crypto.restoreKeyBackup();
    figures.room_keys_restored = restored.imported;
    facts.backup_restored = restored.imported === restored.total && restored.total === backup.count;
  } catch (error) {
    problems.push(error.message);
  }
  await crypto.checkKeyBackupAndEnable();
  facts.secret_storage_ready = await crypto.isSecretStorageReady();
  if (sealed) facts.event_decrypted = await reads(client, await fetchEvent(account, event), event.text);
}

async function keptKey({ recoveryKey, phrase }, { passphrase }) {
  if (recoveryKey !== undefined) return decodeRecoveryKey(recoveryKey);
  if (!passphrase) throw new Error("the key's description has no passphrase parameters");
  return deriveRecoveryKeyFromPassphrase(phrase, passphrase.salt, passphrase.iterations, passphrase.bits);
}

async function fetchEvent(account, { roomId, eventId }) {
  const path = `/rooms/${encodeURIComponent(roomId)}/event/${encodeURIComponent(eventId)}`;
  return new MatrixEvent(await account.request("GET", path));
}

async function reads(client, event, text) {
  await client.decryptEventIfNeeded(event);
  return event.isEncrypted() && !event.isDecryptionFailure() && event.getContent().body === text;
}
