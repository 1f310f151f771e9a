// The links on which everything is measured, and the machines at their end: as they are, and slow ones.

import { renderers } from "./renderers.mjs";
import { slowDown } from "./stop_and_go.mjs";

export const links = {
  fast: { name: "fast", words: "loopback, nothing slowed down" },
  slow: { name: "slow", words: "10 Mbit/s, 40 ms latency, processor slowed down 4 times", rate: 4, mbits: 10, latency: 40 },
};

/**
 * Puts a browser behind a link, with every worker that its page starts; returns what takes it away again. `how` may leave
 * out the `network`, or slow the `processor` down by "chromium" in place of "signals".
 */
export async function narrow(link, { devtools }, { network = true, processor = "signals" } = {}) {
  if (!link.rate) return async () => {};
  const speed = (link.mbits * 1e6) / 8;
  const limits = { offline: false, latency: link.latency, downloadThroughput: speed, uploadThroughput: speed };
  if (network) await devtools.send("Network.emulateNetworkConditions", limits);
  let number = 0;
  const reachWorker = ({ sessionId }) => {
    const say = (method, params = {}) =>
      devtools.send("Target.sendMessageToTarget", { sessionId, message: JSON.stringify({ id: ++number, method, params }) });
    const told = [];
    if (network) {
      // It need not keep any answer.
      told.push(say("Network.enable", { maxTotalBufferSize: 0 }), say("Network.emulateNetworkConditions", limits));
    }
    if (processor === "chromium") told.push(say("Emulation.setCPUThrottlingRate", { rate: link.rate }));
    told.push(say("Runtime.runIfWaitingForDebugger"));
    // It may have ended already.
    return Promise.all(told).catch(() => {});
  };
  devtools.on("Target.attachedToTarget", reachWorker);
  // Playwright hands on no messages of flat sessions but its own.
  await devtools.send("Target.setAutoAttach", { autoAttach: true, waitForDebuggerOnStart: true, flatten: false });
  if (processor === "chromium") await devtools.send("Emulation.setCPUThrottlingRate", { rate: link.rate });
  return processor === "signals" ? slowDown(renderers(), link.rate) : async () => {};
}
