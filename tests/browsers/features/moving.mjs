// The browser's own buttons in the middle of the way: nothing is changed, and nothing is lost that need not be.

import assert from "node:assert/strict";

import { registerUser } from "../../e2e/support/page.mjs";
import { signIn } from "../../interop/account.mjs";
import { devicesOf } from "../../support/accounts/devices.mjs";
import { phrase, visiting } from "../visiting.mjs";
import { until } from "../way.mjs";
import { proved } from "./set_up.mjs";

/** Returns what the account has: secrets, identity and backup. */
async function factsOf(homeserver, { user, password }) {
  const observer = await signIn({ homeserver: homeserver.url, user, password });
  const { master, selfSigning, userSigning } = await observer.publishedKeys();
  const facts = { data: await observer.allAccountData(), master, selfSigning, userSigning, backup: await observer.backup() };
  await observer.signOut();
  return facts;
}

export const moving = [
  {
    name: "loaded again in the middle",
    run: (given) =>
      visiting(given, async (person) => {
        const account = await registerUser(given.homeserver);
        const before = await factsOf(given.homeserver, account);
        await person.signIn(account);
        await person.choosePhrase(phrase);
        await person.goToProve();
        await person.reload();
        await person.at("intro");
        await until(() => devicesOf(given.homeserver, account.userId).length === 0, "the device to go");
        assert.deepEqual(await factsOf(given.homeserver, account), before, "nothing was changed");
        await person.signIn(account);
        const recoveryKey = await person.choosePhrase(phrase);
        await person.proveAndTurnOn(recoveryKey);
        await proved({ ...given, ...account }, { recoveryKey });
        await person.signOut();
        return "nothing was changed, the device is gone, and the second time leads to a proved key";
      }),
  },
  {
    name: "the browser's Back",
    run: (given) =>
      visiting(given, async (person) => {
        const account = await registerUser(given.homeserver);
        await person.signIn(account);
        const key = await person.chooseKey();
        await person.goToProve();
        await person.back();
        await person.at("save");
        assert.equal(await person.shownKey(), key, "the key is the same");
        await person.back();
        await person.at("findings");
        await person.stop();
        assert.match(await person.heading(), /Nothing was changed/);
        assert.deepEqual(devicesOf(given.homeserver, account.userId), []);
        return "one step each time, the key stays, and “Nothing was changed”";
      }),
  },
];
