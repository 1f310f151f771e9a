// Checks the places of whatever lets somebody in: passwords, tokens, codes, and the key that is kept. Each goes only to
// whom it is for, and the browser keeps none.

import assert from "node:assert/strict";

import { formsOfKey, searchFolder, searchFor, searchRequests } from "../../support/judges/leak.mjs";

// Chromium's own files about the addresses that it has visited.
const addressesSeen = /^(Default\/(History|Favicons|Sessions|Cache)|segmentation_platform)/;
// For each secret: the part of the requests in which it may be, by their paths, and the browser's files in which it may
// be.
const places = {
  "recovery key": {},
  password: { body: /\/(login|delete_devices|keys\/device_signing\/upload)$/ },
  // The specification puts it into the address: it is good for one time and two minutes.
  "login token": { body: /\/login$/, address: /^\/callback\.html\?/, file: addressesSeen },
  "access token": { headers: /^\/_matrix\//, body: /^\/oauth2\/(introspect|revoke)$/ },
  "refresh token": { body: /^\/oauth2\/(token|revoke)$/ },
  // It comes in an address, too, but in the fragment, which no server gets; and it is worthless without the verifier.
  code: { body: /^\/oauth2\/token$/, file: addressesSeen },
  verifier: { body: /^\/oauth2\/token$/ },
};

/** Returns the secrets in the requests of a visit, `{ name: secret }`; each name begins with one of the above. */
function sentBy(requests) {
  const secrets = {};
  const add = (name, value) => {
    if (value && !Object.values(secrets).includes(value)) secrets[`${name} ${Object.keys(secrets).length}`] = value;
  };
  for (const { path, headers, body } of requests) {
    if (path.startsWith("/_matrix/")) add("access token", headers.authorization?.replace("Bearer ", ""));
    if (!body?.length) continue;
    if (path.endsWith("/_matrix/client/v3/login")) {
      const { password, token } = JSON.parse(body);
      add("password", password);
      add("login token", token);
    }
    if (path === "/oauth2/token") {
      const form = new URLSearchParams(body.toString());
      add("code", form.get("code"));
      add("verifier", form.get("code_verifier"));
      add("refresh token", form.get("refresh_token"));
    }
    if (path === "/oauth2/revoke") add("refresh token", new URLSearchParams(body.toString()).get("token"));
  }
  return secrets;
}

/**
 * Looks at a visit that is over, and at the browser's `profile`. `kept`: the recovery key. Returns the names of the
 * secrets that were looked for.
 */
export function assertWhereTheyBelong({ visit, accounts, profile, kept }) {
  const requests = [...visit.server.requests, ...(accounts?.requests ?? [])];
  const secrets = { ...sentBy(requests), ...formsOfKey(kept) };
  const search = searchFor(secrets);
  const placesOf = (secret) => places[Object.keys(places).find((name) => secret.startsWith(name))];
  const may = (secret, where, what) => placesOf(secret)[where]?.test(what);
  const sent = searchRequests(search, requests)
    .filter(({ secret, where, request }) => !may(secret, where, request.path))
    .map(({ secret, form, where, request }) => `${secret}, ${form}, ${where} of ${request.path.split("?")[0]}`);
  assert.deepEqual(sent, [], "sent to somebody whom it is not for");
  const stays = searchFolder(search, profile)
    .found.filter(({ secret, file }) => !may(secret, "file", file))
    .map(({ secret, form, file }) => `${secret}, ${form}, ${file}`);
  assert.deepEqual(stays, [], "on the browser's disk");
  return Object.keys(secrets);
}
