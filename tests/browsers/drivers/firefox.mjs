// Drives Firefox by WebDriver BiDi, which it speaks itself. Source: https://w3c.github.io/webdriver-bidi/

import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { Unable } from "../unable.mjs";
import { circumstanceIn } from "./circumstances.mjs";
import { filesIn } from "./folder.mjs";
import { freeze } from "./processes.mjs";
import { holdStill } from "./still.mjs";

export const name = "Firefox";

const binary = process.env.FIREFOX ?? "/usr/bin/firefox-esr";

const usual = {
  "app.update.enabled": false,
  "browser.shell.checkDefaultBrowser": false,
  "browser.startup.homepage_override.mstone": "ignore",
  "datareporting.policy.dataSubmissionEnabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "toolkit.telemetry.enabled": false,
};
// What it can be started with, by the names that features use.
const circumstances = {
  "no WebAssembly": { "javascript.options.wasm": false },
  "no optimizer": { "javascript.options.ion": false, "javascript.options.wasm_optimizingjit": false },
  // Those for JavaScript; WebAssembly keeps its own.
  "no JIT": {
    "javascript.options.blinterp": false,
    "javascript.options.baselinejit": false,
    "javascript.options.ion": false,
    "javascript.options.native_regexp": false,
  },
  "no cookies": { "network.cookie.cookieBehavior": 2 },
  "private window": { "browser.privatebrowsing.autostart": true },
  "large text": { "font.size.variable.x-western": 32 },
  "reduced motion": { "ui.prefersReducedMotion": 1 },
  "forced colours": { "browser.display.document_color_use": 2 },
};

/** Starts a Firefox with a fresh profile, under one of the circumstances if there is one. */
export async function launch({ under } = {}) {
  const more = circumstanceIn(circumstances, under, name);
  const profile = mkdtempSync(join(tmpdir(), "matrixbackup-firefox-"));
  const saved = join(profile, "saved");
  mkdirSync(saved);
  const downloads = { "browser.download.folderList": 2, "browser.download.dir": saved };
  const settings = Object.entries({ ...usual, ...downloads, ...more });
  writeFileSync(
    join(profile, "user.js"),
    settings.map(([key, value]) => `user_pref(${JSON.stringify(key)}, ${JSON.stringify(value)});`).join("\n"),
  );
  const child = spawn(binary, ["--headless", "--no-remote", "--remote-debugging-port=0", "--profile", profile], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, MOZ_CRASHREPORTER_DISABLE: "1" },
  });
  const ended = new Promise((done) => child.once("exit", done));
  const address = await new Promise((found, failed) => {
    createInterface({ input: child.stderr }).on("line", (line) => {
      const [, url] = line.match(/WebDriver BiDi listening on (ws:\S+)/) ?? [];
      if (url) found(url);
    });
    ended.then(() => failed(new Error("Firefox did not start")));
    child.once("error", failed);
  });
  const { send, closed } = await connect(`${address}/session`);
  const { capabilities } = await send("session.new", { capabilities: { alwaysMatch: { acceptInsecureCerts: true } } });
  const pages = async () => (await send("browsingContext.getTree", { maxDepth: 0 })).contexts.map(({ context }) => pageOf(send, context));
  const [page] = await pages();

  async function quit() {
    await Promise.race([send("browser.close", {}).catch(() => {}), closed]);
    await ended;
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }

  return {
    version: capabilities.browserVersion,
    page,
    pages,
    freeze: () => freeze(child.pid, / -contentproc .* tab$/),
    saved: async () => filesIn(saved),
    newPage: async () => pageOf(send, (await send("browsingContext.create", { type: "tab" })).context),
    quit,
  };
}

function pageOf(send, context) {
  const call = async (target, text, args, more = {}) => {
    const answer = await send("script.callFunction", {
      functionDeclaration: text,
      arguments: [{ type: "string", value: JSON.stringify(args) }],
      awaitPromise: true,
      target,
      ...more,
    });
    if (answer.type === "exception") throw new Error(answer.exceptionDetails.text);
    return answer.result;
  };
  const asJson = (act) => `async (json) => JSON.stringify(await (${act})(...JSON.parse(json)))`;
  const read = ({ type, value }) => (type === "string" ? JSON.parse(value) : undefined);

  const find = async (finder, ...args) => {
    const { type, sharedId } = await call({ context }, `(json) => (${finder})(...JSON.parse(json))`, args);
    return type === "node" ? { sharedId } : undefined;
  };
  const workers = async () => (await send("script.getRealms", { context, type: "dedicated-worker" })).realms;
  const perform = (type, actions, more = {}) =>
    send("input.performActions", { context, actions: [{ type, id: type, actions, ...more }] });
  const on = (element, functionDeclaration) =>
    send("script.callFunction", { functionDeclaration, arguments: [element], awaitPromise: true, target: { context } });
  async function click(element) {
    await on(element, `${holdStill}`);
    await perform("pointer", [
      { type: "pointerMove", x: 0, y: 0, origin: { type: "element", element } },
      { type: "pointerDown", button: 0 },
      { type: "pointerUp", button: 0 },
    ], { parameters: { pointerType: "mouse" } });
  }

  return {
    id: context,
    goto: (url) => send("browsingContext.navigate", { context, url, wait: "complete" }),
    reload: () => send("browsingContext.reload", { context, wait: "complete" }),
    back: () => send("browsingContext.traverseHistory", { context, delta: -1 }),
    close: () => send("browsingContext.close", { context, promptUnload: false }),
    evaluate: async (act, ...args) => read(await call({ context }, asJson(act), args)),
    find,
    click,
    async type(element, text) {
      await click(element);
      // What is typed replaces what was there.
      await on(element, "(element) => element.select()");
      await perform("key", [...text].flatMap((value) => [{ type: "keyDown", value }, { type: "keyUp", value }]));
    },
    choose: (element, path) => send("input.setFiles", { context, element, files: [path] }),
    hasWorker: async () => (await workers()).length > 0,
    async inWorker(act, ...args) {
      const [{ realm }] = await workers();
      return read(
        await call({ realm }, asJson(act), args).catch((error) => {
          // It lists the realm, and says at once that there is none.
          if (error.message.includes(`Realm with id ${realm} not found`)) throw new Unable("Firefox runs nothing in a worker's realm");
          throw error;
        }),
      );
    },
    /** Tells whether the browser's own tree for assistive technology has such an element. */
    async isInTree(role, name) {
      const locator = { type: "accessibility", value: { role, name } };
      return (await send("browsingContext.locateNodes", { context, locator })).nodes.length > 0;
    },
    async print() {
      const { data } = await send("browsingContext.print", { context, background: true });
      return Buffer.from(data, "base64");
    },
    /** Has this script run in each document before its own. */
    beforeEach: (act) => send("script.addPreloadScript", { functionDeclaration: `${act}`, contexts: [context] }),
  };
}

/** Opens the socket; `send` answers with a command's result, and fails with its error. */
async function connect(url) {
  const socket = new WebSocket(url);
  const waiting = new Map();
  let count = 0;
  socket.addEventListener("message", ({ data }) => {
    const { id, type, result, error, message } = JSON.parse(data);
    const { done, failed } = waiting.get(id) ?? {};
    waiting.delete(id);
    if (type === "success") done?.(result);
    else failed?.(new Error(`${error}: ${message}`));
  });
  const closed = new Promise((done) => socket.addEventListener("close", done));
  closed.then(() => waiting.forEach(({ failed }) => failed(new Error("Firefox is gone"))));
  await new Promise((done, failed) => {
    socket.addEventListener("open", done);
    socket.addEventListener("error", () => failed(new Error(`no answer at ${url}`)));
  });
  const send = (method, params) =>
    new Promise((done, failed) => {
      waiting.set(++count, { done, failed });
      socket.send(JSON.stringify({ id: count, method, params }));
    });
  return { send, closed };
}
