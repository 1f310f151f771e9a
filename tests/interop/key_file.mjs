// Writes and reads files of exported room keys as Element Web does. It uses WebCrypto itself, since matrix-js-sdk makes
// only the JSON in them (`exportRoomKeysAsJson`). For Node and browsers. Source: specification, "Key exports".

import { decodeBase64, encodeBase64 } from "matrix-js-sdk/lib/base64.js";

const begin = "-----BEGIN MEGOLM SESSION DATA-----";
const end = "-----END MEGOLM SESSION DATA-----";
const perLine = 72;
const headLength = 37;
const macLength = 32;

/** Encrypts a text; returns the file's text. */
export async function seal(text, passphrase, rounds = 500_000) {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const iv = crypto.getRandomValues(new Uint8Array(16));
  iv[8] &= 0x7f;
  const { aes, hmac } = await keys(passphrase, salt, rounds);
  const counter = { name: "AES-CTR", counter: iv, length: 64 };
  const ciphertext = new Uint8Array(await crypto.subtle.encrypt(counter, aes, new TextEncoder().encode(text)));
  const payload = new Uint8Array(headLength + ciphertext.length + macLength);
  payload[0] = 1;
  payload.set(salt, 1);
  payload.set(iv, 17);
  new DataView(payload.buffer).setUint32(33, rounds);
  payload.set(ciphertext, headLength);
  const mac = await crypto.subtle.sign("HMAC", hmac, payload.subarray(0, -macLength));
  payload.set(new Uint8Array(mac), payload.length - macLength);
  const lines = [];
  for (let at = 0; at < payload.length; at += perLine) lines.push(encodeBase64(payload.subarray(at, at + perLine)));
  return `${begin}\n${lines.join("\n")}\n${end}\n`;
}

/** Decrypts a file's text; throws if the passphrase or anything else is wrong. */
export async function open(file, passphrase) {
  const payload = decodeBase64(file.split(begin)[1].split(end)[0].replace(/\s/g, ""));
  if (payload[0] !== 1) throw new Error("another version");
  const rounds = new DataView(payload.buffer, payload.byteOffset).getUint32(33);
  const { aes, hmac } = await keys(passphrase, payload.subarray(1, 17), rounds);
  const [signed, mac] = [payload.subarray(0, -macLength), payload.subarray(-macLength)];
  if (!(await crypto.subtle.verify("HMAC", hmac, mac, signed))) throw new Error("wrong passphrase");
  const counter = { name: "AES-CTR", counter: payload.subarray(17, 33), length: 64 };
  const text = await crypto.subtle.decrypt(counter, aes, signed.subarray(headLength));
  return new TextDecoder().decode(text);
}

async function keys(passphrase, salt, iterations) {
  const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(passphrase), "PBKDF2", false, ["deriveBits"]);
  const bits = await crypto.subtle.deriveBits({ name: "PBKDF2", salt, iterations, hash: "SHA-512" }, key, 512);
  const hash = { name: "HMAC", hash: "SHA-256" };
  return {
    aes: await crypto.subtle.importKey("raw", bits.slice(0, 32), "AES-CTR", false, ["encrypt", "decrypt"]),
    hmac: await crypto.subtle.importKey("raw", bits.slice(32), hash, false, ["sign", "verify"]),
  };
}
