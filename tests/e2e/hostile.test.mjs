// A hostile homeserver in a real browser. Its strings are text and nothing else, the page stops reading an answer that
// is too long, and it leads nobody elsewhere. Whoever comes back to the page finds nothing of the person before.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { sharedHomeserver } from "../support/server/homeserver.mjs";
import { makeAccount } from "../support/accounts/states/makers.mjs";
import { startServer, startTripwire } from "../../tools/serve.mjs";
import { observe } from "./support/observer.mjs";
import { registerUser, withPage } from "./support/page.mjs";

const recoveryKey = "EsTc LW2K PGiF wKEA 3As5 g5c4 BXwk qeeJ ZJV8 Q9fu gUMN UE4d";
const deviceName = "Key backup page (temporary)";
const turnsAround = /[\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;
/** Makes a string of a megabyte with everything in it that could become more than text; `mark` tells it from others. */
const bad = (mark) =>
  `${mark}\u202e<img src=x onerror="window.hacked=1"><b>bold</b><script>window.hacked=1</script>\n\u2066&lt;${"A".repeat(1_000_000)}`;

describe("a hostile homeserver", () => {
  let homeserver;
  before(async () => (homeserver = await sharedHomeserver()));
  after(() => homeserver?.stop());

  /** Passes on the requests that match, and changes the answers on their way back. */
  function lying(changes) {
    return async (request, response) => {
      const { pathname } = new URL(request.url, homeserver.url);
      const found = changes.find(([method, end]) => request.method === method && pathname.endsWith(end));
      if (!found) return false;
      const { authorization, "content-type": type } = request.headers;
      const headers = { ...(authorization && { authorization }), ...(type && { "content-type": type }) };
      const body = request.method === "GET" ? undefined : request.body;
      const answer = await fetch(homeserver.url + request.url, { method: request.method, headers, body });
      const content = await answer.json();
      found[2](content, new URL(request.url, homeserver.url));
      response.writeHead(answer.status, { "Content-Type": "application/json" }).end(JSON.stringify(content));
      return true;
    };
  }

  /** Asserts what has become of a bad string: a short text in a `<bdi>`, and no element. */
  async function assertIsText(visit, mark) {
    const shown = visit.main.locator("bdi", { hasText: mark }).first();
    await shown.waitFor();
    // A room that has just come into sight has no text before the next frame (`content-visibility` in guide.css).
    await visit.until(() => shown.innerText());
    // The page shows a device id in brackets.
    const text = (await shown.innerText()).replace(/^ \((.*)\)$/s, "$1");
    assert.match(text, /<img src=x/, "it is shown as it is");
    assert.ok([...text].length <= 100, `${[...text].length} characters: ${text}`);
    assert.doesNotMatch(text, turnsAround);
    assert.equal(await shown.evaluate((element) => element.childElementCount), 0);
    await assertNothingMade(visit);
  }

  async function assertNothingMade({ page }) {
    const made = await page.evaluate(() => {
      const longest = [...document.querySelectorAll("#page *")].map(({ childNodes }) =>
        Math.max(0, ...[...childNodes].filter(({ nodeType }) => nodeType === 3).map(({ length }) => length)),
      );
      const tags = document.querySelectorAll("#page img, #page b, #page script, #page iframe, #page [onerror]");
      return { hacked: window.hacked, elements: tags.length, longest: Math.max(...longest) };
    });
    assert.deepEqual({ ...made, longest: undefined }, { hacked: undefined, elements: 0, longest: undefined });
    assert.ok(made.longest < 1_000, `a text of ${made.longest} characters`);
  }

  it("has its names of rooms and people, and its errors, shown as short texts", async () => {
    const account = await registerUser(homeserver);
    const { server, stop } = await observe({ ...account, homeserver });
    const encryption = { type: "m.room.encryption", state_key: "", content: { algorithm: "m.megolm.v1.aes-sha2" } };
    const rooms = [];
    for (const name of ["Garden", undefined]) {
      const { room_id: id } = await server.request("POST", "/createRoom", { name, initial_state: [encryption] });
      rooms.push(id);
    }
    let refusals = 0;
    const changes = lying([
      [
        "GET",
        "/sync",
        ({ rooms: { join = {} } = {} }) => {
          for (const [id, room] of Object.entries(join)) {
            if (id === rooms[0]) room.state.events.find(({ type }) => type === "m.room.name").content.name = bad("ROOM");
            if (id !== rooms[1]) continue;
            room.summary = { "m.heroes": ["@them:example.org"] };
            const content = { membership: "join", displayname: bad("PERSON") };
            room.state.events.push({ type: "m.room.member", state_key: "@them:example.org", content });
          }
        },
      ],
      [
        "GET",
        "/devices",
        ({ devices }) => devices.push({ device_id: bad("DEVICE"), display_name: deviceName }),
      ],
    ]);
    const intercept = (request, response) => {
      if (request.method === "POST" && request.url.endsWith("/login") && refusals++ === 0) {
        response.writeHead(400, { "Content-Type": "application/json" });
        // Longer than any line on screen, and shorter than the longest error that the page reads.
        const text = bad("ERROR").slice(0, 20_000);
        response.end(JSON.stringify({ errcode: text, error: text }));
        return true;
      }
      return changes(request, response);
    };
    await withPage({ homeserver, serve: { intercept } }, async (visit) => {
      await visit.goToSignIn(account.userId);
      await visit.enterPassword(account.password);
      const notice = await visit.notice();
      assert.match(notice, /ERROR<img/);
      assert.doesNotMatch(notice, turnsAround);
      await assertNothingMade(visit);
      await visit.enterPassword(account.password);
      await visit.at("findings");
      await visit.choose("key");
      await visit.saveAndProve();
      await visit.turnOn();
      await visit.coverage();
      await visit.reveal(visit.main.locator("bdi", { hasText: "ROOM" }).first(), /^Room by room$/);
      await assertIsText(visit, "ROOM");
      await assertIsText(visit, "PERSON");
      await visit.takeHome();
      await visit.at("done");
      await visit.main.getByText("Left over from earlier visits").waitFor();
      await assertIsText(visit, "DEVICE");
      await visit.signOut();
    });
    await stop();
  });

  it("has its names of devices shown as short texts", async (test) => {
    const made = await makeAccount(homeserver, { setUp: "backup", native: false, name: "hostile" });
    test.after(() => made.phones.forEach((phone) => phone.stop()));
    const intercept = lying([
      [
        "POST",
        "/keys/query",
        ({ device_keys: keys = {} }) => {
          for (const device of Object.values(keys[made.userId] ?? {})) {
            device.unsigned = { device_display_name: bad("DEVICE") };
          }
        },
      ],
    ]);
    await withPage({ homeserver, serve: { intercept } }, async (visit) => {
      await visit.signIn(made);
      await visit.click("Confirm it's you, with your open app");
      await visit.at("verify");
      await assertIsText(visit, "DEVICE");
      made.phones[0].answerWith(async () => {});
      await visit.ask();
      await visit.shownEmoji();
      await assertIsText(visit, "DEVICE");
      await visit.click("Sign out here");
      await visit.at("finished");
    });
  });

  it("cannot lead the password or the token elsewhere, on its own host or on another", async () => {
    const account = await registerUser(homeserver);
    const tripwire = await startTripwire();
    try {
      // The newest backup version is one that the server cannot tell of then, which keeps nobody from the rest.
      const asked = [["POST", "/login"], ["POST", "/keys/query"], ["GET", "/room_keys/version"]];
      for (const [method, end] of asked) {
        for (const to of ["", tripwire.origin]) {
          const intercept = (request, response) => {
            if (request.method !== method || !request.url.endsWith(end) || request.url.startsWith("/elsewhere")) return false;
            response.writeHead(307, { Location: `${to}/elsewhere${request.url}` }).end();
            return true;
          };
          await withPage({ homeserver, serve: { intercept } }, async (visit) => {
            await visit.goToSignIn(account.userId);
            await visit.enterPassword(account.password);
            if (method === "GET") await visit.at("findings");
            else assert.match(await visit.notice(), /could not understand the server's answer/, end);
            assert.ok(!visit.server.requests.some(({ path }) => path.startsWith("/elsewhere")), `${end} ${to}`);
          });
        }
      }
      assert.deepEqual(tripwire.requests, []);
    } finally {
      await tripwire.close();
    }
  });

  it("is not listened to for longer or further than an honest answer goes", async () => {
    const account = await registerUser(homeserver);
    const sent = { wellKnown: 0, version: 0 };
    const endless = (response, what) => {
      response.writeHead(200, { "Content-Type": "application/json" });
      const block = Buffer.alloc(64 * 1024, " ");
      const more = () => {
        while (!response.destroyed && sent[what] < 400_000_000) {
          sent[what] += block.length;
          if (!response.write(block)) return response.once("drain", more);
        }
        response.end();
      };
      more();
      return true;
    };
    const intercept = ({ method, url }, response) => {
      if (method !== "GET") return false;
      if (url === "/.well-known/matrix/client" && !sent.wellKnown) return endless(response, "wellKnown");
      return url.endsWith("/room_keys/version") && endless(response, "version");
    };
    await withPage({ homeserver, serve: { intercept } }, async (visit) => {
      await visit.click("Start");
      await visit.fill("Matrix ID", account.userId);
      await visit.click("Continue");
      assert.match(await visit.notice(), /gives a wrong address for its homeserver/);
      await visit.click("Continue");
      await visit.at("sign-in");
      await visit.enterPassword(account.password);
      // A version that the server cannot tell of keeps nobody from the rest.
      await visit.at("findings");
      // The page stops reading early; some more was under way.
      assert.ok(sent.wellKnown < 16_000_000, `${sent.wellKnown} bytes of a well-known`);
      assert.ok(sent.version < 64_000_000, `${sent.version} bytes of an answer`);
    });
  });

  it("may send its well-known to another host, which is shown before the password is typed", async () => {
    const other = await startServer({ tls: true, homeserver: homeserver.url });
    try {
      const names = JSON.stringify({ "m.homeserver": { base_url: other.origin } });
      const ways = {
        "named at once": (response) => response.writeHead(200).end(names),
        "after a redirection": (response) =>
          response.writeHead(302, { Location: `${other.origin}/.well-known/matrix/client` }).end(),
      };
      for (const [way, answer] of Object.entries(ways)) {
        const intercept = ({ url }, response) => url === "/.well-known/matrix/client" && Boolean(answer(response));
        const browser = { ignoreHTTPSErrors: true };
        await withPage({ homeserver, serve: { intercept }, browser }, async (visit) => {
          await visit.goToSignIn(`@you:${homeserver.serverName}`);
          const host = new URL(other.origin).host;
          assert.equal(await visit.heading(), `Sign in to ${host}`, way);
        });
      }
    } finally {
      await other.close();
    }
  });

  it("that breaks the rules of a well-known is refused before anything else is asked", async () => {
    for (const body of [
      "<html>",
      '{"m.homeserver":{"base_url":["x"]}}',
      '{"m.homeserver":{"base_url":"http://example.org"}}',
      '{"m.homeserver":{"base_url":"https://you:secret@example.org"}}',
      `{"m.homeserver":{"base_url":"https://${"a".repeat(70_000)}.example"}}`,
    ]) {
      const intercept = ({ url }, response) =>
        url === "/.well-known/matrix/client" && Boolean(response.writeHead(200).end(body));
      await withPage({ homeserver, serve: { intercept } }, async (visit) => {
        await visit.click("Start");
        await visit.fill("Matrix ID", `@you:${homeserver.serverName}`);
        await visit.click("Continue");
        assert.match(await visit.notice(), /gives a wrong address for its homeserver/, body.slice(0, 80));
        assert.equal(await visit.at("server"), "server");
        assert.ok(!visit.server.requests.some(({ path }) => path.startsWith("/_matrix")), body.slice(0, 80));
      });
    }
  });

  it("is given no recovery key as a password, and is waited for a day at the most", async () => {
    const account = await registerUser(homeserver);
    const intercept = ({ method, url }, response) => {
      if (method !== "POST" || !url.endsWith("/login")) return false;
      response.writeHead(429, { "Content-Type": "application/json" });
      response.end('{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":1e300}');
      return true;
    };
    await withPage({ homeserver, serve: { intercept } }, async (visit) => {
      await visit.goToSignIn(account.userId);
      await visit.enterPassword(recoveryKey);
      assert.match(await visit.notice(), /not your account password/);
      assert.ok(!visit.server.requests.some(({ method }) => method === "POST"), "nothing was sent");
      await visit.enterPassword(account.password);
      await visit.main.getByRole("button", { name: "Please wait 1,440 minutes" }).waitFor();
    });
  });
});

describe("a shared computer", () => {
  let homeserver;
  before(async () => (homeserver = await sharedHomeserver()));
  after(() => homeserver?.stop());

  it("keeps nothing of a page that was left, not even for whoever goes back", async () => {
    const account = await registerUser(homeserver);
    const browser = { ignoreDefaultArgs: ["--disable-back-forward-cache"] };
    await withPage({ homeserver, browser }, async (visit) => {
      const { page } = visit;
      page.on("dialog", (dialog) => dialog.accept());
      await visit.signIn(account);
      await visit.choose("key");
      const key = await visit.shownKey();
      await page.goto("about:blank");
      await page.goBack();
      await visit.at("intro");
      assert.ok(!(await page.content()).includes(key));
      assert.equal(page.workers().length, 0);

      // Does what a browser does that keeps whole pages in a cache.
      await visit.signIn(account);
      await visit.choose("key");
      const other = await visit.shownKey();
      await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true })));
      await visit.at("intro");
      assert.ok(!(await page.content()).includes(other), "it is wiped when it goes");
      await visit.until(() => page.workers().length === 0);
      await page.evaluate(() => (window.kept = true));
      await Promise.all([
        page.waitForEvent("load"),
        page.evaluate(() => dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }))),
      ]);
      await visit.at("intro");
      assert.equal(await page.evaluate(() => window.kept), undefined, "it begins anew");
    });
  });
});
