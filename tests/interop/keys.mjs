// Derives public keys and checks signatures with Node's own cryptography.

import { createPrivateKey, createPublicKey, verify } from "node:crypto";

// The bytes in front of the 32 bytes of a private key in PKCS #8 (RFC 8410).
const pkcs8 = {
  ed25519: Buffer.from("302e020100300506032b657004220420", "hex"),
  x25519: Buffer.from("302e020100300506032b656e04220420", "hex"),
};

/**
 * Returns the public half, as Matrix writes it: base64 without padding. Null if the private half is not 32 bytes of
 * base64.
 */
export function publicHalf(curve, privateKey) {
  const bytes = Buffer.from(privateKey ?? "", "base64");
  if (bytes.length !== 32) return null;
  const key = createPrivateKey({ key: Buffer.concat([pkcs8[curve], bytes]), format: "der", type: "pkcs8" });
  return unpadded(createPublicKey(key).export({ format: "jwk" }).x);
}

/** Returns true if `object` has a valid signature by this Ed25519 key of this user (specification, "Signing JSON"). */
export function isSignedBy(object, userId, publicKey) {
  const signature = object?.signatures?.[userId]?.[`ed25519:${publicKey}`];
  if (!signature || !publicKey) return false;
  const { signatures, unsigned, ...signed } = object;
  const key = createPublicKey({
    key: { kty: "OKP", crv: "Ed25519", x: Buffer.from(publicKey, "base64").toString("base64url") },
    format: "jwk",
  });
  return verify(null, Buffer.from(canonical(signed)), key, Buffer.from(signature, "base64"));
}

const unpadded = (base64url) => Buffer.from(base64url, "base64url").toString("base64").replace(/=+$/, "");

function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const members = Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`);
  return `{${members.join(",")}}`;
}
