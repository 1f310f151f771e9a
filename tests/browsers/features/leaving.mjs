// Somebody leaves the page, in any way: its device does not stay.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import { registerUser } from "../../e2e/support/page.mjs";
import { devicesOf } from "../../support/accounts/devices.mjs";
import { arrived } from "../../support/ways_out.mjs";
import { Unable } from "../unable.mjs";
import { visiting } from "../visiting.mjs";
import { until, withPerson } from "../way.mjs";

// How long a request that outlives the page may take, in milliseconds.
const patience = 10_000;
const settling = 3_000;

const [closing, away] = ["closing the tab", "a page elsewhere"];
// What CI tries.
const sampled = [closing, away];

// The ways by which somebody leaves a page. Another tab is there, so that the browser does not end with this one.
const ways = {
  [closing]: (person) => person.close(),
  "another page of the same origin": (person, _, { page }) => person.goto(`${page.url}callback.html`),
  [away]: (person, _, { elsewhere }) => person.goto(elsewhere.origin),
  "loading the page again": (person) => person.reload(),
};

/** Closes the browser's last window, as a person does. A driver's own way to quit asks no page. */
async function quit(person, browser) {
  await person.close();
  await browser.quit();
}

/** Tells whether a request arrives that a page without a policy sends, as ours does, while this browser quits. */
async function finishesRequests(given) {
  const { bare } = given;
  const from = randomBytes(6).toString("hex");
  const farewell = (url) => addEventListener("pagehide", () => fetch(url, { method: "POST", keepalive: true }));
  await visiting({ ...given, page: bare }, async (person, browser) => {
    await person.evaluate(farewell, `${bare.origin}/?from=${from}&by=keepalive`);
    await quit(person, browser);
    await sleep(settling);
  });
  return arrived(bare.requests, from).length > 0;
}

/**
 * A browser need not finish what its pages began when it quits. Where it does not, no page can sign its device out then:
 * the next visit offers to remove what is left. Throws `Unable` if that was seen.
 */
async function explained(given, left, account) {
  for (let run = 0; run < 3; run++) if (await finishesRequests(given)) return;
  await visiting(given, async (person) => {
    await person.signIn(account);
    await person.proveAndTurnOn(await person.chooseKey());
    await person.coverage();
    await person.takeHome();
    await person.reads(/Left over from earlier visits/);
    await person.press("Remove them");
    await person.fill("Account password", account.password);
    await person.press("Go on");
    await until(() => devicesOf(given.homeserver, account.userId).length === 1, "the device that was left to go");
    // The buttons move when that part of the screen goes.
    await person.readsNoMore(/Left over from earlier visits/);
    await person.signOut();
    assert.deepEqual(devicesOf(given.homeserver, account.userId), []);
  });
  throw new Unable(
    `the browser quits without the requests that pages send as they go, even those of a page without a policy: ${left} of ` +
      `${given.runs} devices were left, and the next visit removed one of them`,
  );
}

/** Waits until the account has no device, and returns how many there still are if they stay. */
async function remaining(given, account) {
  const devices = () => devicesOf(given.homeserver, account.userId).length;
  const deadline = Date.now() + patience;
  while (devices() > 0 && Date.now() < deadline) await sleep(50);
  return devices();
}

/** Opens the page in a tab of its own, signs in, and leaves; returns how many devices stay. */
async function leaveOnce(given, browser, way) {
  const account = await registerUser(given.homeserver);
  const person = withPerson(await browser.newPage(), browser);
  await person.goto(given.page.url);
  await person.signIn(account);
  assert.equal(devicesOf(given.homeserver, account.userId).length, 1, "the page's device is there");
  await ways[way](person, browser, given);
  const left = await remaining(given, account);
  // In this tab the page may be open again, and it runs in one tab only.
  if (way !== closing) await person.close();
  return left;
}

/** Leaves `runs` times in one browser; each time the device has to be gone within some seconds. */
const leavesNoDevice = (way) => async (given) => {
  const browser = await given.launch();
  let left = 0;
  try {
    for (let run = 0; run < given.runs; run++) left += await leaveOnce(given, browser, way);
  } finally {
    await browser.quit();
  }
  assert.equal(left, 0, `${left} of ${given.runs} devices are left`);
  return `${given.runs} of ${given.runs} devices signed out`;
};

/** Quits `runs` browsers, with the same aim. */
async function quitsWithoutDevice(given) {
  let left = 0;
  let account;
  for (let run = 0; run < given.runs; run++) {
    account = await registerUser(given.homeserver);
    await visiting(given, async (person, browser) => {
      await person.signIn(account);
      assert.equal(devicesOf(given.homeserver, account.userId).length, 1, "the page's device is there");
      await quit(person, browser);
      left += await remaining(given, account);
    });
  }
  if (left > 0) await explained(given, left, account);
  assert.equal(left, 0, `${left} of ${given.runs} devices are left`);
  return `${given.runs} of ${given.runs} devices signed out`;
}

export const leaving = [
  ...Object.keys(ways).map((way) => ({ name: `left by ${way}`, sample: sampled.includes(way), run: leavesNoDevice(way) })),
  { name: "left by quitting the browser", run: quitsWithoutDevice },
];
