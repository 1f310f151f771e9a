// A person signs in on their server's page in a window. The click opens it, it shows that page, and it can be closed in
// every way, blocked, or a mere tab. This test makes up the homeserver; real ones are in sign_in.test.mjs.

import assert from "node:assert/strict";
import { before, describe, it } from "node:test";

import { freePort } from "../support/server/homeserver.mjs";
import { texts } from "./support/language.mjs";
import { withPage, withoutHeaders } from "./support/page.mjs";

const token = "syl_a-token-worth-a-session";
const json = (response, status, body) => {
  response.writeHead(status, { "Content-Type": "application/json", "Access-Control-Allow-Origin": "*" });
  response.end(JSON.stringify(body));
  return true;
};

/**
 * Plays a homeserver with single sign-on by these providers, and perhaps passwords, at the page's own origin. `logins`
 * collects the body of each request to sign in. Each is refused with M_FORBIDDEN, as Synapse refuses a token whose time
 * is over.
 */
function homeserver({ providers = [], passwords = false, engine } = {}) {
  const logins = [];
  const redirects = [];
  const flows = [{ type: "m.login.sso", identity_providers: providers }, { type: "m.login.token" }];
  if (passwords) flows.unshift({ type: "m.login.password" });
  const intercept = async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, "http://localhost");
    if (/^\/engine-.*wasm$/.test(pathname)) await engine;
    if (pathname === "/_matrix/client/versions") return json(response, 200, { versions: ["v1.11", "v1.15"] });
    if (pathname === "/_matrix/client/v3/login" && request.method === "GET") return json(response, 200, { flows });
    if (pathname === "/_matrix/client/v3/login") {
      logins.push(JSON.parse(request.body));
      return json(response, 403, { errcode: "M_FORBIDDEN", error: "Invalid login token" });
    }
    if (pathname.startsWith("/_matrix/client/v3/login/sso/redirect")) {
      redirects.push({ provider: pathname.split("/redirect/")[1], to: searchParams.get("redirectUrl") });
      // At another origin, like the page of an identity provider.
      response.writeHead(302, { Location: `http://localhost:${request.socket.localPort}/provider?to=${encodeURIComponent(searchParams.get("redirectUrl"))}` }).end();
      return true;
    }
    if (pathname === "/provider") {
      const back = new URL(searchParams.get("to"));
      back.searchParams.set("loginToken", token);
      const attribute = back.href.replaceAll("&", "&amp;");
      response.writeHead(200, { "Content-Type": "text/html" });
      response.end(`<!doctype html><title>Provider</title><h1>Provider</h1><a href="${attribute}">Let me in</a>`);
      return true;
    }
    return pathname.startsWith("/_matrix/") || pathname.startsWith("/.well-known/") ? json(response, 404, { errcode: "M_UNRECOGNIZED" }) : false;
  };
  return { intercept, logins, redirects };
}

const continueWith = (visit, name) => visit.page.getByRole("button", { name }).click();
const panel = (visit) => visit.main.getByRole("region", { name: "Go on in the other window" });

describe("the window of a sign-in", () => {
  let port;
  before(async () => (port = await freePort()));

  /** Goes to the ways to sign in. `bare`: the page's host sends no headers. */
  const atTheWays = (options, body, { bare = false, ...more } = {}) => {
    const made = homeserver(options);
    const intercept = (request, response) => {
      if (bare && !/^\/(_matrix|provider)/.test(request.url)) withoutHeaders(request, response);
      return made.intercept(request, response);
    };
    return withPage({ serve: { port, intercept }, ...more }, async (visit) => {
      await visit.goToSignIn(`@ada:127.0.0.1:${port}`);
      await body({ ...visit, ...made });
    });
  };

  /** Presses a button; returns the window that it opens, at the provider. */
  const open = async (visit, name) => {
    const [window] = await Promise.all([visit.page.waitForEvent("popup"), continueWith(visit, name)]);
    await window.waitForURL(/\/provider\?/);
    return window;
  };
  const comeBack = async (visit, window) => {
    const closed = window.waitForEvent("close");
    await window.getByRole("link", { name: "Let me in" }).click({ noWaitAfter: true });
    await closed;
    await visit.until(() => visit.logins.length > 0);
  };

  for (const bare of [false, true]) {
    it(`comes from the click, shows the server's page, and brings its answer${bare ? ", where the host sends no headers" : ""}`, async () => {
      const providers = [{ id: "uni", name: "University" }, { id: "git", name: "Forge" }];
      await atTheWays({ providers }, async (visit) => {
        const window = await open(visit, "Continue with Forge");
        assert.equal(await window.evaluate(() => opener), null, "it has no way back into the page");
        const [{ provider, to }] = visit.redirects;
        assert.equal(provider, "git");
        assert.ok(to.startsWith(`${visit.server.url}callback.html?`), to);
        assert.ok((await panel(visit).innerText()).includes(`127.0.0.1:${port}`), "the page says whose page it is");
        await comeBack(visit, window);
        // The engine has sent the token, and the page shows the server's refusal.
        assert.deepEqual(visit.logins.map(({ type, token }) => [type, token]), [["m.login.token", token]]);
        assert.match(await visit.notice(), /took too long/);
        assert.equal(await panel(visit).count(), 0);
        const elsewhere = await visit.page.evaluate(() => document.documentElement.outerHTML + JSON.stringify(history.state));
        assert.ok(!elsewhere.includes(token));
        // A second attempt with another provider.
        await comeBack(visit, await open(visit, "Continue with University"));
        assert.equal(visit.redirects[1].provider, "uni");
        assert.notEqual(visit.redirects[0].to, visit.redirects[1].to, "each attempt is one of its own");
        visit.forgive(/Cross-Origin-Opener-Policy/);
      }, { bare });
    });
  }

  it("waits for the engine, and is closed when the person does without", async () => {
    let arrive;
    const engine = new Promise((done) => (arrive = done));
    await atTheWays({ engine }, async (visit) => {
      const [window] = await Promise.all([
        visit.page.waitForEvent("popup"),
        continueWith(visit, "Continue with single sign-on"),
      ]);
      await window.getByRole("heading", { name: "One moment" }).waitFor();
      await panel(visit).getByText("encryption engine").waitFor();
      await Promise.all([window.waitForEvent("close"), visit.click("Cancel")]);
      assert.equal(await panel(visit).count(), 0);
      const second = visit.page.waitForEvent("popup");
      await continueWith(visit, "Continue with single sign-on");
      arrive();
      await (await second).waitForURL(/\/provider\?/);
      assert.equal(visit.redirects.length, 1, "what was asked for the first window is not shown in the second");
      await comeBack(visit, await second);
      assert.equal(visit.logins.length, 1);
      assert.match(await visit.notice(), /took too long/);
    });
  });

  it("speaks the page's language, and not the browser's", async () => {
    const engine = new Promise(() => {});
    await atTheWays({ engine }, async (visit) => {
      const [window] = await Promise.all([
        visit.page.waitForEvent("popup"),
        continueWith(visit, "Continue with single sign-on"),
      ]);
      await window.getByRole("heading", { name: texts("de").page_callback_waiting }).waitFor();
    }, { language: "de" });
  });

  it("is closed when the page is left", async () => {
    const engine = new Promise(() => {});
    await atTheWays({ engine }, async (visit) => {
      const [window] = await Promise.all([
        visit.page.waitForEvent("popup"),
        continueWith(visit, "Continue with single sign-on"),
      ]);
      visit.page.on("dialog", (dialog) => dialog.accept());
      await Promise.all([window.waitForEvent("close"), visit.page.goto("about:blank")]);
    });
  });

  it("can be blocked: a link then does as well", async () => {
    await atTheWays({ passwords: true }, async (visit) => {
      await visit.page.evaluate(() => (window.open = () => null));
      await continueWith(visit, "Continue with single sign-on");
      assert.match(await visit.notice(), /did not open the window/);
      const link = panel(visit).getByRole("link", { name: `Open 127.0.0.1:${port}` });
      const [tab] = await Promise.all([visit.page.context().waitForEvent("page"), link.click()]);
      await tab.waitForURL(/\/provider\?/);
      assert.equal(await tab.evaluate(() => opener), null);
      // A browser need not close a tab that no page has opened. It says then that the person can.
      const over = Promise.race([tab.waitForEvent("close"), tab.getByRole("heading", { name: "You can close this window" }).waitFor()]);
      await tab.getByRole("link", { name: "Let me in" }).click({ noWaitAfter: true });
      await over;
      await visit.until(() => visit.logins.length === 1);
      assert.equal(visit.logins[0].token, token);
    });
  });

  it("can be closed by the person and opened again, and another way stays open", async () => {
    await atTheWays({ passwords: true }, async (visit) => {
      await (await open(visit, "Continue with single sign-on")).close();
      const again = panel(visit).getByRole("link", { name: /^Open the window again/ });
      const [tab] = await Promise.all([visit.page.context().waitForEvent("page"), again.click()]);
      await tab.waitForURL(/\/provider\?/);
      await visit.enterPassword("the account password");
      await visit.until(() => visit.logins.length === 1);
      assert.equal(visit.logins[0].type, "m.login.password");
      // The window's answer comes too late for anybody to listen.
      await tab.getByRole("link", { name: "Let me in" }).click();
      await tab.getByRole("heading", { name: "Go back to the page you came from" }).waitFor();
      assert.equal(visit.logins.length, 1);
    });
  });

  it("does nothing with an answer of another attempt", async () => {
    await atTheWays({}, async (visit) => {
      const first = await open(visit, "Continue with single sign-on");
      await visit.click("Cancel");
      const second = await open(visit, "Continue with single sign-on");
      await first.getByRole("link", { name: "Let me in" }).click({ noWaitAfter: true });
      assert.match(await visit.notice(), /belongs to another attempt/);
      assert.deepEqual(visit.logins, [], "nothing was sent to the server");
      // The second attempt, for which the page waits, still counts.
      await comeBack(visit, second);
      assert.equal(visit.logins[0].token, token);
    });
  });

  it("opens a tab on a phone", async () => {
    await atTheWays({}, async (visit) => {
      const window = await open(visit, "Continue with single sign-on");
      await comeBack(visit, window);
      assert.equal(visit.logins[0].token, token);
    }, { browser: { isMobile: true, hasTouch: true, viewport: { width: 360, height: 740 } } });
  });
});
