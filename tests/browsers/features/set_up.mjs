// Backup is set up, and the independent client opens everything with what was kept.

import assert from "node:assert/strict";

import { registerUser } from "../../e2e/support/page.mjs";
import { verifyAccount } from "../../interop/verifier.mjs";
import { devicesOf } from "../../support/accounts/devices.mjs";
import { pagesOf } from "../sheets.mjs";
import { phrase, visiting } from "../visiting.mjs";

/** Has the independent client open the account with each of these; fails if one does not open everything. */
export async function proved({ homeserver, user, password, signIn }, ...kept) {
  for (const each of kept) {
    const report = await verifyAccount({ homeserver: homeserver.url, user, password, signIn, ...each });
    assert.ok(report.ok, JSON.stringify(report));
  }
}

/** Sets up with a phrase, from the first screen to the last. */
export async function phrasePath(given, person) {
  const account = await registerUser(given.homeserver);
  await person.signIn(account);
  const key = await person.choosePhrase(phrase);
  await person.proveAndTurnOn(key);
  await proved({ ...given, ...account }, { recoveryKey: key }, { phrase });
  await person.signOut();
  assert.deepEqual(devicesOf(given.homeserver, account.userId), []);
  return "key and phrase open everything in the independent client";
}

/** Sets up with a key alone, which is saved as a file and proved by that file. Returns the key. */
export async function turnOnWithFile(person) {
  const key = await person.chooseKey();
  const file = await person.saves(() => person.press("Download"));
  assert.equal(file.text, key, "the file has the key that is on screen");
  assert.match(file.name, /^matrix-recovery-key-.*\.txt$/);
  await person.press("Continue");
  await person.at("prove");
  await person.choosesFile(file.path);
  await person.turnOn();
  return key;
}

const manager = "Save in password manager";

const storageNow = () => {
  try {
    return typeof localStorage.length;
  } catch (error) {
    return error.name;
  }
};
const lockNow = () => navigator.locks.request("a lock", () => "given").catch((error) => error.name);

export const setUp = [
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
          const storage = await person.evaluate(storageNow);
          assert.notEqual(storage, "number", "storage is blocked");
          const lock = await person.evaluate(lockNow);
          const saw = await phrasePath(given, person);
          return `${saw} (storage: ${storage}, lock: ${lock})`;
        },
        { under: "no cookies" },
      ),
  },
  {
    name: "key path, the key saved as a file",
    run: (given) =>
      visiting(given, async (person) => {
        const account = await registerUser(given.homeserver);
        await person.signIn(account);
        const recoveryKey = await turnOnWithFile(person);
        await proved({ ...given, ...account }, { recoveryKey });
        await person.signOut();
        assert.deepEqual(devicesOf(given.homeserver, account.userId), []);
        return "the saved file proves the key, and the key opens everything in the independent client";
      }),
  },
  {
    name: "the password manager is asked where it can be",
    run: (given) =>
      visiting(given, async (person) => {
        await person.signIn(await registerUser(given.homeserver));
        await person.chooseKey();
        const takes = await person.evaluate(() => "PasswordCredential" in window);
        assert.equal(await person.sees(manager), takes, "the button is there if, and only if, the browser can be asked");
        if (!takes) return "this browser takes no key from a page, and there is no button";
        await person.press(manager);
        await person.reads(/Say yes when your browser asks/);
        await person.press("Continue");
        await person.at("prove");
        return "the browser took the question, and the page says what to do if it does not ask";
      }),
  },
  {
    name: "the kit on paper",
    run: (given) =>
      visiting(given, async (person) => {
        const account = await registerUser(given.homeserver);
        await person.signIn(account);
        await person.choosePhrase(phrase);
        const { sheets, frame } = pagesOf(await person.print());
        assert.equal(sheets, 1, `${sheets} sheets`);
        assert.deepEqual(frame, { left: true, right: true }, "both sides of the key's box are on the sheet");
        return "one sheet, the key's box whole";
      }),
  },
];
