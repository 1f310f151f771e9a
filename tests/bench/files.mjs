// Measures key files in the browser: importing one into the backup, and taking the backup home as one. Beside it
// matrix-js-sdk (Element Web's engine) does the same work in the same browser, with its keys in IndexedDB as Element
// keeps them.
//
//   node tests/support/server/homeserver.mjs -- node tests/bench/files.mjs [number of keys …]
//
// The engine is that of dist/, in a worker started as the page starts it. "Import": from the file's first piece until
// every key is in the backup and was read back (matrix-js-sdk reads nothing back). "Home": from the command until the
// whole file is there, and, for ours, was read back. Memory is the most that the renderer's process ever held.
//
// matrix-js-sdk usually waits up to ten seconds before it uploads; here it does not. No time is asserted.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";
import { chromium } from "playwright-core";

import { cache } from "../e2e/support/figures.mjs";
import { dist, registerUser } from "../e2e/support/page.mjs";
import { startPhone } from "../support/clients/phone.mjs";
import { sharedHomeserver } from "../support/server/homeserver.mjs";
import { mostMemory, renderers } from "./renderers.mjs";

const program = join(process.env.CARGO_TARGET_DIR ?? join(cache, "target"), "debug/examples/bench-files");
const sizes = process.argv.slice(2).map(Number);
/** The largest number of keys for matrix-js-sdk: beyond it nobody would wait so long. */
const mostForOther = 20_000;

const folder = mkdtempSync(join(tmpdir(), "matrixbackup-bench-"));
const homeserver = await sharedHomeserver();
const server = await serve();
try {
  console.log("\nkey files in the browser          import        keys/s   most memory   take home     keys/s   most memory");
  for (const keys of sizes.length ? sizes : [1_000, 5_000, 20_000]) await compare(keys);
} finally {
  server.close();
  rmSync(folder, { recursive: true, force: true });
}
await homeserver.stop();
process.exit(0);

async function compare(keys) {
  const file = join(folder, `${keys}.txt`);
  const { passphrase } = await ask({ do: "make", file, keys });
  const ours = await measure(keys, file, passphrase, engine);
  line(`  ${String(keys).padStart(6)} keys, ours`, keys, ours);
  if (keys > mostForOther) return;
  const theirs = await measure(keys, file, passphrase, other);
  line("          matrix-js-sdk", keys, theirs);
  const times = (what) => `${(theirs[what].ms / ours[what].ms).toFixed(1)} ×`.padStart(8);
  console.log(`          ratio                 ${times("import")}                              ${times("home")}`);
}

function line(name, keys, { import: imported, home }) {
  const cell = ({ ms, megabytes }) => {
    const seconds = `${(ms / 1000).toFixed(2)} s`.padStart(8);
    return `${seconds}  ${String(Math.round((keys / ms) * 1000)).padStart(8)}   ${`${megabytes} MB`.padStart(8)}`;
  };
  console.log(`${name.padEnd(32)}${cell(imported)}      ${cell(home)}`);
}

/** Measures `work` on an account of its own, in a fresh browser for each of the two directions. */
async function measure(keys, file, passphrase, work) {
  const account = { ...(await registerUser(homeserver)), homeserver: homeserver.url };
  const phone = await startPhone({ ...account, deviceName: "Phone" });
  const recoveryKey = await phone.setUpRecovery();
  const asked = { ...account, recovery_key: recoveryKey, file, keys, passphrase };
  const result = {};
  for (const what of ["import", "home"]) {
    result[what] = await inBrowser((page) => work(page, what, asked));
  }
  const { count } = await phone.backup();
  if (count < keys) throw new Error(`the backup has ${count} room keys, not ${keys}`);
  phone.stop();
  return result;
}

async function engine(page, what, asked) {
  const to = join(folder, "messages");
  const { open, import: many, numbers } = await ask({ ...asked, do: "say", to });
  return page.evaluate(
    async ({ what, open, many, numbers, script, wasm }) => {
      const bytes = await (await fetch("messages")).arrayBuffer();
      const messages = [];
      for (let at = 0; at < bytes.byteLength; ) {
        const length = new DataView(bytes).getUint32(at, true);
        messages.push(bytes.slice(at + 4, at + 4 + length));
        at += 4 + length;
      }
      const module = await WebAssembly.compileStreaming(fetch(wasm));
      const text = await (await fetch(script)).text();
      const worker = new Worker(URL.createObjectURL(new Blob([text], { type: "text/javascript" })));
      worker.postMessage({ module });
      const told = (wanted) =>
        new Promise((done, fail) => {
          worker.onmessage = ({ data }) => {
            const number = typeof data === "string" ? -1 : new Uint8Array(data)[1];
            if (number === wanted) done();
            if (number === -1 || number === numbers.failed) fail(new Error(`the engine failed: ${number}`));
          };
        });
      const say = (list) => list.forEach((message) => worker.postMessage(message, [message]));
      const tried = told(numbers.tried);
      say(messages.slice(0, open));
      await tried;
      const start = performance.now();
      const done = told(what === "import" ? numbers.imported : numbers.taken_home);
      say(what === "import" ? messages.slice(open, open + many) : messages.slice(open + many));
      await done;
      return { ms: performance.now() - start };
    },
    { what, open, many, numbers, script: built("js"), wasm: built("wasm") },
  );
}

async function other(page, what, { homeserver, user, password, recovery_key: recoveryKey, file, passphrase }) {
  await page.addScriptTag({ type: "module", url: "other.js" });
  await page.waitForFunction(() => globalThis.other);
  return page.evaluate((asked) => globalThis.other(asked), {
    what, homeserver, user, password, recoveryKey, passphrase, name: file.split("/").at(-1),
  });
}

/** Runs `body` in a fresh browser; adds the most memory that its page and workers held. */
async function inBrowser(body) {
  const profile = mkdtempSync(join(folder, "profile-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
    headless: true,
  });
  try {
    const [page] = context.pages();
    page.setDefaultTimeout(1_800_000);
    await page.goto(`http://localhost:${server.address().port}/`);
    const result = await body(page);
    return { ...result, megabytes: Math.max(...renderers(profile).map(mostMemory)) };
  } finally {
    await context.close();
  }
}

function built(extension) {
  const ends = extension === "wasm" ? "_bg.wasm" : ".js";
  return readdirSync(dist).find((name) => name.startsWith("engine-") && name.endsWith(ends));
}

/** Serves an empty page, the engine, the other client, and the files. */
async function serve() {
  await build({
    entryPoints: [fileURLToPath(new URL("other.mjs", import.meta.url))],
    outfile: join(folder, "other.js"),
    bundle: true,
    format: "esm",
    platform: "browser",
    define: { global: "globalThis" },
    logLevel: "error",
  });
  const modules = fileURLToPath(new URL("../node_modules/", import.meta.url));
  const theirs = join(modules, "@matrix-org/matrix-sdk-crypto-wasm/pkg/matrix_sdk_crypto_wasm_bg.wasm");
  const types = { js: "text/javascript", wasm: "application/wasm" };
  const listening = createServer((request, response) => {
    const name = request.url.slice(1);
    if (name === "") return response.setHeader("content-type", "text/html").end("<!doctype html><title>bench</title>");
    const path = name.startsWith("pkg/") ? theirs : join(name.startsWith("engine-") ? dist : folder, name);
    try {
      const body = readFileSync(path);
      response.setHeader("content-type", types[name.split(".").at(-1)] ?? "application/octet-stream").end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((ready) => listening.listen(0, "localhost", ready));
  return listening;
}

async function ask(question) {
  const child = spawn(program, { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(JSON.stringify(question));
  return json(child.stdout);
}
