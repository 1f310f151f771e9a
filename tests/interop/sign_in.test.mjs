// The stand-ins that the page signs in against behave as they claim. The requests here are written by hand, without the
// page and without anybody's SDK.

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { startBrowser } from "../support/identity/browser.mjs";
import { startOAuth } from "../support/identity/oauth.mjs";
import { startSingleSignOn } from "../support/identity/single_sign_on.mjs";
import { withToken } from "./account.mjs";

const newUser = () => `user-${randomBytes(5).toString("hex")}`;
const masterKey = (userId) => {
  const key = randomBytes(32).toString("base64").replace(/=+$/, "");
  return { user_id: userId, usage: ["master"], keys: { [`ed25519:${key}`]: key } };
};
const access = (server, device) => withToken({ homeserver: server.url, ...device });

/** Publishes another identity than the account has; returns the status and what the server asks for. */
async function replaceIdentity(server, { userId, accessToken }, key, auth) {
  const answer = await fetch(`${server.url}/_matrix/client/v3/keys/device_signing/upload`, {
    method: "POST",
    headers: { Authorization: `Bearer ${accessToken}` },
    body: JSON.stringify({ master_key: key, auth }),
  });
  return { status: answer.status, ...(await answer.json()) };
}

describe("single sign-on", () => {
  const callback = "http://127.0.0.1:1/callback.html";
  let server;
  before(async () => (server = await startSingleSignOn({ names: ["University", "City Library"], trusts: [callback] })));
  after(() => server?.stop());
  const redirect = (to, idp = "/oidc-university") =>
    `${server.url}/_matrix/client/v3/login/sso/redirect${idp}?redirectUrl=${encodeURIComponent(to)}`;
  const logIn = async (token) => {
    const body = JSON.stringify({ type: "m.login.token", token });
    const answer = await fetch(`${server.url}/_matrix/client/v3/login`, { method: "POST", body });
    return { status: answer.status, ...(await answer.json()) };
  };

  it("is offered with the providers' names, and no password is", async () => {
    const { flows } = await (await fetch(`${server.url}/_matrix/client/v3/login`)).json();
    assert.ok(flows.every(({ type }) => type !== "m.login.password"));
    assert.deepEqual(flows.find(({ type }) => type === "m.login.sso").identity_providers, [
      { id: "oidc-university", name: "University" },
      { id: "oidc-city-library", name: "City Library" },
    ]);
  });

  it("gives a page that the server trusts a token for the account of that name, good for one sign-in", async () => {
    const user = newUser();
    const { user_id: userId } = await server.register(user);
    const signInPage = await startBrowser().open(redirect(callback), callback);
    assert.match(signInPage.text, /Sign in to University/);
    const { url } = await signInPage.press("Sign in", { name: user });
    assert.ok(url.href.startsWith(`${callback}?`));
    const token = url.searchParams.get("loginToken");
    assert.equal((await logIn(token)).user_id, userId);
    assert.equal((await logIn(token)).status, 403, "a second time");
  });

  it("asks the person before it gives one to a page that the server does not know", async () => {
    const user = newUser();
    await server.register(user);
    const elsewhere = "http://127.0.0.1:2/callback.html?state=a%20b";
    const signInPage = await startBrowser().open(redirect(elsewhere), elsewhere.split("?")[0]);
    const asked = await signInPage.press("Sign in", { name: user });
    assert.match(asked.text, /127\.0\.0\.1:2/);
    const { url } = await asked.press("Continue");
    assert.equal(url.searchParams.get("state"), "a b");
    assert.ok(url.searchParams.get("loginToken"));
  });

  it("lets the person choose between the providers where the page does not", async () => {
    const choice = await startBrowser().open(redirect(callback, ""), callback);
    assert.match(choice.text, /University/);
    assert.match(choice.text, /City Library/);
  });

  it("gives nothing to whoever cancels or is not known", async () => {
    const unknown = await (await startBrowser().open(redirect(callback), callback)).press("Sign in", { name: newUser() });
    assert.equal(unknown.status, 403);
    const cancelled = await unknown.press("Cancel");
    assert.ok(cancelled.status >= 400);
    assert.ok(!cancelled.url.href.startsWith(callback));
  });

  it("is what a new identity needs as proof, on the server's own page", async () => {
    const user = newUser();
    await server.register(user);
    const device = await server.signIn({ user, deviceName: "App" });
    assert.equal((await replaceIdentity(server, device, masterKey(device.userId))).status, 200, "the first");
    const other = masterKey(device.userId);
    const asked = await replaceIdentity(server, device, other);
    assert.equal(asked.status, 401);
    assert.deepEqual(asked.flows, [{ stages: ["m.login.sso"] }]);
    const { session } = asked;
    assert.equal((await replaceIdentity(server, device, other, { session })).status, 401, "not yet");
    const done = await server.prove({ user, session });
    assert.equal(done.status, 200);
    assert.match(done.text, /Thank you|You may now close this window/i);
    assert.equal((await replaceIdentity(server, device, other, { session })).status, 200);
  });

  it("leaves devices that can be counted, also those without a name", async () => {
    const user = newUser();
    const { user_id: userId } = await server.register(user);
    assert.deepEqual(server.devicesOf(userId), []);
    const app = await server.signIn({ user, deviceName: "App" });
    const nameless = await server.signIn({ user });
    const counted = server.devicesOf(userId).sort(({ name }) => (name === null ? 1 : -1));
    assert.deepEqual(counted, [{ deviceId: app.deviceId, name: "App" }, { deviceId: nameless.deviceId, name: null }]);
    await access(server, nameless).signOut();
    assert.deepEqual(server.devicesOf(userId), [{ deviceId: app.deviceId, name: "App" }]);
  });
});

describe("OAuth 2.0", () => {
  const page = "http://127.0.0.1:1/backup/";
  const callback = `${page}callback.html`;
  const lifetime = 2;
  const registrable = {
    client_name: "Key backup",
    client_uri: page,
    redirect_uris: [callback],
    application_type: "web",
    token_endpoint_auth_method: "none",
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
  };
  let server, metadata;
  before(async () => {
    server = await startOAuth({ lifetime });
    metadata = await (await fetch(`${server.url}/_matrix/client/v1/auth_metadata`)).json();
  });
  after(() => server?.stop());

  const origin = new URL(page).origin;
  const read = async (answer) => {
    assert.equal(answer.headers.get("access-control-allow-origin"), "*");
    const text = await answer.text();
    return { status: answer.status, ...(text && JSON.parse(text)) };
  };
  const register = async (client) =>
    read(await fetch(metadata.registration_endpoint, {
      method: "POST",
      headers: { "Content-Type": "application/json", Origin: origin },
      body: JSON.stringify(client),
    }));
  const post = async (endpoint, form) =>
    read(await fetch(endpoint, { method: "POST", headers: { Origin: origin }, body: new URLSearchParams(form) }));
  const newDevice = () => randomBytes(8).toString("hex").toUpperCase();

  function authorization(clientId, deviceId) {
    const verifier = randomBytes(32).toString("base64url");
    const asked = {
      response_type: "code",
      response_mode: "fragment",
      client_id: clientId,
      redirect_uri: callback,
      scope: `urn:matrix:client:api:* urn:matrix:client:device:${deviceId}`,
      state: randomBytes(8).toString("hex"),
      code_challenge: createHash("sha256").update(verifier).digest("base64url"),
      code_challenge_method: "S256",
    };
    const url = (more = {}) => `${metadata.authorization_endpoint}?${new URLSearchParams({ ...asked, ...more })}`;
    return { verifier, asked, url };
  }

  /** Makes a user with a device that a client of ours has signed in. */
  async function signedIn() {
    const user = newUser();
    const { user_id: userId } = await server.register(user);
    const { client_id: clientId } = await register(registrable);
    const deviceId = newDevice();
    const { verifier, asked, url } = authorization(clientId, deviceId);
    const signInPage = await startBrowser().open(url(), callback);
    const { url: landed } = await signInPage.press("Sign in", { name: user });
    const answer = new URLSearchParams(landed.hash.slice(1));
    assert.deepEqual([...answer.keys()].sort(), ["code", "state"]);
    assert.equal(answer.get("state"), asked.state);
    const exchange = { grant_type: "authorization_code", code: answer.get("code"), client_id: clientId, redirect_uri: callback, code_verifier: verifier };
    const tokens = await post(metadata.token_endpoint, exchange);
    assert.equal(tokens.status, 200, JSON.stringify(tokens));
    return { user, userId, clientId, deviceId, exchange, ...tokens };
  }
  const whoami = async (token) => {
    const answer = await fetch(`${server.url}/_matrix/client/v3/account/whoami`, { headers: { Authorization: `Bearer ${token}` } });
    return { status: answer.status, ...(await answer.json()) };
  };
  const refresh = ({ clientId, refresh_token }) =>
    post(metadata.token_endpoint, { grant_type: "refresh_token", client_id: clientId, refresh_token });
  const revoke = ({ clientId }, token, hint) =>
    post(metadata.revocation_endpoint, { token, client_id: clientId, ...(hint && { token_type_hint: hint }) });

  it("is all that is offered, with what the specification asks of the metadata", async () => {
    const login = await fetch(`${server.url}/_matrix/client/v3/login`);
    assert.notEqual(login.status, 200);
    assert.equal(metadata.issuer, server.accounts.issuer);
    assert.ok(metadata.response_types_supported.includes("code"));
    for (const mode of ["query", "fragment"]) assert.ok(metadata.response_modes_supported.includes(mode));
    for (const grant of ["authorization_code", "refresh_token"]) assert.ok(metadata.grant_types_supported.includes(grant));
    assert.deepEqual(metadata.code_challenge_methods_supported, ["S256"]);
    assert.ok(metadata.account_management_actions_supported.includes("org.matrix.cross_signing_reset"));
    for (const name of ["authorization", "token", "registration", "revocation"]) assert.ok(metadata[`${name}_endpoint`], name);
  });

  it("registers a client, the same one under the same id", async () => {
    const [first, again] = [await register(registrable), await register(registrable)];
    assert.equal(first.status, 201);
    assert.equal(first.client_secret, undefined);
    assert.equal(again.client_id, first.client_id);
    assert.notEqual((await register({ ...registrable, client_name: "Another" })).client_id, first.client_id);
  });

  it("signs a device in by code and PKCE, and names it on the homeserver", async () => {
    const { userId, deviceId, access_token, expires_in, refresh_token, scope, token_type } = await signedIn();
    assert.deepEqual(await whoami(access_token), { status: 200, user_id: userId, device_id: deviceId, is_guest: false });
    assert.deepEqual(server.devicesOf(userId), [{ deviceId, name: "Key backup on Unknown device" }]);
    assert.deepEqual({ expires_in, token_type }, { expires_in: lifetime, token_type: "Bearer" });
    assert.match(scope, new RegExp(`device:${deviceId}$`));
    assert.ok(refresh_token);
  });

  it("accepts the unstable names of the scopes", async () => {
    const user = newUser();
    await server.register(user);
    const { client_id: clientId } = await register(registrable);
    const unstable = "urn:matrix:org.matrix.msc2967.client";
    const { url } = authorization(clientId, newDevice());
    const signInPage = await startBrowser().open(url({ scope: `${unstable}:api:* ${unstable}:device:${newDevice()}` }), callback);
    assert.match((await signInPage.press("Sign in", { name: user })).url.hash, /code=/);
  });

  it("knows the name already from a login hint, and tells the page of a cancellation", async () => {
    const user = newUser();
    const { user_id: userId } = await server.register(user);
    const { client_id: clientId } = await register(registrable);
    const { asked, url } = authorization(clientId, newDevice());
    const signInPage = await startBrowser().open(url({ login_hint: `mxid:${userId}` }), callback);
    assert.match(signInPage.text, new RegExp(`value="${user}"`));
    const { url: landed } = await signInPage.press("Cancel");
    const answer = new URLSearchParams(landed.hash.slice(1));
    assert.deepEqual([answer.get("error"), answer.get("state")], ["access_denied", asked.state]);
    assert.deepEqual(server.devicesOf(userId), []);
  });

  it("takes a code once, and only with its verifier", async () => {
    const { exchange } = await signedIn();
    assert.equal((await post(metadata.token_endpoint, exchange)).error, "invalid_grant");
    const user = newUser();
    await server.register(user);
    const { client_id: clientId } = await register(registrable);
    const { url } = authorization(clientId, newDevice());
    const { url: landed } = await (await startBrowser().open(url(), callback)).press("Sign in", { name: user });
    const code = new URLSearchParams(landed.hash.slice(1)).get("code");
    const wrong = { ...exchange, code, client_id: clientId, code_verifier: randomBytes(32).toString("base64url") };
    assert.equal((await post(metadata.token_endpoint, wrong)).error, "invalid_grant");
  });

  it("lets a token expire, and refreshes it into others", async () => {
    const session = await signedIn();
    assert.equal((await whoami(session.access_token)).status, 200);
    await sleep((lifetime + 0.5) * 1000);
    const expired = await whoami(session.access_token);
    assert.deepEqual([expired.status, expired.errcode, expired.soft_logout], [401, "M_UNKNOWN_TOKEN", false]);
    const fresh = await refresh(session);
    assert.equal(fresh.status, 200, JSON.stringify(fresh));
    assert.equal((await whoami(fresh.access_token)).device_id, session.deviceId);
    assert.notEqual(fresh.refresh_token, session.refresh_token);
    assert.equal((await refresh(session)).error, "invalid_grant", "a used refresh token");
  });

  it("ends an access token when it is refreshed", async () => {
    const session = await signedIn();
    await refresh(session);
    assert.equal((await whoami(session.access_token)).errcode, "M_UNKNOWN_TOKEN");
  });

  it("removes the device when its refresh token is revoked, and the old token is known no more", async () => {
    const session = await signedIn();
    assert.equal((await whoami(session.access_token)).status, 200, "Synapse remembers the token now");
    assert.equal((await revoke(session, session.refresh_token, "refresh_token")).status, 200);
    assert.deepEqual(server.devicesOf(session.userId), []);
    const after = await whoami(session.access_token);
    assert.deepEqual([after.status, after.errcode], [401, "M_UNKNOWN_TOKEN"]);
    assert.equal((await refresh(session)).error, "invalid_grant");
    assert.equal((await revoke(session, session.refresh_token)).status, 200, "a second time");
  });

  it("removes the device when its access token is revoked, unless that has expired", async () => {
    const session = await signedIn();
    await revoke(session, session.access_token, "access_token");
    assert.deepEqual(server.devicesOf(session.userId), []);
    const late = await signedIn();
    await sleep((lifetime + 0.5) * 1000);
    assert.equal((await revoke(late, late.access_token, "access_token")).status, 200);
    assert.equal(server.devicesOf(late.userId).length, 1, "nothing was revoked");
    await revoke(late, late.refresh_token, "access_token");
    assert.equal(server.devicesOf(late.userId).length, 1, "the hint was wrong");
    await revoke(late, late.refresh_token);
    assert.deepEqual(server.devicesOf(late.userId), []);
  });

  it("keeps apart two devices that one browser signed in", async () => {
    const user = newUser();
    const { user_id: userId } = await server.register(user);
    const { client_id: clientId } = await register(registrable);
    const browser = startBrowser();
    const codes = [];
    for (const deviceId of [newDevice(), newDevice()]) {
      const { verifier, url } = authorization(clientId, deviceId);
      let page = await browser.open(url(), callback);
      if (page.press) page = await page.press("Sign in", { name: user });
      const code = new URLSearchParams(page.url.hash.slice(1)).get("code");
      const form = { grant_type: "authorization_code", code, client_id: clientId, redirect_uri: callback, code_verifier: verifier };
      codes.push(await post(metadata.token_endpoint, form));
    }
    assert.equal(server.devicesOf(userId).length, 2);
    await revoke({ clientId }, codes[0].refresh_token);
    assert.equal(server.devicesOf(userId).length, 1);
    assert.equal((await whoami(codes[1].access_token)).status, 200);
  });

  it("asks for approval on the account page before an identity is replaced", async () => {
    const user = newUser();
    await server.register(user);
    const device = await server.signIn({ user, deviceName: "App" });
    assert.equal((await replaceIdentity(server, device, masterKey(device.userId))).status, 200, "the first");
    const other = masterKey(device.userId);
    const asked = await replaceIdentity(server, device, other);
    assert.equal(asked.status, 401);
    assert.deepEqual(asked.flows, [{ stages: ["m.oauth"] }, { stages: ["org.matrix.cross_signing_reset"] }]);
    const { url } = asked.params["m.oauth"];
    assert.equal(url, `${metadata.account_management_uri}?action=org.matrix.cross_signing_reset`);
    const approval = await (await startBrowser().open(url)).press("Sign in", { name: user });
    assert.match((await approval.press("Cancel")).text, /Nothing was changed/);
    assert.equal((await replaceIdentity(server, device, other, { session: asked.session })).status, 401, "cancelled");
    assert.match((await server.prove({ user })).text, /Approved/);
    assert.equal((await replaceIdentity(server, device, other, { session: asked.session })).status, 200);
  });

  it("removes a device from the account page, and ends its tokens", async () => {
    for (const action of ["org.matrix.device_delete", "org.matrix.session_end"]) {
      const session = await signedIn();
      const url = `${metadata.account_management_uri}?action=${action}&device_id=${session.deviceId}`;
      const removal = await (await startBrowser().open(url)).press("Sign in", { name: session.user });
      assert.match(removal.text, new RegExp(session.deviceId));
      await removal.press("Remove device");
      assert.deepEqual(server.devicesOf(session.userId), []);
      assert.equal((await whoami(session.access_token)).status, 401);
      assert.equal((await refresh(session)).error, "invalid_grant");
    }
  });

  it("knows no token of a locked account", async () => {
    const session = await signedIn();
    server.accounts.locked.add(session.user);
    assert.equal((await whoami(session.access_token)).errcode, "M_UNKNOWN_TOKEN");
    server.accounts.locked.delete(session.user);
    // Synapse remembers for two minutes what it was told of a token.
    assert.equal((await whoami(session.access_token)).errcode, "M_UNKNOWN_TOKEN");
    assert.equal((await whoami((await refresh(session)).access_token)).status, 200);
  });

  it("lets pages of other origins ask, with the headers that they need and no others", async () => {
    for (const name of ["registration", "token", "revocation"]) {
      const answer = await fetch(metadata[`${name}_endpoint`], { method: "OPTIONS", headers: { Origin: origin } });
      assert.equal(answer.headers.get("access-control-allow-origin"), "*");
      assert.match(answer.headers.get("access-control-allow-headers"), /\bcontent-type\b/);
      assert.doesNotMatch(answer.headers.get("access-control-allow-headers"), /\*/);
    }
    const discovery = await fetch(new URL(".well-known/openid-configuration", metadata.issuer));
    assert.equal(discovery.headers.get("access-control-allow-origin"), "*");
  });

  it("refuses what it does not know, and keeps it for a test to see", async () => {
    const session = await signedIn();
    const { refused } = server.accounts;
    const refuses = async (asked, error, words) => {
      refused.length = 0;
      const answer = await asked();
      assert.equal(answer.status, 400, words.source);
      if (error) assert.equal(answer.error, error, words.source);
      assert.equal(refused.length, 1, words.source);
      assert.match(refused[0], words);
    };
    refused.length = 0;

    const without = (name) => Object.fromEntries(Object.entries(registrable).filter(([key]) => key !== name));
    const metadataFaults = [
      [{ ...registrable, contacts: ["a@example.org"] }, /unknown: contacts/],
      [without("client_name"), /missing client_name/],
      [without("client_uri"), /missing client_uri/],
      [without("application_type"), /application_type/],
      [{ ...registrable, token_endpoint_auth_method: "client_secret_basic" }, /auth_method/],
      [{ ...registrable, grant_types: ["authorization_code"] }, /grant_types/],
      [{ ...registrable, response_types: ["code", "token"] }, /response_types/],
      [{ ...registrable, client_uri: "https://example.org/a?b" }, /invalid client_uri/],
      [{ ...registrable, client_uri: "http://example.org/" }, /invalid client_uri/],
      [{ ...registrable, logo_uri: "https://example.org/logo.svg" }, /logo_uri not on the same host/],
    ];
    for (const [client, words] of metadataFaults) await refuses(() => register(client), "invalid_client_metadata", words);
    const redirects = ["https://example.org/callback.html", `${callback}?a=b`, `${callback}#a`, "http://localhost:1/callback.html"];
    for (const uri of redirects) {
      await refuses(() => register({ ...registrable, redirect_uris: [uri] }), "invalid_redirect_uri", /invalid redirect_uri/);
    }

    const { url, asked } = authorization(session.clientId, newDevice());
    const go = (more) => startBrowser().open(url(more), callback);
    await refuses(() => go({ nonce: "1" }), undefined, /unknown parameter nonce/);
    await refuses(() => go({ code_challenge_method: "plain" }), undefined, /S256/);
    await refuses(() => go({ code_challenge: "" }), undefined, /missing code_challenge/);
    await refuses(() => go({ scope: `${asked.scope} openid` }), undefined, /'openid' not allowed/);
    await refuses(() => go({ scope: "urn:matrix:client:api:* urn:matrix:client:device:SHORT" }), undefined, /device id/);
    await refuses(() => go({ scope: asked.scope.replace("client:api", "org.matrix.msc2967.client:api") }), undefined, /mix/);

    const { clientId: client_id, refresh_token } = session;
    await refuses(
      () => post(metadata.token_endpoint, { grant_type: "refresh_token", client_id, refresh_token, scope: "a" }),
      "invalid_request", /unknown parameter scope/,
    );
    await refuses(() => post(metadata.token_endpoint, { grant_type: "password", client_id }), "unsupported_grant_type", /password/);
    await refuses(
      () => post(metadata.revocation_endpoint, { token: refresh_token, client_id, client_secret: "a" }),
      "invalid_request", /unknown parameter client_secret/,
    );
    assert.equal((await refresh(session)).status, 200, "the refusals have ended nothing");
  });
});
