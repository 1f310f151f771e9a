// Old messages' keys: from a key that was kept, from a running app, from a file. What the page says of them is what an
// independent client counts.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { coverage } from "../../interop/coverage.mjs";
import { open, seal } from "../../interop/key_file.mjs";
import { devicesOf } from "../../support/accounts/devices.mjs";
import { makeAccount } from "../../support/accounts/states/makers.mjs";
import { visiting } from "../visiting.mjs";
import { proved } from "./set_up.mjs";

const passphrase = "six words nobody else would choose";

/** Makes an account with a running app, opens the page for it, runs `act`, and looks whether only the app is left. */
export async function besideApp(given, asked, act) {
  const made = await makeAccount(given.homeserver, { ...asked, name: "browsers" });
  const [app] = made.phones;
  const own = devicesOf(given.homeserver, made.userId);
  try {
    const access = { homeserver: given.homeserver.url, user: made.user, password: made.password };
    return await visiting(given, async (person, browser) => {
      await person.signIn(made);
      const words = await act(person, { ...made, app, access }, browser);
      assert.deepEqual(devicesOf(given.homeserver, made.userId), own, "no device but the app's is left");
      return words;
    });
  } finally {
    app.stop();
  }
}

/** Fails unless the page said of each room what the independent client counts; returns the sum. */
async function assertCounted(covered, access, recoveryKey) {
  const counted = Object.entries(await coverage(access, { recoveryKeys: [recoveryKey] })).map(
    ([roomId, { covered, missing, unknown }]) => [roomId, { covered, missing, unknown }],
  );
  assert.ok(counted.length > 0, "there are rooms to count");
  assert.deepEqual(covered, Object.fromEntries(counted), "coverage is what the independent client counts");
  const sum = (what) => Object.values(covered).reduce((total, room) => total + room[what], 0);
  return `${sum("covered")} of ${sum("covered") + sum("missing")} messages covered, as the independent client counts`;
}

/** Returns the room keys that an app holds. */
export const keysOf = async ({ crypto }) => JSON.parse(await crypto.exportRoomKeysAsJson());

export const oldKeys = [
  {
    name: "a kept key is checked, coverage, a copy",
    run: (given) =>
      besideApp(given, { setUp: "recovery", phrase: "glass otter fifty moons" }, async (person, made) => {
        await person.tryKey("EsTc LW2K PGiF wKEA 3As5 g5c4 BXwk qeeJ ZJV8 Q9fu gUMN UE4d");
        await person.reads(/opens nothing here/);
        await person.enterKey(made.recoveryKey);
        await person.at("findings");
        assert.match(await person.heading(), /You are covered/);
        await person.press("See which messages are safe");
        const words = await assertCounted(await person.coverage(), made.access, made.recoveryKey);
        const copy = await person.takeHome(passphrase);
        const copied = JSON.parse(await open(copy.text, passphrase)).length;
        const has = (await keysOf(made.app)).length;
        assert.equal(copied, has, "the copy has every key that the app has");
        await person.untilSafe();
        await person.signOut();
        return `${words}; the copy has all ${copied} keys`;
      }),
  },
  {
    name: "emoji beside a running app, to the end",
    run: (given) =>
      besideApp(given, { setUp: "nothing" }, async (person, made) => {
        const recoveryKey = await person.chooseKey();
        await person.proveAndTurnOn(recoveryKey);
        const names = await person.compareEmoji(made.app);
        await person.at("old-keys");
        await person.reads(/Your app seems to be done/);
        const words = await assertCounted(await person.coverage(), made.access, recoveryKey);
        await person.takeHome();
        await person.untilSafe();
        await person.signOut();
        await proved({ ...given, ...made.access, homeserver: given.homeserver }, { recoveryKey });
        return `${names.length} emoji the same; ${words}; done, and the page's device is gone`;
      }),
  },
  {
    name: "a file of keys is brought in",
    run: (given) =>
      besideApp(given, { setUp: "nothing" }, async (person, made) => {
        const keys = await keysOf(made.app);
        const folder = mkdtempSync(join(tmpdir(), "matrixbackup-keys-"));
        try {
          const path = join(folder, "keys.txt");
          writeFileSync(path, await seal(JSON.stringify(keys), passphrase, 1_000));
          const recoveryKey = await person.chooseKey();
          await person.proveAndTurnOn(recoveryKey);
          await person.pressAny("Import a file");
          await person.at("import");
          await person.choosesFile(path);
          await person.fill("Passphrase of the file", "wrong");
          await person.press("Bring its keys in");
          await person.reads(/passphrase does not open/);
          // After that the page wants the file once more.
          await person.choosesFile(path);
          await person.fill("Passphrase of the file", passphrase);
          await person.press("Bring its keys in");
          await person.reads(/The keys of this file are in your backup/);
          await person.press("Go on");
          const words = await assertCounted(await person.coverage(), made.access, recoveryKey);
          await person.takeHome();
          await person.untilSafe();
          await person.signOut();
          return `${keys.length} keys; ${words}`;
        } finally {
          rmSync(folder, { recursive: true });
        }
      }),
  },
];
