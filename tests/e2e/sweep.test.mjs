// The sweep in a browser: the page sets backup up with a key and signs out, and one request that changes something goes
// wrong. Its answer is lost, or the server is gone from there on and comes back, and the person tries again in the
// page. Or the tab dies, and they come back in a fresh browser with the file they kept. Each time the independent
// verifier must find everything open to the kept key. It must also find the identity that was begun, one backup, no
// device of the page, and no secret sent.
//
// Only a sample of the requests is broken, and each of them with MATRIXBACKUP_SWEEP=all.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, it } from "node:test";
import { fileURLToPath } from "node:url";

import { decodeRecoveryKey } from "matrix-js-sdk/lib/crypto-api/recovery-key.js";

import { signIn } from "../interop/account.mjs";
import { verifyAccount } from "../interop/verifier.mjs";
import { searchFor } from "../support/judges/leak.mjs";
import { startFaultProxy } from "../support/proxy/fault-proxy.mjs";
import { sharedHomeserver } from "../support/server/homeserver.mjs";
import { registerUser, withPage } from "./support/page.mjs";

const everything = process.env.MATRIXBACKUP_SWEEP === "all";

// In the sample each way takes every fourth request, and each of them begins with another one.
const ways = [
  { name: "its answer is lost", fault: "answer-lost", goOn: tryAgain },
  { name: "the server is gone before it", fault: "closed-before", goOn: tryAgain },
  { name: "the tab dies before it", fault: "closed-before", goOn: comeBack },
  { name: "the tab dies after it", fault: "closed-after", goOn: comeBack },
];

let homeserver;
let proxy;
let broken;
before(async () => {
  const build = "source tools/env.sh && cargo build --quiet --locked --features native --example fault-proxy";
  const root = fileURLToPath(new URL("../..", import.meta.url));
  execFileSync("bash", ["-c", build], { cwd: root, stdio: ["ignore", 2, 2] });
  homeserver = await sharedHomeserver();
  proxy = await startFaultProxy(homeserver.url);
  // The page's host passes requests on to the proxy.
  broken = { ...homeserver, url: proxy.url };
});
after(async () => {
  await proxy?.stop();
  await homeserver?.stop();
});

it("whatever breaks while backup is set up, the kept key finishes and opens it", async (test) => {
  const requests = await cleanRun();
  test.diagnostic(`${requests.length} requests change something: ${requests.join(", ")}`);
  assert.ok(requests.length >= 9, requests.join());
  let runs = 0;
  let violations = 0;
  const sweep = async (name, k, way) => {
    runs++;
    await test.test(`${name}: ${way.name}`, async () => {
      violations++;
      await run(k, way);
      violations--;
    });
  };
  for (const [at, way] of ways.entries()) {
    for (const [k, request] of requests.entries()) {
      if (everything || k % ways.length === at) await sweep(`${k}: ${request}`, k, way);
    }
  }
  for (const way of ways.filter(({ goOn }) => goOn === tryAgain)) {
    await sweep("signing in", 0, { ...way, matching: "POST /login" });
    await sweep("signing out", 0, { ...way, matching: "POST /logout" });
  }
  const line = `${runs} runs in a browser, ${violations} violations`;
  if (everything) console.log(line);
  else test.diagnostic(line);
  assert.equal(violations, 0);
});

/** Returns a request as it is named in the list: `PUT account_data/m.key_backup`. */
function named({ method, path }) {
  const [, what] = path.match(/\/v3\/(?:user\/[^/]+\/)?([^?]*)/) ?? [undefined, path];
  return `${method} ${what.replace(/(m\.secret_storage\.key)\..*/, "$1")}`;
}

const isWrite = ({ method, path }) =>
  !["GET", "HEAD", "OPTIONS"].includes(method) && !/\/(keys\/query|login|logout|sync)(\?|$)/.test(path);

/** Returns the requests that change something when nothing breaks. */
async function cleanRun() {
  await proxy.mend();
  await proxy.forget();
  const account = await registerUser(homeserver);
  await withPage({ homeserver: broken }, async (visit) => {
    await setUp(visit, account);
    await visit.signOut();
  });
  return (await proxy.record()).filter(isWrite).map(named);
}

/** Goes from the first screen to the backup that is on; `account.kept` is then the file with the key. */
async function setUp(visit, account, again = () => {}) {
  await visit.goToSignIn(account.userId);
  await visit.enterPassword(account.password);
  const notSignedIn = visit.page.locator('main[data-step="sign-in"]').getByRole("alert").filter({ hasText: /\S/ });
  await visit.page.locator('main[data-step="findings"]').or(visit.button("Try again")).or(notSignedIn).first().waitFor();
  if (await notSignedIn.count()) {
    await again();
    await visit.enterPassword(account.password);
  }
  await arrive(visit, "findings", again);
  await visit.choose("key");
  account.kept = await visit.saveAndProve();
  await visit.click("Turn on backup");
  await arrive(visit, "old-keys", again);
}

/** Waits for a step, and tries again as often as the page offers it. */
async function arrive(visit, step, again = () => {}) {
  const there = visit.page.locator(`main[data-step="${step}"]`);
  const tryAgain = visit.button("Try again");
  for (let times = 0; times < 5; times++) {
    await there.or(tryAgain).first().waitFor();
    if (await there.count()) return;
    assert.match(await visit.main.innerText(), /[Tt]ry/);
    await again();
    await tryAgain.click({ timeout: 5000 }).catch(() => {});
  }
  await visit.at(step);
}

async function run(k, { fault, goOn, matching }) {
  await proxy.mend();
  await proxy.forget();
  const account = await registerUser(homeserver);
  const credentials = { homeserver: homeserver.url, user: account.user, password: account.password };
  await proxy.breakAt(k, fault, { matching });
  const begun = await goOn(account, credentials);
  const record = await proxy.record();
  assert.ok(record.some(({ broken }) => broken), "something was broken");
  await proxy.mend();

  const recoveryKey = account.kept.text.trim();
  const report = await verifyAccount({ ...credentials, recoveryKey });
  assert.ok(report.ok, JSON.stringify(report));
  assert.equal(report.figures.backup_version, "1", "one backup was made, and no other");
  const state = await look(credentials);
  if (begun?.master) assert.deepEqual(state.master, begun.master, "the identity is the one that was begun");
  assert.deepEqual(state.devices, ["Test observer"], "no device of the page is left");
  const search = searchFor({
    key: recoveryKey,
    compact: recoveryKey.replaceAll(" ", ""),
    bytes: Buffer.from(decodeRecoveryKey(recoveryKey)),
  });
  for (const { method, path, headers, body } of record) {
    assert.deepEqual(search(Buffer.concat([Buffer.from(path + JSON.stringify(headers)), body])), [], `${method} ${path}`);
  }
}

async function look(credentials) {
  const server = await signIn(credentials);
  const { master } = await server.publishedKeys();
  const devices = (await server.devices()).map(({ display_name: name }) => name);
  await server.signOut();
  return { master, devices };
}

/** Tries again in the page itself, once the server is there again. */
async function tryAgain(account) {
  await withPage({ homeserver: broken }, async (visit) => {
    await setUp(visit, account, () => proxy.mend());
    await visit.signOut();
    if (/could not sign itself out/.test(await visit.heading())) {
      await proxy.mend();
      await visit.click("Try again");
      await visit.until(async () => !/could not/.test(await visit.heading()));
    }
    assert.match(await visit.heading(), /^Backup is on\. This page has signed itself out/);
    assert.equal(visit.page.workers().length, 0, "the engine is ended");
  });
}

/** Lets the tab die at once, without a word to the server, and comes back in another browser with what was kept. */
async function comeBack(account, credentials) {
  await withPage({ homeserver: broken }, async (visit) => {
    const died = visit.until(async () => (await proxy.record()).some(({ broken }) => broken)).then(async () => {
      visit.devtools.send("Page.crash").catch(() => {});
      await visit.until(() => visit.forgive(/the page crashed/) > 0);
      return "died";
    });
    const lived = setUp(visit, account).then(
      () => "lived",
      (error) => (/crash|closed/i.test(error.message) ? died : Promise.reject(error)),
    );
    assert.equal(await Promise.race([died, lived]), "died");
  });
  await proxy.mend();
  const begun = await look(credentials);

  await withPage({ homeserver: broken }, async (visit) => {
    await visit.signIn(account);
    const found = await visit.heading();
    if (/begun and not finished/.test(found)) {
      await visit.click("Finish the set-up");
      await visit.at("resume");
      await visit.dropFile(account.kept);
      await visit.at("old-keys");
    } else if (/not backed up yet/.test(found)) {
      assert.equal(begun.master, null, "no identity was published for the first key");
      await visit.choose("key");
      account.kept = await visit.saveAndProve();
      await visit.turnOn();
    } else {
      // It was all there before the tab died.
      await visit.tryKey(account.kept.text.trim());
      await visit.at("findings");
      assert.match(await visit.heading(), /works|opens|fine|in order|Everything/i);
      await visit.click("See which messages are safe");
    }
    await visit.coverage();
    await visit.takeHome();
    await visit.at("done");
    // The dead tab could not sign out.
    await visit.removeLeftOver(account.password);
    await visit.signOut();
    assert.match(await visit.heading(), /This page has signed itself out$/);
  });
  return begun;
}
