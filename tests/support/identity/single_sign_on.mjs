// Runs a homeserver without passwords, where people sign in by single sign-on. A real Synapse stands in front of one
// identity provider or several, each with a name.

import { randomBytes } from "node:crypto";

import { devicesOf } from "../accounts/devices.mjs";
import { startHomeserver } from "../server/homeserver.mjs";
import { startBrowser } from "./browser.mjs";
import { startProvider } from "./provider.mjs";

// Nobody listens at this address: Synapse only sends the browser there.
const anywhere = "http://127.0.0.1:9/app";
const idOf = (name) => name.toLowerCase().replaceAll(" ", "-");

/**
 * Starts one.
 *
 * - `names`: the providers.
 * - `trusts`: addresses that Synapse hands a login token to without asking the person ("Continue") first.
 * - the rest: for the homeserver.
 *
 * Returns what `startHomeserver` returns and:
 * - `register(user)`: makes an account, known to the first provider; it exists on the homeserver, too.
 * - `signIn({ user, deviceName })`: makes a device of that account, `{ userId, deviceId, accessToken }`.
 * - `providers`: see startProvider.
 * - `prove({ user, session })`: goes through the fallback page of user-interactive authentication.
 * - `devicesOf(userId)`: see devices.mjs.
 */
export async function startSingleSignOn({ names = ["University"], trusts = [], config = {}, ...options } = {}) {
  const providers = [];
  for (const name of names) providers.push(await startProvider({ name }));
  const client_secret = randomBytes(16).toString("hex");
  const homeserver = await startHomeserver({
    ...options,
    passwordLogin: false,
    config: {
      oidc_providers: providers.map(({ name, issuer }) => ({
        idp_id: idOf(name),
        idp_name: name,
        issuer,
        // Without https Synapse accepts no other setting.
        skip_verification: true,
        client_id: "synapse",
        client_secret,
        scopes: ["openid", "profile"],
        allow_existing_users: true,
        user_mapping_provider: { config: { localpart_template: "{{ user.preferred_username }}" } },
      })),
      sso: { client_whitelist: [...trusts, anywhere] },
      ...config,
    },
  });
  const base = options.publicUrl ?? homeserver.url;
  for (const provider of providers) {
    await provider.addClient({
      client_id: "synapse",
      client_secret,
      redirect_uris: [`${base}/_synapse/client/oidc/callback`],
      // All other metadata gets its default.
      grant_types: ["authorization_code"],
      response_types: ["code"],
    });
  }

  async function register(user) {
    providers[0].people.add(user);
    return homeserver.register(user, randomBytes(16).toString("hex"));
  }

  /** Goes as far as the address that the token is handed to, which nobody answers. */
  async function loginToken(user) {
    const browser = startBrowser();
    const redirectUrl = encodeURIComponent(anywhere);
    const path = `/_matrix/client/v3/login/sso/redirect/oidc-${idOf(names[0])}?redirectUrl=${redirectUrl}`;
    const signInPage = await browser.open(homeserver.url + path, anywhere);
    const { url, status, text } = await signInPage.press("Sign in", { name: user });
    const token = url.searchParams.get("loginToken");
    if (!token) throw new Error(`${user} was brought to ${url.pathname}, ${status}:\n${text}`);
    return token;
  }

  async function signIn({ user, deviceName }) {
    const token = await loginToken(user);
    const answer = await fetch(`${homeserver.url}/_matrix/client/v3/login`, {
      method: "POST",
      body: JSON.stringify({ type: "m.login.token", token, initial_device_display_name: deviceName }),
    });
    const said = await answer.json();
    if (!answer.ok) throw new Error(`${user} cannot sign in: ${said.error}`);
    return { userId: said.user_id, deviceId: said.device_id, accessToken: said.access_token };
  }

  /** Does what the server's own page asks of the person. */
  async function prove({ user, session }) {
    const browser = startBrowser();
    const path = `/_matrix/client/v3/auth/m.login.sso/fallback/web?session=${session}`;
    const confirm = await browser.open(homeserver.url + path);
    const signInPage = await confirm.press(`Continue with ${names[0]}`);
    return signInPage.press("Sign in", { name: user });
  }

  async function stop() {
    await homeserver.stop();
    for (const provider of providers) await provider.close();
  }
  return {
    ...homeserver,
    kind: "SSO",
    providers,
    register,
    signIn,
    prove,
    loginToken,
    devicesOf: (userId) => devicesOf(homeserver, userId),
    stop,
  };
}
