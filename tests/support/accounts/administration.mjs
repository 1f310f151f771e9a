// What a homeserver's administration returns for one user, as `?readiness` reads it.
//
//   node tests/support/accounts/administration.mjs @ada:example.org
//
// runs beside the homeserver that the environment names, and prints one line of JSON: the answers' texts, by the names that
// `Answers` in src/readiness/reading.rs has for them.

import { randomBytes } from "node:crypto";
import { pathToFileURL } from "node:url";

import { sharedHomeserver } from "../server/homeserver.mjs";

/** Registers an administrator; returns their token. */
export async function administrator(homeserver) {
  const [user, password] = [`admin-${randomBytes(6).toString("hex")}`, randomBytes(16).toString("hex")];
  await homeserver.register(user, password, { admin: true });
  const body = { type: "m.login.password", identifier: { type: "m.id.user", user }, password };
  return JSON.parse(await ask(homeserver.url, "/_matrix/client/v3/login", undefined, body)).access_token;
}

/** Reads what `?readiness` reads of a user. */
export async function answersAbout(homeserver, token, userId) {
  const path = encodeURIComponent(userId);
  const [account_data, keys, devices] = await Promise.all([
    ask(homeserver.url, `/_synapse/admin/v1/users/${path}/accountdata`, token),
    ask(homeserver.url, "/_matrix/client/v3/keys/query", token, { device_keys: { [userId]: [] } }),
    ask(homeserver.url, `/_synapse/admin/v2/users/${path}/devices`, token),
  ]);
  return { user_id: userId, account_data, keys, devices };
}

async function ask(url, path, token, body) {
  const headers = { ...(token && { Authorization: `Bearer ${token}` }), "Content-Type": "application/json" };
  const answer = await fetch(url + path, { method: body ? "POST" : "GET", headers, body: body && JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
  return text;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const homeserver = await sharedHomeserver();
  const answers = await answersAbout(homeserver, await administrator(homeserver), process.argv[2]);
  console.log(JSON.stringify(answers));
  await homeserver.stop();
}
