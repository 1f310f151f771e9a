// The first screen comes alone. Behind it comes the page's second part, and with "Start" the engine, which is large. If
// one of them does not come, or is not the one that belongs here, the page says so and has changed nothing.

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
      if (isEngine(request, "wasm")) await released;
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

  it("is fetched with Start, and on a second visit only the page's frame and the host's settings", async () => {
    await withPage({ homeserver }, async (visit) => {
      // The page of the test before may say good-bye to this server.
      const files = ({ path }) => !path.startsWith("/_matrix/");
      const asked = () => visit.server.requests.filter(files).map(({ path }) => path.replace(/-[0-9a-f]{16}/, ""));
      await visit.at("intro");
      await visit.until(() => asked().includes("/later.wasm"));
      await visit.settle();
      // Those of the first screen, and the others.
      const texts = ["/words-en.json", "/words-en.json"];
      const look = ["/", "/app_bg.wasm", "/boot.js", "/config.json", "/icon.svg", "/later.wasm", "/style.css", ...texts];
      assert.deepEqual(asked().sort(), look, "each file once, and nothing of the engine");
      await visit.click("Start");
      await visit.until(() => asked().includes("/engine_bg.wasm"));
      await visit.settle();
      assert.deepEqual(asked().sort(), [...look, "/engine.js", "/engine_bg.wasm"].sort());

      visit.server.requests.length = 0;
      await visit.open();
      await visit.click("Start");
      await visit.at("server");
      await visit.settle();
      assert.deepEqual(asked().sort(), ["/", "/config.json"]);
    });
  });

  it("leaves even the second part until Start where data is to be saved", async () => {
    await withPage({ homeserver }, async (visit) => {
      const later = () => visit.server.requests.filter(({ path }) => isLater({ url: path })).length;
      await visit.page.addInitScript(() => {
        Object.defineProperty(navigator.connection, "saveData", { get: () => true });
      });
      await visit.devtools.send("Network.enable");
      await visit.devtools.send("Network.setCacheDisabled", { cacheDisabled: true });
      await visit.until(later);
      const before = later();
      await visit.open();
      await visit.at("intro");
      await visit.settle();
      assert.equal(later(), before, "not fetched");
      await visit.click("Start");
      await visit.at("server");
      assert.equal(later(), before + 1);
    });
  });

  const parts = { "second part": isLater, engine: (request) => isEngine(request, "wasm") };
  for (const [what, isPart] of Object.entries(parts)) {
    it(`is asked for again, as is all else, where the line was cut while nobody waited for it: the ${what}`, async () => {
      let cut = 0;
      const intercept = (request, response) => {
        if (!isPart(request) || cut > 0) return false;
        cut++;
        response.destroy();
        return true;
      };
      await withPage({ homeserver, serve: { intercept } }, async (visit) => {
        if (what === "engine") await visit.click("Start");
        await visit.until(() => cut > 0);
        await visit.settle();
        if (what !== "engine") await visit.click("Start");
        await visit.fill("Matrix ID", account.userId);
        await visit.click("Continue");
        await visit.enterPassword(account.password);
        await visit.at("findings");
        visit.forgive(/net::ERR|Failed to fetch/);
      });
    });
  }

  const secondPart = {
    missing: (response) => response.writeHead(404).end(),
    "another one": (response) =>
      response.writeHead(200, { "Content-Type": "application/wasm" }).end(Buffer.from("0061736d01000000", "hex")),
  };
  for (const [what, answer] of Object.entries(secondPart)) {
    it(`is not asked for when the page's second part is ${what}, and the page says so to whoever presses Start`, async () => {
      let release;
      const released = new Promise((done) => (release = done));
      const intercept = async (request, response) => {
        if (!isLater(request)) return false;
        await released;
        answer(response);
        return true;
      };
      await withPage({ homeserver, serve: { intercept } }, async (visit) => {
        await visit.click("Start");
        await visit.button("Starting…").waitFor();
        assert.ok(await visit.button("Starting…").isDisabled(), "nothing to press twice");
        await visit.main.getByText("Loading the rest of this page").waitFor();
        release();
        const told = visit.page.locator("#incomplete");
        await told.waitFor();
        assert.match(await told.innerText(), /part of this page did not arrive[^]*nothing in your account was changed/);
        assert.ok(await visit.main.isHidden());
        assert.equal(await visit.page.evaluate(() => document.activeElement.textContent), await told.locator("h1").innerText());
        assert.ok(!visit.server.requests.some(({ path }) => /engine-/.test(path)));
        // The browser complains of each twice, and this comes last.
        const refused = () => visit.troubles.filter((trouble) => /cannot load.*integrity/.test(trouble)).length;
        await visit.until(() => refused() === 1);
        await visit.page.getByRole("link", { name: "Load it again" }).click();
        await visit.at("intro");
        // The file is fetched again, and refused again; who only reads the first screen hears nothing of it.
        await visit.until(() => refused() === 2);
        await visit.settle();
        assert.ok(await told.isHidden());
        visit.expect(/integrity/i);
      });
    });
  }

  const failures = {
    "its program is missing": (request, response) => isEngine(request, "wasm") && response.writeHead(404).end(),
    "its script is missing": (request, response) => isEngine(request, "js") && response.writeHead(404).end(),
    "its program is another one": (request, response) =>
      isEngine(request, "wasm") &&
      response.writeHead(200, { "Content-Type": "application/wasm" }).end(Buffer.from("0061736d01000000", "hex")),
    "its script is another one": (request, response) =>
      isEngine(request, "js") &&
      response.writeHead(200, { "Content-Type": "text/javascript" }).end("postMessage('hello')"),
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
        await visit.click("Start again");
        await visit.at("intro");
        // By now nothing is fetched any more, and all complaints are here.
        await visit.settle();
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
