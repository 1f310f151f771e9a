// `make signin`: signs in in the nine ways of tests/e2e/support/sign_ins.mjs. Prints a line for each, and last how many
// went right and how many devices they left.

import { goThrough, kinds, startServerOf, states } from "./e2e/support/sign_ins.mjs";

let right = 0;
let all = 0;
let devices = 0;

async function allOf(kind) {
  const server = await startServerOf(kind);
  for (const state of states) {
    all++;
    try {
      console.log(await goThrough(server, state, (left) => (devices += left.length)));
      right++;
    } catch (error) {
      console.log(`${kind}, ${state}: WRONG\n${error.stack}`);
    }
  }
  await server.stop();
}

// Side by side: each kind has a server of its own.
await Promise.all(kinds.map(allOf));
console.log(`${right} of ${all} sign-ins right, ${devices} devices left`);
process.exit(right === all && all === 9 && devices === 0 ? 0 : 1);
