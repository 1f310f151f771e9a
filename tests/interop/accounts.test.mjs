// The accounts that the page is tried on are the same on every kind of server. The same is set up, no device is left
// over, and the server asks for proof before it lets the identity be replaced.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, it } from "node:test";

import { accounts, servers } from "../support/identity/accounts.mjs";
import { readableFrom } from "./readable.mjs";
import { signals } from "./signals.mjs";
import { verifyAccount } from "./verifier.mjs";

const proofs = {
  password: [{ stages: ["m.login.password"] }],
  SSO: [{ stages: ["m.login.sso"] }],
  OAuth: [{ stages: ["m.oauth"] }, { stages: ["org.matrix.cross_signing_reset"] }],
};

for (const [kind, start] of Object.entries(servers)) {
  describe(`an account with ${kind}`, () => {
    let server;
    before(async () => (server = await start()));
    after(() => server?.stop());

    const another = async ({ homeserver, userId, server }, auth) => {
      const key = randomBytes(32).toString("base64").replace(/=+$/, "");
      const master_key = { user_id: userId, usage: ["master"], keys: { [`ed25519:${key}`]: key } };
      const answer = await fetch(`${homeserver}/_matrix/client/v3/keys/device_signing/upload`, {
        method: "POST",
        headers: { Authorization: `Bearer ${server.accessToken}` },
        body: JSON.stringify({ master_key, auth }),
      });
      return { status: answer.status, ...(await answer.json()) };
    };
    const names = ({ userId }) => server.devicesOf(userId).map(({ name }) => name);

    it("that is fresh has messages and nothing else", async () => {
      const made = await accounts.fresh(server);
      const seen = await signals(made.server);
      assert.deepEqual([seen.identity, seen.defaultKey, seen.backupCounts], [false, "none", []]);
      assert.equal(made.messages.length, 10);
      assert.deepEqual(names(made), ["App"]);
      await made.leave();
      assert.deepEqual(names(made), []);
    });

    it("that is healthy can be read from its key alone", async () => {
      const made = await accounts.healthy(server);
      await made.leave();
      assert.deepEqual((await verifyAccount(made)).problems, []);
      assert.equal((await verifyAccount(made)).ok, true);
      const { all, readable } = await readableFrom(made);
      assert.deepEqual({ all, readable }, { all: 10, readable: 10 });
      assert.deepEqual(names(made), [], "the devices that looked are gone");
    });

    it("that is lost gets another identity only with proof", async () => {
      const made = await accounts.lost(server);
      assert.deepEqual(names(made), ["App"]);
      const asked = await another(made);
      assert.equal(asked.status, 401);
      assert.deepEqual(asked.flows, proofs[kind]);
      const { user, password } = made;
      const { session } = asked;
      assert.equal((await another(made, { session })).status, 401);
      await server.prove?.({ user, session });
      const proof = kind === "password" ? { type: "m.login.password", identifier: { type: "m.id.user", user }, password } : {};
      assert.equal((await another(made, { session, ...proof })).status, 200);
      made.stop();
    });
  });
}
