// A browser's processes, as Linux lists them.

import { readdirSync, readFileSync } from "node:fs";

/** Returns every process as `{ pid, parent, command }`. */
function all() {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const command = readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ").trim();
        // The name before it may have anything in it, but ends with the last bracket.
        const [, parent] = readFileSync(`/proc/${name}/stat`, "utf8").split(") ").at(-1).split(" ");
        return [{ pid: Number(name), parent: Number(parent), command }];
      } catch {
        // It has ended meanwhile.
        return [];
      }
    });
}

/** Returns the process of a Chromium with this folder. */
export function processWith(folder) {
  return all().find(({ command }) => command.includes(`--user-data-dir=${folder}`) && !command.includes("--type="))?.pid;
}

/**
 * Stops the processes below `root` whose command matches, as a phone does with an app that is not seen. Returns what
 * has them go on.
 */
export function freeze(root, pattern) {
  const processes = all();
  const isBelow = ({ parent }) => parent === root || processes.some((each) => each.pid === parent && isBelow(each));
  const found = processes.filter((each) => pattern.test(each.command) && isBelow(each));
  if (!found.length) throw new Error("the browser has no process for its pages");
  const tell = (signal) => found.forEach(({ pid }) => process.kill(pid, signal));
  tell("SIGSTOP");
  return () => tell("SIGCONT");
}
