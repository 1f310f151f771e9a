// Whatever goes wrong before somebody is signed in is said in their terms, and can be corrected on the spot.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { freePort, sharedHomeserver, startHomeserver } from "../support/server/homeserver.mjs";
import { startServer, startTripwire } from "../../tools/serve.mjs";
import { registerUser, withPage } from "./support/page.mjs";

describe("before one is signed in", () => {
  let homeserver;
  before(async () => (homeserver = await sharedHomeserver()));
  after(() => homeserver?.stop());

  it("a wrong password is told, and the right one then works", async () => {
    const account = await registerUser(homeserver);
    await withPage({ homeserver }, async (visit) => {
      await visit.goToSignIn(account.userId);
      assert.equal(await visit.page.getByLabel("Matrix ID or user name").inputValue(), account.userId);
      await visit.enterPassword("something else");
      assert.match(await visit.notice(), /refused this name and password/);
      await visit.enterPassword(account.password);
      await visit.at("findings");
    });
  });

  const problems = {
    "a server that does not exist": {
      start: async () => ({ address: "@you:nowhere.invalid" }),
      says: /cannot find a server called nowhere\.invalid/,
    },
    "a homeserver that is away": {
      async start() {
        const away = `https://127.0.0.1:${await freePort()}`;
        return { serve: { homeserver: away, wellKnown: { "m.homeserver": { base_url: away } } } };
      },
      says: /does not answer/,
    },
    "a well-known that names no address": {
      async start() {
        const wellKnown = { "m.homeserver": { base_url: "not an address" } };
        return { serve: { homeserver: homeserver.url, wellKnown } };
      },
      says: /gives a wrong address for its homeserver/,
    },
    "something that is no homeserver": {
      async start() {
        const other = await startTripwire({ tls: true });
        return { address: other.origin, stop: other.close };
      },
      says: /is not a Matrix server/,
    },
    "a homeserver without CORS headers": {
      async start() {
        const mute = await startServer({ tls: true, homeserver: homeserver.url, cors: false });
        return { address: mute.origin, stop: mute.close };
      },
      says: /does not let web pages talk to it/,
      // The browser complains of it on the console.
      complaint: /CORS policy/,
    },
    "a homeserver without password sign-in": {
      async start() {
        const closed = await startHomeserver({ passwordLogin: false });
        const server = await startServer({ tls: true, homeserver: closed.url });
        return { address: server.origin, stop: () => Promise.all([server.close(), closed.stop()]) };
      },
      says: /cannot sign in to this server/,
      // The page asks this server whom to ask, too, and the browser keeps the answer from it.
      complaint: /CORS policy/,
    },
  };
  for (const [what, { start, says, complaint }] of Object.entries(problems)) {
    it(`${what} is told`, async () => {
      const { address: elsewhere, serve, stop } = await start();
      try {
        await withPage({ serve, browser: { ignoreHTTPSErrors: true } }, async (visit) => {
          const address = elsewhere ?? new URL(visit.server.origin).host;
          await visit.click("Start");
          await visit.fill("Matrix ID", address);
          await visit.click("Continue");
          assert.match(await visit.notice(), says);
          assert.equal(await visit.at("server"), "server");
          assert.equal(await visit.page.getByLabel("Matrix ID").inputValue(), address, "the entry is kept");
          if (complaint) visit.expect(complaint);
        });
      } finally {
        await stop?.();
      }
    });
  }

  describe("too many attempts", () => {
    // Enters wrong passwords until the page has to wait; returns the button that says so.
    async function exhaust(visit) {
      const button = visit.main.getByRole("button", { name: /^(Sign in|Please wait .*)$/ });
      for (let attempt = 1; attempt <= 8; attempt++) {
        await visit.enterPassword(`wrong ${attempt}`);
        await visit.notice();
        if ((await button.innerText()).startsWith("Please wait")) return button;
      }
      return assert.fail("the server never asked the page to wait");
    }
    async function withLimits(options, body) {
      const serverName = `127.0.0.1:${await freePort()}`;
      const strict = await startHomeserver({ serverName, rateLimits: "default", ...options });
      try {
        const account = await registerUser(strict);
        await withPage({ homeserver: strict }, async (visit) => {
          await visit.goToSignIn(account.userId);
          await body(visit, account, await exhaust(visit));
        });
      } finally {
        await strict.stop();
      }
    }

    it("for a Synapse as it comes are told with the minutes to wait", async () => {
      await withLimits({}, async (visit, account, button) => {
        assert.ok(visit.server.requests.some(({ path, status }) => path.endsWith("/login") && status === 429));
        assert.match(await visit.notice(), /asks us to wait/);
        assert.match(await button.innerText(), /^Please wait \d+ (minutes|seconds)$/);
        assert.ok(await button.isDisabled());
        const asked = visit.server.requests.length;
        await visit.page.getByLabel("Account password").press("Enter");
        await visit.settle();
        assert.equal(visit.server.requests.length, asked, "it does not insist");
      });
    });

    it("are counted down, and then the right password works", async () => {
      // The same limit, with less to wait.
      const config = { rc_login: { address: { per_second: 0.05, burst_count: 2 } } };
      await withLimits({ config }, async (visit, account, button) => {
        const seconds = async () => Number((await button.innerText()).match(/\d+/)[0]);
        const first = await seconds();
        await visit.page.waitForTimeout(2500);
        assert.ok((await seconds()) < first, "it counts down");
        await visit.enterPassword(account.password);
        await visit.at("findings");
      });
    });
  });
});
