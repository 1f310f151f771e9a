// Finds out which messages of an account can be read with what its owner kept and its newest backup. It does so with
// matrix-js-sdk's crypto: opens and imports every key of the backup, and decrypts every message. It reads each room
// from its first event on, without any filter; the membership events on the way tell what the person could read.
//
// Reads JSON on standard input, {"homeserver", "user" and "password" or "access_token", "recovery_keys", "phrase"}.
// Prints one line: for every encrypted room's id
// `{ name, is_direct, is_left, covered, missing, unopened, unknown, gap }`. `gap` is null or
// `{ from_ms, to_ms, senders }`, with how many of the missing messages each sent.

import "../support/node20.mjs";

import { json } from "node:stream/consumers";
import { pathToFileURL } from "node:url";

import {
  DecryptionSettings,
  DeviceId,
  initAsync,
  OlmMachine,
  RoomId,
  TrustRequirement,
  UserId,
} from "@matrix-org/matrix-sdk-crypto-wasm";

import { signIn, withToken } from "./account.mjs";
import { backupKeys, opens } from "./openable.mjs";

/**
 * Counts the messages of each room. `access`: `{ homeserver, user, password }`, or `{ homeserver, accessToken }`;
 * `keys`: what was kept, `{ recoveryKeys, phrase }`.
 */
export async function coverage(access, keys) {
  await initAsync();
  const server = access.accessToken ? withToken(access) : await signIn(access);
  try {
    const { user_id: userId } = await server.request("GET", "/account/whoami");
    const version = await server.backup();
    const { rooms: held } = await server.request("GET", `/room_keys/keys?version=${version.version}`);
    const reader = await readerOf(userId, version, held, await backupKeys(await server.allAccountData(), keys));
    const direct = await directRooms(server, userId);
    const counted = {};
    for (const [roomId, isLeft] of await roomsOf(server)) {
      const events = await allEvents(server, roomId);
      if (!events.some(({ type, state_key }) => type === "m.room.encryption" && state_key === "")) continue;
      counted[roomId] = {
        name: nameOf(events, userId),
        is_direct: direct.has(roomId),
        is_left: isLeft,
        ...(await count(isLeft ? untilLeft(events, userId) : events, userId, roomId, reader)),
      };
    }
    return counted;
  } finally {
    if (!access.accessToken) await server.signOut();
  }
}

/** Makes a device that has nothing but the backup: `{ reads(event, roomId), claims(event, roomId, index) }`. */
async function readerOf(userId, version, held, keys) {
  const machine = await OlmMachine.initialize(new UserId(userId), new DeviceId("COUNTING"));
  const key = keys.find((key) => opens(key, version));
  const damaged = new Set();
  for (const [roomId, { sessions }] of Object.entries(held)) {
    for (const [sessionId, { session_data: sealed }] of Object.entries(sessions)) {
      // One by one, because a broken entry must not keep out the others.
      try {
        const text = JSON.parse(key.decryptV1(sealed.ephemeral, sealed.mac, sealed.ciphertext));
        const theirs = new Map([[new RoomId(roomId), new Map([[sessionId, text]])]]);
        const { importedCount } = await machine.importBackedUpRoomKeys(theirs, () => {}, version.version);
        if (importedCount !== 1) throw new Error("not imported");
      } catch {
        damaged.add(`${roomId}|${sessionId}`);
      }
    }
  }
  const settings = new DecryptionSettings(TrustRequirement.Untrusted);
  return {
    reads: (event, roomId) =>
      machine.decryptRoomEvent(JSON.stringify(event), new RoomId(roomId), settings).then(
        () => true,
        () => false,
      ),
    /** Returns true if the backup has something that ought to open this message. */
    claims({ content: { session_id: sessionId } }, roomId, index) {
      const entry = held[roomId]?.sessions[sessionId];
      return Boolean(entry) && (damaged.has(`${roomId}|${sessionId}`) || entry.first_message_index <= index);
    },
  };
}

async function directRooms(server, userId) {
  const path = `/user/${encodeURIComponent(userId)}/account_data/m.direct`;
  const content = await server.request("GET", path).catch(() => ({}));
  return new Set(Object.values(content).flat());
}

/** Lists every room the user is in or has left, as `[roomId, isLeft]`. */
async function roomsOf(server) {
  const { joined_rooms: joined } = await server.request("GET", "/joined_rooms");
  const filter = { room: { include_leave: true, timeline: { limit: 1, not_senders: [`@${crypto.randomUUID()}:x`] } } };
  const sync = await server.request("GET", `/sync?timeout=0&filter=${encodeURIComponent(JSON.stringify(filter))}`);
  const left = Object.keys(sync.rooms?.leave ?? {});
  return [...joined.map((roomId) => [roomId, false]), ...left.map((roomId) => [roomId, true])];
}

/** Reads all events of a room that the server shows, oldest first. */
async function allEvents(server, roomId) {
  const events = [];
  let from;
  do {
    const page = await server
      .request("GET", `/rooms/${encodeURIComponent(roomId)}/messages?dir=f&limit=500${from ? `&from=${from}` : ""}`)
      .catch((error) => {
        if (error.status === 403) return { chunk: [] };
        throw error;
      });
    events.push(...page.chunk);
    from = page.chunk.length ? page.end : undefined;
  } while (from);
  return events;
}

/**
 * Cuts off what came after somebody had left. Synapse shows that when it is read in this direction, though no client
 * does.
 */
function untilLeft(events, userId) {
  return events.slice(0, events.findLastIndex(({ type, state_key }) => type === "m.room.member" && state_key === userId));
}

async function count(events, userId, roomId, reader) {
  const tally = { covered: 0, missing: 0, unopened: 0, unknown: 0, gap: null };
  let membership = "leave";
  for (const event of events) {
    if (event.type === "m.room.member" && event.state_key === userId) membership = event.content.membership;
    const index = event.type === "m.room.encrypted" ? megolmIndex(event.content) : null;
    if (index === null) continue;
    if (await reader.reads(event, roomId)) {
      tally.covered++;
    } else if (reader.claims(event, roomId, index)) {
      tally.unopened++;
    } else if (["join", "invite"].includes(membership)) {
      tally.missing++;
      tally.gap ??= { from_ms: Infinity, to_ms: 0, senders: {} };
      tally.gap.from_ms = Math.min(tally.gap.from_ms, event.origin_server_ts);
      tally.gap.to_ms = Math.max(tally.gap.to_ms, event.origin_server_ts);
      tally.gap.senders[event.sender] = (tally.gap.senders[event.sender] ?? 0) + 1;
    } else {
      tally.unknown++;
    }
  }
  return tally;
}

/**
 * Reads the index of a Megolm message: version 3, then tag 8 with the index as a varint. Null if it is no such message.
 */
export function megolmIndex({ algorithm, session_id: sessionId, ciphertext }) {
  if (algorithm !== "m.megolm.v1.aes-sha2" || !sessionId || typeof ciphertext !== "string") return null;
  const bytes = Buffer.from(ciphertext, "base64");
  if (bytes.length < 75 || bytes[0] !== 3 || bytes[1] !== 8) return null;
  let index = 0;
  for (let at = 2, shift = 0; at < bytes.length; at++, shift += 7) {
    index += (bytes[at] & 0x7f) * 2 ** shift;
    if (bytes[at] < 0x80) return index;
  }
  return null;
}

function nameOf(events, userId) {
  const last = (type) => events.filter((event) => event.type === type && event.state_key !== undefined).at(-1)?.content;
  const name = last("m.room.name")?.name || last("m.room.canonical_alias")?.alias;
  if (name) return name;
  const members = {};
  for (const { type, state_key: member, content } of events) {
    if (type === "m.room.member" && member !== userId) members[member] = content;
  }
  const present = Object.entries(members).filter(([, { membership }]) => ["join", "invite"].includes(membership));
  const heroes = present.length ? present : Object.entries(members);
  return heroes.map(([member, { displayname }]) => displayname || member).sort().join(", ");
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const asked = await json(process.stdin).catch(() => ({}));
  const { homeserver, user, password, access_token, recovery_keys, phrase } = asked;
  if (!homeserver || !(access_token ?? (user && password))) {
    console.error("usage: see the head of this file");
    process.exit(2);
  }
  const access = { homeserver, user, password, accessToken: access_token };
  console.log(JSON.stringify(await coverage(access, { recoveryKeys: recovery_keys, phrase })));
}
