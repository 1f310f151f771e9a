// Has matrix-js-sdk (Element Web's engine) find out what our coverage does. It syncs the rooms, restores the backup,
// and asks for each room's newest hundred messages, four rooms at a time. It counts those that its room keys open.
//
// Reads JSON on standard input, {"homeserver", "user", "password", "recovery_key"}, and prints one line,
// {"seconds", "covered", "missing", "megabytes"}. Signing in and opening secret storage are not counted.

import { json } from "node:stream/consumers";

import { ClientEvent, Direction, Filter } from "matrix-js-sdk";

import { startPhone } from "../support/clients/phone.mjs";
import { megolmIndex } from "../interop/coverage.mjs";

const { homeserver, user, password, recovery_key: recoveryKey } = await json(process.stdin);
const phone = await startPhone({ homeserver, user, password, deviceName: "Bench", syncs: false });
const { client, crypto } = phone;
phone.openWith(recoveryKey);
await crypto.loadSessionBackupPrivateKeyFromSecretStorage();

const start = performance.now();
const synced = new Promise((done) => client.on(ClientEvent.Sync, (state) => state === "PREPARED" && done()));
await client.startClient({ initialSyncLimit: 1, lazyLoadMembers: true });
await synced;
await crypto.restoreKeyBackup();
const first = new Map();
for (const { room_id: roomId, session_id: sessionId, session_key: key } of await crypto.exportRoomKeys()) {
  first.set(`${roomId}|${sessionId}`, Buffer.from(key, "base64").readUInt32BE(1));
}
const filter = new Filter(client.getUserId());
filter.setDefinition({ room: { timeline: { types: ["m.room.encrypted"] } } });
const rooms = client.getRooms().filter((room) => room.hasEncryptionStateEvent());
const tally = { covered: 0, missing: 0 };
const look = async () => {
  for (let room = rooms.pop(); room; room = rooms.pop()) {
    const { chunk } = await client.createMessagesRequest(room.roomId, null, 100, Direction.Backward, filter);
    for (const { content } of chunk) {
      const isCovered = first.get(`${room.roomId}|${content.session_id}`) <= megolmIndex(content);
      tally[isCovered ? "covered" : "missing"]++;
    }
  }
};
await Promise.all([look(), look(), look(), look()]);
const seconds = (performance.now() - start) / 1000;

await client.logout(true);
const megabytes = Math.round(process.resourceUsage().maxRSS / 1024);
console.log(JSON.stringify({ seconds, ...tally, megabytes }));
process.exit(0);
