// Runs the fuzz targets, one for each reader of untrusted bytes: `make fuzz SECONDS=60`. Prints a line for each target
// and one for all; fails when something was found, and says where it lies.
//
//   node tools/fuzz.mjs 60             every target for a minute
//   node tools/fuzz.mjs 600 key_file   these targets only
//
// JOBS says how many run at once. A run keeps its corpus in the cache folder, and the next run starts with it.

import { spawn } from "node:child_process";
import { createWriteStream, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const folder = join(process.env.MATRIXBACKUP_CACHE ?? "", "fuzz");
const built = join(folder, "target");

/** The longest input of each target, in bytes: a few times the length of an honest one. */
const LONGEST = {
  account: 8192,
  config: 4096,
  coverage: 8192,
  error_body: 4096,
  key_description: 2048,
  key_file: 8192,
  message: 1024,
  recovery_key: 256,
  room_keys: 8192,
  version: 4096,
  well_known: 4096,
};
/** The targets whose inputs are not JSON. */
const PLAIN = ["message", "recovery_key"];
/** The limit of a target's address space in kB; memory that it only reserves counts, too. */
const MEMORY_KB = 4 * 1024 * 1024;

const all = readdirSync("fuzz/targets").map((name) => name.replace(/\.rs$/, ""));
const [seconds, ...named] = process.argv.slice(2);
const targets = named.length ? named : all;
const unknown = targets.filter((target) => !all.includes(target) || !LONGEST[target]);
if (!process.env.MATRIXBACKUP_CACHE || !/^[1-9]\d*$/.test(seconds ?? "") || unknown.length) {
  console.error(`usage: node tools/fuzz.mjs SECONDS [TARGET…]   targets: ${all.join(", ")}`);
  process.exit(2);
}

// Without a sanitizer: it needs another toolchain than the project's, and finds little in code without `unsafe`.
// Without `--cfg fuzzing`: with it, crates leave out checks of the cryptography.
const build = ["fuzz", "build", "--sanitizer", "none", "--no-cfg-fuzzing", "--codegen-units", "16"];
const { status, output: tuple } = await run("rustc", ["--print", "host-tuple"]);
if (status !== 0) process.exit(1);
if ((await run("cargo", [...build, "--target-dir", built], "inherit")).status !== 0) process.exit(1);
const binaries = join(built, tuple.trim(), "release");

const waiting = [...targets];
const results = [];
await Promise.all(Array.from({ length: Number(process.env.JOBS) || availableParallelism() }, work));
results.sort((a, b) => (a.target < b.target ? -1 : 1));
const executions = results.reduce((sum, result) => sum + result.executions, 0);
const findings = results.filter(({ found }) => found);
console.log(`${results.length} targets, ${executions} executions, ${findings.length} findings`);
process.exitCode = findings.length ? 1 : 0;

async function work() {
  for (let target = waiting.shift(); target; target = waiting.shift()) {
    const result = await fuzz(target);
    results.push(result);
    const columns = [target.padEnd(16), `${result.seconds} s`.padStart(6), String(result.executions).padStart(10)];
    console.log(`${columns.join(" ")} executions, coverage ${result.coverage}${result.found ? ", FOUND:" : ""}`);
    if (result.found) console.log(result.found);
  }
}

/** Runs one target. libFuzzer's output goes to a log, from which the figures are read. */
async function fuzz(target) {
  const [corpus, found, log] = ["corpus", "found", "log"].map((name) => join(folder, name, target));
  rmSync(found, { recursive: true, force: true });
  for (const path of [corpus, found, join(folder, "log")]) mkdirSync(path, { recursive: true });
  const flags = [
    `-max_total_time=${seconds}`,
    `-max_len=${LONGEST[target]}`,
    "-timeout=10",
    "-rss_limit_mb=2048",
    "-print_final_stats=1",
    `-artifact_prefix=${found}/`,
    ...(PLAIN.includes(target) ? [] : ["-dict=fuzz/json.dict"]),
  ];
  const command = `ulimit -v ${MEMORY_KB} && exec "$0" "$@"`;
  const start = Date.now();
  const seeds = join("fuzz/seeds", target);
  const { status } = await run(
    "bash",
    ["-c", command, join(binaries, target), ...flags, corpus, seeds],
    createWriteStream(`${log}.log`),
  );
  const text = readFileSync(`${log}.log`, "utf8");
  const last = (pattern) => Number([...text.matchAll(pattern)].at(-1)?.[1] ?? 0);
  const executions = last(/^stat::number_of_executed_units: (\d+)$/gm);
  // A target that did not run must not look like one that found nothing.
  const failed = status !== 0 || executions === 0;
  return {
    target,
    seconds: Math.round((Date.now() - start) / 1000),
    executions,
    coverage: last(/ cov: (\d+) /g),
    found: failed && [...telling(text), `inputs: ${found}`, `all of it: ${log}.log`].join("\n"),
  };
}

/** Returns the lines of a log that say what was found, or its last 25 if none does. */
function telling(text) {
  const lines = text.trimEnd().split("\n");
  const told = lines.filter((line, at) => / panicked at |^SUMMARY/.test(line) || / panicked at /.test(lines[at - 1]));
  return told.length ? told : lines.slice(-25);
}

/** Runs a program; its output is returned, inherited (if `to` is "inherit"), or written to the stream `to`. */
async function run(program, args, to) {
  const stdio = to === "inherit" ? "inherit" : ["ignore", "pipe", to ? "pipe" : "inherit"];
  const child = spawn(program, args, { stdio });
  let output = "";
  if (typeof to === "object") {
    child.stdout.pipe(to, { end: false });
    child.stderr.pipe(to, { end: false });
  } else if (!to) {
    child.stdout.setEncoding("utf8").on("data", (text) => (output += text));
  }
  const status = await new Promise((done) => {
    child.once("error", () => done(1));
    child.once("close", done);
  });
  if (typeof to === "object") await new Promise((done) => to.end(done));
  return { status, output };
}
