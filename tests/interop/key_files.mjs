// Plays another client that works with files of exported room keys: matrix-js-sdk, Element Web's engine. Reads JSON on
// standard input and prints JSON in one line:
//
//   {"do": "seal", "text", "passphrase", "rounds"}                       → {"file"}
//   {"do": "open", "file", "passphrase"}                                 → {"text"}
//   {"do": "export", "homeserver", "user", "password", "passphrase", "texts"}
//       writes these messages into a new encrypted room and exports the keys → {"file", "events"}
//   {"do": "read", "homeserver", "user", "password", "passphrase", "file", "events"}
//       reads these messages with nothing but the file                   → {"sealed", "read"}
//
// Its devices are signed out at the end.

import { json } from "node:stream/consumers";

import { MatrixEvent } from "matrix-js-sdk";

import { startPhone } from "../support/clients/phone.mjs";
import { open, seal } from "./key_file.mjs";

const asked = await json(process.stdin);
const work = { seal: sealed, open: opened, export: exported, read };
const answer = JSON.stringify(await work[asked.do](asked));
// Exits only once all of it is out: a pipe takes a long answer in parts.
process.stdout.write(`${answer}\n`, () => process.exit(0));

async function sealed({ text, passphrase, rounds }) {
  return { file: await seal(text, passphrase, rounds) };
}

async function opened({ file, passphrase }) {
  return { text: await open(file, passphrase) };
}

async function exported({ passphrase, texts, ...account }) {
  const phone = await startPhone({ ...account, deviceName: "Exporting" });
  const roomId = await phone.createRoom("exported");
  const events = [];
  for (const text of texts) {
    const { event_id: eventId } = await phone.send(roomId, text);
    events.push({ roomId, eventId, text });
  }
  const file = await seal(await phone.crypto.exportRoomKeysAsJson(), passphrase);
  await leave(phone);
  return { file, events };
}

async function read({ file, passphrase, events, ...account }) {
  const phone = await startPhone({ ...account, deviceName: "Reading" });
  const before = await readable(phone.client, events);
  await phone.crypto.importRoomKeysAsJson(await open(file, passphrase));
  const after = await readable(phone.client, events);
  await leave(phone);
  return { sealed: events.length - before, read: after };
}

async function readable(client, events) {
  let readable = 0;
  for (const { roomId, eventId, text } of events) {
    const event = new MatrixEvent(await client.fetchRoomEvent(roomId, eventId));
    await client.decryptEventIfNeeded(event);
    if (event.isEncrypted() && !event.isDecryptionFailure() && event.getContent().body === text) readable += 1;
  }
  return readable;
}

async function leave(phone) {
  phone.stop();
  await phone.client.logout(true);
}
