// Makes accounts as people bring them to the page, on a server of any kind: with passwords, with single sign-on, or
// with OAuth 2.0. Their app (matrix-js-sdk) runs, and only it has the keys of what was written.

import { devicesOf } from "../accounts/devices.mjs";
import { makeAccount } from "../accounts/states/makers.mjs";
import { startPhone } from "../clients/phone.mjs";
import { startHomeserver } from "../server/homeserver.mjs";
import { startOAuth } from "./oauth.mjs";
import { startSingleSignOn } from "./single_sign_on.mjs";

/** Starts a homeserver where people sign in with a password; returns what the other two return. */
async function startPasswords(options) {
  const homeserver = await startHomeserver(options);
  return { ...homeserver, kind: "password", devicesOf: (userId) => devicesOf(homeserver, userId) };
}

/** The starters of each kind of server. */
export const servers = { password: startPasswords, SSO: startSingleSignOn, OAuth: startOAuth };

/**
 * The accounts, by name. Each takes a server, and returns what makeAccount returns and:
 * - `app`: the running one.
 * - `stop()`: stops what runs; `leave()` signs it out, too.
 */
export const accounts = {
  /** Nothing is set up. */
  fresh: (server) => account(server, { setUp: "nothing" }),
  /** Everything is set up, and the key and the phrase are known. */
  healthy: (server) => account(server, { setUp: "recovery", phrase: "glass otter fifty moons" }),
  /** There is an identity whose keys nobody has any more: the server wants proof before it takes another. */
  lost: async (server) => {
    const made = await account(server, { setUp: "nothing" });
    const gone = await startPhone({ ...made, deviceName: "Lost phone" });
    await gone.setUpIdentity();
    gone.stop();
    await gone.signOut();
    return made;
  },
};

async function account(server, asked) {
  const made = await makeAccount(server, { ...asked, name: "person" });
  const stop = () => made.phones.forEach((phone) => phone.stop());
  async function leave() {
    stop();
    for (const phone of made.phones.splice(0)) await phone.signOut();
  }
  return { ...made, app: made.phones[0], stop, leave };
}
