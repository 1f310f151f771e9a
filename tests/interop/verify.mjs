// Looks at one account with the independent verifier, and prints what it found in one line of JSON.
//
//   VERIFY_PASSWORD=… VERIFY_RECOVERY_KEY=… node tests/interop/verify.mjs http://localhost:8008 @ada:localhost
//
// Secrets come by environment (VERIFY_PASSWORD, and VERIFY_RECOVERY_KEY or VERIFY_PHRASE) or as JSON on standard input:
// {"homeserver", "user", "password", "recovery_key" or "phrase", "room_id", "event_id", "text", "keep_device"}.
// With a room and an event, that message must become readable by the backup alone, and say `text`.
// Ends with 0 if every fact is true, 1 if one is false, 2 if it was asked wrongly.

import { json } from "node:stream/consumers";

import { verifyAccount } from "./verifier.mjs";

const [homeserver, user] = process.argv.slice(2);
const { VERIFY_PASSWORD, VERIFY_RECOVERY_KEY, VERIFY_PHRASE } = process.env;
const asked = homeserver
  ? { homeserver, user, password: VERIFY_PASSWORD, recovery_key: VERIFY_RECOVERY_KEY, phrase: VERIFY_PHRASE }
  : await json(process.stdin).catch(() => ({}));

if (!asked.homeserver || !asked.user || !asked.password || !(asked.recovery_key ?? asked.phrase)) {
  console.error("usage: see the head of this file");
  process.exit(2);
}
const { ok, facts, figures, problems } = await verifyAccount({
  homeserver: asked.homeserver,
  user: asked.user,
  password: asked.password,
  recoveryKey: asked.recovery_key,
  phrase: asked.phrase,
  event: asked.event_id && { roomId: asked.room_id, eventId: asked.event_id, text: asked.text },
  keepDevice: asked.keep_device,
});
console.log(JSON.stringify({ ok, ...facts, ...figures, problems }));
process.exit(ok ? 0 : 1);
