// Opens secret storage as it lies in account data: tells which key opens what, and what is inside.

import "../support/node20.mjs";

import { calculateKeyCheck } from "matrix-js-sdk/lib/secret-storage.js";
import { decodeRecoveryKey } from "matrix-js-sdk/lib/crypto-api/recovery-key.js";
import { deriveRecoveryKeyFromPassphrase } from "matrix-js-sdk/lib/crypto-api/key-passphrase.js";
import decryptAESSecretStorageItem from "matrix-js-sdk/lib/utils/decryptAESSecretStorageItem.js";

const keyPrefix = "m.secret_storage.key.";
const algorithm = "m.secret_storage.v1.aes-hmac-sha2";

/** Returns the described keys, `{ keyId: description }`. An emptied event describes none. */
export function describedKeys(data) {
  const described = ([type, content]) => type.startsWith(keyPrefix) && content.algorithm === algorithm;
  const entries = Object.entries(data).filter(described);
  return Object.fromEntries(entries.map(([type, content]) => [type.slice(keyPrefix.length), content]));
}

/** Returns the keys of secret storage that recovery keys and a phrase open: `{ keyId: 32 bytes }`. */
export async function openedKeys(data, { recoveryKeys = [], phrase }) {
  const opened = {};
  const given = recoveryKeys.map((text) => decodeRecoveryKey(text));
  for (const [keyId, description] of Object.entries(describedKeys(data))) {
    for (const key of [...given, ...(await derivedKeys(phrase, description))]) {
      if (await fits(key, description)) opened[keyId] = key;
    }
  }
  return opened;
}

async function derivedKeys(phrase, { passphrase }) {
  if (phrase === undefined || !passphrase) return [];
  return [await deriveRecoveryKeyFromPassphrase(phrase, passphrase.salt, passphrase.iterations, passphrase.bits)];
}

// Without `iv` and `mac` any key may fit: each secret's own MAC decides then.
async function fits(key, { iv, mac }) {
  if (!iv || !mac) return true;
  // An `iv` of another length is none that matrix-js-sdk can use.
  const check = await calculateKeyCheck(key, iv).catch(() => null);
  return check !== null && unpadded(check.mac) === unpadded(mac);
}

/** Decrypts a secret with whichever of the opened keys fits; null if none does. */
export async function decrypted(name, content, opened) {
  for (const [keyId, key] of Object.entries(opened)) {
    const encrypted = content?.encrypted?.[keyId];
    const text = encrypted && (await decryptAESSecretStorageItem(encrypted, key, name).catch(() => null));
    if (text) return text;
  }
  return null;
}

const unpadded = (base64) => base64.replace(/=+$/, "");
