// The frame of the worker that judges users. tools/pin-engine.mjs appends it to its program's glue, so that it imports
// nothing. The page (src/readiness/judge.js) sends the compiled program, and then users, each with a port for the answer.
"use strict";

self.onmessage = ({ data, ports: [port] }) => {
  if (!port) return wasm_bindgen.initSync(data);
  port.postMessage(wasm_bindgen.judge_user(...data));
};
