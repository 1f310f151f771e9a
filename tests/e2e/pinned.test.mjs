// The page runs only what index.html and callback.html name by digest. If a file differs, by a single byte or by a
// whole build, the browser refuses it. Then nothing starts that could ask for a password, and the person is told.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { after, before, it } from "node:test";

import { sharedHomeserver } from "../support/server/homeserver.mjs";
import { dist, withPage } from "./support/page.mjs";

let homeserver;
before(async () => (homeserver = await sharedHomeserver()));
after(() => homeserver?.stop());

const html = ["index.html", "callback.html"].map((name) => readFileSync(join(dist, name), "utf8")).join("\n");
const files = readdirSync(dist).filter((name) => /\.(js|wasm|css)$/.test(name));
const kind = (name) => name.match(/^(boot|app|later|engine|estimate|photo|callback|checkup|readiness|style|words)-/)?.[1];

// The texts: index.html names a file of each language, and that names the others.
const texts = readdirSync(dist).filter((name) => /^words-.*\.json$/.test(name));
const first = texts.filter((name) => html.includes(name));
const inEnglish = texts.filter((name) => name.startsWith("words-en-") && !isOfStandIns(name));

/** Tells whether a file has the sentences of index.html, which a visit does not need. */
function isOfStandIns(name) {
  return Boolean(JSON.parse(readFileSync(join(dist, name), "utf8")).incomplete);
}

const digestOf = (name) => `sha384-${createHash("sha384").update(readFileSync(join(dist, name))).digest("base64")}`;

it("the two pages name every script, program and style sheet by its digest, and nothing beside them is there", () => {
  assert.deepEqual(new Set(files.map(kind)), new Set(["boot", "app", "later", "engine", "estimate", "photo", "callback", "checkup", "readiness", "style"]));
  // What only the list of who is ready needs is named by its script.
  const list = files.find((name) => /^readiness-.*\.js$/.test(name) && html.includes(digestOf(name)));
  const named = [html, readFileSync(join(dist, list), "utf8")].join("\n");
  for (const name of files) assert.ok(named.includes(digestOf(name)), name);
  const tags = html.match(/<(script|link rel="stylesheet")[^>]*>/g);
  assert.ok(tags.length >= 4 && tags.every((tag) => / integrity="sha384-/.test(tag)), "every tag has a digest");
  // Browsers need not check a preload's digest, and an imported script has none.
  const scripts = files.filter((name) => extname(name) === ".js").map((name) => readFileSync(join(dist, name), "utf8"));
  const imports = /^\s*import\b|[;}]import[\s"'{*]|\bimport\(|\bimportScripts\b/m;
  assert.ok(!scripts.some((script) => imports.test(script)), "nothing is imported by name alone");
});

it("every text is named by its digest, in index.html or in a file that it names", () => {
  const named = [html, ...first.map((name) => readFileSync(join(dist, name), "utf8"))].join("\n");
  // First screen, others, stand-ins, and those for hosts; their scripts have the English ones in themselves.
  assert.equal(texts.length, 4 * first.length - 1);
  assert.ok(first.length >= 7);
  for (const name of texts) {
    const digest = createHash("sha256").update(readFileSync(join(dist, name))).digest("base64");
    assert.ok(named.includes(`sha256-${digest}`), name);
  }
});

it("no program that is there knows a way out but fetch, or a place to keep anything", () => {
  // A program that uses one of these has its name as a text in it. No policy stops WebRTC.
  const ways = "RTCPeerConnection WebSocket WebTransport EventSource XMLHttpRequest sendBeacon importScripts".split(" ");
  const places = "localStorage sessionStorage indexedDB serviceWorker SharedWorker getDirectory".split(" ");
  for (const name of files) {
    const content = readFileSync(join(dist, name));
    for (const word of [...ways, ...places]) assert.ok(!content.includes(word), `${word} in ${name}`);
    // The engine has it as a header's name, the estimate of phrases as a word of bad ones. Neither has a document.
    if (!/^(engine|estimate)-/.test(name)) assert.ok(!content.includes("cookie"), `cookie in ${name}`);
  }
  const that = (word) => files.filter((name) => readFileSync(join(dist, name)).includes(word)).map(kind);
  assert.ok(that("fetch(").length > 0, "this search finds fetch");
  // It leads from the window of a sign-in to the page, within this origin.
  assert.deepEqual(that("BroadcastChannel").sort(), ["boot", "callback"]);
});

// The words that the person sees when a file of that kind is not the one that belongs here.
const told = {
  boot: /a part of it did not arrive/,
  app: /A part of this page did not arrive/,
  later: /A part of this page did not arrive/,
  engine: /A part of this page did not arrive/,
  words: /A part of this page did not arrive/,
};

const changes = {
  "by one byte": (content) => {
    const changed = Buffer.from(content);
    // Of a text the last byte is a line feed, which becomes a space.
    changed[changed.length - 1] ^= 42;
    return changed;
  },
  "because they are another build's, under other names": () => undefined,
};
for (const [how, change] of Object.entries(changes)) {
  it(`files that are not those of index.html are refused, and it is told: ${how}`, async () => {
    let wrong;
    const intercept = ({ url }, response) => {
      if (url !== `/${wrong}`) return false;
      const content = change(readFileSync(join(dist, wrong)));
      const type = { ".js": "text/javascript", ".wasm": "application/wasm", ".css": "text/css", ".json": "application/json" }[extname(wrong)];
      response.writeHead(content ? 200 : 404, { "Content-Type": type }).end(content);
      return true;
    };
    await withPage({ homeserver, serve: { intercept } }, async (visit) => {
      const { page, server, devtools } = visit;
      // Otherwise the browser would take the right file from its cache.
      await devtools.send("Network.enable");
      await devtools.send("Network.setCacheDisabled", { cacheDisabled: true });
      for (const name of [...files, ...inEnglish].filter((name) => told[kind(name)])) {
        wrong = name;
        await page.goto("about:blank");
        await page.goto(server.url);
        if (!["boot", "app"].includes(kind(name)) && !first.includes(name)) await visit.click("Start");
        if (kind(name) === "engine") {
          await visit.fill("Matrix ID", `@anyone:${homeserver.serverName}`);
          await visit.click("Continue");
        }
        await page.getByText(told[kind(name)]).filter({ visible: true }).first().waitFor({ timeout: 20_000 });
        assert.equal(await page.getByLabel("Account password").count(), 0, name);
        assert.equal(page.workers().length, 0, name);
        if (change(Buffer.from("x"))) visit.expect(/integrity/i);
        visit.forgive(/Failed to fetch|SRI|MIME|integrity/);
        assert.deepEqual(visit.troubles, [], name);
      }
      wrong = files.find((name) => kind(name) === "style");
      await page.goto(server.url);
      await visit.at("intro");
      assert.equal(await page.evaluate(() => [...document.styleSheets].filter(({ cssRules }) => cssRules.length).length), 0);
      visit.forgive(/integrity|MIME/);
      // Without its script callback.html tells nobody the answer of the server's sign-in page.
      wrong = files.find((name) => kind(name) === "callback");
      await page.goto(`${server.url}callback.html?loginToken=x`);
      assert.equal(await visit.heading(), "One moment");
      await page.waitForTimeout(300);
      assert.match(page.url(), /loginToken=x$/, "its script has not run");
      visit.forgive(/integrity|MIME/);
    });
  });
}
