// Somebody leaves the page, in any way: its device does not stay.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import { registerUser } from "../../e2e/support/page.mjs";
import { devicesOf } from "../../support/accounts/devices.mjs";
import { arrived } from "../../support/ways_out.mjs";
import { Unable } from "../unable.mjs";
import { visiting } from "../visiting.mjs";
import { until } from "../way.mjs";

// How long a request that outlives the page may take, in milliseconds.
const patience = 10_000;
const settling = 3_000;

const quitting = "quitting the browser";

// The ways by which somebody leaves a page.
const ways = {
  "closing the tab": async (person, { newPage }) => {
    // Another tab, so that the browser does not end with this one.
    await newPage();
    await person.close();
  },
  "another page of the same origin": (person, _, { page }) => person.goto(`${page.url}callback.html`),
  "a page elsewhere": (person, _, { elsewhere }) => person.goto(elsewhere.origin),
  "loading the page again": (person) => person.reload(),
  // Its last window is closed, as by a person. A driver's own way to quit asks no page.
  [quitting]: async (person, { quit }) => {
    await person.close();
    await quit();
  },
};

/** Tells whether a request arrives that a page without a policy sends, as ours does, while this browser quits. */
async function finishesRequests(given) {
  const { elsewhere } = given;
  const from = randomBytes(6).toString("hex");
  await visiting({ ...given, page: given.bare }, async (person, browser) => {
    await person.evaluate((url) => addEventListener("pagehide", () => fetch(url, { method: "POST", keepalive: true, mode: "no-cors" })), `${elsewhere.origin}/?from=${from}&by=keepalive`);
    await ways[quitting](person, browser);
    await sleep(settling);
  });
  return arrived(elsewhere.requests, from).length > 0;
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
    `this browser ends every page's requests when it quits, as a page of no policy shows; ${left} of ${given.runs} devices were left, and the next visit removes such a one`,
  );
}

/** Signs in and leaves, `runs` times; each time the device has to be gone within some seconds. */
const leavesNoDevice = (way) => async (given) => {
  let left = 0;
  let lastAccount;
  for (let run = 0; run < given.runs; run++) {
    const account = await registerUser(given.homeserver);
    const devices = () => devicesOf(given.homeserver, account.userId).length;
    await visiting(given, async (person, browser) => {
      await person.signIn(account);
      lastAccount = account;
      assert.equal(devices(), 1, "the page's device is there");
      await ways[way](person, browser, given);
      const deadline = Date.now() + patience;
      while (devices() > 0 && Date.now() < deadline) await sleep(100);
      left += devices();
    });
  }
  if (left > 0 && way === quitting) await explained(given, left, lastAccount);
  assert.equal(left, 0, `${left} of ${given.runs} devices are left`);
  return `${given.runs} of ${given.runs} devices signed out`;
};

export const leaving = Object.keys(ways).map((way) => ({
  name: `left by ${way}`,
  sample: way === "closing the tab" || way === "a page elsewhere",
  run: leavesNoDevice(way),
}));
