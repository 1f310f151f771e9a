// Plays a talk of two people with matrix-js-sdk. Bob writes before Ada is there, both write together, and Bob writes
// after Ada's app was closed.
//
// Reads JSON on standard input, {"homeserver", "ada": {"user", "password"}, "bob": {"user", "password"}}. Prints one
// line: the room's id, Ada's recovery key, and how many messages were sent when. Ada's app has backed its keys up.

import { setTimeout as sleep } from "node:timers/promises";
import { json } from "node:stream/consumers";

import { startPhone } from "./phone.mjs";

const { homeserver, ada, bob } = await json(process.stdin);
const [adas, bobs] = [
  await startPhone({ homeserver, ...ada, deviceName: "Ada's phone" }),
  await startPhone({ homeserver, ...bob, deviceName: "Bob's phone" }),
];
const recoveryKey = await adas.setUpRecovery();
const said = { before: 3, together: 0, alone: 4 };

const roomId = await bobs.createRoom("Two of us");
for (let i = 0; i < said.before; i++) await bobs.send(roomId, `before ${i}`);
await bobs.client.invite(roomId, adas.client.getUserId());
await adas.joinRoom(roomId);
const isThere = () => bobs.client.getRoom(roomId)?.getMember(adas.client.getUserId())?.membership === "join";
while (!isThere()) await sleep(20);
for (let i = 0; i < 7; i++) {
  for (const phone of [adas, bobs]) {
    await phone.send(roomId, `together ${i}`);
    said.together++;
  }
}
// Both wrote seven messages, with a new room key after five: four keys.
while ((await adas.backup()).count < 4) await sleep(100);
adas.stop();
// Otherwise a key that the app has, and Bob has not used up, would open what follows.
await bobs.crypto.forceDiscardSession(roomId);
for (let i = 0; i < said.alone; i++) await bobs.send(roomId, `alone ${i}`);
bobs.stop();

console.log(JSON.stringify({ room_id: roomId, recovery_key: recoveryKey, ...said }));
process.exit(0);
