// The server signs this page out in the middle of something. The page says so, asks to sign in again, and goes on where
// it was. The sign-outs are real ones: the device is removed, its time runs out, the account is locked or deactivated.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { signIn } from "../interop/account.mjs";
import { verifyAccount } from "../interop/verifier.mjs";
import { freePort, startHomeserver } from "../support/server/homeserver.mjs";
import { registerUser, withPage } from "./support/page.mjs";

const ours = "Key backup page (temporary)";

describe("a page that the server signs out", () => {
  // A homeserver of its own, because these tests need an administrator.
  let homeserver;
  let admin;
  before(async () => {
    homeserver = await startHomeserver({ serverName: `127.0.0.1:${await freePort()}` });
    const password = randomBytes(12).toString("hex");
    await homeserver.register("admin", password, { admin: true });
    const { accessToken: token } = await signIn({ homeserver: homeserver.url, user: "admin", password });
    admin = async (method, path, body) => {
      const answer = await fetch(`${homeserver.url}/_synapse/admin/${path}`, {
        method,
        headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
        body: body && JSON.stringify(body),
      });
      assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${await answer.clone().text()}`);
      return answer.json();
    };
  });
  after(() => homeserver?.stop());

  const path = (userId) => encodeURIComponent(userId);
  const devices = async ({ userId }) => (await admin("GET", `v2/users/${path(userId)}/devices`)).devices;
  const ourDevices = async (account) => (await devices(account)).filter(({ display_name: name }) => name === ours);
  const removeOurs = async (account) => {
    const found = await ourDevices(account);
    assert.equal(found.length, 1, "the page is signed in as one device");
    await admin("DELETE", `v2/users/${path(account.userId)}/devices/${found[0].device_id}`);
  };

  async function signInAgain(visit, account) {
    await visit.at("sign-in-again");
    assert.equal(await visit.page.getByLabel("Matrix ID", { exact: false }).first().inputValue(), account.userId);
    await visit.enterPassword(account.password);
  }

  async function finished(visit, account, { text }) {
    await visit.signOut();
    assert.deepEqual(await ourDevices(account), [], "no device is left");
    const { user, password } = account;
    const report = await verifyAccount({ homeserver: homeserver.url, user, password, recoveryKey: text });
    assert.ok(report.ok, JSON.stringify(report));
    assert.equal(report.figures.backup_version, "1", "no second version was made");
  }

  // The server signs the page out once before each of these requests, which all write.
  const writes = [
    ["PUT", /\/account_data\/m\.cross_signing\.master$/],
    ["POST", /\/keys\/device_signing\/upload$/],
    ["POST", /\/room_keys\/version$/],
    ["PUT", /\/account_data\/m\.secret_storage\.default_key$/],
    ["PUT", /\/account_data\/m\.key_backup$/],
  ];
  for (const [method, where] of writes) {
    it(`by removing its device before ${method} ${where.source} goes on writing once it is signed in again`, async () => {
      const account = await registerUser(homeserver);
      let removed = false;
      const intercept = async (request) => {
        if (!removed && request.method === method && where.test(request.url)) {
          removed = true;
          await removeOurs(account);
        }
        return false;
      };
      await withPage({ homeserver, serve: { intercept } }, async (visit) => {
        await visit.signIn(account);
        await visit.choose("key");
        const file = await visit.saveAndProve();
        await visit.click("Turn on backup");
        await visit.at("sign-in-again");
        assert.ok(removed);
        assert.match(await visit.main.innerText(), /signed this page out/);
        await signInAgain(visit, account);
        await visit.at("old-keys");
        await finished(visit, account, file);
      });
    });
  }

  it("by removing its device while the key is on screen loses nothing of it", async () => {
    const account = await registerUser(homeserver);
    await withPage({ homeserver }, async (visit) => {
      await visit.signIn(account);
      await visit.choose("key");
      const key = await visit.shownKey();
      await removeOurs(account);
      const file = await visit.saveAndProve();
      assert.equal(file.text.trim().replace(/\s+/g, " "), key);
      await visit.click("Turn on backup");
      await signInAgain(visit, account);
      await visit.at("old-keys");
      await finished(visit, account, file);
    });
  });

  it("by removing its device while keys are counted, and on the last screen, goes on there", async () => {
    const account = await registerUser(homeserver);
    await withPage({ homeserver }, async (visit) => {
      await visit.signIn(account);
      await visit.choose("key");
      const file = await visit.saveAndProve();
      await visit.turnOn();
      await removeOurs(account);
      await signInAgain(visit, account);
      await visit.at("old-keys");
      await visit.goOn();
      await visit.at("coverage");
      await visit.button("Look again").waitFor();
      await removeOurs(account);
      await visit.click("Look again");
      await signInAgain(visit, account);
      await visit.at("coverage");
      await visit.button("Look again").waitFor();
      await visit.takeHome();
      await visit.at("done");
      await visit.safe();
      await removeOurs(account);
      await signInAgain(visit, account);
      await visit.at("done");
      await visit.safe();
      await finished(visit, account, file);
    });
  });

  it("by locking the account waits for it to be unlocked", async () => {
    const account = await registerUser(homeserver);
    const lock = (locked) => admin("PUT", `v2/users/${path(account.userId)}`, { locked });
    await withPage({ homeserver }, async (visit) => {
      await visit.signIn(account);
      await visit.choose("key");
      const file = await visit.saveAndProve();
      await lock(true);
      await visit.click("Turn on backup");
      await visit.at("sign-in-again");
      assert.match(await visit.main.innerText(), /locked/);
      await visit.enterPassword("not the password");
      await visit.until(async () => /refused this name/.test(await visit.notice()));
      await visit.enterPassword(account.password);
      await visit.until(async () => /account is locked/.test(await visit.notice()));
      await lock(false);
      await visit.enterPassword(account.password);
      await visit.at("old-keys");
      await finished(visit, account, file);
    });
  });

  it("by deactivating the account says so and can be stopped", async () => {
    const account = await registerUser(homeserver);
    await withPage({ homeserver }, async (visit) => {
      await visit.signIn(account);
      await visit.choose("key");
      await visit.saveAndProve();
      await admin("POST", `v1/deactivate/${path(account.userId)}`, { erase: false });
      await visit.click("Turn on backup");
      await visit.at("sign-in-again");
      await visit.enterPassword(account.password);
      assert.match(await visit.notice(), /deactivated|refused/);
      await visit.click("Stop");
      await visit.at("stopped");
      assert.match(await visit.main.innerText(), /Nothing in your account was changed/);
    });
  });
});

it("a session whose time runs out is signed in to again, as the same device", async () => {
  const homeserver = await startHomeserver({
    serverName: `127.0.0.1:${await freePort()}`,
    config: { session_lifetime: "12s" },
  });
  try {
    const account = await registerUser(homeserver);
    await withPage({ homeserver }, async (visit) => {
      const signedIn = Date.now();
      await visit.signIn(account);
      await visit.choose("key");
      const file = await visit.saveAndProve();
      await sleep(Math.max(0, signedIn + 15_000 - Date.now()));
      await visit.click("Turn on backup");
      await signInAgain(visit, account);
      await visit.at("old-keys");
      const names = visit.server.requests
        .filter(({ method, path }) => method === "POST" && path.endsWith("/login"))
        .map(({ body }) => JSON.parse(body).device_id);
      assert.equal(names.length, 2);
      assert.equal(names[0], names[1]);
      await visit.signOut();
      const { user, password } = account;
      const report = await verifyAccount({ homeserver: homeserver.url, user, password, recoveryKey: file.text });
      assert.ok(report.ok, JSON.stringify(report));
    });
  } finally {
    await homeserver.stop();
  }

  async function signInAgain(visit, account) {
    await visit.at("sign-in-again");
    await visit.enterPassword(account.password);
  }
});
