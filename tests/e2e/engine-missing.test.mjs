// The engine is large and comes late, and so does the page's own second part. The first screens do not wait for them.
// If one of them does not come, or is not the one that belongs here, the page says so and has changed nothing.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { sharedHomeserver } from "../support/server/homeserver.mjs";
import { registerUser, withPage } from "./support/page.mjs";

const isLater = (request) => /\/later-[^/]+\.wasm$/.test(request.url);
const isEngine = (request, end) => new RegExp(`/engine-[^/]+${end}$`).test(request.url);

describe("the engine", () => {
  let homeserver;
  let account;
  before(async () => {
    homeserver = await sharedHomeserver();
    account = await registerUser(homeserver);
  });
  after(() => homeserver?.stop());

  it("is not waited for before the password is typed", async () => {
    let release;
    const released = new Promise((done) => (release = done));
    const intercept = async (request) => {
      if (isEngine(request, "wasm") || isLater(request)) await released;
      return false;
    };
    await withPage({ homeserver, serve: { intercept } }, async (visit) => {
      await visit.goToSignIn(account.userId);
      await visit.main.getByText("Loading the encryption engine").waitFor();
      await visit.enterPassword(account.password);
      await visit.main.getByText("Then we sign you in").waitFor();
      release();
      await visit.at("findings");
    });
  });

  const failures = {
    "its program is missing": (request, response) => isEngine(request, "wasm") && response.writeHead(404).end(),
    "its script is missing": (request, response) => isEngine(request, "js") && response.writeHead(404).end(),
    "its program is another one": (request, response) =>
      isEngine(request, "wasm") &&
      response.writeHead(200, { "Content-Type": "application/wasm" }).end(Buffer.from("0061736d01000000", "hex")),
    "its script is another one": (request, response) =>
      isEngine(request, "js") &&
      response.writeHead(200, { "Content-Type": "text/javascript" }).end("postMessage('hello')"),
    "the page's second part is missing": (request, response) => isLater(request) && response.writeHead(404).end(),
    "the page's second part is another one": (request, response) =>
      isLater(request) &&
      response.writeHead(200, { "Content-Type": "application/wasm" }).end(Buffer.from("0061736d01000000", "hex")),
  };
  for (const [what, answer] of Object.entries(failures)) {
    it(`stops the page safely when ${what}`, async () => {
      const intercept = (request, response) => Boolean(answer(request, response));
      await withPage({ homeserver, serve: { intercept } }, async (visit) => {
        await visit.click("Start");
        await visit.fill("Matrix ID", account.userId);
        await visit.click("Continue");
        await visit.at("stopped");
        assert.match(await visit.heading(), /part of this page did not arrive/);
        assert.match(await visit.main.innerText(), /Nothing in your account was changed/);
        assert.equal(visit.page.workers().length, 0);
        assert.ok(!visit.server.requests.some(({ method }) => method === "POST"), "nobody was signed in");
        const refused = () => visit.troubles.filter((trouble) => /integrity/i.test(trouble)).length;
        const before = refused();
        await visit.click("Start again");
        await visit.at("intro");
        // The file is fetched again, and refused again.
        await visit.until(() => refused() > before);
        visit.expect(/integrity/i);
      });
    });
  }

  it("stops the page safely when it breaks in the middle, and says what was written", async () => {
    const fresh = await registerUser(homeserver);
    let reached;
    const atVersion = new Promise((done) => (reached = done));
    const intercept = ({ method, url }) => {
      if (method !== "POST" || !url.endsWith("/room_keys/version")) return false;
      reached();
      // The request is never answered.
      return true;
    };
    await withPage({ homeserver, serve: { intercept } }, async (visit) => {
      await visit.signIn(fresh);
      await visit.choose("key");
      await visit.saveAndProve();
      await visit.click("Turn on backup");
      await atVersion;
      await visit.page.workers()[0].evaluate(() => {
        setTimeout(() => {
          throw new Error("kaputt");
        });
      });
      await visit.at("stopped");
      const text = await visit.main.innerText();
      assert.match(text, /Some parts may have been written before it stopped/);
      assert.match(text, /Store the new keys, locked with your recovery key/);
      assert.doesNotMatch(text, /Publish your digital identity/, "the identity is published after the version");
      assert.doesNotMatch(text, /kaputt/);
      assert.equal(visit.page.workers().length, 0, "the worker is ended");
      visit.forgive(/kaputt/);
    });
  });
});
