// Reads from Linux how much memory a browser's renderers hold: the processes that run pages and their workers.

import { readFileSync, readdirSync } from "node:fs";

/** Returns the process ids of the renderers of the browser with this profile. */
export function renderers(profile) {
  const isOurs = (pid) => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
      return command.includes("--type=renderer") && command.includes(profile);
    } catch {
      return false;
    }
  };
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name) && isOurs(name));
}

/** Returns the most memory that a process ever held, in megabytes. */
export function mostMemory(pid) {
  const [, kilobytes] = readFileSync(`/proc/${pid}/status`, "utf8").match(/^VmHWM:\s+(\d+) kB$/m);
  return Math.round(kilobytes / 1024);
}
