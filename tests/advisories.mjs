// Says which of our crates are known to have a weakness (RustSec). It only reports: an advisory of yesterday says
// nothing about a change of today, and its list lies where not every machine gets.
//
//   node tests/advisories.mjs   the last line is one of: none, N findings, not reachable

import { spawn } from "node:child_process";

/** The list is a few megabytes; whoever cannot get it within this time is not waited for. */
const PATIENCE_MS = 90_000;

const child = spawn("cargo", ["deny", "--locked", "--color", "never", "check", "advisories"], {
  stdio: ["ignore", "pipe", "pipe"],
  env: { ...process.env, GIT_TERMINAL_PROMPT: "0" },
  // Its own process group: what it starts to fetch the list ends with it.
  detached: true,
});
let output = "";
for (const stream of [child.stdout, child.stderr]) {
  stream.setEncoding("utf8");
  stream.on("data", (text) => (output += text));
}
let isLate = false;
const timer = setTimeout(() => {
  isLate = true;
  process.kill(-child.pid, "SIGKILL");
}, PATIENCE_MS);
const status = await new Promise((done) => {
  child.once("error", (error) => done(error.message));
  child.once("close", done);
});
clearTimeout(timer);

console.log(said());

function said() {
  if (isLate || /failed to fetch advisory database/.test(output)) {
    return "advisories: not reachable, so nothing is known of them";
  }
  if (status === 0) return "advisories: none";
  const findings = output.match(/^(error|warning)\[[a-z-]+\]/gm) ?? [];
  // What is no finding is a list that could not be read, and must not look like none.
  const verdict = findings.length ? `advisories: ${findings.length} findings` : `advisories: could not be checked (${status})`;
  return `${output.trimEnd()}\n${verdict}`;
}
