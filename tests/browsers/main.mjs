// `make browsers`: what tests/browsers/description.mjs says, in each browser. Prints one line for each feature and
// browser, and last how many passed, failed, and could not be tried.
//
//   node --experimental-websocket tests/browsers/main.mjs
//
// ENGINE=firefox  only this one        FEATURE=lock,kit  only features with one of these in their names
// RUNS=20         leave as often       FROZEN=60     stop pages as long, in seconds
// SAMPLE=1        only what CI runs

import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { keepChecked } from "../../tools/checked.mjs";
import { startServer, startTripwire } from "../../tools/serve.mjs";
import { withoutHeaders } from "../e2e/support/page.mjs";
import { sharedHomeserver } from "../support/server/homeserver.mjs";
import { features } from "./description.mjs";
import * as chromium from "./drivers/chromium.mjs";
import * as firefox from "./drivers/firefox.mjs";
import * as webkit from "./drivers/webkit.mjs";
import { Unable } from "./unable.mjs";

const dist = process.env.MATRIXBACKUP_DIST ?? fileURLToPath(new URL("../../dist", import.meta.url));
const { ENGINE, FEATURE = "", SAMPLE } = process.env;
const drivers = { chromium, firefox, webkit };

if (!existsSync(join(dist, "index.html"))) throw new Error(`there is no page in ${dist}: build it first`);
if (ENGINE && !drivers[ENGINE]) throw new Error(`ENGINE is one of ${Object.keys(drivers).join(", ")}`);

const homeserver = await sharedHomeserver();
const page = await startServer({ dist, port: Number(homeserver.serverName.split(":")[1]), homeserver: homeserver.url });
const headerless = await startServer({ dist, intercept: withoutHeaders });
const behindTls = await startServer({ tls: true, homeserver: homeserver.url });
const elsewhere = await startTripwire({ tls: true });
const bare = await startServer({
  intercept: (request, response) => {
    response.writeHead(200, { "Content-Type": "text/html" });
    response.end("<!doctype html><title>A page without a policy</title><h1>A page without a policy</h1>");
    return true;
  },
});

const counts = { passed: 0, FAILED: 0, "not tried": 0 };
for (const [engine, driver] of Object.entries(drivers)) {
  if (ENGINE && ENGINE !== engine) continue;
  let version = "";
  const before = { ...counts };
  // A part of the features says little of the engine.
  if (!FEATURE) keepChecked(dist, `engine-${engine}`);
  const launch = async (options) => {
    const browser = await driver.launch(options);
    version = browser.version;
    return browser;
  };
  const given = { launch, dist, homeserver, page, headerless, behindTls, elsewhere, bare, runs: Number(process.env.RUNS ?? 1) };
  for (const { name, sample, run } of features) {
    if (!FEATURE.split(",").some((part) => name.includes(part)) || (SAMPLE && !sample)) continue;
    const start = Date.now();
    const [verdict, words] = await run(given).then(
      (saw) => ["passed", saw],
      (error) => (error instanceof Unable ? ["not tried", error.message] : ["FAILED", error.stack]),
    );
    counts[verdict]++;
    const seconds = `${Math.round((Date.now() - start) / 1000)} s`;
    console.log(`${`${driver.name} ${version}`.padEnd(22)} ${name.padEnd(42)} ${verdict.padEnd(9)} ${seconds.padStart(5)}  ${words}`);
  }
  const [passed, failed] = ["passed", "FAILED"].map((verdict) => counts[verdict] - before[verdict]);
  if (!FEATURE && version) keepChecked(dist, `engine-${engine}`, { engine: `${driver.name} ${version}`, passed, tried: passed + failed });
}
await Promise.all([page, headerless, behindTls, elsewhere, bare].map((server) => server.close()));
await homeserver.stop();
console.log(`\n${Object.entries(counts).map(([verdict, count]) => `${count} ${verdict}`).join(", ")}`);
process.exit(counts.FAILED || !counts.passed ? 1 : 0);
