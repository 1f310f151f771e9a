// Puts a new account on a real Synapse into each state that an account can be in (states/recipes.mjs).
//
//   node tests/support/server/homeserver.mjs -- node tests/support/accounts/states.mjs 4
//   node tests/support/server/homeserver.mjs -- node tests/support/accounts/states.mjs all
//
// prints one line of JSON for each; the devices that belong to the state stay signed in.

import { pathToFileURL } from "node:url";

import { sharedHomeserver } from "../server/homeserver.mjs";
import { makeAccount } from "./states/makers.mjs";
import { recipes } from "./states/recipes.mjs";

export const stateNumbers = Object.keys(recipes).map(Number);

/**
 * Registers a user and brings the account into a state.
 *
 * `homeserver`: `{ url, register }`. `native`: false to let matrix-js-sdk play every client, in this process.
 *
 * Returns `{ state, name, words, attempt, notes, maker, homeserver, user, userId, password, kept, other, messages,
 * phones, stop }`:
 * - `kept`: what the person holds, `{ recoveryKey, phrase }` or less.
 * - `other`: more that a test may need. `backupKey` opens the newest backup directly, `lostKey` is what the person
 *   lost, `olderKey` belongs to an older secret storage, and `olderBackupKey` opens an older backup. `defaultKey` is
 *   the default key that nothing is under, and `missing` are messages whose keys are in no backup.
 * - `messages`: the messages whose keys are in a backup, `{ roomId, eventId, text }`.
 * - `phones`: the clients that run in this process; `stop()` stops them and leaves their devices signed in.
 */
export async function makeState(number, { homeserver, native = true }) {
  const recipe = recipes[number];
  if (!recipe) throw new Error(`there is no state ${number}`);
  const { maker, user, userId, password, phones, ...made } = await bent(recipe, {
    ...recipe,
    homeserver,
    native: native && recipe.native,
    name: `state${number}`,
  });
  return {
    state: number,
    name: recipe.name,
    words: recipe.words,
    attempt: recipe.attempt,
    notes: `The person has: ${recipe.person}.`,
    maker,
    homeserver: homeserver.url,
    user,
    userId,
    password,
    kept: made.kept,
    other: made.other,
    messages: made.messages,
    phones,
    stop: () => phones.splice(0).forEach((phone) => phone.stop()),
  };
}

async function bent(recipe, { homeserver, ...asked }) {
  const made = await makeAccount(homeserver, asked);
  try {
    const { kept, other, messages } = { ...asUsual(recipe, made), ...(await recipe.bend?.(made, homeserver)) };
    if (recipe.leaves) await leave(made);
    return { ...made, kept, other, messages };
  } catch (error) {
    for (const phone of made.phones) phone.stop();
    throw error;
  }
}

function asUsual({ setUp }, { recoveryKey, phrase, backupKey, messages }) {
  const hasBackup = ["backup", "recovery"].includes(setUp);
  return {
    kept: recoveryKey ? { recoveryKey, ...(phrase && { phrase }) } : {},
    other: hasBackup ? { backupKey } : { missing: messages },
    messages: hasBackup ? messages : [],
  };
}

async function leave({ server, phones }) {
  const clients = phones.splice(0);
  for (const phone of clients) {
    phone.stop();
    await phone.signOut();
  }
  if (clients.length === 0) await server.signOut();
}

async function main([wanted]) {
  const numbers = wanted === "all" ? [...stateNumbers] : [Number(wanted)];
  if (numbers.some((number) => !recipes[number])) {
    console.error("usage: see the head of this file");
    return 2;
  }
  const homeserver = await sharedHomeserver();
  // Four at a time, because most of the time is waiting: a client lets up to ten seconds pass before it uploads.
  const oneByOne = async () => {
    for (let number; (number = numbers.shift()); ) {
      const { phones, stop, ...said } = await makeState(number, { homeserver });
      console.log(JSON.stringify(said));
      stop();
    }
  };
  await Promise.all([1, 2, 3, 4].map(oneByOne));
  await homeserver.stop();
  return 0;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) process.exit(await main(process.argv.slice(2)));
