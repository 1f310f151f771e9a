// Stands in for matrix-authentication-service in front of a Synapse that has handed its accounts over to it.
// oidc-provider does the protocol. Around it is, strictly, what the Matrix specification (v1.15, "OAuth 2.0 API") and
// that service ask of a client. A request that neither knows is refused and kept in `refused`, for a test to look at.
//
// It differs from that service: there is no password, and consent is not asked for. The device is gone when a
// revocation is answered (there, moments later). A refresh token that is used twice always ends the session (there,
// only if what replaced it was used since).

import { createHash } from "node:crypto";

import { askForName, askWhether, say } from "./pages.mjs";
import { formOf, startProvider } from "./provider.mjs";
import { faultOf } from "./registration.mjs";
import { deviceOf, inBothNames, scopeFault, scopesFor } from "./scopes.mjs";

const matrixApi = "urn:matrix:client:api";

const paths = {
  authorization: "/authorize",
  token: "/oauth2/token",
  registration: "/oauth2/registration",
  revocation: "/oauth2/revoke",
  jwks: "/oauth2/keys.json",
};
// The parameters that each takes; those with a star have to be there.
const parameters = {
  authorization:
    "response_type* client_id* redirect_uri* scope* state* code_challenge* code_challenge_method* response_mode prompt login_hint",
  authorization_code: "grant_type* client_id* code* redirect_uri* code_verifier*",
  refresh_token: "grant_type* client_id* refresh_token*",
  revocation: "token* client_id* token_type_hint",
};

/** Returns true for a path of the account service, on a server that has other paths, too. */
export const isOfAccounts = (path) => /^\/(authorize|oauth2|account|interaction|\.well-known\/openid-configuration)\b/.test(path);

// The specification's names of the actions on the account page, and their earlier names.
const actions = [
  ...["org.matrix.profile", "org.matrix.devices_list", "org.matrix.device_view", "org.matrix.device_delete"],
  ...["org.matrix.cross_signing_reset", "org.matrix.sessions_list", "org.matrix.session_view", "org.matrix.session_end"],
];
const removal = ["org.matrix.device_delete", "org.matrix.session_end"];

/**
 * Starts one.
 *
 * - `name`: what its pages call it. `secret`: what it shares with Synapse. `lifetime`: of an access token, in seconds.
 * - `origin`: as for startProvider.
 *
 * Returns what startProvider returns and `{ refused, locked, serve(url), provision(user),
 * mint({ user, deviceId, deviceName }), end(user, deviceId) }`:
 * - `refused`: the faults of clients' requests, in words.
 * - `locked`: the names whose tokens are no longer good.
 * - `serve(url)`: says where Synapse is, once it runs.
 * - `provision(user)`: makes an account. `mint`: gives it a device with an access token that lasts. `end`: removes one.
 */
export async function startAccountService({ name = "Example accounts", secret, lifetime = 300, origin: at }) {
  const refused = [];
  const locked = new Set();
  let homeserver;

  const service = await startProvider({
    name,
    origin: at,
    handle,
    configuration: ({ origin, issuer }) => ({
      routes: paths,
      scopes: [],
      responseTypes: ["code"],
      issueRefreshToken: (_, client) => client.grantTypeAllowed("refresh_token"),
      rotateRefreshToken: true,
      revokeGrantPolicy: () => true,
      expiresWithSession: () => false,
      discovery: {
        issuer,
        revocation_endpoint: origin + paths.revocation,
        response_modes_supported: ["query", "fragment"],
        prompt_values_supported: ["login"],
        account_management_uri: `${origin}/account/`,
        account_management_actions_supported: actions,
      },
      features: {
        devInteractions: { enabled: false },
        rpInitiatedLogout: { enabled: false },
        pushedAuthorizationRequests: { enabled: false },
        dPoP: { enabled: false },
        userinfo: { enabled: false },
        revocation: {
          enabled: true,
          allowedPolicy: (_, client, token) => token.clientId === client.clientId,
        },
        registration: { enabled: true, issueRegistrationAccessToken: false, idFactory: idOfClient },
        // Grants the scopes that are asked for, because no list could name them all: each device has one of its own.
        resourceIndicators: {
          enabled: true,
          defaultResource: () => matrixApi,
          useGrantedResource: () => true,
          getResourceServerInfo: ({ oidc: { params, entities } }) => ({
            scope: params.scope ?? (entities.AuthorizationCode ?? entities.RefreshToken ?? params).scope ?? "",
            audience: matrixApi,
            accessTokenFormat: "opaque",
            accessTokenTTL: lifetime,
          }),
        },
      },
      lifetimes: { AccessToken: lifetime, AuthorizationCode: 600 },
    }),
  });
  const { provider, store, people } = service;
  provider.on("grant.revoked", (_, grantId) => (revoked = endGrant(grantId)));
  // The device that each grant is for, and in `revoked` the removal of one, for which the answer waits.
  const devices = new Map();
  let revoked;
  provider.use(afterwards);

  /** Does what the real service does around oidc-provider's answers. */
  async function afterwards(ctx, next) {
    await next();
    await revoked;
    if (ctx.path.startsWith("/.well-known/")) delete ctx.body.authorization_response_iss_parameter_supported;
    if (ctx.path.startsWith(paths.authorization)) withoutIssuer(ctx);
    if (ctx.path !== paths.token || ctx.status !== 200) return;
    const { AccessToken: token, Client: client } = ctx.oidc.entities;
    if (ctx.oidc.params.grant_type === "authorization_code") {
      const device = deviceOf(token.scope);
      if (!device) return;
      devices.set(token.grantId, { user: token.accountId, deviceId: device });
      await synapse("upsert_device", {
        localpart: token.accountId,
        device_id: device,
        display_name: `${client.clientName} on ${/Chrome/.test(ctx.get("user-agent")) ? "Chrome" : "Unknown device"}`,
      });
    } else {
      // A refresh ends the access tokens before it.
      for (const [id, { grantId }] of store.all("AccessToken")) {
        if (grantId === token.grantId && id !== token.jti) await new store.Adapter("AccessToken").destroy(id);
      }
    }
  }

  async function synapse(what, body) {
    const answer = await fetch(`${homeserver}/_synapse/mas/${what}`, {
      method: "POST",
      headers: { Authorization: `Bearer ${secret}`, "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${what}: ${answer.status} ${await answer.text()}`);
  }

  async function endGrant(grantId) {
    const { user, deviceId } = devices.get(grantId) ?? {};
    devices.delete(grantId);
    if (deviceId) await synapse("delete_device", { localpart: user, device_id: deviceId });
  }

  async function end(user, deviceId) {
    for (const [grantId, device] of devices) {
      if (device.user !== user || device.deviceId !== deviceId) continue;
      for (const kind of ["AccessToken", "RefreshToken"]) await new store.Adapter(kind).revokeByGrantId(grantId);
      devices.delete(grantId);
    }
    await synapse("delete_device", { localpart: user, device_id: deviceId });
  }

  async function provision(user) {
    people.add(user);
    await synapse("provision_user", { localpart: user });
  }

  async function mint({ user, deviceId, deviceName }) {
    const scope = scopesFor(deviceId);
    const nothing = { redirect_uris: [], response_types: [], grant_types: [] };
    await service.addClient({ client_id: "apps", token_endpoint_auth_method: "none", ...nothing });
    const client = await provider.Client.find("apps");
    const grantId = await new provider.Grant({ accountId: user, clientId: "apps" }).save();
    await synapse("upsert_device", { localpart: user, device_id: deviceId, display_name: deviceName });
    devices.set(grantId, { user, deviceId });
    return new provider.AccessToken({ accountId: user, client, grantId, scope, expiresIn: 86400 }).save();
  }

  /** Answers what oidc-provider does not know, and checks everything else before that answers. */
  async function handle(request, response) {
    const { pathname, searchParams } = new URL(request.url, service.issuer);
    const { method } = request;
    if (pathname.startsWith("/account/")) {
      await accountPage(request, response, searchParams);
      return true;
    }
    if (pathname === paths.authorization) return !!refusedAuthorization(response, searchParams);
    if (!pathname.startsWith("/oauth2/") && !pathname.startsWith("/.well-known/")) return false;
    // The real service lets every page ask, with these headers. oidc-provider leaves them alone.
    response.setHeader("Access-Control-Allow-Origin", "*");
    if (method === "OPTIONS") {
      response.writeHead(204, {
        "Access-Control-Allow-Methods": "*",
        "Access-Control-Allow-Headers": "authorization, accept, accept-language, content-language, content-type",
      });
      response.end();
      return true;
    }
    if (pathname === "/oauth2/introspect") return introspect(request, response);
    if (pathname === paths.registration) return refusedRegistration(request, response);
    if (pathname === paths.token) return refusedForm(request, response, (form) => parameters[form.get("grant_type")]);
    if (pathname === paths.revocation) {
      return refusedForm(request, response, () => parameters.revocation) || (await revokesNothing(request, response));
    }
    return false;
  }

  function refuse(response, error, words) {
    refused.push(`${error}: ${words}`);
    return json(response, 400, { error, error_description: words });
  }

  function refusedAuthorization(response, asked) {
    const fault = faultIn(asked, parameters.authorization) ?? scopeFault(asked.get("scope").split(" "));
    const words = fault
      ?? (asked.get("code_challenge_method") === "S256" ? undefined : "code_challenge_method must be S256")
      ?? (/^[A-Za-z0-9_-]{43}$/.test(asked.get("code_challenge")) ? undefined : "code_challenge is no SHA-256")
      ?? ([null, "query", "fragment"].includes(asked.get("response_mode")) ? undefined : "unsupported response_mode");
    if (!words) return false;
    refused.push(`authorization: ${words}`);
    say(response, "This did not work", words, 400);
    return true;
  }

  function refusedForm({ headers, body }, response, allowed) {
    if (headers["content-type"]?.split(";")[0] !== "application/x-www-form-urlencoded") {
      return refuse(response, "invalid_request", "not a form");
    }
    if (headers.authorization) return refuse(response, "invalid_request", "a public client has no credentials");
    const form = new URLSearchParams(body.toString());
    const known = allowed(form);
    if (!known) return refuse(response, "unsupported_grant_type", `${form.get("grant_type")}`);
    const fault = faultIn(form, known);
    return fault ? refuse(response, "invalid_request", fault) : false;
  }

  function refusedRegistration({ headers, body }, response) {
    let metadata;
    try {
      if (headers["content-type"]?.split(";")[0] === "application/json") metadata = JSON.parse(body);
    } catch {
      // It is refused below.
    }
    if (typeof metadata !== "object" || metadata === null) return refuse(response, "invalid_request", "not JSON");
    const fault = faultOf(metadata);
    return fault ? refuse(response, ...fault) : false;
  }

  /** Answers 200 and does nothing where the real service does: for a used refresh token, or with a wrong hint. */
  async function revokesNothing(request, response) {
    const { token, token_type_hint: hint } = formOf(request);
    const [access, refresh] = [await provider.AccessToken.find(token), await provider.RefreshToken.find(token)];
    const hinted = { access_token: access, refresh_token: refresh }[hint];
    return (hint === undefined || hinted) && !refresh?.consumed ? false : json(response, 200, {});
  }

  async function introspect(request, response) {
    if (request.headers.authorization !== `Bearer ${secret}`) return json(response, 401, { error: "access_denied" });
    const token = await provider.AccessToken.find(formOf(request).token);
    if (!token || locked.has(token.accountId)) return json(response, 200, { active: false });
    return json(response, 200, {
      active: true,
      scope: inBothNames(token.scope),
      client_id: token.clientId,
      username: token.accountId,
      token_type: "access_token",
      exp: token.exp,
      expires_in: Math.max(0, token.exp - Math.floor(Date.now() / 1000)),
      iat: token.iat,
      sub: token.accountId,
    });
  }

  /** Serves the page on which a person approves what the homeserver does not do by itself. */
  async function accountPage(request, response, asked) {
    const action = asked.get("action");
    const { do: what, name: typed } = formOf(request);
    const who = service.whoIs(request);
    if (what === "cancel") return say(response, "Cancelled", "Nothing was changed. You can close this window.");
    if (what === "sign-in" && people.has(typed)) {
      service.remember(response, typed);
      return response.writeHead(303, { Location: request.url }).end();
    }
    if (!who) {
      const complaint = what && "There is no account of that name.";
      return askForName(response, { at: name, action: request.url, name: typed, complaint });
    }
    if (action === "org.matrix.cross_signing_reset") {
      if (what === "yes") {
        await synapse("allow_cross_signing_reset", { localpart: who });
        return say(response, "Approved", "Go back to the app you came from.");
      }
      const words = "An app wants to give your account a new identity.";
      return askWhether(response, { title: "Reset your identity", words, action: request.url, button: "Approve" });
    }
    const device = asked.get("device_id");
    if (removal.includes(action) && device) {
      if (what === "yes") {
        await end(who, device);
        return say(response, "Removed", "The device is signed out.");
      }
      const question = { title: "Remove a device", words: device, button: "Remove device" };
      return askWhether(response, { ...question, action: request.url });
    }
    return say(response, "Your account", `You are signed in as ${who}.`);
  }

  return Object.assign(service, { refused, locked, serve: (url) => (homeserver = url), provision, mint, end });
}

function json(response, status, body) {
  response.writeHead(status, { "Content-Type": "application/json", "Cache-Control": "no-store" });
  response.end(JSON.stringify(body));
  return true;
}

/** Takes the issuer out of an answer to a page, since the real service leaves out what RFC 9207 would have there. */
function withoutIssuer(ctx) {
  const location = URL.parse(ctx.response.get("Location"));
  if (!location) return;
  const fragment = new URLSearchParams(location.hash.slice(1));
  for (const answer of [location.searchParams, fragment]) answer.delete("iss");
  location.hash = fragment.toString();
  ctx.set("Location", location.href);
}

/** Gives a client that registers again the same id, as the real service does. */
function idOfClient({ oidc: { body } }) {
  const sorted = JSON.stringify(Object.entries(body).sort(([a], [b]) => (a < b ? -1 : 1)));
  return createHash("sha256").update(sorted).digest("base64url").slice(0, 26);
}

/** Returns the fault in the parameters of a request, or nothing. */
function faultIn(asked, allowed) {
  const names = allowed.split(" ");
  for (const name of new Set(asked.keys())) {
    if (!names.some((each) => each.replace("*", "") === name)) return `unknown parameter ${name}`;
    if (asked.getAll(name).length > 1) return `${name} twice`;
  }
  const missing = names.find((name) => name.endsWith("*") && !asked.get(name.slice(0, -1)));
  return missing && `missing ${missing.slice(0, -1)}`;
}
