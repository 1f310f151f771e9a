// A server's sign-in page sends people back to callback.html. That takes the answer out of its address at once, tells
// it only to pages of its own origin, and keeps it nowhere.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";

import { callbackMetaPolicy } from "../../tools/headers.mjs";
import { texts } from "./support/language.mjs";
import { dist, nothingKept, withPage, withoutHeaders } from "./support/page.mjs";

const answer = "?loginToken=a-token-worth-a-session#state=x&code=y";
const titles = {
  waiting: "One moment",
  received: "You can close this window",
  unheard: "Go back to the page you came from",
};

/** Has the page listen as it does while a window is open; returns a function that reads what it heard. */
async function listen(page, reply) {
  await page.evaluate((reply) => {
    globalThis.heard = [];
    globalThis.channel = new BroadcastChannel("matrixbackup-sign-in");
    channel.onmessage = ({ data }) => {
      heard.push(data);
      if (reply) channel.postMessage(reply);
    };
  }, reply);
  return () => page.evaluate(() => heard);
}

const shown = (page, state) => page.getByRole("heading", { level: 1, name: titles[state] }).waitFor();

it("names its script and style sheet by digest, and allows itself nothing else", () => {
  const html = readFileSync(join(dist, "callback.html"), "utf8");
  const [, policy] = html.match(/<meta[^>]+http-equiv="Content-Security-Policy"[^>]+content="([^"]+)"/i) ?? [];
  assert.equal(policy, callbackMetaPolicy);
  assert.match(policy, /default-src 'none'.*connect-src 'none'.*trusted-types 'none'/);
  assert.doesNotMatch(policy, /wasm|https:|\*|unsafe/);
  const tags = html.match(/<(script|link rel="stylesheet")[^>]*>/g);
  assert.equal(tags.length, 2);
  assert.ok(tags.every((tag) => / integrity="sha384-/.test(tag)));
  const [script] = readdirSync(dist).filter((name) => /^callback-\w+\.js$/.test(name));
  assert.ok(tags.some((tag) => tag.includes(`src="./${script}"`)));
  assert.doesNotMatch(html, /<style|\sstyle=|\son\w+=|\s(src|href)="(https?:)?\//i);
});

for (const [whose, serve] of Object.entries({ "its headers": {}, "no headers": { intercept: withoutHeaders } })) {
  it(`passes on what it was opened with and closes, under ${whose}`, async () => {
    await withPage({ serve: { mount: "/sub/path/", ...serve } }, async (visit) => {
      const { page, server } = visit;
      const heard = await listen(page, "received");
      // The page fetches its own files and its engine first.
      await page.waitForLoadState("networkidle");
      const before = server.requests.length;
      const [window] = await Promise.all([
        page.waitForEvent("popup"),
        page.evaluate((answer) => void open(`callback.html${answer}`, "_blank", "popup"), answer),
      ]);
      if (!window.isClosed()) await window.waitForEvent("close");
      assert.deepEqual(await heard(), [answer]);
      const asked = server.requests.slice(before).map(({ path }) => path.replace(/[?-].*/, ""));
      assert.ok(asked.every((path) => /^\/sub\/path\/(callback|callback\.html|style|icon)$/.test(path)), `${asked}`);
      assert.deepEqual({ ...(await visit.kept()), usage: 0 }, nothingKept);
    });
  });
}

it("takes what it was opened with out of the address, and out of the way back, before anybody hears of it", async () => {
  await withPage({}, async (visit) => {
    const { page, server } = visit;
    await page.goto(`${server.url}callback.html${answer}`);
    await shown(page, "unheard");
    assert.equal(page.url(), `${server.url}callback.html`);
    await page.goto("about:blank");
    await page.goBack();
    await shown(page, "waiting");
    assert.equal(page.url(), `${server.url}callback.html`);
    assert.deepEqual({ ...(await visit.kept()), usage: 0 }, nothingKept);
    assert.equal(await page.evaluate(() => JSON.stringify(history.state) + document.documentElement.outerHTML.includes("token-worth")), "nullfalse");
  });
});

it("waits where it was opened with nothing, and starts nothing of the page", async () => {
  await withPage({}, async ({ page, server }) => {
    const heard = await listen(page);
    const other = await page.context().newPage();
    await other.goto(`${server.url}callback.html`);
    await shown(other, "waiting");
    await other.waitForTimeout(2500);
    await shown(other, "waiting");
    assert.deepEqual(await heard(), []);
    assert.equal(await other.locator("input, #page").count(), 0);
    // The page's own tab holds a lock, and callback.html must not wait for it.
    assert.equal(await other.evaluate(async () => (await navigator.locks.query()).pending.length), 0);
  });
});

it("says where to go while nobody answers, and goes on as soon as somebody does", async () => {
  await withPage({}, async ({ page, server }) => {
    const other = await page.context().newPage();
    await other.goto(`${server.url}callback.html${answer}`);
    await shown(other, "unheard");
    // The page may answer late, as on a phone where it was asleep.
    await page.evaluate(() => {
      globalThis.late = new BroadcastChannel("matrixbackup-sign-in");
      late.postMessage("something else");
    });
    await other.waitForTimeout(200);
    await shown(other, "unheard");
    const closed = other.waitForEvent("close", { timeout: 5000 }).catch(() => "still open");
    await page.evaluate(() => late.postMessage("received"));
    // A browser may leave a tab open that no page has opened: then the tab says that it can be closed.
    if ((await closed) === "still open") await shown(other, "received");
  });
});

it("tells nobody anything inside another page", async () => {
  const intercept = (request, response) => {
    withoutHeaders(request, response);
    if (request.url !== "/outer") return false;
    response.writeHead(200, { "Content-Type": "text/html" });
    response.end(`<!doctype html><title>Outer</title><iframe src="/callback.html${answer}"></iframe>`);
    return true;
  };
  await withPage({ serve: { intercept } }, async ({ page, server }) => {
    const heard = await listen(page);
    const other = await page.context().newPage();
    await other.goto(`${server.origin}/outer`);
    await other.frameLocator("iframe").getByRole("heading", { name: titles.waiting }).waitFor();
    await other.waitForTimeout(300);
    assert.deepEqual(await heard(), []);
  });
});

it("says what to do without JavaScript", async () => {
  await withPage({ browser: { javaScriptEnabled: false } }, async ({ page, server }) => {
    // There the page itself has led by now.
    await page.waitForURL("**/in-app-en.html#no-scripts");
    await page.goto(`${server.url}callback.html`);
    // Playwright's locators by text find nothing in a <noscript>.
    assert.match(await page.locator('noscript p[lang="en"]').innerText(), /needs JavaScript. Close this window/);
    assert.ok(await page.locator('noscript p[lang="en"]').isVisible());
  });
});

it("speaks the browser's language", async () => {
  await withPage({ browser: { locale: "de" } }, async (visit) => {
    await visit.page.goto(`${visit.server.url}callback.html`);
    assert.equal(await visit.heading(), texts("de").page_callback_waiting);
    assert.equal(await visit.page.evaluate(() => document.documentElement.lang), "de");
  });
});
