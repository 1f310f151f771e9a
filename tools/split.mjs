// Splits the page's program before wasm-bindgen: what src/app/later.rs marks, and what only that needs, becomes a
// module of its own. Both share one memory and one table of functions. trunk has no hook between cargo and
// wasm-bindgen, so this starts again from what cargo made.

import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Splits `program`, the path of cargo's `app.wasm`; `loader` is the path of src/later.js. Returns each part's content.
 */
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
