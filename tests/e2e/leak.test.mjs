// Nothing leaks and nothing stays. After one long journey every byte of every request is searched, and everything that
// the browser left on disk. tests/support/judges/leak.mjs looks there for every secret in every form.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";

import { seal } from "../interop/key_file.mjs";
import { decrypted, openedKeys } from "../interop/storage.mjs";
import { verifyAccount } from "../interop/verifier.mjs";
import { sharedHomeserver } from "../support/server/homeserver.mjs";
import { disguises, formsOfKey, searchFolder, searchFor, searchRequests } from "../support/judges/leak.mjs";
import { logTo, readNetlog } from "../support/judges/netlog.mjs";
import { makeAccount } from "../support/accounts/states/makers.mjs";
import { startServer } from "../../tools/serve.mjs";
import { nothingKept, withPage } from "./support/page.mjs";
import { trusting } from "./support/trust.mjs";

// Letters that every encoding writes in its own way.
const phrase = 'glass otter "fifty" moons / under Łódź & 100% sure?';
const passphrases = { import: 'the file\'s own "Ü" <passphrase>', takeHome: "six words nobody else + would choose" };

describe("looking for secrets", () => {
  it("finds a text and bytes in every form they may have taken", () => {
    const secrets = { phrase, key: Buffer.from(Array.from({ length: 32 }, (_, at) => (at * 37 + 0xfb) & 255)) };
    const search = searchFor(secrets);
    for (const [name, value] of Object.entries(secrets)) {
      const forms = disguises(value);
      assert.ok(forms.length >= 30, `${name}: ${forms.length}`);
      for (const { form, bytes } of forms) {
        const found = search(Buffer.concat([Buffer.from("before"), bytes, Buffer.from("after")]));
        assert.ok(found.some(({ secret, at }) => secret === name && at === 6), `${name}: ${form}`);
      }
    }
    // These forms are made by other code than that of `disguises`.
    const { key } = secrets;
    const wrapped = JSON.stringify({ a: [phrase] });
    for (const [content, secret] of [
      [wrapped, "phrase"],
      [JSON.stringify({ inner: wrapped }), "phrase"],
      [Buffer.from(`?x=${phrase}`).toString("base64"), "phrase"],
      [Buffer.from(`xy${phrase}`).toString("base64url"), "phrase"],
      [new URL(`http://host/?x=${encodeURIComponent(phrase)}`).href, "phrase"],
      [new URLSearchParams({ x: phrase }).toString(), "phrase"],
      [Buffer.from(phrase, "utf16le"), "phrase"],
      [key, "key"],
      [key.toString("hex").toUpperCase(), "key"],
      [JSON.stringify(key), "key"],
      ...[0, 1, 2].map((before) => [Buffer.concat([Buffer.alloc(before, 7), key, key]).toString("base64"), "key"]),
      [`{"k":"${key.toString("base64").replace(/=+$/, "")}"}`, "key"],
      [encodeURIComponent(key.toString("base64")), "key"],
    ]) {
      assert.ok(search(content).some((hit) => hit.secret === secret), `${secret} in ${content}`);
    }
    assert.deepEqual(search(phrase.replace("otter", "badger") + key.subarray(1).toString("base64")), []);
    assert.throws(() => searchFor({ short: "1234567" }));
  });
});

describe("what the page does with secrets", () => {
  let homeserver;
  before(async () => (homeserver = await sharedHomeserver()));
  after(() => homeserver?.stop());

  /** Puts the homeserver on an origin of its own, to see what goes to whom; the browser trusts it. */
  async function behindTls(test) {
    const server = await startServer({ tls: true, homeserver: homeserver.url });
    test.after(() => server.close());
    return { server, trust: await trusting(server.origin) };
  }

  function logFile(test) {
    const folder = mkdtempSync(join(tmpdir(), "matrixbackup-netlog-"));
    test.after(() => rmSync(folder, { recursive: true }));
    return join(folder, "netlog.json");
  }

  /** Tells what a hit was, without the secret. */
  const told = (hits) =>
    hits.map(({ secret, form, where, file, request }) =>
      [secret, form, where ?? file, request && `${request.method} ${request.path}`].filter(Boolean).join(", "),
    );

  it("is seen when it sends them away or keeps them", async (test) => {
    const netlog = logFile(test);
    const secret = Buffer.from("a secret that is planted in here");
    const search = searchFor({ planted: secret, phrase });
    let requests;
    let profile;
    await withPage(
      {
        flags: logTo(netlog),
        onProfile: (folder) => (profile = searchFolder(search, folder)),
      },
      async (visit) => {
        await visit.page.evaluate(
          async ({ secret, phrase }) => {
            const encoded = btoa(`.${secret}`);
            await fetch(`./?in-address=${encodeURIComponent(phrase)}`);
            await fetch("./?in-header", { headers: { "X-Planted": encoded } });
            await fetch("./?in-body", { method: "POST", body: JSON.stringify({ phrase }) });
            navigator.sendBeacon("./?in-beacon", encoded);
            new WebSocket(`${location.origin.replace("http", "ws")}/?in-socket=${encoded}`);
            await fetch("https://elsewhere.invalid/").catch(() => {});
            localStorage.setItem("planted", phrase);
            sessionStorage.setItem("planted", secret);
            document.cookie = `planted=${encoded}; max-age=1000`;
            await caches.open("planted");
            await new Promise((done) => (indexedDB.open("planted").onsuccess = done));
          },
          { secret: secret.toString(), phrase },
        );
        await visit.settle();
        requests = visit.server.requests;
        const kept = await visit.kept();
        for (const [where, empty] of Object.entries(nothingKept)) {
          if (where !== "serviceWorkers") assert.notDeepEqual(kept[where], empty, where);
        }
        visit.forgive(/WebSocket|elsewhere/);
      },
    );
    const hits = searchRequests(search, requests);
    const found = hits.map(({ where, request }) => `${where} ${request.path.replace(/=.*/, "")}`);
    for (const planted of [
      "address /?in-address",
      "headers /?in-header",
      "body /?in-body",
      "body /?in-beacon",
      "address /?in-socket",
    ]) {
      assert.ok(found.includes(planted), `${planted} is not among ${found}`);
    }
    const kept = profile.found.some(({ secret, file }) => secret === "phrase" && /Local Storage/.test(file));
    assert.ok(kept, told(profile.found).join("\n"));
    const log = readNetlog(netlog);
    const sent = log.sent.flatMap((bytes) => search(bytes));
    assert.ok(sent.some(({ secret }) => secret === "phrase") && sent.some(({ secret }) => secret === "planted"));
    assert.ok([...log.urls].some((url) => search(url).length > 0));
    // A host that the page asks for is not taken for one that Chromium asks on its own behalf.
    assert.ok(log.asked.has("elsewhere.invalid"), [...log.asked].join());
  });

  it("ends with nothing sent but the password to the homeserver, and nothing kept", async (test) => {
    const made = await makeAccount(homeserver, { setUp: "nothing", native: false, name: "leak" });
    const [app] = made.phones;
    test.after(() => app.stop());
    const { server: elsewhere, trust } = await behindTls(test);
    // Makes a device that an earlier visit left; the server removes it only with the password.
    await made.server.request("POST", "/login", {
      type: "m.login.password",
      identifier: { type: "m.id.user", user: made.user },
      password: made.password,
      initial_device_display_name: "Key backup page (temporary)",
    });
    const roomKeys = JSON.parse(await app.crypto.exportRoomKeysAsJson());
    const file = { name: "keys.txt", text: await seal(JSON.stringify(roomKeys), passphrases.import, 1_000) };

    const netlog = logFile(test);
    const seen = {};
    const onProfile = (folder, visit) => {
      // The person wanted a download, and decides where it lies.
      assert.ok(!visit.downloads.some((path) => path.startsWith(folder)), "downloads lie elsewhere");
      seen.profile = searchFolder(searchFor(seen.secrets), folder);
    };
    await withPage({ separate: true, flags: [...trust, ...logTo(netlog)], onProfile }, async (visit) => {
      const { page } = visit;
      const signIn = async () => {
        await visit.goToSignIn(elsewhere.origin);
        await page.getByLabel("Matrix ID or user name").fill(made.user);
        await visit.enterPassword(made.password);
        await visit.at("findings");
      };
      await signIn();
      await visit.choosePhrase(phrase);
      const recoveryKey = (await visit.saveAndProve()).text.trim();
      await visit.turnOn();

      await visit.compareEmoji(app);
      await visit.at("old-keys");
      await visit.until(async () => (await made.server.backup()).count === roomKeys.length);
      await visit.otherWay("Import a file");
      await visit.at("import");
      await visit.importFile(file, "not its passphrase");
      assert.match(await visit.notice(), /passphrase does not open/);
      await visit.importFile(file, passphrases.import);
      await visit.main.getByText(/keys of this file are in your backup|had all of these keys already/).waitFor();
      await visit.click("Go on");
      await visit.coverage();
      await visit.takeHome(passphrases.takeHome);
      await visit.at("done");
      await visit.removeLeftOver(made.password);
      await visit.showKit();
      await page.locator("svg.qr").waitFor();
      await visit.signOut();
      assert.deepEqual(await visit.kept(), nothingKept);

      // A second visit checks the kept key, typed in.
      await page.reload();
      await signIn();
      await visit.tryKey(recoveryKey);
      await visit.at("findings");
      await visit.click("Sign out here");
      await visit.at("finished");
      assert.deepEqual(await visit.kept(), nothingKept);
      assert.equal(page.workers().length, 0, "the engine is ended");

      const data = await made.server.allAccountData();
      const opened = await openedKeys(data, { recoveryKeys: [recoveryKey] });
      const stored = async (name) => {
        const text = await decrypted(name, data[name], opened);
        assert.equal(Buffer.from(text, "base64").length, 32, name);
        return Buffer.from(text, "base64");
      };
      // The 128 bytes of the ratchet, behind version and index; what follows is public.
      const ratchets = roomKeys.map(({ session_key: key }) => Buffer.from(key, "base64").subarray(5, 133));
      assert.ok(ratchets.length >= 3 && ratchets.every(({ length }) => length === 128));
      seen.elsewhere = {
        phrase,
        ...formsOfKey(recoveryKey),
        "backup key": await stored("m.megolm_backup.v1"),
        "master seed": await stored("m.cross_signing.master"),
        "self-signing seed": await stored("m.cross_signing.self_signing"),
        "user-signing seed": await stored("m.cross_signing.user_signing"),
        ...Object.fromEntries(ratchets.map((bytes, at) => [`room key ${at + 1}`, bytes])),
        "passphrase of the import": passphrases.import,
        "passphrase of the copy": passphrases.takeHome,
      };
      const tokens = new Set(elsewhere.requests.map(({ headers }) => headers.authorization).filter(Boolean));
      assert.equal(tokens.size, 2, "one device for each visit");
      seen.secrets = { ...seen.elsewhere, password: made.password };
      [...tokens].forEach((token, at) => (seen.secrets[`access token ${at + 1}`] = token.replace("Bearer ", "")));
      seen.requests = visit.server.requests;
      seen.page = new URL(visit.server.origin);
      seen.hosts = visit.hosts;

      const report = await verifyAccount({ ...made, recoveryKey });
      assert.ok(report.ok, JSON.stringify(report));
    });

    // Checks what the servers got.
    const all = searchFor(seen.secrets);
    assert.deepEqual(told(searchRequests(all, seen.requests)), [], "whoever serves the page gets nothing");
    const hits = searchRequests(all, elsewhere.requests);
    const proof = /\/(delete_devices|keys\/device_signing\/upload)$/;
    const allowed = ({ secret, where, request }) =>
      (secret === "password" && where === "body" && (request.path.endsWith("/login") || proof.test(request.path))) ||
      (/^access token/.test(secret) && where === "headers");
    assert.deepEqual(told(hits.filter((hit) => !allowed(hit))), [], "the homeserver gets the password alone");
    const withPassword = hits.filter(({ secret }) => secret === "password").map(({ request }) => request.path);
    assert.equal(withPassword.filter((path) => path.endsWith("/login")).length, 2, withPassword.join());
    assert.ok(withPassword.some((path) => proof.test(path)), "one proof was asked for");
    const requests = [...seen.requests, ...elsewhere.requests];
    assert.ok(!requests.some(({ headers }) => headers.upgrade || headers["content-encoding"]), "every request is readable as it came");

    // Checks what the browser sent and to whom, by its own log.
    const log = readNetlog(netlog);
    const elsewhereHost = new URL(elsewhere.origin).host;
    const hosts = [seen.page.host, elsewhereHost].sort();
    assert.deepEqual([...seen.hosts].sort(), hosts);
    assert.deepEqual([...log.asked].sort(), hosts);
    assert.deepEqual([...log.reached].sort(), hosts.map((host) => `tcp ${host}`));
    const sent = log.sent.flatMap((bytes) => searchFor(seen.elsewhere)(bytes));
    assert.deepEqual(told(sent), []);
    const bytes = log.sent.reduce((sum, { length }) => sum + length, 0);
    const recorded = requests.reduce((sum, { body }) => sum + (body?.length ?? 0), 0);
    assert.ok(bytes > recorded, `${bytes} sent, ${recorded} arrived`);

    // Checks what stays on disk.
    assert.deepEqual(told(seen.profile.found), []);
    test.diagnostic(
      `${Object.keys(seen.secrets).length} secrets in ${requests.length} requests, ${bytes} bytes sent, and ` +
        `${seen.profile.files} files of ${seen.profile.size} bytes`,
    );
  });
});
