// Plays the person's app with a native client on matrix-sdk: tests/support/clients/running_client.rs, which reads what
// to do and prints what it did as JSON. RUNNING_CLIENT is its path; by default where `cargo test --features native`
// builds it.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { json, text } from "node:stream/consumers";

import { startPhone } from "../../support/clients/phone.mjs";
import { cache } from "./figures.mjs";

const target = process.env.CARGO_TARGET_DIR ?? join(cache, "target");
const program = process.env.RUNNING_CLIENT ?? join(target, "debug/examples/running-client");

/**
 * Signs in, opens recovery with the key, sends an encrypted message into a new room, and waits until its room key is in
 * the backup. Returns `{ roomId, eventId, text }`.
 */
export async function sendFromApp({ homeserver, user, password, recoveryKey, text: message }, test) {
  if (!existsSync(program)) {
    assert.ok(!process.env.CI, `the native client is missing: ${program}`);
    test.diagnostic("the native client is not built: matrix-js-sdk plays the app instead");
    return sendFromPhone({ homeserver, user, password, recoveryKey, text: message });
  }
  const child = spawn(program, { stdio: ["pipe", "pipe", "pipe"] });
  child.stdin.end(JSON.stringify({ homeserver, user, password, recovery_key: recoveryKey, text: message }));
  const [said, complained, code] = await Promise.all([
    json(child.stdout).catch(() => undefined),
    text(child.stderr),
    new Promise((done, failed) => child.once("error", failed).once("exit", done)),
  ]);
  assert.equal(code, 0, complained);
  return { roomId: said.room_id, eventId: said.event_id, text: message };
}

async function sendFromPhone({ recoveryKey, text: message, ...account }) {
  const phone = await startPhone({ ...account, deviceName: "App" });
  const roomId = await phone.createRoom("Room");
  const { event_id: eventId } = await phone.send(roomId, message);
  await phone.enterRecoveryKey(recoveryKey);
  phone.stop();
  return { roomId, eventId, text: message };
}
