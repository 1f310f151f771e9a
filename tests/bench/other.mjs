// Runs the other client of files.mjs in the browser: does what Element Web does for "Import keys" and "Export keys".

import { ClientEvent, createClient } from "matrix-js-sdk";
import { CryptoEvent } from "matrix-js-sdk/lib/crypto-api/index.js";
import { decodeRecoveryKey } from "matrix-js-sdk/lib/crypto-api/recovery-key.js";
import { logger } from "matrix-js-sdk/lib/logger.js";
import { RustBackupManager } from "matrix-js-sdk/lib/rust-crypto/backup.js";

import { open, seal } from "../interop/key_file.mjs";

logger.methodFactory = () => () => {};
logger.rebuild();
// It waits up to ten seconds, by chance; only its work is compared.
RustBackupManager.maxBackupLoopStartDelayMillis = 0;
const quiet = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, getChild: () => quiet };

globalThis.other = async ({ what, homeserver, user, password, recoveryKey, passphrase, name }) => {
  const signIn = createClient({ baseUrl: homeserver, logger: quiet });
  const account = await signIn.loginRequest({
    type: "m.login.password",
    identifier: { type: "m.id.user", user },
    password,
  });
  const key = decodeRecoveryKey(recoveryKey);
  const client = createClient({
    baseUrl: homeserver,
    accessToken: account.access_token,
    userId: account.user_id,
    deviceId: account.device_id,
    logger: quiet,
    cryptoCallbacks: { getSecretStorageKey: async ({ keys }) => [Object.keys(keys)[0], key] },
  });
  await client.initRustCrypto();
  const crypto = client.getCrypto();
  let remaining;
  client.on(CryptoEvent.KeyBackupSessionsRemaining, (left) => (remaining = left));
  const synced = new Promise((done) => client.on(ClientEvent.Sync, (state) => state === "PREPARED" && done()));
  await client.startClient({ initialSyncLimit: 1 });
  await synced;
  await crypto.userHasCrossSigningKeys(account.user_id, true);
  await crypto.bootstrapCrossSigning({});
  await crypto.loadSessionBackupPrivateKeyFromSecretStorage();
  await crypto.checkKeyBackupAndEnable();
  try {
    return what === "import" ? await importFile() : await takeHome();
  } finally {
    client.stopClient();
  }

  async function importFile() {
    // Waits until nothing of its own is left to upload.
    while (remaining !== 0) await new Promise((done) => setTimeout(done, 50));
    remaining = undefined;
    const file = await (await fetch(name)).text();
    const start = performance.now();
    await crypto.importRoomKeysAsJson(await open(file, passphrase));
    while (remaining !== 0) await new Promise((done) => setTimeout(done, 20));
    return { ms: performance.now() - start };
  }

  async function takeHome() {
    const start = performance.now();
    const { imported, total } = await crypto.restoreKeyBackup();
    if (imported !== total) throw new Error(`restored ${imported} of ${total}`);
    const file = await seal(await crypto.exportRoomKeysAsJson(), passphrase);
    return { ms: performance.now() - start, bytes: file.length };
  }
};
