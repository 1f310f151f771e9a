// A phone stops a page that nobody looks at, and its connections end meanwhile. Afterwards the page goes on.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { seal } from "../../interop/key_file.mjs";
import { until } from "../way.mjs";
import { besideApp, keysOf } from "./old_keys.mjs";
import { proved } from "./set_up.mjs";

const passphrase = "six words nobody else would choose";
const seconds = Number(process.env.FROZEN ?? 60);

/** Stops the page, and cuts all connections to its server twice: at once, and just before it goes on. */
async function frozen(given, browser) {
  const thaw = browser.freeze();
  try {
    given.page.cut();
    await sleep(seconds * 1000);
    given.page.cut();
  } finally {
    thaw();
  }
}

/** Waits for a request that comes after `act`, and stops the page at once. */
async function frozenAt(given, browser, act, isMeant) {
  const before = given.page.requests.length;
  await act();
  await until(() => given.page.requests.slice(before).some(isMeant), "the request at which the page is stopped");
  await frozen(given, browser);
}

const isWrite = ({ method, path }) => method === "PUT" && path.includes("/account_data/");
const isUpload = ({ method, path }) => method === "PUT" && path.includes("/room_keys/keys");

/** Goes from a proved key to the end, and has the independent client open everything. */
async function toTheEnd(given, person, made, recoveryKey) {
  await person.coverage();
  await person.takeHome();
  await person.untilSafe();
  await person.signOut();
  await proved({ ...made, homeserver: given.homeserver, signIn: undefined }, { recoveryKey });
  return `${seconds} s without a connection, then on to the end; the key opens everything`;
}

const inTheMiddle = (act) => (given) =>
  besideApp(given, { setUp: "nothing" }, async (person, made, browser) => {
    const recoveryKey = await person.chooseKey();
    await act(given, person, made, browser, recoveryKey);
    return toTheEnd(given, person, made, recoveryKey);
  });

export const freezing = [
  {
    name: "stopped while it writes",
    run: inTheMiddle(async (given, person, made, browser, recoveryKey) => {
      await person.goToProve();
      await person.fill("Recovery key", recoveryKey);
      await person.at("confirm");
      await frozenAt(given, browser, () => person.press("Turn on backup"), isWrite);
      await person.at("old-keys");
      await person.compareEmoji(made.app);
      await person.reads(/Your app seems to be done/);
    }),
  },
  {
    name: "stopped while emoji are compared",
    run: inTheMiddle(async (given, person, made, browser, recoveryKey) => {
      await person.proveAndTurnOn(recoveryKey);
      const names = await person.compareEmoji(made.app, () => frozen(given, browser));
      assert.equal(names.length, 7);
      await person.reads(/Your app seems to be done/);
    }),
  },
  {
    name: "stopped while it waits for the app's keys",
    run: inTheMiddle(async (given, person, made, browser, recoveryKey) => {
      await person.proveAndTurnOn(recoveryKey);
      await person.compareEmoji(made.app);
      await person.at("old-keys");
      await frozen(given, browser);
      await person.reads(/Your app seems to be done/);
    }),
  },
  {
    name: "stopped while a file is brought in",
    run: inTheMiddle(async (given, person, made, browser, recoveryKey) => {
      const folder = mkdtempSync(join(tmpdir(), "matrixbackup-keys-"));
      try {
        const path = join(folder, "keys.txt");
        writeFileSync(path, await seal(JSON.stringify(await keysOf(made.app)), passphrase, 1_000));
        await person.proveAndTurnOn(recoveryKey);
        await person.pressAny("Import a file");
        await person.at("import");
        await person.choosesFile(path);
        await person.fill("Passphrase of the file", passphrase);
        await frozenAt(given, browser, () => person.press("Bring its keys in"), isUpload);
        await person.reads(/The keys of this file are in your backup|Your backup had all of these keys already/);
        await person.press("Go on");
      } finally {
        rmSync(folder, { recursive: true });
      }
    }),
  },
];
