// The other page: matrix-js-sdk in the browser, doing what Element Web does. It sets an account up on screens of its own,
// the fewest there can be, or carries keys for files.mjs: "Import keys" and "Export keys".

import { initAsync } from "@matrix-org/matrix-sdk-crypto-wasm";
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

/** Signs in, and starts encryption and sync. `key()` returns what opens secret storage. */
async function start({ homeserver, user, password, key, useIndexedDB }) {
  const account = await createClient({ baseUrl: homeserver, logger: quiet }).loginRequest({
    type: "m.login.password",
    identifier: { type: "m.id.user", user },
    password,
  });
  const client = createClient({
    baseUrl: homeserver,
    accessToken: account.access_token,
    userId: account.user_id,
    deviceId: account.device_id,
    logger: quiet,
    cryptoCallbacks: { getSecretStorageKey: async ({ keys }) => [Object.keys(keys)[0], key()] },
  });
  await client.initRustCrypto({ useIndexedDB });
  const synced = new Promise((done) => client.on(ClientEvent.Sync, (state) => state === "PREPARED" && done()));
  await client.startClient({ initialSyncLimit: 1 });
  await synced;
  return client;
}

/** Shows the screens of a set-up; `main` is where. */
async function setUp(main) {
  // As our page does: its program comes while the person reads.
  initAsync();
  /** Shows a screen, and resolves with what was typed when its button is pressed. */
  const ask = (step, markup) => {
    main.innerHTML = markup;
    main.dataset.step = step;
    return new Promise((done) => {
      main.querySelector("button").onclick = () => done([...main.querySelectorAll("input")].map(({ value }) => value));
    });
  };
  const [user, password] = await ask(
    "sign-in",
    '<input aria-label="Matrix ID"><input aria-label="Account password" type="password"><button>Sign in</button>',
  );
  let key;
  const client = await start({
    homeserver: location.origin, user, password, key: () => key.privateKey, useIndexedDB: false,
  });
  const crypto = client.getCrypto();
  const [phrase] = await ask("choose", '<input aria-label="Security phrase"><button>Turn on backup</button>');
  key = await crypto.createRecoveryKeyFromPassphrase(phrase || undefined);
  await crypto.bootstrapCrossSigning({
    setupNewCrossSigning: true,
    authUploadDeviceSigningKeys: (upload) => upload(null),
  });
  await crypto.bootstrapSecretStorage({
    setupNewSecretStorage: true,
    setupNewKeyBackup: true,
    createSecretStorageKey: async () => key,
  });
  ask("done", `<p>${key.encodedPrivateKey}</p><button>Sign out</button>`);
  client.stopClient();
}

globalThis.other = async ({ what, homeserver, user, password, recoveryKey, passphrase, name }) => {
  const key = decodeRecoveryKey(recoveryKey);
  // Element keeps its keys there.
  const client = await start({ homeserver, user, password, key: () => key, useIndexedDB: true });
  const crypto = client.getCrypto();
  let remaining;
  client.on(CryptoEvent.KeyBackupSessionsRemaining, (left) => (remaining = left));
  await crypto.userHasCrossSigningKeys(client.getUserId(), true);
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
    const from = performance.now();
    await crypto.importRoomKeysAsJson(await open(file, passphrase));
    while (remaining !== 0) await new Promise((done) => setTimeout(done, 20));
    return { from, ms: performance.now() - from };
  }

  async function takeHome() {
    const from = performance.now();
    const { imported, total } = await crypto.restoreKeyBackup();
    if (imported !== total) throw new Error(`restored ${imported} of ${total}`);
    const file = await seal(await crypto.exportRoomKeysAsJson(), passphrase);
    return { from, ms: performance.now() - from, bytes: file.length };
  }
};

const main = document.querySelector("main");
if (main) setUp(main);
