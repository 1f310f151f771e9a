// Looks for secrets where they must not be: in requests, in sockets, in a browser's profile. A secret rarely travels as
// it is. So each is looked for in every form that a program gives to bytes and texts without meaning to hide them.

import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { constants, gunzipSync } from "node:zlib";

import { decodeRecoveryKey } from "matrix-js-sdk/lib/crypto-api/recovery-key.js";

// Anything shorter would be found by chance.
const shortest = 8;

/** Returns the forms of a secret, which is a text or bytes: `[{ form, bytes }]`, each once. */
export function disguises(secret) {
  const forms = new Map();
  const add = (form, bytes) => forms.set(bytes.toString("latin1"), forms.get(bytes.toString("latin1")) ?? { form, bytes });
  // Browsers keep texts as UTF-16, too.
  const addText = (form, text) => {
    add(form, Buffer.from(text));
    add(`${form}, UTF-16`, Buffer.from(text, "utf16le"));
    add(`${form}, UTF-16 BE`, Buffer.from(text, "utf16le").swap16());
  };
  const addBytes = (form, bytes) => {
    const hex = bytes.toString("hex");
    addText(`${form}hex`, hex);
    addText(`${form}upper-case hex`, hex.toUpperCase());
    addText(`${form}percent`, hex.replace(/../g, "%$&"));
    addText(`${form}upper-case percent`, hex.toUpperCase().replace(/../g, "%$&"));
    addText(`${form}list of numbers`, [...bytes].join(","));
    for (const text of base64Cores(bytes)) {
      addText(`${form}base64`, text);
      addText(`${form}base64 for addresses`, text.replaceAll("+", "-").replaceAll("/", "_"));
      addText(`${form}base64 in an address`, encodeURIComponent(text));
      addText(`${form}base64 in JSON`, text.replaceAll("/", "\\/"));
    }
  };

  if (Buffer.byteLength(secret) < shortest) throw new Error("too short to be looked for");
  if (typeof secret !== "string") {
    add("as it is", Buffer.from(secret));
    addBytes("", Buffer.from(secret));
    return [...forms.values()];
  }
  addText("as it is", secret);
  const quoted = JSON.stringify(secret).slice(1, -1);
  const unicode = (digits) => quoted.replace(/[^\x20-\x7e]/g, (letter) => `\\u${digits(hex4(letter))}`);
  addText("JSON", quoted);
  addText("JSON, slashes too", quoted.replaceAll("/", "\\/"));
  addText("JSON in ASCII", unicode((digits) => digits));
  addText("JSON in upper-case ASCII", unicode((digits) => digits.toUpperCase()));
  addText("JSON in JSON", JSON.stringify(quoted).slice(1, -1));
  const inAddress = encodeURIComponent(secret);
  addText("address", inAddress);
  addText("lower-case address", inAddress.replace(/%../g, (byte) => byte.toLowerCase()));
  addText("address in an address", encodeURIComponent(inAddress));
  addText("path", encodeURI(secret));
  addText("form", new URLSearchParams([["", secret]]).toString().slice(1));
  addBytes("", Buffer.from(secret));
  addBytes("UTF-16 as ", Buffer.from(secret, "utf16le"));
  return [...forms.values()];
}

const hex4 = (letter) => letter.charCodeAt(0).toString(16).padStart(4, "0");

/** Returns the part of some bytes' base64 that does not depend on the bytes before and after, for each way to begin. */
function base64Cores(bytes) {
  return [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64").replace(/=+$/, "");
    const whole = Math.floor(((before + bytes.length) * 8) / 6);
    return text.slice(Math.ceil((before * 8) / 6), whole);
  });
}

/** Returns a recovery key as shown, without its spaces, and decoded: `{ name: text or bytes }`. */
export const formsOfKey = (recoveryKey) => ({
  "recovery key": recoveryKey,
  "recovery key without spaces": recoveryKey.replaceAll(" ", ""),
  "recovery key's bytes": Buffer.from(decodeRecoveryKey(recoveryKey)),
});

/**
 * Prepares to look for secrets, `{ name: text or bytes }`. Returns a function that looks through bytes or a text. That
 * returns `[{ secret, form, at }]`: the names of the secrets, never themselves.
 */
export function searchFor(secrets) {
  const starting = [];
  for (const [secret, value] of Object.entries(secrets)) {
    for (const { form, bytes } of disguises(value)) {
      (starting[(bytes[0] << 8) | bytes[1]] ??= []).push({ secret, form, bytes });
    }
  }
  return function search(content) {
    const bytes = Buffer.from(content);
    const found = [];
    for (let at = 0; at + shortest <= bytes.length; at++) {
      for (const { secret, form, bytes: wanted } of starting[(bytes[at] << 8) | bytes[at + 1]] ?? []) {
        if (bytes[at + 2] !== wanted[2] || at + wanted.length > bytes.length) continue;
        if (bytes.compare(wanted, 0, wanted.length, at, at + wanted.length) === 0) found.push({ secret, form, at });
      }
    }
    for (const inner of unpacked(bytes)) found.push(...search(inner).map((hit) => ({ ...hit, form: `${hit.form}, gzip` })));
    return found;
  };
}

/** Unpacks whatever begins as a gzip file does, as far as it can be unpacked. */
function unpacked(bytes) {
  const inner = [];
  const head = Buffer.from([0x1f, 0x8b, 8]);
  for (let at = bytes.indexOf(head); at >= 0; at = bytes.indexOf(head, at + 1)) {
    try {
      inner.push(gunzipSync(bytes.subarray(at), { finishFlush: constants.Z_SYNC_FLUSH }));
    } catch {
      // These three bytes begin no gzip file.
    }
  }
  return inner;
}

/** Looks through every byte of recorded requests (tools/serve.mjs). Returns `[{ secret, form, where, request }]`. */
export function searchRequests(search, requests) {
  return requests.flatMap((request) =>
    Object.entries({ address: request.path, headers: JSON.stringify(request.headers), body: request.body ?? "" }).flatMap(
      ([where, content]) => search(content).map(({ secret, form }) => ({ secret, form, where, request })),
    ),
  );
}

/**
 * Looks through every file under a folder, and through their names. Returns `found` as `[{ secret, form, file }]`, and
 * the number of files and bytes.
 */
export function searchFolder(search, folder) {
  const found = [];
  let files = 0;
  let size = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    const file = relative(folder, path);
    found.push(...search(file).map(({ secret, form }) => ({ secret, form, file })));
    if (!entry.isFile()) continue;
    const content = readFileSync(path);
    files++;
    size += content.length;
    found.push(...search(content).map(({ secret, form }) => ({ secret, form, file })));
  }
  return { found, files, size };
}
