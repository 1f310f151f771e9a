// Goes the nine ways: each way to sign in, for each of three accounts, from the page's first screen to its last.
// Afterwards nothing but the account's own app is signed in, and another client with only the kept key reads every old
// message.

import assert from "node:assert/strict";

import { readableFrom } from "../../interop/readable.mjs";
import { verifyAccount } from "../../interop/verifier.mjs";
import { freePort } from "../../support/server/homeserver.mjs";
import { accounts, servers } from "../../support/identity/accounts.mjs";
import { doors } from "./doors.mjs";
import { assertWhereTheyBelong } from "./credentials.mjs";
import { compareFromOldKeys, finish } from "./journey.mjs";
import { withPage } from "./page.mjs";
import { trusting } from "./trust.mjs";

export const kinds = Object.keys(servers);
export const states = Object.keys(accounts);

/** Starts a server of a kind. The page finds it by the Matrix ID alone, and it trusts the page. */
export async function startServerOf(kind, options) {
  const serverName = `127.0.0.1:${await freePort()}`;
  const particular = { password: {}, SSO: { trusts: [`http://${serverName}/`] }, OAuth: { https: true } }[kind];
  return servers[kind]({ serverName, ...particular, ...options });
}

/** Opens the page with such a server; `options` as for withPage. */
export async function withPageOf(server, body, options) {
  const flags = server.kind === "OAuth" ? await trusting(server.accounts.origin) : [];
  await withPage({ homeserver: server, flags, ...options }, body);
}

/** Returns the devices of an account that are not those of its own apps. */
export function otherDevices(server, { userId, phones }) {
  const own = phones.map(({ client }) => client.getDeviceId());
  return server.devicesOf(userId).filter(({ deviceId }) => !own.includes(deviceId));
}

/** Goes from signing in to the counted keys; returns the key that is kept then. */
const ways = {
  async fresh(visit, made) {
    await visit.choose("key");
    const { text } = await visit.saveAndProve();
    await visit.turnOn();
    await compareFromOldKeys(visit, made.app);
    return text.trim();
  },
  async healthy(visit, made) {
    await visit.tryKey(made.recoveryKey);
    await visit.at("findings");
    await visit.click("See which messages are safe");
    return made.recoveryKey;
  },
  async lost(visit, made, kind) {
    await visit.startOverUntilAsked();
    await doors[kind].prove(visit, made);
    await visit.at("old-keys");
    await compareFromOldKeys(visit, made.app);
    return visit.kept.text.trim();
  },
};

/**
 * Goes one of the nine ways. Returns a line about it, and calls `left(devices)` with the devices left signed in, even
 * if it failed.
 */
export async function goThrough(server, state, left = () => {}) {
  const { kind } = server;
  const made = await accounts[state](server);
  let recoveryKey;
  let secrets;
  const onProfile = (profile, visit) => {
    secrets = assertWhereTheyBelong({ visit, accounts: server.accounts, profile, kept: recoveryKey });
  };
  try {
    await withPageOf(server, async (visit) => {
      await visit.goToSignIn(made.userId);
      await doors[kind].signIn(visit, made);
      await visit.at("findings");
      const during = otherDevices(server, made);
      assert.equal(during.length, 1, "the page has a device of its own, and only one");
      recoveryKey = await ways[state](visit, made, kind);
      await finish(visit);
    }, { onProfile });
    assert.deepEqual(server.accounts?.refused ?? [], [], "the account service refused no request");
    const own = made.phones.length;
    const remain = otherDevices(server, made);
    assert.deepEqual(remain, [], "no device of the page is left");
    await made.leave();
    const report = await verifyAccount({ ...made, phrase: undefined, recoveryKey });
    assert.ok(report.ok, JSON.stringify(report));
    const { all, readable } = await readableFrom({ ...made, recoveryKey });
    assert.equal(readable, all, "every old message can be read");
    assert.ok(all >= 10);
    const devices = `their ${own} app and ${remain.length} devices of ours left`;
    const kept = `none of ${secrets.length} secrets elsewhere`;
    return `${kind}, ${state}: safe and signed out, ${devices}, ${kept}, ${readable} of ${all} old messages readable`;
  } finally {
    left(otherDevices(server, made));
    made.stop();
  }
}
