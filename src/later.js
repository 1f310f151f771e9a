// Loads the second part of the page's program (src/app/later.rs) when the first asks for it. It replaces the loader
// that the splitting tool writes, which checks no integrity. tools/shrink.mjs makes it part of the page's glue.

import init from "./app.js";

/** Calls the function at index `whenDone` of the program's table with `about`, and with whether the part is here. */
export async function __wasm_split_load_later(whenDone, about) {
  // The first part was started long ago: this only returns its exports.
  const program = await init();
  const here = await bring(program).then(() => true, () => false);
  program.__indirect_function_table.get(whenDone)(about, here);
}

async function bring(program) {
  const { later, laterIntegrity } = document.getElementById("app-module").dataset;
  // Somebody may wait for it. A line that is slower than this, 20 kbit/s, never brings the engine.
  const fetched = await fetch(later, { integrity: laterIntegrity, signal: AbortSignal.timeout(60_000) });
  // Nothing in it has to be called: it puts its functions and texts where the first part looks for them.
  await WebAssembly.instantiate(await fetched.arrayBuffer(), { __wasm_split: program });
}
