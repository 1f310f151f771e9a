// Plays a person's other device (matrix-js-sdk) for tests in another language. It reads one line of JSON for each thing
// that the person does on it, and prints one line of JSON when that has happened.
//
// {"do": "start", "homeserver", "user", "password", "device_name", "has": "nothing" | "identity" | "backup"}
// {"do": "write", "texts": […]}                 into a new encrypted room, with a new key for each
// {"do": "accept"} or {"do": "ask", "device_id"}  until the emoji are there: answers {"emoji": […], "decimals": […]}
// {"do": "ask_in_vain", "device_id"}            until it has said no
// {"do": "decline"}                             the next request
// {"do": "forget_requests"}                     the next request, once whoever asked has taken it back
// {"do": "match" | "differ" | "cancel"}         answers once that is said
// {"do": "ended"}                               answers {"done", "code", "by_us"}
// {"do": "backup"}                              answers {"active": the version it writes into, or null}
// {"do": "stop"}

import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

import { VerificationPhase, VerifierEvent, CryptoEvent } from "matrix-js-sdk/lib/crypto-api/index.js";

import { startPhone } from "./phone.mjs";

let phone;
let asked = [];
let request;
let sas;
let verifying;

async function emoji() {
  while (request.pending && !request.verifier) await sleep(20);
  const verifier = request.verifier;
  if (!verifier) throw new Error(`it ended before the emoji: ${request.cancellationCode}`);
  const shown = new Promise((done) => verifier.on(VerifierEvent.ShowSas, done));
  // `ended` tells how it ended if somebody gives up.
  verifying = verifier.verify().catch(() => {});
  sas = verifier.getShowSasCallbacks() ?? (await shown);
  return { emoji: sas.sas.emoji.map(([, name]) => name), decimals: sas.sas.decimal };
}

async function nextRequest() {
  while (asked.length === 0) await sleep(20);
  return asked.shift();
}

async function requestOf(deviceId) {
  const user = phone.client.getSafeUserId();
  await phone.crypto.getUserDeviceInfo([user], true);
  return phone.crypto.requestDeviceVerification(user, deviceId);
}

const doing = {
  async start({ homeserver, user, password, device_name: deviceName, has }) {
    phone = await startPhone({ homeserver, user, password, deviceName, has });
    phone.client.on(CryptoEvent.VerificationRequestReceived, (received) => asked.push(received));
    return { device_id: phone.client.getDeviceId() };
  },
  async write({ texts }) {
    const room = await phone.createRoom("A room", [], 1);
    for (const text of texts) await phone.send(room, text);
  },
  async accept() {
    request = await nextRequest();
    await request.accept();
    return emoji();
  },
  async forget_requests() {
    const takenBack = await nextRequest();
    while (takenBack.pending) await sleep(20);
  },
  async decline() {
    request = await nextRequest();
    await request.cancel();
  },
  async ask_in_vain({ device_id: deviceId }) {
    const asks = await requestOf(deviceId);
    while (asks.pending) await sleep(20);
  },
  async ask({ device_id: deviceId }) {
    request = await requestOf(deviceId);
    while (request.phase < VerificationPhase.Ready) await sleep(20);
    // As Element does once somebody has pressed its button; the other side may have begun by itself.
    if (request.phase === VerificationPhase.Ready && !request.verifier) await request.startVerification("m.sas.v1");
    return emoji();
  },
  async match() {
    await sas.confirm();
  },
  async differ() {
    sas.mismatch();
  },
  async cancel() {
    await request.cancel();
  },
  async ended() {
    while (request.pending) await sleep(20);
    await verifying;
    const done = request.phase === VerificationPhase.Done;
    const by_us = request.cancellingUserId === undefined ? null : request.initiatedByMe;
    return { done, code: request.cancellationCode, by_us };
  },
  async backup() {
    return { active: await phone.crypto.getActiveSessionBackupVersion() };
  },
  async stop() {
    phone?.stop();
    setTimeout(() => process.exit(0), 10);
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { do: what, ...how } = JSON.parse(line);
  const said = await doing[what](how).catch((error) => ({ error: error.message }));
  console.log(JSON.stringify(said ?? {}));
}
process.exit(0);
