// Reads an account by plain HTTP, as the server tells it: no SDK stands between the facts and the test.

import { randomUUID } from "node:crypto";

/** Signs a device in; returns what one can read and do with its token. */
export async function signIn({ homeserver, user, password, deviceName = "Test observer" }) {
  const account = await call(homeserver, undefined, "POST", "/_matrix/client/v3/login", {
    type: "m.login.password",
    identifier: { type: "m.id.user", user },
    password,
    initial_device_display_name: deviceName,
  });
  return withToken({
    homeserver,
    userId: account.user_id,
    deviceId: account.device_id,
    accessToken: account.access_token,
  });
}

/** Returns the same for a device that is signed in already. */
export function withToken({ homeserver, userId, deviceId, accessToken }) {
  const request = (method, path, body) => call(homeserver, accessToken, method, `/_matrix/client/v3${path}`, body);
  const orNothing = (promise) =>
    promise.catch((error) => {
      if (error.status === 404) return null;
      throw error;
    });
  const accountDataPath = (type) => `/user/${encodeURIComponent(userId)}/account_data/${encodeURIComponent(type)}`;

  return {
    userId,
    deviceId,
    accessToken,
    request,
    /** Reads the content of one account data event, or null. */
    accountData: (type) => orNothing(request("GET", accountDataPath(type))),
    setAccountData: (type, content) => request("PUT", accountDataPath(type), content),
    /** Reads all account data, as the sync gives it. */
    async allAccountData() {
      // Synapse answers the same first sync from a cache for two minutes; a random name makes it another one.
      const filter = { account_data: {}, room: { rooms: [] }, presence: { types: [randomUUID()] } };
      const sync = await request("GET", `/sync?timeout=0&filter=${encodeURIComponent(JSON.stringify(filter))}`);
      const entries = (sync.account_data?.events ?? []).map(({ type, content }) => [type, content]);
      return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
    },
    /** Reads the published identity, and the devices with keys. */
    async publishedKeys() {
      const answer = await request("POST", "/keys/query", { device_keys: { [userId]: [] } });
      return {
        master: answer.master_keys?.[userId] ?? null,
        selfSigning: answer.self_signing_keys?.[userId] ?? null,
        userSigning: answer.user_signing_keys?.[userId] ?? null,
        devices: answer.device_keys?.[userId] ?? {},
      };
    },
    /** Reads a backup version, by default the newest, or null. */
    backup: (version) => orNothing(request("GET", `/room_keys/version${version ? `/${version}` : ""}`)),
    devices: async () => (await request("GET", "/devices")).devices,
    signOut: () => request("POST", "/logout", {}),
  };
}

async function call(homeserver, accessToken, method, path, body) {
  const answer = await fetch(homeserver + path, {
    method,
    headers: {
      ...(accessToken && { Authorization: `Bearer ${accessToken}` }),
      ...(body && { "Content-Type": "application/json" }),
    },
    body: body && JSON.stringify(body),
  });
  const content = await answer.json();
  if (!answer.ok) {
    const error = new Error(`${method} ${path.split("?")[0]}: ${answer.status} ${content.errcode}`);
    throw Object.assign(error, { status: answer.status });
  }
  return content;
}
