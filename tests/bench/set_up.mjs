// Measures a first set-up, beside matrix-js-sdk (Element Web's engine) doing the same work in the same run. That is
// signing in, looking, identity, secret storage and backup, for accounts of three sizes. Ours is the release page in
// Chromium, without the time that the person takes; theirs runs in Node, with its keys in memory.
//
//   node tests/support/server/homeserver.mjs -- node tests/bench/set_up.mjs
//
// No time is asserted.

import { registerUser, withPage } from "../e2e/support/page.mjs";
import { signIn } from "../interop/account.mjs";
import { startPhone } from "../support/clients/phone.mjs";
import { sharedHomeserver } from "../support/server/homeserver.mjs";

const times = 3;

const homeserver = await sharedHomeserver();
console.log("\na first set-up        ours (Chromium)   matrix-js-sdk (Node)   ratio");
for (const rooms of [0, 50, 200]) {
  const [ours, theirs] = [[], []];
  for (let i = 0; i < times; i++) {
    ours.push(await inPage(await account(rooms)));
    theirs.push(await byPhone(await account(rooms)));
  }
  const [a, b] = [median(ours), median(theirs)];
  const seconds = (ms) => `${(ms / 1000).toFixed(2)} s`;
  console.log(
    `${String(rooms).padStart(5)} rooms ${seconds(a).padStart(20)} ${seconds(b).padStart(22)} ${(b / a).toFixed(1).padStart(7)} ×`,
  );
}
await homeserver.stop();
process.exit(0);

async function account(rooms) {
  const made = { ...(await registerUser(homeserver)), homeserver: homeserver.url };
  const server = await signIn(made);
  for (let i = 0; i < rooms; i++) await server.request("POST", "/createRoom", { name: `Room ${i}` });
  await server.signOut();
  return made;
}

async function inPage(made) {
  let ms = 0;
  const timed = async (body) => {
    const start = performance.now();
    await body();
    ms += performance.now() - start;
  };
  await withPage({ homeserver }, async (visit) => {
    await visit.goToSignIn(made.userId);
    await visit.fill("Account password", made.password);
    await timed(async () => {
      await visit.click("Sign in");
      await visit.at("findings");
    });
    await visit.choose("key");
    await visit.saveAndProve();
    await timed(() => visit.turnOn());
    await visit.signOut();
  });
  return ms;
}

async function byPhone(made) {
  const start = performance.now();
  const phone = await startPhone({ ...made, deviceName: "App" });
  await phone.setUpRecovery();
  const ms = performance.now() - start;
  phone.stop();
  return ms;
}

function median(values) {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
