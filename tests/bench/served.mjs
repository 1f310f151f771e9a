// Serves our page and that of matrix-js-sdk, each from its folder and with the homeserver behind it, and counts the bytes.

import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";

import { build } from "esbuild";

import { startServer } from "../../tools/serve.mjs";
import { dist, withoutHeaders } from "../e2e/support/page.mjs";
import { sum } from "./browser.mjs";

/**
 * Serves `folder` in front of the homeserver. Each of the server's `requests` gets `up` and `down`, its bytes with all
 * headers. `plain` leaves out our page's security headers, under which another page would not run. `delay`: milliseconds
 * that the homeserver takes longer.
 */
export async function serve(homeserver, folder, { plain = false, delay = 0 } = {}) {
  const read = new WeakMap();
  const server = await startServer({
    dist: folder,
    // The port that the homeserver's name points to, so that a Matrix ID is enough to find it.
    port: Number(homeserver.serverName.split(":")[1]),
    homeserver: homeserver.url,
    async intercept(request, response) {
      const { socket, headers, url } = request;
      const entry = server.requests.findLast((each) => each.headers === headers);
      entry.up = socket.bytesRead - (read.get(socket) ?? 0);
      read.set(socket, socket.bytesRead);
      const before = socket.bytesWritten;
      response.once("close", () => (entry.down = socket.bytesWritten - before));
      if (delay && url.startsWith("/_matrix/")) await setTimeout(delay);
      return plain && withoutHeaders(request, response);
    },
  });
  /** Returns the requests that began in this time, by this machine's clock. */
  const between = (from, until) => server.requests.filter(({ start }) => start >= from && start <= until);
  return { ...server, between, isMatrix: ({ path }) => path.startsWith("/_matrix/") };
}

export const bytes = (requests, way) => sum(requests.map((request) => request[way] ?? 0));

/** Makes the folder of the other page: as small as ours is made, minified and with brotli at its best. */
export async function makeOther() {
  const folder = mkdtempSync(join(tmpdir(), "matrixbackup-bench-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  await build({
    entryPoints: [fileURLToPath(new URL("other.mjs", import.meta.url))],
    outfile: join(folder, "other.js"),
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "chrome103",
    define: { global: "globalThis" },
    logLevel: "error",
  });
  const wasm = "pkg/matrix_sdk_crypto_wasm_bg.wasm";
  mkdirSync(join(folder, "pkg"));
  copyFileSync(fileURLToPath(new URL(`../node_modules/@matrix-org/matrix-sdk-crypto-wasm/${wasm}`, import.meta.url)), join(folder, wasm));
  const page = (main) => `<!doctype html><html lang="en"><meta charset="utf-8"><title>matrix-js-sdk</title>${main}`;
  writeFileSync(join(folder, "index.html"), page('<main data-step="loading"></main><script type="module" src="other.js"></script>'));
  writeFileSync(join(folder, "empty.html"), page(""));
  for (const name of ["index.html", "other.js", wasm]) {
    const content = readFileSync(join(folder, name));
    const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
    writeFileSync(join(folder, `${name}.br`), brotliCompressSync(content, { params }));
  }
  // Our engine without our page, for files.mjs.
  for (const name of readdirSync(dist).filter((name) => name.startsWith("engine-"))) copyFileSync(join(dist, name), join(folder, name));
  return folder;
}
