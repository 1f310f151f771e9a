// Takes the page's program apart, before wasm-bindgen: what src/app/later.rs marks, and whatever only that leads to,
// becomes a module of its own. Both share one memory and one table of functions. trunk knows no such step, and its
// hooks run before or after it, so this begins again with what cargo made.

import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** `program` is the path of cargo's `app.wasm`, `loader` that of src/later.js; answers the texts and bytes of all parts. */
export function split(program, loader) {
  const folder = mkdtempSync(join(tmpdir(), "matrixbackup-split-"));
  const run = (command, ...args) => execFileSync(command, args, { cwd: folder, stdio: ["ignore", 2, 2] });
  try {
    copyFileSync(program, join(folder, "app.whole.wasm"));
    run("wasm-split-cli", "app.whole.wasm", "parts", "--out-name", "app");
    // The second module needs the table of functions, which wasm-bindgen would no longer export.
    run("wasm-bindgen", "--target", "web", "--no-typescript", "--keep-lld-exports", "--out-dir", "bound", "parts/app.wasm");
    const glue = readFileSync(join(folder, "bound/app.js"), "utf8");
    return {
      glue,
      loader: readFileSync(loader, "utf8"),
      wasm: readFileSync(join(folder, "bound/app_bg.wasm")),
      later: readFileSync(join(folder, "parts/split_later.wasm")),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
