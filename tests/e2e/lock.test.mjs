// The lock: once the homeserver is known, the browser itself refuses every other host, to the page and to the engine's
// worker. Here the homeserver has an origin of its own, over TLS with a throw-away certificate.

import assert from "node:assert/strict";
import { after, before, it } from "node:test";

import { verifyAccount } from "../interop/verifier.mjs";
import { sharedHomeserver } from "../support/server/homeserver.mjs";
import { arrived, connectEarly, tryWays } from "../support/ways_out.mjs";
import { startServer, startTripwire } from "../../tools/serve.mjs";
import { registerUser, withPage, withoutHeaders } from "./support/page.mjs";

let homeserver;
let behindTls;
let tripwire;
before(async () => {
  homeserver = await sharedHomeserver();
  behindTls = await startServer({ tls: true, homeserver: homeserver.url });
  tripwire = await startTripwire({ tls: true });
});
after(() => Promise.all([tripwire?.close(), behindTls?.close(), homeserver?.stop()]));

const hosts = { "whose host sends the headers": {}, "whose host sends none": { intercept: withoutHeaders } };

for (const [whose, serve] of Object.entries(hosts)) {
  it(`lets neither a page ${whose} nor its worker reach any other server once the homeserver is known`, () => locked(serve));
}

it("leaves a page whose host sends no headers all it needs, to the end", async () => {
  const account = await registerUser(homeserver);
  const serve = { intercept: withoutHeaders };
  await withPage({ homeserver, separate: true, serve, browser: { ignoreHTTPSErrors: true } }, async (visit) => {
    const { headers } = await fetch(visit.server.url);
    assert.deepEqual([...headers.keys()].filter((name) => /policy|frame|options/.test(name)), [], "the host sends no such headers");
    await visit.goToSignIn(behindTls.origin);
    await visit.page.getByLabel("Matrix ID or user name").fill(account.user);
    await visit.enterPassword(account.password);
    await visit.at("findings");
    await visit.choose("key");
    const { text } = await visit.saveAndProve();
    await visit.turnOn();
    await visit.coverage();
    await visit.takeHome();
    await visit.at("done");
    await visit.signOut();
    // `withPage` fails if the browser complained, as it does of a policy violation.
    const report = await verifyAccount({ homeserver: homeserver.url, ...account, recoveryKey: text.trim() });
    assert.ok(report.ok, JSON.stringify(report));
  });
});

it("lets a page sign in where its homeserver says, and reach nobody else, and says so", async () => {
  const registered = [];
  const accounts = await startServer({
    tls: true,
    intercept: ({ url, method, body }, response) => {
      const json = { "Content-Type": "application/json", "Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*" };
      if (url === "/register" && method === "POST") registered.push(JSON.parse(body));
      response.writeHead(200, url.startsWith("/authorize") ? { "Content-Type": "text/html" } : json);
      response.end(url.startsWith("/authorize") ? "<!doctype html><title>Accounts</title><h1>Accounts</h1>" : '{"client_id":"a"}');
      return true;
    },
  });
  const at = (path) => `${accounts.origin}/${path}`;
  const metadata = {
    issuer: at(""),
    authorization_endpoint: at("authorize"),
    token_endpoint: at("token"),
    registration_endpoint: at("register"),
    revocation_endpoint: at("revoke"),
    response_types_supported: ["code"],
    response_modes_supported: ["query", "fragment"],
    grant_types_supported: ["authorization_code", "refresh_token"],
    code_challenge_methods_supported: ["S256"],
  };
  const intercept = ({ url }, response) => {
    if (!url.endsWith("/auth_metadata")) return false;
    response.writeHead(200, { "Content-Type": "application/json", "Access-Control-Allow-Origin": "*" });
    response.end(JSON.stringify(metadata));
    return true;
  };
  const server = await startServer({ tls: true, homeserver: homeserver.url, intercept });
  tripwire.requests.length = 0;
  try {
    await withPage({ homeserver, separate: true, browser: { ignoreHTTPSErrors: true } }, async (visit) => {
      const { page } = visit;
      await visit.goToSignIn(server.origin);
      const footer = await page.getByRole("contentinfo").textContent();
      for (const { origin } of [server, accounts]) assert.ok(footer.includes(new URL(origin).host), footer);
      assert.match(footer, /your browser now blocks everyone else/);
      await visit.until(() => page.workers().length === 1);
      const reach = (address) => fetch(address).then(() => "reached", () => "refused");
      for (const from of [page, page.workers()[0]]) {
        assert.equal(await from.evaluate(reach, at("token")), "reached");
        assert.equal(await from.evaluate(reach, tripwire.origin), "refused");
      }
      const button = page.getByRole("button", { name: `Continue at ${new URL(accounts.origin).host}` });
      const [window] = await Promise.all([page.waitForEvent("popup"), button.click()]);
      await window.getByRole("heading", { name: "Accounts" }).waitFor();
      const { searchParams } = new URL(window.url());
      assert.equal(searchParams.get("redirect_uri"), `${visit.server.url}callback.html`);
      assert.deepEqual(registered.map(({ redirect_uris: uris }) => uris), [[`${visit.server.url}callback.html`]]);
      assert.deepEqual(tripwire.requests, []);
      // The refused requests show up as complaints, those of the worker a moment later.
      await visit.settle();
      visit.expect(/polic|CSP|Content Security/i);
    });
  } finally {
    await Promise.all([server.close(), accounts.close()]);
  }
});

async function locked(serve) {
  const account = await registerUser(homeserver);
  tripwire.requests.length = 0;
  await withPage({ homeserver, separate: true, serve, browser: { ignoreHTTPSErrors: true } }, async (visit) => {
    const { page } = visit;
    const reach = (address) => fetch(address).then((answer) => answer.text(), (error) => `refused: ${error.message}`);
    const address = (from) => `${tripwire.origin}/?from=${from}`;

    assert.equal(await page.evaluate(reach, address("before")), "reached", "the tripwire can be reached before");
    assert.equal(tripwire.requests.length, 1);

    await visit.goToSignIn(behindTls.origin);
    assert.match(await page.getByRole("contentinfo").textContent(), /your browser now blocks everyone else/);
    assert.ok((await page.getByRole("contentinfo").textContent()).includes(new URL(behindTls.origin).host));
    await visit.until(() => page.workers().length === 1);
    const [worker] = page.workers();
    assert.match(worker.url(), /^blob:/);

    // Tries every way out of a page, and out of a worker.
    const fromPage = await page.evaluate(async ({ address }) => {
      const refusals = { fetch: await fetch(`${address}&by=fetch`).then(() => "reached", () => "refused") };
      refusals.opaque = await fetch(`${address}&by=opaque`, { mode: "no-cors" }).then(() => "reached", () => "refused");
      navigator.sendBeacon(`${address}&by=beacon`);
      const settled = (target) =>
        new Promise((done) => {
          for (const event of ["load", "open"]) target.addEventListener(event, () => done("reached"));
          target.addEventListener("error", () => done("refused"));
        });
      const image = new Image();
      image.src = `${address}&by=image`;
      refusals.image = await settled(image);
      refusals.events = await settled(new EventSource(`${address}&by=events`));
      refusals.socket = await settled(new WebSocket(`${address.replace("https", "wss")}&by=socket`));
      return refusals;
    }, { address: address("page") });
    // A beacon does not say what became of it; the tripwire does.
    for (const way of ["fetch", "opaque", "image", "events", "socket"]) assert.equal(fromPage[way], "refused", way);

    // Every other way by which a page can cause a request: nothing may arrive.
    const run = (act, ...args) => page.evaluate(`(${act})(...${JSON.stringify(args)})`);
    await run(tryWays, address("ways"));
    await visit.settle();
    assert.deepEqual(arrived(tripwire.requests, "ways"), []);
    // No policy covers these two. They may open a connection, and send no request.
    await run(connectEarly, tripwire.origin);
    await visit.settle();
    assert.equal(tripwire.requests.length, 1, "an early connection asks for nothing");

    const fromWorker = await worker.evaluate(async (address) => {
      const refusals = { fetch: await fetch(`${address}&by=fetch`).then(() => "reached", () => "refused") };
      refusals.opaque = await fetch(`${address}&by=opaque`, { mode: "no-cors" }).then(() => "reached", () => "refused");
      try {
        importScripts(`${address}&by=script`);
        refusals.script = "reached";
      } catch {
        refusals.script = "refused";
      }
      return refusals;
    }, address("worker"));
    assert.deepEqual(fromWorker, { fetch: "refused", opaque: "refused", script: "refused" });
    // The refused requests show up as complaints.
    visit.expect(/polic|CSP|Content Security|TrustedScript|importScripts/i);

    // The homeserver can be reached all the same.
    await page.getByLabel("Matrix ID or user name").fill(account.user);
    await visit.enterPassword(account.password);
    await visit.at("findings");
    await visit.click("Sign out here");
    await visit.at("finished");
    assert.ok(behindTls.requests.some(({ path, status }) => path.endsWith("/logout") && status === 200));

    // The lock stays after signing out.
    assert.match(await page.evaluate(reach, address("after")), /refused/);
    visit.expect(/polic|CSP|Content Security/i);
    assert.equal(tripwire.requests.length, 1, "nothing more has arrived there");
  });
}
