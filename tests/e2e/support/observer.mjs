// What the server holds of an account, read by a device of its own that changes nothing.

import assert from "node:assert/strict";

import { signIn } from "../../interop/account.mjs";
import { makeState } from "../../support/accounts/states.mjs";

/** Answers `{ server, snapshot(), stop() }`; two snapshots are equal if the account is as it was. */
export async function observe({ homeserver, user, password }) {
  const server = await signIn({ homeserver: homeserver.url ?? homeserver, user, password });
  const snapshot = async () => ({
    data: await server.allAccountData(),
    keys: await server.publishedKeys(),
    backup: await server.backup(),
    devices: (await server.devices()).map(({ device_id: id, display_name: name }) => `${id} ${name}`).sort(),
  });
  return { server, snapshot, stop: () => server.signOut() };
}

/** An account in one of the 25 states, observed, and how it is before the visit. Its clients do not run meanwhile. */
export async function observedState(test, number, homeserver) {
  const state = await makeState(number, { homeserver });
  state.stop();
  const observer = await observe({ ...state, homeserver });
  test.after(() => observer.stop());
  return { state, observer, before: await observer.snapshot() };
}

/** The page has asked for nothing that changes an account, but for its own device coming and going. */
export function assertOnlyLooked(visit) {
  // The sync without side effects is a POST, too.
  const harmless =
    /^POST \/_matrix\/client\/(v3\/(login|logout|keys\/query|keys\/upload)|unstable\/org\.matrix\.simplified_msc3575\/sync)/;
  const changing = visit.server.requests
    .filter(({ method, path }) => path.startsWith("/_matrix/") && method !== "GET")
    .map(({ method, path }) => `${method} ${path}`);
  assert.deepEqual(changing.filter((request) => !harmless.test(request)), []);
}

/** A backup version, or null if it is gone. */
export const version = (server, name) =>
  server.request("GET", `/room_keys/version/${name}`).catch((error) => {
    if (error.status === 404) return null;
    throw error;
  });
