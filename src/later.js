// Brings the second part of the page's program (src/app/later.rs) when the first asks for it. Stands in for the loader
// that the splitting tool writes, which would check no integrity; tools/shrink.mjs makes it part of the page's glue.

import init from "./app.js";

/** `whenDone` is the place of a function in the program's table: it wants `about` back, and whether all went well. */
export async function __wasm_split_load_later(whenDone, about) {
  // The first part has long been started, and this only answers what it exports.
  const program = await init();
  const here = await bring(program).then(() => true, () => false);
  program.__indirect_function_table.get(whenDone)(about, here);
}

async function bring(program) {
  const { later, laterIntegrity } = document.getElementById("app-module").dataset;
  const fetched = await fetch(later, { integrity: laterIntegrity });
  // It has nothing to call: it puts its functions and texts to where the first part looks for them.
  await WebAssembly.instantiate(await fetched.arrayBuffer(), { __wasm_split: program });
}
