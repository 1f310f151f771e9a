// Runs everything that CI runs; what tells soonest comes first. A stage that fails does not stop the others. The last
// line says how many tests passed and failed.
//
//   node tests/all.mjs              everything
//   node tests/all.mjs clippy e2e   these stages only
//
// What needs the page in a browser runs in a lane of its own beside what needs no browser, since both wait more than
// they work. What measures runs last, alone.

import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const wasm = "--target wasm32-unknown-unknown --lib";
const clippy = (of, flags) => ({
  name: "clippy",
  of,
  command: `cargo clippy --locked ${flags} -- -D warnings`,
  count: one,
});

const native = "--locked --features native";
const homeserver = "node tests/support/server/homeserver.mjs --";
// Files of tests/e2e that measure: whatever runs beside them would change their figures.
const measuring = ["budget.test.mjs", "long-tasks.test.mjs"];

const stages = [
  { name: "fmt", command: "cargo fmt --check", count: one },
  clippy("domain and protocol", "--all-targets"),
  clippy("app", `${wasm} --bin app --features split`),
  clippy("gallery", `${wasm} --bin gallery --features gallery`),
  clippy("engine", `${wasm} --bin engine --features engine`),
  clippy("reader of photos", `${wasm} --bin photo --features photo`),
  clippy("estimate of phrases", `${wasm} --bin estimate --features estimate`),
  clippy("who is ready", `${wasm} --bin readiness --features readiness`),
  clippy("engine, native", "--all-targets --features native"),
  {
    name: "doc",
    // A broken link in a comment misleads whoever follows it.
    command: `env RUSTDOCFLAGS='-D rustdoc::broken_intra_doc_links' cargo doc ${native} --no-deps --document-private-items`,
    count: one,
  },
  { name: "deny", command: "cargo deny --locked check licenses bans sources", count: one },
  // Reports only: tests/advisories.mjs says why.
  { name: "advisories", command: "node tests/advisories.mjs", count: one },
  { name: "unit", command: "cargo test --locked", count: cargoTests },
  // All of it before a test runs: cargo lets only one build at a time into a folder.
  { name: "native", command: `cargo test -q ${native} --no-run`, count: one },
  {
    name: "engine",
    // More tests at a time than there are cores, because they wait for the homeserver. `unit` has run the skipped ones.
    command:
      `${homeserver} cargo test ${native} --lib --test engine -- --test-threads=4 ` +
      "--skip domain:: --skip protocol:: --skip guide:: --skip structure:: --skip words::",
    count: cargoTests,
    needs: ["native"],
  },
  { name: "states", command: "make --no-print-directory states", count: states, needs: ["native"] },
  {
    name: "sweep",
    command: `env MATRIXBACKUP_SWEEP=sample ${homeserver} cargo test -q ${native} --test sweep`,
    count: sweep,
    needs: ["native"],
  },
  { name: "dist", command: "make --no-print-directory dist", count: one, lane: "browser" },
  { name: "interop", command: nodeTests("interop"), count: specReporter, needs: ["native"], lane: "browser" },
  {
    name: "e2e",
    command: nodeTests("e2e", (file) => !measuring.includes(file)),
    count: specReporter,
    needs: ["dist", "native"],
    lane: "browser",
  },
  {
    name: "browsers",
    // A sample; `make browsers` runs all of it.
    command: `env SAMPLE=1 ${homeserver} node --experimental-websocket --no-warnings tests/browsers/main.mjs`,
    count: browsers,
    needs: ["dist"],
    lane: "browser",
  },
  {
    name: "measure",
    command: nodeTests("e2e", (file) => measuring.includes(file)),
    count: specReporter,
    needs: ["dist", "native"],
    lane: "alone",
  },
  // After what measures some of it.
  { name: "budget", command: "node tools/budget.mjs", count: one, needs: ["dist"], lane: "alone" },
];

function one(output, ok) {
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1 };
}

function cargoTests(output) {
  const results = [...output.matchAll(/^test result: .*? (\d+) passed; (\d+) failed/gm)];
  const sum = (column) => results.reduce((total, result) => total + Number(result[column]), 0);
  return { passed: sum(1), failed: sum(2) };
}

function states(output) {
  const [, right, all, losses] = output.match(/^(\d+) of (\d+) states right, (\d+) losses$/m)?.map(Number) ?? [];
  return { passed: right ?? 0, failed: (all ?? 0) - (right ?? 0) + (losses ?? 1) };
}

function sweep(output) {
  const [, runs, violations] = output.match(/^(\d+) runs, (\d+) violations$/m)?.map(Number) ?? [];
  return { passed: (runs ?? 0) - (violations ?? 0), failed: violations ?? 1 };
}

/** The sample has only what every driver can do. So what was not tried has failed. */
function browsers(output) {
  const [, passed, ...others] = output.match(/^(\d+) passed, (\d+) FAILED, (\d+) not tried$/m)?.map(Number) ?? [];
  return { passed: passed ?? 0, failed: others.length ? others[0] + others[1] : 1 };
}

function specReporter(output) {
  const [passed, failed, cancelled] = ["pass", "fail", "cancelled"].map((word) =>
    Number(output.match(new RegExp(`^ℹ ${word} (\\d+)$`, "m"))?.[1] ?? 0),
  );
  return { passed, failed: failed + cancelled };
}

function nodeTests(name, chosen = () => true) {
  const folder = join("tests", name);
  const files = readdirSync(join(root, folder)).filter((file) => file.endsWith(".test.mjs") && chosen(file));
  // Without a single file it names the folder: without a name node would run whatever it finds.
  const paths = files.length ? files.map((file) => join(folder, file)) : [folder];
  const flags = "--test --test-reporter=spec --test-concurrency=1 --test-timeout=900000 --test-force-exit";
  return `${homeserver} node ${flags} ${paths.join(" ")}`;
}

const running = new Set();
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => {
    for (const { pid } of running) process.kill(-pid, signal);
    process.exit(1);
  });
}

/** Runs a stage's command with the project's tools, shows its output under the stage's name, and counts passes and failures. */
async function run({ name, command, count }) {
  const child = spawn("bash", ["-c", `source tools/env.sh && exec ${command}`], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    // In a process group of its own, so that all of it can be stopped.
    detached: true,
  });
  running.add(child);
  const output = [];
  const tell = (line) => console.log(`${name.padEnd(10)} │ ${line}`);
  createInterface({ input: child.stdout }).on("line", (line) => {
    output.push(line);
    tell(line);
  });
  createInterface({ input: child.stderr }).on("line", tell);
  const code = await new Promise((done) => child.once("close", done));
  running.delete(child);
  const result = count(output.join("\n"), code === 0);
  // A stage that broke before its tests ran, or that had none, is no success.
  if (result.failed === 0 && (code !== 0 || result.passed === 0)) result.failed = 1;
  if (result.failed) result.why = why(output.join("\n"));
  return result;
}

/** Returns what a failed stage says of it: node's and cargo's own summary, or its last lines. */
function why(output) {
  const summary = output.search(/^(✖ failing tests:|failures:)$/m);
  const lines = output.slice(Math.max(summary, 0)).trimEnd().split("\n");
  return (summary < 0 ? lines.slice(-40) : lines.slice(0, 120)).join("\n");
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !stages.some((stage) => stage.name === name));
if (unknown.length) {
  const known = [...new Set(stages.map(({ name }) => name))];
  console.error(`no such stage: ${unknown.join(", ")}. There are: ${known.join(", ")}`);
  process.exit(2);
}

const chosen = stages.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
/** What came of each stage, once it has ended. */
const ended = new Map();

/** Answers once the stages called `name` that were chosen have ended: how much of them failed. */
async function failures(name) {
  const all = await Promise.all(chosen.filter((stage) => stage.name === name).map((stage) => ended.get(stage).promise));
  return all.reduce((sum, { failed }) => sum + failed, 0);
}

/** Runs the stages of one lane, one after the other. */
async function runLane(lane) {
  for (const stage of chosen.filter((stage) => stage.lane === lane)) {
    const title = stage.of ? `${stage.name} (${stage.of})` : stage.name;
    let broken;
    for (const name of stage.needs ?? []) if (await failures(name)) broken = name;
    const start = Date.now();
    console.log(`\n── ${title}${broken ? `: not run, ${broken} failed` : ""}`);
    const result = broken ? { passed: 0, failed: 1 } : await run(stage);
    ended.get(stage).resolve({ title, seconds: Math.round((Date.now() - start) / 1000), ...result });
  }
}

for (const stage of chosen) {
  let resolve;
  const promise = new Promise((done) => (resolve = done));
  ended.set(stage, { promise, resolve });
}
await Promise.all([runLane(undefined), runLane("browser")]);
await runLane("alone");
const results = await Promise.all(chosen.map((stage) => ended.get(stage).promise));

for (const { title, why } of results) if (why) console.log(`\n── ${title} failed\n${why}`);
console.log("");
for (const { title, seconds, passed, failed } of results) {
  const counts = `${passed} passed${failed ? `, ${failed} FAILED` : ""}`;
  console.log(`${title.padEnd(28)} ${String(seconds).padStart(5)} s   ${counts}`);
}
const total = (what) => results.reduce((sum, result) => sum + result[what], 0);
console.log(`\n${total("passed")} passed, ${total("failed")} failed`);
process.exitCode = total("failed") ? 1 : 0;
