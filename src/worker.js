// The worker's frame. tools/pin-engine.mjs appends it to the engine's glue, so that it imports nothing.
// The page starts it from a blob, so that it inherits the page's narrowed policy.
//
// `onmessage` is set before anything is awaited: a message that comes before it would be lost.
"use strict";

const early = [];
let engine = null;

const stopped = () => self.postMessage("stopped");
self.addEventListener("error", stopped);
self.addEventListener("unhandledrejection", stopped);

self.onmessage = ({ data }) => {
  if (data instanceof ArrayBuffer) {
    if (engine) engine.receive(data);
    else early.push(data);
    return;
  }
  // The first message is the compiled module, whose integrity the page has checked.
  try {
    wasm_bindgen.initSync({ module: data.module });
    engine = wasm_bindgen;
    engine.start();
    early.splice(0).forEach((message) => engine.receive(message));
  } catch (error) {
    stopped();
  }
};
