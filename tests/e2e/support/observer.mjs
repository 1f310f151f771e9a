// Reads what the server holds of an account, with a device of its own that changes nothing.

import assert from "node:assert/strict";

import { signIn } from "../../interop/account.mjs";
import { makeState } from "../../support/accounts/states.mjs";

/** Returns `{ server, snapshot(), stop() }`; two snapshots are equal if the account did not change in between. */
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

/** Makes an account in one of the 25 states, with an observer and a snapshot before the visit. Its apps are stopped. */
export async function observedState(test, number, homeserver) {
  const state = await makeState(number, { homeserver });
  state.stop();
  const observer = await observe({ ...state, homeserver });
  test.after(() => observer.stop());
  return { state, observer, before: await observer.snapshot() };
}

/** Asserts that the page changed nothing on the account, except that its own device came and went. */
export function assertOnlyLooked(visit) {
  // Simplified sliding sync (MSC4186), which changes nothing, is a POST, too.
  const harmless =
    /^POST \/_matrix\/client\/(v3\/(login|logout|keys\/query|keys\/upload)|unstable\/org\.matrix\.simplified_msc3575\/sync)/;
  const changing = visit.server.requests
    .filter(({ method, path }) => path.startsWith("/_matrix/") && method !== "GET")
    .map(({ method, path }) => `${method} ${path}`);
  assert.deepEqual(changing.filter((request) => !harmless.test(request)), []);
}

/** Returns a backup version, or null if it is gone. */
export const version = (server, name) =>
  server.request("GET", `/room_keys/version/${name}`).catch((error) => {
    if (error.status === 404) return null;
    throw error;
  });
