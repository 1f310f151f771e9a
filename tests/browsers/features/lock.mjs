// Once the homeserver is known, the browser itself lets the page reach nobody else.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import { registerUser } from "../../e2e/support/page.mjs";
import { devicesOf } from "../../support/accounts/devices.mjs";
import { arrived, connectEarly, tryWays } from "../../support/ways_out.mjs";
import { visiting } from "../visiting.mjs";
import { until } from "../way.mjs";
import { proved, turnOnWithFile } from "./set_up.mjs";

// How long a browser may put off a request that nobody waits for, in milliseconds.
const settling = 3000;

/** Before the lock, and on a page without a policy, these ways reach another server; afterwards none does. */
async function lock(given) {
  const { behindTls, elsewhere, bare } = given;
  // Unique, since the engines share that server.
  const from = randomBytes(6).toString("hex");
  const address = (place) => `${elsewhere.origin}/?from=${from}-${place}`;
  const seen = (place) => arrived(elsewhere.requests, `${from}-${place}`);

  // What this browser does at all, on a page that forbids nothing.
  const [ways, goes] = await visiting({ ...given, page: bare }, async (person) => {
    const all = await person.evaluate(tryWays, address("bare"));
    await sleep(settling);
    return [all, seen("bare")];
  });
  assert.ok(goes.includes("fetch") && goes.includes("image"), `a page without a policy reaches the server: ${goes}`);

  return visiting(given, async (person) => {
    await person.goToSignIn(behindTls.origin);
    await person.evaluate(tryWays, address("locked"));
    await sleep(settling);
    assert.deepEqual(seen("locked"), [], "nothing arrives after the lock");
    const before = elsewhere.connections();
    await person.evaluate(connectEarly, elsewhere.origin);
    await sleep(settling);
    const early = elsewhere.connections() - before;
    const never = ways.filter((way) => !goes.includes(way));
    return [
      `${goes.length} ways out refused (${goes.join(", ")})`,
      `not used by this browser anyway: ${never.join(", ")}`,
      `preconnect and dns-prefetch, which no policy covers: ${early ? "a connection without a request" : "nothing"}`,
    ].join("; ");
  });
}

/** The same of the engine's worker, where all requests come from: some drivers reach no worker. */
const lockInWorker = (given) =>
  visiting(given, async (person) => {
    const { behindTls, elsewhere } = given;
    const from = randomBytes(6).toString("hex");
    await person.goToSignIn(behindTls.origin);
    const reach = (url) => fetch(url, { mode: "no-cors" }).then(() => "reached", () => "refused");
    await until(() => person.hasWorker(), "the worker");
    assert.equal(await person.inWorker(reach, `${elsewhere.origin}/?from=${from}&by=fetch`), "refused");
    assert.equal(await person.inWorker(reach, `${behindTls.origin}/_matrix/client/versions`), "reached");
    assert.deepEqual(arrived(elsewhere.requests, from), [], "nothing arrives");
    return "only the homeserver is reached";
  });

/** Goes the way on a page from a host that sends none of our headers, where only the page's own policy protects. */
async function withoutHeaders(given) {
  const page = given.headerless;
  const sent = [...(await fetch(page.url)).headers.keys()].filter((name) => /policy|frame|options/.test(name));
  assert.deepEqual(sent, [], "the host sends no such headers");
  await visiting({ ...given, page }, async (person) => {
    const account = await registerUser(given.homeserver);
    await person.goToSignIn(given.behindTls.origin);
    await person.fill("Matrix ID or user name", account.user);
    await person.enterPassword(account.password);
    const recoveryKey = await turnOnWithFile(person);
    await proved({ ...given, ...account }, { recoveryKey });
    await person.signOut();
    assert.deepEqual(devicesOf(given.homeserver, account.userId), []);
  });
  return `a proved key, and the lock: ${await lock({ ...given, page })}`;
}

export const locking = [
  { name: "lock", sample: true, run: lock },
  { name: "lock in the engine's worker", run: lockInWorker },
  { name: "a host without headers", run: withoutHeaders },
];
