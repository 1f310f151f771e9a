// Counts the old messages that somebody can read who was signed out everywhere and holds only what they kept. A new
// device on matrix-js-sdk opens the backup, and decrypts every encrypted message of every room the account is in. On a
// command line:
//
//   node tests/interop/readable.mjs
//
// reads JSON on standard input, {"homeserver", "user", "password", "recovery_key"}, and prints what it counted.

import { json } from "node:stream/consumers";
import { pathToFileURL } from "node:url";

import { MatrixEvent } from "matrix-js-sdk";

import { serverOf } from "../support/accounts/states/makers.mjs";
import { startPhone } from "../support/clients/phone.mjs";

/**
 * Counts. `account`: `{ homeserver, user }` and `password`, or `signIn` as startPhone takes it.
 * `signOutOthers`: removes every other device first, as somebody does who moves to a new one; needs the password.
 *
 * Returns `{ all, readable, rooms: { roomId: { all, readable, unreadable: [eventId] } } }`. The device made for this is
 * removed again.
 */
export async function readableFrom({ recoveryKey, signOutOthers = false, ...account }) {
  const phone = await startPhone({ ...account, deviceName: "After the move" });
  const server = serverOf(phone, account.homeserver);
  try {
    if (signOutOthers) await removeOthers(server, account.password);
    if (recoveryKey) await openBackup(phone, recoveryKey);
    const counted = { all: 0, readable: 0, rooms: {} };
    const { joined_rooms: rooms } = await server.request("GET", "/joined_rooms");
    for (const roomId of rooms) {
      const room = { all: 0, readable: 0, unreadable: [] };
      for await (const event of encryptedEvents(server, roomId)) {
        room.all++;
        if (await reads(phone.client, event)) room.readable++;
        else room.unreadable.push(event.event_id);
      }
      counted.all += room.all;
      counted.readable += room.readable;
      counted.rooms[roomId] = room;
    }
    return counted;
  } finally {
    phone.stop();
    await phone.signOut();
  }
}

async function openBackup({ client, crypto, openWith }, recoveryKey) {
  openWith(recoveryKey);
  await crypto.userHasCrossSigningKeys(client.getUserId(), true);
  await crypto.loadSessionBackupPrivateKeyFromSecretStorage();
  await crypto.restoreKeyBackup();
}

async function removeOthers(server, password) {
  const others = (await server.devices()).map(({ device_id }) => device_id).filter((id) => id !== server.deviceId);
  const auth = { type: "m.login.password", identifier: { type: "m.id.user", user: server.userId }, password };
  if (others.length) await server.request("POST", "/delete_devices", { devices: others, auth });
}

/** Yields the encrypted events of a room, newest first; those that were redacted are left out. */
export async function* encryptedEvents(server, roomId) {
  const filter = encodeURIComponent(JSON.stringify({ types: ["m.room.encrypted"] }));
  for (let from = ""; ; ) {
    const path = `/rooms/${encodeURIComponent(roomId)}/messages?dir=b&limit=100&filter=${filter}${from}`;
    const { chunk, end } = await server.request("GET", path);
    yield* chunk.filter(({ content }) => content.algorithm === "m.megolm.v1.aes-sha2");
    if (!end) return;
    from = `&from=${encodeURIComponent(end)}`;
  }
}

async function reads(client, sealed) {
  const event = new MatrixEvent(sealed);
  await client.decryptEventIfNeeded(event);
  return !event.isDecryptionFailure() && event.getContent().body !== undefined;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const { homeserver, user, password, recovery_key: recoveryKey } = await json(process.stdin);
  const counted = JSON.stringify(await readableFrom({ homeserver, user, password, recoveryKey }));
  process.stdout.write(`${counted}\n`, () => process.exit(0));
}
