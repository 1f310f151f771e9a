// Reads from Linux which renderers this process's browsers have, and how much memory they hold. A renderer is the process
// that runs a page and its workers.

import { readFileSync, readdirSync } from "node:fs";

const read = (pid, name) => {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  } catch {
    // It has ended.
    return "";
  }
};
const parent = (pid) => read(pid, "status").match(/^PPid:\s+(\d+)$/m)?.[1];

/** Returns the process ids of the renderers of every browser that this process started. */
export function renderers() {
  const isOurs = (pid) => pid !== undefined && (Number(pid) === process.pid || isOurs(parent(pid)));
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && read(name, "cmdline").includes("--type=renderer") && isOurs(name))
    .map(Number);
}

/** Returns the most memory that one of these processes ever held, in megabytes. */
export function mostMemory(pids) {
  const peaks = pids.map((pid) => Number(read(pid, "status").match(/^VmHWM:\s+(\d+) kB$/m)?.[1] ?? 0));
  return Math.round(Math.max(...peaks) / 1024);
}
