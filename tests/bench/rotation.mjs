// Measures a fresh backup in the browser: the time from the click until everything was compared, and the memory.
//
//   node tests/support/server/homeserver.mjs -- node tests/bench/rotation.mjs NUMBER OF KEYS…
//
// Memory is the most that the renderer's process ever held. It is an upper bound of the worker's, since the page and
// about 100 MB of the browser's own are in it, too.

import { fillBackup } from "../e2e/support/fill-backup.mjs";
import { registerUser, withPage } from "../e2e/support/page.mjs";
import { startPhone } from "../support/clients/phone.mjs";
import { sharedHomeserver } from "../support/server/homeserver.mjs";
import { mostMemory, renderers } from "./renderers.mjs";

const homeserver = await sharedHomeserver();
console.log("a fresh backup in the browser     whole      per key    most memory of the renderer");
for (const keys of process.argv.slice(2).map(Number)) {
  const account = { ...(await registerUser(homeserver)), homeserver: homeserver.url };
  const phone = await startPhone({ ...account, deviceName: "Phone" });
  const recoveryKey = await phone.setUpRecovery();
  phone.stop();
  const filled = await fillBackup({ ...account, recoveryKey }, { keys, rooms: 200 });
  if (filled.keys < keys) throw new Error(`the backup has ${filled.keys} room keys, not ${keys}`);
  await withPage({ homeserver, alone: true }, async (visit) => {
    await visit.signIn(account);
    await visit.tryKey(recoveryKey);
    await visit.at("findings");
    await visit.click("Make a fresh backup");
    await visit.at("consent");
    const start = performance.now();
    await visit.click("Make the fresh backup");
    visit.page.setDefaultTimeout(600_000);
    await visit.at("rotated");
    const took = performance.now() - start;
    const most = mostMemory(renderers());
    const seconds = `${(took / 1000).toFixed(2)} s`.padStart(9);
    console.log(`  of ${String(keys).padStart(6)} room keys           ${seconds}    ${(took / keys).toFixed(3)} ms    ${most} MB`);
    await visit.click("Go on");
    await visit.at("old-keys");
    await visit.signOut();
  });
}
await homeserver.stop();
process.exit(0);
