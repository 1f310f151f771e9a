// Runs the independent judge of the sweep (tests/sweep). It answers questions about accounts as long as its standard
// input is open, one line of JSON each. It opens everything with matrix-js-sdk's own functions and Node's cryptography,
// and none of our engine's code.
//
// A question is `{ id, homeserver, user_id, ... }`, an answer `{ id, ... }` or `{ id, error }`:
// - `{ look: { access_token, held, kept } }`: reads what the server holds with an observer's token. `held` are all
//   recovery keys that the person has, old and new; `kept` is the one that has to open everything alone, or nothing.
// - `{ verify: { password, recovery_key } }`: signs in anew with a whole client, see verifier.mjs.

import { createInterface } from "node:readline";

import { publicHalf, isSignedBy } from "./keys.mjs";
import { openableOn } from "./openable.mjs";
import { withToken } from "./account.mjs";
import { decrypted, describedKeys, openedKeys } from "./storage.mjs";
import { verifyAccount } from "./verifier.mjs";

const names = {
  master: "m.cross_signing.master",
  selfSigning: "m.cross_signing.self_signing",
  userSigning: "m.cross_signing.user_signing",
  backup: "m.megolm_backup.v1",
};

async function look({ homeserver, user_id: userId, look: { access_token, held, kept } }) {
  const server = withToken({ homeserver, userId, accessToken: access_token });
  const [data, published, backup] = await Promise.all([
    server.allAccountData(),
    server.publishedKeys(),
    server.backup(),
  ]);
  const masterKey = publicKeyOf(published.master);
  const byHeld = await openableOn(server, data, { recoveryKeys: held });
  const answer = {
    sessions: byHeld.sessions,
    versions: byHeld.versions,
    newest: backup?.version ?? null,
    master_key: masterKey ?? null,
    default_key: data["m.secret_storage.default_key"]?.key ?? null,
    secrets: await everySecret(data, held),
    kept: null,
  };
  if (kept) answer.kept = await seenWith(kept, { server, userId, data, published, masterKey, backup });
  return answer;
}

// Returns what the kept key alone shows, as a new device would see it.
async function seenWith(kept, { server, userId, data, published, masterKey, backup }) {
  const keyId = data["m.secret_storage.default_key"]?.key;
  const description = keyId ? describedKeys(data)[keyId] : undefined;
  const opened = await openedKeys(data, { recoveryKeys: [kept] });
  const byDefault = keyId && opened[keyId] ? { [keyId]: opened[keyId] } : {};
  const secrets = {};
  for (const [name, type] of Object.entries(names)) secrets[name] = await decrypted(type, data[type], byDefault);
  const isPublished = (name) =>
    Boolean(secrets[name]) && publicHalf("ed25519", secrets[name]) === publicKeyOf(published[name]);
  const { sessions } = await openableOn(server, data, { recoveryKeys: [kept] });
  return {
    sessions,
    default_key_is_opened: Object.keys(byDefault).length === 1,
    description_has_iv_and_mac: Boolean(description?.iv && description?.mac),
    all_secrets_under_default_key: Object.values(secrets).every(Boolean),
    identity_is_the_published_one: ["master", "selfSigning", "userSigning"].every(isPublished),
    identity_is_signed: ["selfSigning", "userSigning"].every((name) => isSignedBy(published[name], userId, masterKey)),
    backup_key_opens_newest: Boolean(backup) && publicHalf("x25519", secrets.backup) === backup.auth_data.public_key,
    backup_is_signed: isSignedBy(backup?.auth_data, userId, masterKey),
    is_not_switched_off:
      data["m.key_backup"]?.enabled !== false && data["m.org.matrix.custom.backup_disabled"]?.disabled !== true,
  };
}

// Returns every secret that any held key opens, wherever it lies: no request may contain one of these.
async function everySecret(data, held) {
  const opened = await openedKeys(data, { recoveryKeys: held });
  const archives = Object.entries(data).filter(([type]) => type.startsWith("matrixbackup.archive"));
  const places = [data, ...archives.map(([, content]) => content)];
  const found = new Set();
  for (const place of places) {
    for (const type of Object.values(names)) {
      for (const [keyId, key] of Object.entries(opened)) {
        const text = await decrypted(type, place[type], { [keyId]: key });
        if (text) found.add(text);
      }
    }
  }
  return [...found];
}

const publicKeyOf = (key) => Object.values(key?.keys ?? {})[0];

async function verify({ homeserver, user_id: user, verify: { password, recovery_key: recoveryKey } }) {
  return verifyAccount({ homeserver, user, password, recoveryKey });
}

// Standard output is for the answers alone, so js-sdk's messages go to standard error.
console.log = console.info = console.debug = console.warn = console.error;
const say = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);

for await (const line of createInterface(process.stdin)) {
  const question = JSON.parse(line);
  const answering = question.look ? look(question) : verify(question);
  answering.then(
    (answer) => say({ id: question.id, ...answer }),
    (error) => say({ id: question.id, error: `${error.stack}` }),
  );
}
