// Has a client set up an account: a running matrix-js-sdk, or the native client on matrix-sdk
// (tests/support/clients/native_account.rs). They have the crates of their cryptography in common, and nothing above.
// Both write the same messages and leave their device signed in.

import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { json, text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";

import { encodeRecoveryKey } from "matrix-js-sdk/lib/crypto-api/recovery-key.js";

import { withToken } from "../../../interop/account.mjs";
import { decrypted, openedKeys } from "../../../interop/storage.mjs";
import { startPhone } from "../../clients/phone.mjs";

// A sender makes a new room key after five messages, so these make three.
const rooms = [
  ["Dinner on Sunday?", "Yes! I bring the cake.", "Grandma comes too."],
  ["We start with the Bach.", "Page 12?", "Page 14.", "And then?", "The new one.", "I have no copy.", "Ask Anna."],
];

/**
 * Registers a user and lets a client set up as much as `setUp` says: "nothing", "identity", "backup" (with the
 * identity, its key stored nowhere), or "recovery" (all of it, opened by `phrase` too if there is one).
 *
 * `native`: prefer the native client. matrix-js-sdk stands in where there is no password, or where the native client is
 * not built (in CI that is an error). `user`: their name, if it matters.
 *
 * Returns `{ maker, homeserver, user, userId, password, signIn, server, messages, recoveryKey, phrase, backupKey,
 * phones }`, where `server` is the account as that device sees it, and `backupKey` opens the backup as a recovery key.
 */
export async function makeAccount(homeserver, { setUp, phrase, native = false, name = "state", user }) {
  const account = {
    homeserver: homeserver.url,
    user: user ?? `${name}-${randomBytes(5).toString("hex")}`,
    password: randomBytes(9).toString("base64url"),
    signIn: homeserver.signIn,
  };
  await homeserver.register(account.user, account.password);
  const make = native && !account.signIn && nativeIsBuilt() ? byNativeClient : byPhone;
  const made = { ...account, phrase, phones: [], ...(await make(account, { setUp, phrase })) };
  made.userId = made.server.userId;
  if (["backup", "recovery"].includes(setUp)) await keysArrived(made.server, 3);
  return made;
}

async function byPhone(account, { setUp, phrase }) {
  const phone = await startPhone({ ...account, deviceName: "App" });
  const messages = [];
  for (const texts of rooms) messages.push(...(await write(phone, texts)));
  let recoveryKey;
  if (setUp === "identity") await phone.setUpIdentity();
  if (setUp === "recovery") recoveryKey = await phone.setUpRecovery(phrase);
  if (setUp === "backup") {
    await phone.setUpIdentity();
    await phone.crypto.resetKeyBackup();
  }
  const backupKey = await phone.crypto.getSessionBackupPrivateKey();
  return {
    maker: "matrix-js-sdk",
    server: serverOf(phone, account.homeserver),
    messages,
    recoveryKey,
    backupKey: backupKey ? encodeRecoveryKey(backupKey) : undefined,
    phones: [phone],
  };
}

async function byNativeClient(account, { setUp, phrase }) {
  const said = await runNative({ ...account, set_up: setUp, phrase, rooms });
  const server = withToken({
    homeserver: account.homeserver,
    userId: said.user_id,
    deviceId: said.device_id,
    accessToken: said.access_token,
  });
  const recoveryKey = said.recovery_key ?? undefined;
  return {
    maker: "matrix-rust-sdk",
    server,
    messages: said.messages.map(({ room_id, event_id, text }) => ({ roomId: room_id, eventId: event_id, text })),
    recoveryKey,
    backupKey: recoveryKey && (await storedBackupKey(server, recoveryKey)),
  };
}

const target = () =>
  process.env.CARGO_TARGET_DIR ?? join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "matrixbackup/target");
// By default where `cargo test --features native` builds it.
const program = () => process.env.NATIVE_ACCOUNT ?? join(target(), "debug/examples/native-account");

function nativeIsBuilt() {
  if (existsSync(program())) return true;
  if (process.env.CI) throw new Error(`the native client is missing: ${program()}`);
  return false;
}

async function runNative(asked) {
  const child = spawn(program(), { stdio: ["pipe", "pipe", "pipe"] });
  child.stdin.end(JSON.stringify(asked));
  const [said, complained, code] = await Promise.all([
    json(child.stdout).catch(() => undefined),
    text(child.stderr),
    new Promise((done, failed) => child.once("error", failed).once("exit", done)),
  ]);
  if (code !== 0 || !said) throw new Error(`the native client failed: ${complained}`);
  return said;
}

async function storedBackupKey(server, recoveryKey) {
  const data = await server.allAccountData();
  const opened = await openedKeys(data, { recoveryKeys: [recoveryKey] });
  const secret = await decrypted("m.megolm_backup.v1", data["m.megolm_backup.v1"], opened);
  return encodeRecoveryKey(Buffer.from(secret, "base64"));
}

/** Writes messages into a new room of a phone's. */
export async function write(phone, texts) {
  const roomId = await phone.createRoom(texts[0]);
  const messages = [];
  for (const text of texts) {
    const { event_id: eventId } = await phone.send(roomId, text);
    messages.push({ roomId, eventId, text });
  }
  return messages;
}

/** Returns the account as a phone's device sees it. */
export function serverOf({ client }, homeserver) {
  return withToken({
    homeserver,
    userId: client.getSafeUserId(),
    deviceId: client.getDeviceId(),
    accessToken: client.getAccessToken(),
  });
}

/** Waits up to a minute until the newest backup has at least that many room keys. */
export async function keysArrived(server, wanted) {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const { count = 0 } = (await server.backup()) ?? {};
    if (count >= wanted) return;
    if (Date.now() > deadline) throw new Error(`the backup has ${count} room keys, not ${wanted}`);
    await sleep(200);
  }
}
