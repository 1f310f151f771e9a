// The page stays alive while the key is derived from the phrase: half a million rounds, none of them on its thread.
//
// A task's length is the processor time that it takes, by Chromium's trace: a busy machine stretches a short task.

import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, it } from "node:test";

import { sharedHomeserver } from "../support/server/homeserver.mjs";
import { keep } from "./support/figures.mjs";
import { registerUser, withPage } from "./support/page.mjs";

let homeserver;
before(async () => (homeserver = await sharedHomeserver()));
after(() => homeserver?.stop());

/** The longest that a task may take, in milliseconds of processor time. */
const limit = 50;

it("no task of the main thread is longer than 50 ms while the key is derived", async (test) => {
  const account = await registerUser(homeserver);
  await withPage({ homeserver }, async (visit) => {
    await visit.signIn(account);

    // Makes a long task, to show that it would be seen.
    const spin = () => {
      const end = performance.now() + 500;
      while (performance.now() < end);
    };
    const [trial] = await tasks(visit, () => visit.page.evaluate(spin));
    assert.ok(trial > limit, `a task that does nothing but count is seen: ${trial} ms`);

    await visit.choose("phrase");
    const phrase = "glass otter fifty moons under snow";
    await visit.fill("Security phrase", phrase);
    await visit.click("Continue");
    await visit.at("repeat");
    await visit.fill("Security phrase", phrase);
    const deriving = await tasks(visit, async () => {
      await visit.click("Continue");
      await visit.at("save");
    });
    await visit.saveAndProve();
    const writing = await tasks(visit, () => visit.turnOn());
    test.diagnostic(`longest task: ${deriving[0]} ms while deriving, ${writing[0]} ms while writing`);
    assert.ok(deriving.length > 0 && writing.length > 0, "there were tasks");
    const long = [...deriving, ...writing].filter((milliseconds) => milliseconds > limit);
    keep({ name: "tasks over 50 ms while deriving", value: long.length, limit: 0, unit: "tasks" });
    assert.deepEqual(long, []);
    await visit.signOut();
  });
});

/** Lists the tasks of the page's main thread during an act, longest first, in milliseconds of processor time. */
async function tasks(visit, act) {
  const devtools = await visit.page.context().browser().newBrowserCDPSession();
  const events = [];
  devtools.on("Tracing.dataCollected", ({ value }) => events.push(...value));
  await devtools.send("Tracing.start", { transferMode: "ReportEvents", traceConfig: { includedCategories: ["toplevel"] } });
  await act();
  await visit.settle();
  const complete = once(devtools, "Tracing.tracingComplete");
  await devtools.send("Tracing.end");
  await complete;
  await devtools.detach();
  const isMain = ({ name, args }) => name === "thread_name" && args.name === "CrRendererMain";
  const main = new Set(events.filter(isMain).map(({ pid, tid }) => `${pid}:${tid}`));
  return events
    .filter(({ ph, pid, tid, tdur }) => ph === "X" && tdur && main.has(`${pid}:${tid}`))
    .map(({ tdur }) => Math.round(tdur / 1000))
    .sort((one, other) => other - one);
}
