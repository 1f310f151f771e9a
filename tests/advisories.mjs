// Says which of our crates have a known weakness (RustSec). It only reports: an advisory of yesterday says nothing
// about a change of today, and not every machine reaches the list.
//
//   node tests/advisories.mjs   the last line is one of: none, N findings, not reachable

import { spawn } from "node:child_process";

/** The longest wait for the list, which is a few megabytes. */
const PATIENCE_MS = 90_000;

const child = spawn("cargo", ["deny", "--locked", "--color", "never", "check", "advisories"], {
  stdio: ["ignore", "pipe", "pipe"],
  env: { ...process.env, GIT_TERMINAL_PROMPT: "0" },
  // In a process group of its own, so that whatever cargo starts to fetch the list ends with it.
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
  // Without findings the list could not be read, which must not look like "none".
  const verdict = findings.length ? `advisories: ${findings.length} findings` : `advisories: could not be checked (${status})`;
  return `${output.trimEnd()}\n${verdict}`;
}
