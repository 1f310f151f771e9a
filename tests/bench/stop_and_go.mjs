// Makes processes slow: a thread beside them stops them all for most of each short period. Chromium's own throttling
// reaches only the main thread of a page, and would spare whoever works in a worker.

import { once } from "node:events";
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";

/** Lets these processes run only the `rate`th part of the time, from when it resolves; returns what ends that. */
export async function slowDown(pids, rate) {
  const over = new Int32Array(new SharedArrayBuffer(4));
  const thread = new Worker(new URL(import.meta.url), { workerData: { pids, rate, over } });
  await once(thread, "message");
  return async () => {
    const ended = once(thread, "exit");
    Atomics.store(over, 0, 1);
    Atomics.notify(over, 0);
    await ended;
  };
}

/** How long they run at a time, in milliseconds: too short for anybody to see. */
const go = 5;

function stopAndGo({ pids, rate, over }) {
  const all = (signal) =>
    pids.forEach((pid) => {
      try {
        process.kill(pid, signal);
      } catch {
        // It has ended.
      }
    });
  const wait = (ms) => Atomics.wait(over, 0, 0, Math.max(0, ms));
  // A busy machine wakes this thread late. What they ran too long they are stopped longer, and the other way round.
  let [owed, since, isSlow] = [0, performance.now(), false];
  while (!Atomics.load(over, 0)) {
    wait(go);
    all("SIGSTOP");
    const stopped = performance.now();
    owed += (stopped - since) * (rate - 1);
    wait(owed);
    all("SIGCONT");
    since = performance.now();
    owed -= since - stopped;
    if (!isSlow) parentPort.postMessage("slow");
    isSlow = true;
  }
}

if (!isMainThread) stopAndGo(workerData);
