// What each browser is asked to do, in one form for all of them. Each feature returns what it saw, as a few words; it
// throws if that is wrong, and throws `Unable` if the driver cannot do what it needs.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import { verifyAccount } from "../interop/verifier.mjs";
import { devicesOf } from "../support/accounts/devices.mjs";
import { arrived, connectEarly, tryWays } from "../support/ways_out.mjs";
import { pagesOf } from "./sheets.mjs";
import { Unable } from "./unable.mjs";
import { until, withPerson } from "./way.mjs";

const phrase = "glass otter fifty moons under a lantern";

/** Makes an account that nobody is signed in to. */
async function register({ homeserver }) {
  const user = `user-${randomBytes(6).toString("hex")}`;
  const password = "the account password of this user";
  const { user_id: userId } = await homeserver.register(user, password);
  return { user, userId, password };
}

/** Starts a browser, opens the page in it, runs `act(person, browser)`, and ends the browser. */
async function visiting({ launch, page }, act, options) {
  const browser = await launch(options);
  const person = withPerson(browser.page);
  let gone = false;
  try {
    if (options?.before) await person.beforeEach(options.before);
    await person.goto(page.url);
    return await act(person, { ...browser, quit: () => ((gone = true), browser.quit()) });
  } finally {
    if (!gone) await browser.quit();
  }
}

// The ways by which somebody leaves a page.
// A browser that quits need not finish what its pages began: what is left then, the next visit offers to remove.
const leaving = {
  "closing the tab": async (person, { newPage }) => {
    // Another tab, so that the browser does not end with this one.
    await newPage();
    await person.close();
  },
  "another page of the same origin": (person, _, { page }) => person.goto(`${page.url}callback.html`),
  "a page elsewhere": (person, _, { elsewhere }) => person.goto(elsewhere.origin),
  "loading the page again": (person) => person.reload(),
  "quitting the browser": (person, { quit }) => quit(),
};

/** Signs in and leaves, `runs` times; each time the device has to be gone within some seconds. */
const leavesNoDevice = (way) => async (given) => {
  let left = 0;
  for (let run = 0; run < given.runs; run++) {
    const account = await register(given);
    const devices = () => devicesOf(given.homeserver, account.userId).length;
    await visiting(given, async (person, browser) => {
      await person.signIn(account);
      assert.equal(devices(), 1, "the page's device is there");
      await leaving[way](person, browser, given);
      const deadline = Date.now() + 10_000;
      while (devices() > 0 && Date.now() < deadline) await sleep(100);
      left += devices();
    });
  }
  assert.equal(left, 0, `${left} of ${given.runs} devices are left`);
  return `${given.runs} of ${given.runs} devices signed out`;
};

/** Shows which sentence comes where a feature of the browser is missing; `before` removes it. */
const sentenceWithout = (before) => (given) =>
  visiting(
    given,
    async (person) => {
      assert.equal(await person.instead(), "too-old");
      assert.match(await person.text("#too-old"), /This browser is too old/);
      return "“This browser is too old”";
    },
    { before },
  );

export const features = [
  {
    name: "landing",
    sample: true,
    run: (given) =>
      visiting(given, async (person) => {
        await person.at("intro");
        const wide = await person.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(wide <= 0, `${wide} px too wide`);
        return person.text("h1");
      }),
  },
  {
    name: "WebAssembly switched off",
    run: (given) =>
      visiting(
        given,
        async (person) => {
          assert.equal(await person.evaluate(() => typeof WebAssembly), "undefined");
          assert.equal(await person.instead(), "no-webassembly");
          const said = await person.text("#no-webassembly");
          assert.match(said, /WebAssembly switched off.*Lockdown Mode.*another browser/);
          return `“${await person.text("#no-webassembly h1")}”`;
        },
        { without: "webAssembly" },
      ),
  },
  { name: "too old: no AbortSignal.timeout", run: sentenceWithout(() => delete AbortSignal.timeout) },
  { name: "too old: no navigator.locks", run: sentenceWithout(() => delete Navigator.prototype.locks) },
  {
    name: "phrase path to a proved key",
    sample: true,
    run: (given) => visiting(given, (person) => phrasePath(given, person)),
  },
  {
    name: "the same with cookies and storage blocked",
    run: (given) =>
      visiting(
        given,
        async (person) => {
          const storage = await person.evaluate(() => {
            try {
              return typeof localStorage.length;
            } catch (error) {
              return error.name;
            }
          });
          const lock = await person.evaluate(() => navigator.locks.request("a lock", () => "given").catch((error) => error.name));
          const saw = await phrasePath(given, person);
          return `${saw} (storage: ${storage}, lock: ${lock})`;
        },
        { without: "cookies" },
      ),
  },
  {
    name: "one tab only",
    run: (given) =>
      visiting(given, async (person, { newPage }) => {
        await person.at("intro");
        const second = withPerson(await newPage());
        await second.goto(given.page.url);
        assert.equal(await second.instead(), "elsewhere");
        await person.close();
        await second.at("intro");
        return "the second waits, and goes on when the first is closed";
      }),
  },
  { name: "lock", sample: true, run: lock },
  {
    name: "the kit on paper",
    run: (given) =>
      visiting(given, async (person) => {
        const account = await register(given);
        await person.signIn(account);
        await person.choosePhrase(phrase);
        const { sheets, frame } = pagesOf(await person.print());
        assert.equal(sheets, 1, `${sheets} sheets`);
        assert.deepEqual(frame, { left: true, right: true }, "both sides of the key's outline are on the sheet");
        return "one sheet, the key's outline whole";
      }),
  },
  ...Object.keys(leaving).map((way) => ({ name: `left by ${way}`, sample: way === "closing the tab" || way === "a page elsewhere", run: leavesNoDevice(way) })),
];

async function phrasePath(given, person) {
  const account = await register(given);
  await person.signIn(account);
  const key = await person.choosePhrase(phrase);
  await person.proveAndTurnOn(key);
  const credentials = { homeserver: given.homeserver.url, user: account.user, password: account.password };
  for (const kept of [{ recoveryKey: key }, { phrase }]) {
    const report = await verifyAccount({ ...credentials, ...kept });
    assert.ok(report.ok, JSON.stringify(report));
  }
  await person.signOut();
  assert.deepEqual(devicesOf(given.homeserver, account.userId), []);
  return "key and phrase open everything in the independent client";
}

/** Before the lock, and on a page without a policy, these ways reach another server; afterwards none does. */
async function lock(given) {
  const { behindTls, elsewhere, bare } = given;
  // Unique, since the engines share that server.
  const from = randomBytes(6).toString("hex");
  const address = (place) => `${elsewhere.origin}/?from=${from}-${place}`;
  const seen = (place) => arrived(elsewhere.requests, `${from}-${place}`);

  // What this browser does at all, on a page that forbids nothing.
  const [ways, goes] = await visiting({ ...given, page: bare }, async (person) => {
    const all = await person.evaluate(tryWays, address("bare"));
    await sleep(settling);
    return [all, seen("bare")];
  });
  assert.ok(goes.includes("fetch") && goes.includes("image"), `a page without a policy reaches the server: ${goes}`);

  return visiting(given, async (person) => {
    await person.goToSignIn(behindTls.origin);
    let worker;
    try {
      const reach = (url) => fetch(url, { mode: "no-cors" }).then(() => "reached", () => "refused");
      await until(() => person.hasWorker(), "the worker");
      assert.equal(await person.inWorker(reach, `${address("worker")}&by=fetch`), "refused");
      assert.equal(await person.inWorker(reach, `${behindTls.origin}/_matrix/client/versions`), "reached");
      worker = "the engine's worker too";
    } catch (error) {
      if (!(error instanceof Unable)) throw error;
      worker = `not seen in the engine's worker: ${error.message}`;
    }
    await person.evaluate(tryWays, address("locked"));
    await sleep(settling);
    assert.deepEqual([...seen("locked"), ...seen("worker")], [], "nothing arrives after the lock");
    const before = elsewhere.connections();
    await person.evaluate(connectEarly, elsewhere.origin);
    await sleep(settling);
    const early = elsewhere.connections() - before;
    const never = ways.filter((way) => !goes.includes(way));
    return [
      `${goes.length} ways out refused (${goes.join(", ")})`,
      worker,
      `not used by this browser anyway: ${never.join(", ")}`,
      `preconnect and dns-prefetch, which no policy covers: ${early ? "a connection without a request" : "nothing"}`,
    ].join("; ");
  });
}

// How long a browser may put off a request that nobody waits for, in milliseconds.
const settling = 3000;
