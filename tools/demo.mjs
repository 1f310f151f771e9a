// `make demo`: the release page with its production headers, in front of a real Synapse, with an account that has
// something to lose. Alice's phone (another implementation, matrix-js-sdk) stays signed in and holds the keys of her
// messages; give it the recovery key the page made, and see them arrive in the backup. Ctrl-C takes everything away.

import { randomBytes } from "node:crypto";
import { createInterface } from "node:readline";

import { freePort, startHomeserver } from "../tests/support/homeserver.mjs";
import { startPhone } from "../tests/support/phone.mjs";
import { startServer } from "./serve.mjs";

const conversations = {
  Family: ["Dinner on Sunday?", "Yes! I bring the cake.", "Grandma comes too.", "Can you send the photos from June?"],
  "The old flat": ["Did you find the contract?", "It was in the blue folder.", "And the keys?", "With the neighbour."],
  Choir: ["We start with the Bach.", "Page 12?", "Page 14.", "I will be ten minutes late."],
};
const messagesPerRoom = 20;

const running = [];

async function stop(code) {
  console.log("\nStopping, and removing what was made for the demo.");
  for (const part of running.splice(0).reverse()) await part.stop();
  process.exit(code);
}
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => stop(0));

try {
  await demo();
} catch (error) {
  console.error(`The demo could not start: ${error.message}`);
  await stop(1);
}

async function demo() {
  const port = await pagePort();
  const password = randomBytes(6).toString("base64url");

  console.log("Starting Synapse.");
  const homeserver = await startHomeserver({
    // One origin for page and homeserver; the page finds the homeserver by the name in the Matrix ID.
    serverName: `127.0.0.1:${port}`,
    publicUrl: `http://127.0.0.1:${port}`,
  });
  running.push(homeserver);
  await homeserver.register("alice", password);
  await homeserver.register("bob", password);

  console.log("Alice and Bob write each other on their phones.");
  const alice = await startPhone({ homeserver: homeserver.url, user: "alice", password, deviceName: "Alice's phone" });
  running.push(alice);
  const bob = await startPhone({ homeserver: homeserver.url, user: "bob", password, deviceName: "Bob's phone" });
  running.push(bob);
  for (const [name, lines] of Object.entries(conversations)) {
    const room = await alice.createRoom(name, [bob.client.getUserId()]);
    await bob.joinRoom(room);
    for (let i = 0; i < messagesPerRoom; i++) {
      await (i % 2 ? bob : alice).send(room, lines[i % lines.length]);
    }
  }

  const page = await startServer({ dist: "dist", port, homeserver: homeserver.url });
  running.push({ stop: page.close });

  console.log(`
  The page    ${page.url}
  Matrix ID   ${alice.client.getUserId()}
  Password    ${password}

What to try
  1. Open the page, sign in as Alice, and let it guide you until it says that backup is set up.
  2. Alice's old messages are still only on her phone. Paste the recovery key or the phrase here and press Enter:
     her phone then does what Element does when you enter the key there, and the page's count of saved keys grows.

Ctrl-C stops everything and removes it.
`);

  for await (const line of createInterface({ input: process.stdin })) {
    if (line.trim()) await enterOnPhone(alice, line.trim());
  }
}

async function enterOnPhone(phone, key) {
  const held = (await phone.crypto.exportRoomKeys()).length;
  console.log(`Alice's phone: entering the key. It holds ${held} room keys, and may wait ten seconds before it uploads.`);
  try {
    await phone.enterRecoveryKey(key);
    const { version, count } = await phone.backup();
    console.log(`Alice's phone: verified. Backup ${version} on the server now has ${count} room keys.`);
  } catch (error) {
    console.log(`Alice's phone: that did not work: ${error.message}.`);
  }
}

async function pagePort() {
  if (process.env.PORT) return freePort(Number(process.env.PORT));
  for (const port of [8080, 8081, 8082, 8083]) {
    try {
      return await freePort(port);
    } catch {
      // Taken: the next one.
    }
  }
  return freePort();
}
