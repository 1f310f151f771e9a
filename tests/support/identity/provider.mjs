// Runs a real identity provider on loopback: oidc-provider, a certified implementation of OpenID Connect, with sign-in
// pages of our own. Its people sign in by their name alone; consent is never asked for.

import "../node20.mjs";

import { generateKeyPairSync, randomBytes } from "node:crypto";
import http from "node:http";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";

import { askForName, say } from "./pages.mjs";
import { createStore } from "./store.mjs";

const { Provider } = await quietly(() => import("oidc-provider"));

/**
 * Starts one.
 *
 * - `name`: what its pages call it.
 * - `origin`: where people reach it, if not at its own address: a server there hands its requests on to `answer`.
 * - `configuration(identity)`: more for oidc-provider, and `lifetimes` in seconds.
 * - `handle(request, response, identity)`: may answer a request itself; it then returns true. `request.body` is there.
 *
 * Returns `identity`, `{ name, issuer, origin, internal, provider, store, people, requests, intercept, addClient,
 * answer, close() }`:
 * - `internal`: its own address, for a homeserver beside it.
 * - `people`: the names that can sign in.
 * - `requests`: every request so far, `{ method, path, headers, body, status }`.
 * - `intercept(request, response)`: a test may set it, to answer a request itself by returning true.
 */
export async function startProvider({ name, origin, configuration = () => ({}), handle = () => false }) {
  const server = http.createServer((request, response) => void answer(request, response));
  // Synapse keeps a connection for two minutes, and Node for five seconds. A request sent just as Node closes it gets no
  // answer, and Synapse does not repeat a POST: it says 504.
  server.keepAliveTimeout = 180_000;
  await new Promise((done, failed) => server.once("error", failed).listen(0, "127.0.0.1", done));
  const { port } = server.address();
  const internal = `http://127.0.0.1:${port}`;
  origin ??= internal;
  const issuer = `${origin}/`;
  const store = createStore();
  const identity = {
    name,
    issuer,
    origin,
    internal,
    store,
    people: new Set(),
    requests: [],
    intercept: () => false,
    addClient: (client) => new store.Adapter("Client").upsert(client.client_id, client),
    /** Returns who is signed in with this browser at this provider. */
    whoIs: ({ headers }) => headers.cookie?.match(new RegExp(`(?:^|; )who_${port}=([^;]*)`))?.[1],
    /** Signs somebody in with this browser. */
    remember: (response, who) =>
      response.appendHeader("Set-Cookie", `who_${port}=${who}; Path=/; HttpOnly; SameSite=Lax`),
    answer,
    async close() {
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
    },
  };
  const { lifetimes, ...particular } = configuration(identity);
  const provider = (identity.provider = new Provider(issuer, {
    adapter: store.Adapter,
    jwks: { keys: [signingKey()] },
    enabledJWA: { idTokenSigningAlgValues: ["ES256"] },
    clientDefaults: { id_token_signed_response_alg: "ES256" },
    // The homeserver makes the localpart from it, and reads it in the ID token itself.
    claims: { openid: ["sub"], profile: ["preferred_username"] },
    conformIdTokenClaims: false,
    findAccount: (_, accountId) => ({ accountId, claims: () => ({ sub: accountId, preferred_username: accountId }) }),
    // Two providers on one host must not take each other's cookies for their own.
    cookies: {
      keys: [randomBytes(16).toString("hex")],
      names: { session: `session_${port}`, interaction: `interaction_${port}`, resume: `resume_${port}` },
    },
    clockTolerance: 0,
    loadExistingGrant: freshGrant,
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    renderError: ({ res: response }, { error, error_description: words }) => refuse(response, error, words),
    ttl: { ...hour("AccessToken IdToken Interaction Session Grant RefreshToken"), AuthorizationCode: 60, ...lifetimes },
    ...particular,
  }));
  // Makes it believe the headers with which `unread` tells the public address.
  provider.proxy = true;
  // Made only with the first request, so that whoever started this can still add middleware to `provider`.
  let proceed;

  async function answer(request, response) {
    const { method, url: path, headers } = request;
    const entry = { method, path, headers };
    identity.requests.push(entry);
    response.once("close", () => (entry.status = response.headersSent ? response.statusCode : undefined));
    try {
      entry.body = request.body ??= await buffer(request);
      if (await identity.intercept(request, response)) return;
      if (await handle(request, response, identity)) return;
      if (path.startsWith("/interaction/")) return await interact(request, response);
      proceed ??= provider.callback();
      await proceed(unread(request, origin), response);
    } catch (error) {
      console.error(`${method} ${path.split("?")[0]}: ${error.stack}`);
      response.destroy();
    }
  }

  /** Serves the page on which a person says who they are. */
  async function interact(request, response) {
    const { params } = await provider.interactionDetails(request, response);
    const page = { at: name, action: request.url, name: hinted(params.login_hint) };
    if (request.method === "GET") return askForName(response, page);
    const { do: what, name: who } = formOf(request);
    if (what === "cancel") {
      const cancelled = { error: "access_denied", error_description: "Cancelled" };
      return provider.interactionFinished(request, response, cancelled);
    }
    if (!identity.people.has(who)) {
      return askForName(response, { ...page, name: who, complaint: "There is no account of that name." });
    }
    identity.remember(response, who);
    await provider.interactionFinished(request, response, { login: { accountId: who } });
  }
  return identity;
}

const hour = (names) => Object.fromEntries(names.split(" ").map((name) => [name, 3600]));

// On import oidc-provider warns of every node but the newest ones.
async function quietly(load) {
  const { warn } = console;
  console.warn = () => {};
  try {
    return await load();
  } finally {
    console.warn = warn;
  }
}

/** Returns the fields of a form that one of our pages sent, or a client. */
export const formOf = ({ body }) => Object.fromEntries(new URLSearchParams(body.toString()));

/** Makes a grant for each sign-in, not for each browser, so that revoking one leaves the others. */
async function freshGrant({ oidc: { provider, client, account, params, resourceServers } }) {
  const grant = new provider.Grant({ clientId: client.clientId, accountId: account.accountId });
  if (params.scope) grant.addOIDCScope(params.scope);
  for (const resource of Object.keys(resourceServers)) grant.addResourceScope(resource, params.scope);
  await grant.save();
  return grant;
}

function refuse(response, error, words) {
  say(response, "This did not work", `${error}: ${words}`, response.statusCode < 400 ? 400 : response.statusCode);
}

/** Returns the localpart of a Matrix ID in a hint, as in `mxid:@alice:example.org` (MSC4198), or nothing. */
const hinted = (hint) => hint?.match(/^mxid:@([^:]+):/)?.[1];

/** Returns the request as if nobody had read its body, and as if it had come to the public address. */
function unread(request, origin) {
  const { method, url, httpVersion, httpVersionMajor, httpVersionMinor, socket, body } = request;
  const [scheme, host] = origin.split("://");
  const headers = { ...request.headers, "x-forwarded-proto": scheme, "x-forwarded-host": host };
  const parts = { method, url, headers, httpVersion, httpVersionMajor, httpVersionMinor, socket };
  return Object.assign(Readable.from(body.length ? [body] : [], { objectMode: false }), parts);
}

function signingKey() {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return { ...privateKey.export({ format: "jwk" }), alg: "ES256", use: "sig", kid: randomBytes(4).toString("hex") };
}
