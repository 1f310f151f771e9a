// Compares the server before and after something that was given up or went wrong: nothing may have changed.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import { accounts } from "../../support/identity/accounts.mjs";
import { otherDevices, withPageOf } from "./sign_ins.mjs";

/** Reads what must not change: all that is stored, published or backed up, and the devices that are signed in. */
async function asItIs(server, made) {
  const { master, selfSigning, userSigning, devices } = await made.server.publishedKeys();
  const stored = Object.entries(await made.server.allAccountData());
  return {
    // An emptied event counts as none, because account data cannot be removed.
    stored: Object.fromEntries(stored.filter(([, content]) => Object.keys(content).length > 0)),
    published: { master, selfSigning, userSigning, devices: Object.keys(devices) },
    backup: await made.server.backup(),
    devices: server.devicesOf(made.userId).map(({ deviceId }) => deviceId),
  };
}

/** Waits until nobody is signed in but the account's own app. */
export async function alone(server, made) {
  const deadline = Date.now() + 20_000;
  while (otherDevices(server, made).length > 0) {
    assert.ok(Date.now() < deadline, `left behind: ${JSON.stringify(otherDevices(server, made))}`);
    await sleep(100);
  }
}

/**
 * Runs `body` with the page at the step "sign-in", leaves the page, and compares. `serve` as for withPage. A
 * `compare(now, before)` of the test's own can pass over changes that do not count.
 */
export async function leavesAll(server, state, body, { serve, compare = assert.deepEqual } = {}) {
  const made = await accounts[state](server);
  const visit = async (visit) => {
    await visit.goToSignIn(made.userId);
    await body(visit, made);
    if (!visit.page.isClosed()) await visit.page.goto("about:blank");
    // A browser that ends at once would take the page's last request with it.
    await alone(server, made);
  };
  try {
    const before = await asItIs(server, made);
    await withPageOf(server, visit, { serve });
    compare(await asItIs(server, made), before);
    assert.deepEqual(server.accounts?.refused ?? [], [], "the account service refused no request");
  } finally {
    made.stop();
  }
}
