// Files of exported room keys as Element Web writes and reads them: its own WebCrypto, since matrix-js-sdk has only
// the JSON that goes in (`exportRoomKeysAsJson`). Source: specification, "Key exports".

const begin = "-----BEGIN MEGOLM SESSION DATA-----";
const end = "-----END MEGOLM SESSION DATA-----";
const perLine = 72;

/** Encrypts a text. */
export async function seal(text, passphrase, rounds = 500_000) {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const iv = crypto.getRandomValues(new Uint8Array(16));
  iv[8] &= 0x7f;
  const { aes, hmac } = await keys(passphrase, salt, rounds);
  const counter = { name: "AES-CTR", counter: iv, length: 64 };
  const ciphertext = await crypto.subtle.encrypt(counter, aes, new TextEncoder().encode(text));
  const head = Buffer.alloc(37);
  head[0] = 1;
  head.set(salt, 1);
  head.set(iv, 17);
  head.writeUInt32BE(rounds, 33);
  const signed = Buffer.concat([head, Buffer.from(ciphertext)]);
  const mac = await crypto.subtle.sign("HMAC", hmac, signed);
  const payload = Buffer.concat([signed, Buffer.from(mac)]);
  const lines = [];
  for (let at = 0; at < payload.length; at += perLine) lines.push(payload.toString("base64", at, at + perLine));
  return `${begin}\n${lines.join("\n")}\n${end}\n`;
}

/** Decrypts a file's text; throws if the passphrase or anything else is wrong. */
export async function open(file, passphrase) {
  const base64 = file.split(begin)[1].split(end)[0];
  const payload = Buffer.from(base64, "base64");
  if (payload[0] !== 1) throw new Error("another version");
  const { aes, hmac } = await keys(passphrase, payload.subarray(1, 17), payload.readUInt32BE(33));
  const [signed, mac] = [payload.subarray(0, -32), payload.subarray(-32)];
  if (!(await crypto.subtle.verify("HMAC", hmac, mac, signed))) throw new Error("wrong passphrase");
  const counter = { name: "AES-CTR", counter: payload.subarray(17, 33), length: 64 };
  return new TextDecoder().decode(await crypto.subtle.decrypt(counter, aes, payload.subarray(37, -32)));
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
