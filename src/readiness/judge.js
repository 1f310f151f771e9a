// The worker that judges users (src/bin/readiness.rs). It concludes as the page itself does, and sends nothing anywhere.

import { Trouble } from "./server.js";

/** Fetches the worker's two files and starts it. Returns `{ judge(…) }`. */
export async function startJudge() {
  // tools/pin-engine.mjs puts their names and digests in its place.
  const { js, jsIntegrity, wasm, wasmIntegrity } = WORKER;
  const missing = () => new Trouble("readiness_incomplete");
  const body = async (address, integrity) => {
    const answer = await fetch(address, { integrity });
    if (!answer.ok) throw missing();
    return answer;
  };
  try {
    const [script, program] = await Promise.all([body(js, jsIntegrity), body(wasm, wasmIntegrity)]);
    const module = await WebAssembly.compile(await program.arrayBuffer());
    // Only a worker from a blob inherits the policy that the entrance has added.
    const address = URL.createObjectURL(new Blob([await script.text()], { type: "text/javascript" }));
    const worker = new Worker(address);
    worker.postMessage({ module });
    return { judge: (...answers) => ask(worker, answers) };
  } catch {
    throw missing();
  }
}

/** Asks about one user. Resolves to `{ state, apps, devices, lastSeen }`, or to undefined if an answer cannot be read. */
function ask(worker, answers) {
  return new Promise((done, failed) => {
    const { port1, port2 } = new MessageChannel();
    const stopped = () => failed(new Trouble("readiness_incomplete"));
    worker.addEventListener("error", stopped, { once: true });
    port1.onmessage = ({ data }) => {
      worker.removeEventListener("error", stopped);
      port1.close();
      if (!data) return done(undefined);
      const [state, apps, devices, lastSeen] = data;
      done({ state, apps, devices, lastSeen });
    };
    worker.postMessage(answers, [port2]);
  });
}
