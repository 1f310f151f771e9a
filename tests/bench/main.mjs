// Measures what our page costs, beside matrix-js-sdk (Element Web's engine) doing the same in the same browser and the same
// run, and writes docs/performance.md.
//
//   node tests/bench/main.mjs              everything; 13 minutes and the engine
//   node tests/bench/main.mjs set_up       these parts only, and the document has no others: reach, set_up, files, rotation, engine
//
// With BENCH=small it does little of each but the engine, in some minutes, and writes nothing. It prints what it measured.
// No time is asserted.

import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

import { cache } from "../e2e/support/figures.mjs";
import { dist } from "../e2e/support/page.mjs";
import { sharedHomeserver } from "../support/server/homeserver.mjs";
import { write } from "./document.mjs";
import { measureFiles } from "./files.mjs";
import { measureReach } from "./reach.mjs";
import { makeOther } from "./served.mjs";
import { measureSetUp } from "./set_up.mjs";

const small = process.env.BENCH === "small";
const sizes = small
  ? { times: 1, rooms: 20, rotation: [1_000], files: [{ link: "fast", keys: 1_000, times: 1 }, { link: "slow", keys: 1_000, times: 1 }] }
  : {
      times: 3,
      rooms: 200,
      rotation: [5_000, 10_000, 20_000],
      files: [
        { link: "fast", keys: 1_000, times: 3 },
        { link: "fast", keys: 5_000, times: 3 },
        { link: "fast", keys: 20_000, times: 1 },
        { link: "fast", keys: 100_000, times: 1 },
        { link: "slow", keys: 1_000, times: 1 },
        { link: "slow", keys: 5_000, times: 1 },
      ],
    };

const started = performance.now();
const say = (line) => console.log(`${String(Math.round((performance.now() - started) / 1000)).padStart(5)} s  ${line}`);
const folder = await makeOther();
const here = (name) => fileURLToPath(new URL(name, import.meta.url));
// Each has a homeserver of its own, which knows nothing of what was measured before.
const parts = {
  reach: () => besideHomeserver(measureReach),
  set_up: () => besideHomeserver(measureSetUp),
  files: () => besideHomeserver(measureFiles),
  rotation: () => printed("node", [here("rotation.mjs"), ...sizes.rotation.map(String)]),
  engine: () => printed(join(process.env.CARGO_TARGET_DIR ?? join(cache, "target"), "debug/examples/bench-engine"), []),
};
// Its sizes are in the program.
if (small) delete parts.engine;
const asked = process.argv.slice(2);
const about = await measuredOn();
const results = { small, sizes, about };
const failed = [];
for (const [name, part] of Object.entries(parts)) {
  if (asked.length && !asked.includes(name)) continue;
  say(name);
  // What the others measured took long, and is not lost because one of them cannot go on.
  results[name] = await part().catch((error) => {
    failed.push(name);
    console.error(error);
  });
}
about.loadAfter = load();
const text = write(results);
console.log(`\n${text}`);
if (failed.length) console.log(`${failed.join(", ")} could not be measured: nothing was written`);
else if (!small) writeFileSync(here("../../docs/performance.md"), text);
process.exit(failed.length ? 1 : 0);

async function besideHomeserver(measure) {
  const homeserver = await sharedHomeserver();
  try {
    about.synapse ??= (await (await fetch(`${homeserver.url}/_synapse/admin/v1/server_version`)).json()).server_version;
    return await measure({ ...sizes, homeserver, folder, say });
  } finally {
    await homeserver.stop();
  }
}

/** Runs a program that prints its own tables, beside a homeserver; returns what it printed. */
async function printed(program, args) {
  const child = spawn("node", [here("../support/server/homeserver.mjs"), "--", program, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const lines = [];
  createInterface({ input: child.stdout }).on("line", (line) => {
    lines.push(line);
    say(line);
  });
  const code = await new Promise((done, fail) => child.once("close", done).once("error", fail));
  if (code !== 0) throw new Error(`${program} ended with ${code}`);
  return lines.join("\n").trim();
}

function load() {
  return loadavg()[0].toFixed(1);
}

async function measuredOn() {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
  const version = browser.version();
  await browser.close();
  const read = (path) => readFileSync(new URL(path, import.meta.url), "utf8");
  const all = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    processor: all[0].model.trim(),
    cores: all.length,
    memory: `${Math.round(totalmem() / 2 ** 30)} GB`,
    load: load(),
    chromium: version,
    sdk: JSON.parse(read("../node_modules/matrix-js-sdk/package.json")).version,
    node: process.versions.node,
    build: readFileSync(join(dist, "index.html"), "utf8").match(/data-build="([^"]*)"/)?.[1],
  };
}
