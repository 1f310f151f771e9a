// `?readiness` counts for an administrator, on a real Synapse, for whom everything is in place. It only reads, until notices
// are confirmed; it keeps no token, reaches no other server, and says in a sentence why it cannot count.

import assert from "node:assert/strict";
import { generateKeyPairSync, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, describe, it } from "node:test";

import { freePort, startHomeserver } from "../support/server/homeserver.mjs";
import { texts } from "./support/language.mjs";
import { nothingKept, withPage } from "./support/page.mjs";

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const password = "the password of an account";
const admin = "boss";

let homeserver;
/** The Matrix ID of each user. */
const ids = {};

before(async () => {
  // One of its own: the list has every user of a server.
  const server_notices = { system_mxid_localpart: "notices", room_name: "Notices" };
  homeserver = await startHomeserver({ serverName: `127.0.0.1:${await freePort()}`, config: { server_notices } });
  await homeserver.register(admin, password, { admin: true });
  const entry = { encrypted: { k: { iv: "a", ciphertext: "b", mac: "c" } } };
  const key = { "m.secret_storage.default_key": { key: "k" }, "m.secret_storage.key.k": { algorithm: "m.secret_storage.v1.aes-hmac-sha2" } };
  const secrets = Object.fromEntries(["master", "self_signing", "user_signing"].map((name) => [`m.cross_signing.${name}`, entry]));
  const backup = { "m.megolm_backup.v1": entry };
  await make("ready", { data: { ...key, ...secrets, ...backup }, app: "Element X Android", identity: true });
  await make("half", { data: { ...key, ...secrets }, app: "chat.example.org: Firefox on Linux", identity: true });
  await make("keyless", { data: backup, app: "my toaster", identity: true });
  await make("bare", { app: "Cinny Web" });
  await make("off", { data: { "m.key_backup": { enabled: false } }, app: "Element X iOS", identity: true });
  await make("new", {});
  await make("bot", {});
  await administer("PUT", `v2/users/${ids.bot}`, { user_type: "bot" });
  await make("left", {});
  await administer("POST", `v1/deactivate/${ids.left}`, { erase: false });
});
after(() => homeserver?.stop());

async function ask(method, path, token, body) {
  const headers = { ...(token && { Authorization: `Bearer ${token}` }), "Content-Type": "application/json" };
  const answer = await fetch(homeserver.url + path, { method, headers, body: body && JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return JSON.parse(text);
}

const login = (user) =>
  ask("POST", "/_matrix/client/v3/login", undefined, { type: "m.login.password", identifier: { type: "m.id.user", user }, password });

const administer = async (method, path, body) =>
  ask(method, `/_synapse/admin/${path}`, (await login(admin)).access_token, body);

/** Makes a user with this account data, the keys of an app of this name, and an identity. */
async function make(name, { data = {}, app, identity = false }) {
  const { user_id: userId } = await homeserver.register(name, password);
  ids[name] = userId;
  const { access_token: token, device_id: deviceId } = await login(name);
  for (const [type, content] of Object.entries(data)) {
    await ask("PUT", `/_matrix/client/v3/user/${userId}/account_data/${type}`, token, content);
  }
  const key = (usage) => {
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    const made = publicKey.export({ format: "jwk" }).x.replaceAll("-", "+").replaceAll("_", "/");
    // In the order of canonical JSON, so that it can be signed as it is.
    const published = { keys: { [`ed25519:${made}`]: made }, usage: [usage], user_id: userId };
    return { made, privateKey, published };
  };
  if (app) {
    await ask("PUT", `/_matrix/client/v3/devices/${deviceId}`, token, { display_name: app });
    const algorithms = ["m.olm.v1.curve25519-aes-sha2", "m.megolm.v1.aes-sha2"];
    const { made } = key("");
    const device_keys = { user_id: userId, device_id: deviceId, algorithms, keys: { [`ed25519:${deviceId}`]: made, [`curve25519:${deviceId}`]: made }, signatures: {} };
    await ask("POST", "/_matrix/client/v3/keys/upload", token, { device_keys });
  }
  if (identity) {
    const master = key("master");
    const signed = ({ published }) => {
      const signature = sign(null, Buffer.from(JSON.stringify(published)), master.privateKey).toString("base64").replace(/=+$/, "");
      return { ...published, signatures: { [userId]: { [`ed25519:${master.made}`]: signature } } };
    };
    const keys = { master_key: master.published, self_signing_key: signed(key("self_signing")), user_signing_key: signed(key("user_signing")) };
    await ask("POST", "/_matrix/client/v3/keys/device_signing/upload", token, keys);
  }
}

/** Opens the list in front of that homeserver, with its administration at the page's own origin. */
const withReadiness = ({ serve = {}, browser = {} }, body) =>
  withPage({ homeserver, serve: { administration: true, ...serve }, browser: { acceptDownloads: true, ...browser } }, async (visit) => {
    await visit.page.goto(`${visit.server.url}?readiness`);
    await body(visit, visit.page);
  });

async function enter({ page, server }, { user = admin, token } = {}) {
  await page.getByLabel("Address of the homeserver").fill(new URL(server.origin).host);
  if (token) {
    await page.getByText("Use an access token instead").click();
    await page.getByLabel("Access token of an administrator").fill(token);
  } else {
    await page.getByLabel("Name of the administrator’s account").fill(user);
    await page.getByLabel("Account password").fill(password);
  }
  await page.getByRole("button", { name: "Sign in and count" }).click();
}

const heading = (page, name) => page.getByRole("heading", { level: 1, name }).waitFor();

/** Saves a file with this button; returns its lines. */
async function saved(page, button) {
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: button }).click()]);
  return readFileSync(await download.path(), "utf8").trimEnd().split("\n");
}

const today = () => new Date().toISOString().slice(0, 10);
const to = (path) => (request) => request.path.includes(path);

describe("who is ready", () => {
  it("is counted by state and by app, and saved as a table; then nothing is left of the visit", async () => {
    await withReadiness({}, async (visit, page) => {
      await enter(visit);
      await heading(page, "1 of 7 are ready");
      const lines = await saved(page, "Save as CSV");
      const [header, ...rows] = lines;
      assert.equal(header, "user_id,state,apps,devices,last_seen");
      assert.deepEqual(rows, [
        `${ids.bare},nothing,Cinny,1,${today()}`,
        // The administrator's own device in this visit has no keys.
        `@boss:${homeserver.serverName},never_encrypted,,0,${today()}`,
        `${ids.half},incomplete,Element,1,${today()}`,
        `${ids.keyless},backup_without_key,,1,${today()}`,
        `${ids.new},never_encrypted,,0,`,
        `${ids.off},opted_out,Element X,1,${today()}`,
        `${ids.ready},ready,Element X,1,${today()}`,
      ]);
      const text = await visit.main.innerText();
      assert.match(text, /1 bot or support user\n1 deactivated user or guest/);
      assert.match(text, /Element X\s+2 · 28\.6%/);
      assert.match(text, /does not tell whether a backup version exists/);

      await page.getByLabel("Show", { exact: true }).selectOption("ready");
      assert.equal(await page.locator("tbody tr").filter({ hasText: "@" }).count(), 1);
      await page.getByLabel("Show", { exact: true }).selectOption("");
      await page.getByLabel("Search for a user").fill("KEYLESS");
      assert.match(await page.locator(".wide tbody").innerText(), /Backup without a recovery key/);

      const earlier = [header, `${ids.ready},nothing,,1,`, `'${ids.half},incomplete,"a, b",1,`].join("\n");
      await page.getByLabel("Compare with an earlier export").setInputFiles({ name: "earlier.csv", mimeType: "text/csv", buffer: Buffer.from(earlier) });
      await page.getByText("1 user has become ready since.").waitFor();
      assert.match(await page.locator('tr[data-state="ready"]').innerText(), /Ready\s+0\s+1/);
      assert.match(await page.locator('tr[data-state="incomplete"]').innerText(), /1\s+1/);

      const { requests } = visit.server;
      const others = requests.filter(({ method, path }) => method !== "GET" && !/\/(login|keys\/query)$/.test(path));
      assert.deepEqual(others, [], "it only reads");
      assert.deepEqual(await visit.kept(), nothingKept);
      await page.getByRole("button", { name: "Sign out and finish" }).click();
      await page.getByText("Finished.").waitFor();
      const used = requests.find(to("/v2/users?")).headers.authorization;
      const left = await fetch(`${homeserver.url}/_matrix/client/v3/account/whoami`, { headers: { Authorization: used } });
      assert.equal(left.status, 401, "the page's token is worth nothing any more");
      assert.deepEqual([...visit.hosts], [new URL(visit.server.origin).host]);
    });
  });

  it("is counted with a token, which is neither kept nor signed out", async () => {
    const { access_token: token } = await login(admin);
    await withReadiness({}, async (visit, page) => {
      await enter(visit, { token });
      await heading(page, "1 of 7 are ready");
      assert.ok(!(await page.content()).includes(token));
      assert.deepEqual(await visit.kept(), nothingKept);
      await page.getByRole("button", { name: "Sign out and finish" }).click();
      await page.getByText("Finished.").waitFor();
      assert.ok(!visit.server.requests.some(to("/logout")));
    });
    const headers = { Authorization: `Bearer ${token}` };
    assert.equal((await fetch(`${homeserver.url}/_matrix/client/v3/account/whoami`, { headers })).status, 200);
  });

  it("signs itself out when its tab is closed", async () => {
    await withReadiness({}, async (visit, page) => {
      await enter(visit);
      await heading(page, "1 of 7 are ready");
      await page.goto("about:blank");
      await visit.until(() => visit.server.requests.some(({ path, status }) => path.endsWith("/logout") && status === 200));
    });
  });

  it("stops and goes on where it was, waits as asked, and asks four things at a time at most", async () => {
    let held = [];
    let hold = true;
    let [open, most, limited] = [0, 0, 0];
    const intercept = async (request, response) => {
      if (request.method === "OPTIONS" || !/\/_synapse\/admin\/v[12]\/users\//.test(request.url)) return false;
      most = Math.max(most, ++open);
      response.on("close", () => open--);
      if (limited++ === 0) {
        response.writeHead(429, { "Content-Type": "application/json" }).end('{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":10}');
        return true;
      }
      // The first users are read, and then nothing is answered any more.
      if (limited > 12 && hold) await new Promise((done) => held.push(done));
      return false;
    };
    await withReadiness({ serve: { intercept } }, async (visit, page) => {
      await enter(visit);
      await visit.until(() => held.length >= 4);
      await page.getByRole("button", { name: "Stop" }).first().click();
      await page.getByText("Stopped: these are the numbers").waitFor();
      const begun = visit.server.requests.filter(to(`/users/${encodeURIComponent(ids.ready)}`)).length;
      hold = false;
      held.forEach((done) => done());
      await page.getByRole("button", { name: "Go on" }).click();
      await heading(page, "1 of 7 are ready");
      assert.ok(most <= 4, `${most} at a time`);
      const { requests } = visit.server;
      assert.equal(requests.filter(to("/v2/users?from=0&limit=100")).length, 1, "the list is not begun anew");
      assert.ok(begun <= 3 && requests.filter(to(`/users/${encodeURIComponent(ids.ready)}`)).length <= 6);
    });
  });

  it("speaks the page's language, from the right where it is written so", async () => {
    for (const language of ["de", "ar"]) {
      await withReadiness({}, async (visit, page) => {
        await page.goto(`${visit.server.url}?readiness&lang=${language}`);
        await page.getByRole("heading", { level: 1, name: texts(language).readiness_title }).waitFor();
        assert.equal(await page.locator("html").getAttribute("dir"), language === "ar" ? "rtl" : "ltr");
      });
    }
  });

  it("can be read by everybody, on a phone and in the dark", async () => {
    await withReadiness({}, async (visit, page) => {
      await page.addInitScript({ path: axe });
      await page.reload();
      await enter(visit);
      await heading(page, "1 of 7 are ready");
      for (const [colorScheme, width] of [["light", 1280], ["dark", 1280], ["light", 360], ["dark", 360]]) {
        await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        await page.setViewportSize({ width, height: 800 });
        const found = await page.evaluate(async () => {
          const { violations } = await axe.run(document, { resultTypes: ["violations"], rules: { "target-size": { enabled: true } } });
          return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join()}`);
        });
        assert.deepEqual(found, [], `${colorScheme} ${width}`);
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${width}: too wide`);
      }
    });
  });
});

describe("why it cannot count is said", () => {
  it("to somebody who is no administrator, and to one with another password", async () => {
    await withReadiness({}, async (visit, page) => {
      await enter(visit, { user: "bare" });
      await page.getByText("This account is no administrator of the homeserver.").waitFor();
      await page.goto(`${visit.server.url}?readiness`);
      await enter(visit, { user: "nobody" });
      await page.getByText("did not accept this name with this password").waitFor();
    });
  });

  it("where the administration is not there, or nothing answers", async () => {
    await withReadiness({ serve: { administration: false } }, async (visit, page) => {
      await enter(visit);
      await page.getByText("does not offer Synapse’s admin API here").waitFor();
      await page.goto(`${visit.server.url}?readiness`);
      await page.getByLabel("Address of the homeserver").fill(`https://127.0.0.1:${await freePort()}`);
      await page.getByRole("button", { name: "Sign in and count" }).click();
      await page.getByText("Nothing answers at").waitFor();
      visit.forgive(/net::|CORS/);
    });
  });
});

describe("a notice", () => {
  const notices = ({ server }) => server.requests.filter(to("/send_server_notice/"));

  /** Chooses those who are not ready and have an app. */
  async function choose(visit, page) {
    await enter(visit);
    await heading(page, "1 of 7 are ready");
    for (const name of ["bare", "half"]) await page.getByRole("checkbox", { name: ids[name] }).check();
  }

  it("is only tried at first, then sent once to each who was chosen, and not again within a week", async () => {
    let log;
    await withReadiness({}, async (visit, page) => {
      await choose(visit, page);
      const text = await page.getByLabel("Text of the notice").inputValue();
      assert.ok(text.includes(visit.server.url), "the text names this page's address");
      await page.getByRole("button", { name: "Try it" }).click();
      await page.getByText("2 of 2 people").waitFor();
      assert.equal(notices(visit).length, 0, "a dry run sends nothing");

      await page.getByLabel("Only try it").uncheck();
      const send = page.getByRole("button", { name: "Send", exact: true });
      assert.ok(await send.isDisabled(), "nothing is sent without a word for it");
      await page.getByLabel("Yes, write to 2 people").check();
      await page.getByLabel("Seconds between two people").fill("0.1");
      await page.getByLabel("Text of the notice").fill("Back up <b>now</b>, please");
      assert.ok(await send.isDisabled(), "a word that was given for another text does not count");
      await page.getByLabel("Yes, write to 2 people").check();
      await send.click();
      await visit.until(() => notices(visit).filter(({ status }) => status === 200).length === 2);
      log = await saved(page, "Save the log as CSV");
      assert.deepEqual(log.map((line) => line.split(",")[2]), ["result", "dry_run", "dry_run", "sent", "sent"]);

      await page.getByLabel("Yes, write to 2 people").check();
      await send.click();
      await page.getByText("Left out: got a notice").nth(1).waitFor();
      assert.equal(notices(visit).length, 2);
    });
    const { access_token: token } = await login("bare");
    const { rooms } = await ask("GET", "/_matrix/client/v3/sync", token);
    const [room] = Object.keys(rooms.invite);
    await ask("POST", `/_matrix/client/v3/join/${room}`, token, {});
    const { chunk } = await ask("GET", `/_matrix/client/v3/rooms/${room}/messages?dir=b`, token);
    assert.deepEqual(chunk.filter(({ type }) => type === "m.room.message").map(({ content }) => content.body), ["Back up <b>now</b>, please"]);

    await withReadiness({}, async (visit, page) => {
      await choose(visit, page);
      await page.getByLabel("Open an earlier log").setInputFiles({ name: "log.csv", mimeType: "text/csv", buffer: Buffer.from(log.join("\n")) });
      await page.getByText("The log names 2 people").waitFor();
      await page.getByRole("button", { name: "Try it" }).click();
      await page.getByText("Left out: got a notice").nth(1).waitFor();
      await page.getByLabel("Also write to people who got a notice").check();
      await page.getByRole("button", { name: "Try it" }).click();
      await page.getByText("Would get it").nth(1).waitFor();
      assert.equal(notices(visit).length, 0);
    });
  });

  it("is not sent by a server that sends none, and the setting is named", async () => {
    const intercept = (request, response) => {
      if (!request.url.includes("/send_server_notice/")) return false;
      response.writeHead(400, { "Content-Type": "application/json" }).end('{"errcode":"M_UNKNOWN","error":"Server notices are not enabled on this server"}');
      return true;
    };
    await withReadiness({ serve: { intercept } }, async (visit, page) => {
      await choose(visit, page);
      await page.getByLabel("Only try it").uncheck();
      await page.getByLabel("Yes, write to 2 people").check();
      await page.getByRole("button", { name: "Send", exact: true }).click();
      await page.getByText("Set server_notices in its configuration first").waitFor();
      assert.equal(notices(visit).length, 1);
    });
  });
});
