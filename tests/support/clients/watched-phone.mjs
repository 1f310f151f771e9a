// What the phone beside the page shows in the film (`make video`): all of it is read from the client that runs there (matrix-js-sdk).

import { setTimeout as sleep } from "node:timers/promises";

import { CryptoEvent, VerifierEvent } from "matrix-js-sdk/lib/crypto-api/index.js";

/** Watches a client of tests/support/clients/phone.mjs; `state()` is what tools/video/stage.mjs draws of it. */
export function watchPhone({ client, crypto }, owner) {
  let screen = "chats";
  let pressed, request, asker, sas, verifying, left;
  client.on(CryptoEvent.KeyBackupSessionsRemaining, (remaining) => (left = remaining));
  client.on(CryptoEvent.VerificationRequestReceived, (received) => (request = received));

  const chats = () =>
    client.getRooms().map((room) => {
      const texts = room.getLiveTimeline().getEvents().map((event) => event.getContent().body).filter(Boolean);
      return { name: room.name, last: texts.at(-1) ?? "" };
    });
  async function backup() {
    const held = (await crypto.exportRoomKeys()).length;
    const isOn = (await crypto.getActiveSessionBackupVersion()) !== null;
    if (!isOn) return { held, words: "None of them is in a backup." };
    return { held, words: left ? `Saving them: ${left} left.` : "All of them are in the backup." };
  }

  return {
    state: async () => ({ owner, screen, chats: chats(), asker, emoji: sas?.sas.emoji, pressed, backup: await backup() }),
    /** Marks a button of the phone as pressed. */
    press: (text) => (pressed = text),
    /** Waits until the other device has asked. */
    async asked() {
      while (!request) await sleep(20);
      const devices = (await crypto.getUserDeviceInfo([client.getSafeUserId()], true)).get(client.getSafeUserId());
      asker = devices.get(request.otherDeviceId)?.displayName ?? request.otherDeviceId;
      screen = "asked";
    },
    /** Accepts, and waits for the emoji; returns their names. */
    async accept() {
      await request.accept();
      while (!request.verifier && request.pending) await sleep(20);
      const shown = new Promise((done) => request.verifier.on(VerifierEvent.ShowSas, done));
      verifying = request.verifier.verify();
      // Whoever awaits it hears of a failure.
      verifying.catch(() => {});
      sas = request.verifier.getShowSasCallbacks() ?? (await shown);
      [screen, pressed] = ["emoji", undefined];
      return sas.sas.emoji.map(([, name]) => name);
    },
    confirm: () => sas.confirm(),
    /** Waits until both have confirmed. */
    async verified() {
      await verifying;
      [screen, pressed] = ["verified", undefined];
    },
    /** Tells whether all of its keys are in the backup. */
    hasSavedAll: async () => left === 0 && (await crypto.getActiveSessionBackupVersion()) !== null,
  };
}
