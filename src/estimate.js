// The frame of the worker that estimates how many guesses a phrase withstands. tools/pin-engine.mjs appends it to its
// program's glue, so that it imports nothing. The page (src/app/estimate.rs) sends the compiled program and then questions,
// each with a port for its answer.
"use strict";

self.onmessage = ({ data, ports: [port] }) => {
  if (!port) return wasm_bindgen.initSync(data);
  const [phrase, ...known] = data;
  // The letters as they become the key: composed.
  port.postMessage(wasm_bindgen.estimate(phrase.normalize("NFC"), known));
};
