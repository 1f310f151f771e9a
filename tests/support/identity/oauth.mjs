// Runs a homeserver whose people sign in with OAuth 2.0. A real Synapse has handed its accounts over to an account
// service, as it does to matrix-authentication-service.

import { randomBytes } from "node:crypto";

import { startServer } from "../../../tools/serve.mjs";
import { devicesOf } from "../accounts/devices.mjs";
import { startHomeserver } from "../server/homeserver.mjs";
import { startAccountService } from "./account_service.mjs";
import { startBrowser } from "./browser.mjs";

/**
 * Starts one.
 *
 * - `lifetime`: of an access token, in seconds.
 * - `https`: true to have the account service at an https address. A page can only reach it there: its policy allows
 *   no http but its own origin. `origin`: where people reach the account service, if it is handed its requests there.
 * - the rest: for the homeserver.
 *
 * Returns what `startHomeserver` returns and:
 * - `register(user)`: makes an account.
 * - `signIn({ user, deviceName })`: a device with a lasting token, `{ userId, deviceId, accessToken, signOut() }`.
 * - `accounts`: see startAccountService.
 * - `prove({ user })`: approves on the account page that the identity is replaced.
 * - `devicesOf(userId)`: see devices.mjs.
 */
export async function startOAuth({ lifetime = 300, https = false, origin, config = {}, ...options } = {}) {
  const secret = randomBytes(16).toString("hex");
  const intercept = (request, response) => accounts.answer(request, response).then(() => true);
  const front = https && (await startServer({ tls: true, intercept }));
  const accounts = await startAccountService({ secret, lifetime, origin: front ? front.origin : origin });
  const homeserver = await startHomeserver({
    ...options,
    passwordLogin: false,
    config: {
      enable_registration: false,
      matrix_authentication_service: { enabled: true, endpoint: accounts.internal, secret },
      ...config,
    },
  });
  accounts.serve(homeserver.url);
  const idOf = (user) => `@${user}:${homeserver.serverName}`;

  async function register(user) {
    await accounts.provision(user);
    return { user_id: idOf(user) };
  }

  async function signIn({ user, deviceName }) {
    const deviceId = randomBytes(8).toString("hex").toUpperCase();
    const accessToken = await accounts.mint({ user, deviceId, deviceName });
    return { userId: idOf(user), deviceId, accessToken, signOut: () => accounts.end(user, deviceId) };
  }

  async function prove({ user }) {
    const browser = startBrowser();
    const signInPage = await browser.open(`${accounts.internal}/account/?action=org.matrix.cross_signing_reset`);
    const approval = await signInPage.press("Sign in", { name: user });
    return approval.press("Approve");
  }

  async function stop() {
    await homeserver.stop();
    if (front) await front.close();
    await accounts.close();
  }
  return {
    ...homeserver,
    kind: "OAuth",
    accounts,
    register,
    signIn,
    prove,
    devicesOf: (userId) => devicesOf(homeserver, userId),
    stop,
  };
}
