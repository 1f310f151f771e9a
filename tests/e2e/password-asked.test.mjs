// A homeserver that wants the account password before it publishes an identity. Synapse asks nothing of a fresh
// account, so a proxy before it asks, as the specification says (client-server API, "User-Interactive Authentication").

import assert from "node:assert/strict";
import { after, before, it } from "node:test";

import { verifyAccount } from "../interop/verifier.mjs";
import { sharedHomeserver } from "../support/server/homeserver.mjs";
import { registerUser, withPage } from "./support/page.mjs";

let homeserver;
before(async () => (homeserver = await sharedHomeserver()));
after(() => homeserver?.stop());

it("asks for the account password only when the server does, and again when it was wrong", async () => {
  const account = await registerUser(homeserver);
  const proofs = [];
  const intercept = (request, response) => {
    if (request.method !== "POST" || !request.url.endsWith("/keys/device_signing/upload")) return false;
    const auth = JSON.parse(request.body).auth ?? undefined;
    proofs.push(auth);
    const isProof = auth?.type === "m.login.password" && auth.session === "a-session";
    if (isProof && auth.password === account.password) return false;
    const question = { flows: [{ stages: ["m.login.password"] }], params: {}, session: "a-session" };
    const refusal = auth && { errcode: "M_FORBIDDEN", error: "Invalid password" };
    response.writeHead(401, { "Content-Type": "application/json", "Access-Control-Allow-Origin": "*" });
    response.end(JSON.stringify({ ...question, ...refusal }));
    return true;
  };
  await withPage({ homeserver, serve: { intercept } }, async (visit) => {
    await visit.signIn(account);
    await visit.choose("key");
    const file = await visit.saveAndProve();
    await visit.click("Turn on backup");
    await visit.main.getByRole("heading", { name: "Your server asks for your account password" }).waitFor();
    assert.deepEqual(proofs, [undefined], "the password is not sent before it is asked for");

    await visit.fill("Account password", "something else");
    await visit.click("Go on");
    assert.match(await visit.notice(), /did not accept this password/);
    // People may enter their recovery key here: it is sent nowhere, and they can try again.
    await visit.fill("Account password", file.text.trim());
    await visit.click("Go on");
    await visit.main.getByText("not your account password").first().waitFor();
    await visit.click("Try again");
    await visit.fill("Account password", account.password);
    await visit.click("Go on");
    await visit.at("old-keys");
    assert.deepEqual(
      proofs.filter((proof) => proof?.password).map(({ identifier, password }) => [identifier.type, identifier.user, password]),
      ["something else", account.password].map((password) => ["m.id.user", account.userId, password]),
      "each entry is sent once",
    );

    const report = await verifyAccount({
      homeserver: homeserver.url,
      user: account.user,
      password: account.password,
      recoveryKey: file.text,
    });
    assert.ok(report.ok, JSON.stringify(report));
    await visit.signOut();
  });
});
