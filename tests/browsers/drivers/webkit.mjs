// Drives WebKitGTK's MiniBrowser by WebDriver, in a window on a screen of its own (Xvfb): it cannot do without one.
// Source: https://www.w3.org/TR/webdriver2/

import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

import { freePort } from "../../support/server/homeserver.mjs";
import { Unable } from "../unable.mjs";
import { circumstanceIn } from "./circumstances.mjs";
import { filesIn } from "./folder.mjs";
import { freeze } from "./processes.mjs";
import { holdStill } from "./still.mjs";

export const name = "WebKitGTK";

const elementKey = "element-6066-11e4-a52e-4f735466cecf";

// What it can be started with, by the names that features use.
const circumstances = {
  "no WebAssembly": { env: { JSC_useWasm: "0", JSC_useWebAssembly: "0" } },
  "no optimizer": { env: { JSC_useDFGJIT: "0", JSC_useFTLJIT: "0", JSC_useOMGJIT: "0" } },
  "no JIT": { env: { JSC_useJIT: "0" } },
  "no cookies": { args: ["--cookies-policy=never", "--features=!LocalStorage"] },
  "no locks": { args: ["--features=!WebLocksAPI"] },
  "private window": { args: ["--private"] },
  // The desktop's setting, which WebKitGTK follows.
  "reduced motion": { settings: "gtk-enable-animations=0" },
};

/** Starts a MiniBrowser without any history, under one of the circumstances if there is one. */
export async function launch({ under } = {}) {
  const { env, args: more = [], settings } = circumstanceIn(circumstances, under, name);
  const screen = spawn("Xvfb", ["-displayfd", "1", "-screen", "0", "1280x1024x24", "-nolisten", "tcp"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const display = await new Promise((found, failed) => {
    createInterface({ input: screen.stdout }).once("line", found);
    screen.once("error", failed);
  });
  // It saves files where the desktop's settings say.
  const folder = mkdtempSync(join(tmpdir(), "matrixbackup-webkit-"));
  const saved = join(folder, "saved");
  mkdirSync(saved);
  writeFileSync(join(folder, "user-dirs.dirs"), `XDG_DOWNLOAD_DIR="${saved}"\n`);
  if (settings) {
    mkdirSync(join(folder, "gtk-3.0"));
    writeFileSync(join(folder, "gtk-3.0/settings.ini"), `[Settings]\n${settings}\n`);
  }
  const port = await freePort();
  const driver = spawn("WebKitWebDriver", [`--port=${port}`], {
    stdio: ["ignore", "ignore", "ignore"],
    env: {
      ...process.env,
      DISPLAY: `:${display}`,
      GDK_BACKEND: "x11",
      XDG_CONFIG_HOME: folder,
      LIBGL_ALWAYS_SOFTWARE: "1",
      ...env,
    },
  });
  const failed = new Promise((_, fail) => driver.once("error", fail));
  const send = async (method, path, body) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: { "Content-Type": "application/json" },
      body: body && JSON.stringify(body),
    });
    const { value } = await answer.json();
    if (!answer.ok) throw new Error(`${value.error}: ${value.message}`);
    return value;
  };
  const end = () => {
    driver.kill();
    screen.kill();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await Promise.race([failed, until(() => send("GET", "/status").then(({ ready }) => ready, () => false))]);
    const args = ["--automation", ...more];
    const wanted = { acceptInsecureCerts: true, "webkitgtk:browserOptions": { binary: miniBrowser(), args } };
    const { sessionId, capabilities } = await send("POST", "/session", { capabilities: { alwaysMatch: wanted } });
    const session = (method, path, body) => send(method, `/session/${sessionId}${path}`, body);
    await session("POST", "/timeouts", { script: 60_000, pageLoad: 60_000, implicit: 0 });
    return {
      version: capabilities.browserVersion,
      page: pageOf(session, await session("GET", "/window")),
      pages: async () => (await session("GET", "/window/handles")).map((handle) => pageOf(session, handle)),
      freeze: () => freeze(driver.pid, /WebKitWebProcess/),
      saved: async () => filesIn(saved),
      async newPage() {
        // The present window may be closed already.
        const [handle] = await session("GET", "/window/handles");
        await session("POST", "/window", { handle });
        return pageOf(session, (await session("POST", "/window/new", { type: "tab" })).handle);
      },
      async quit() {
        await session("DELETE", "");
        end();
      },
    };
  } catch (error) {
    end();
    throw error;
  }
}

function pageOf(session, handle) {
  /** Sends a command to this window. */
  const here = async (method, path, body) => {
    await session("POST", "/window", { handle });
    return session(method, path, body);
  };
  const asJson = (act) => `
    const [json, done] = arguments;
    (async () => JSON.stringify(await (${act})(...JSON.parse(json))))().then(
      (value) => done({ value }),
      (error) => done({ error: String(error) }),
    );`;
  const elementOf = (id) => ({ [elementKey]: id });
  return {
    id: handle,
    goto: (url) => here("POST", "/url", { url }),
    reload: () => here("POST", "/refresh", {}),
    back: () => here("POST", "/back", {}),
    close: () => here("DELETE", "/window"),
    async evaluate(act, ...args) {
      const { value, error } = await here("POST", "/execute/async", { script: asJson(act), args: [JSON.stringify(args)] });
      if (error) throw new Error(error);
      return value === undefined || value === null ? undefined : JSON.parse(value);
    },
    async find(finder, ...args) {
      const script = `return (${finder})(...JSON.parse(arguments[0]))`;
      const found = await here("POST", "/execute/sync", { script, args: [JSON.stringify(args)] });
      return found?.[elementKey];
    },
    async click(element) {
      const script = `const [element, done] = arguments; (${holdStill})(element).then(done)`;
      await here("POST", "/execute/async", { script, args: [elementOf(element)] });
      await here("POST", `/element/${element}/click`, {});
    },
    async type(element, text) {
      // What is typed replaces what was there.
      await here("POST", "/execute/sync", { script: "arguments[0].focus(); arguments[0].select()", args: [elementOf(element)] });
      await here("POST", `/element/${element}/value`, { text });
    },
    // To "type" a path into a field for files chooses that file.
    choose: (element, path) => here("POST", `/element/${element}/value`, { text: path }),
    /** Tells whether the browser has such an element for assistive technology. */
    async isInTree(role, name) {
      // It fails for what is not drawn.
      const script = 'return [...document.querySelectorAll("h1, h2, button, a, input, [role]")].filter((each) => each.checkVisibility())';
      for (const found of await here("POST", "/execute/sync", { script, args: [] })) {
        const of = (what) => here("GET", `/element/${found[elementKey]}/${what}`);
        if ((await of("computedrole")) === role && (await of("computedlabel")) === name) return true;
      }
      return false;
    },
    hasWorker: async () => {
      throw new Unable("WebDriver reaches no worker");
    },
    print: async () => {
      throw new Unable("WebKitWebDriver does not print");
    },
    beforeEach: async () => {
      throw new Unable("WebDriver runs no script before the page's");
    },
  };
}

function miniBrowser() {
  const [found] = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/libexec"]
    .flatMap((folder) => [`${folder}/webkit2gtk-4.1/MiniBrowser`, `${folder}/webkitgtk-6.0/MiniBrowser`])
    .filter((path) => existsSync(path));
  return found ?? "MiniBrowser";
}

async function until(condition) {
  const deadline = Date.now() + 20_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error("WebKitWebDriver did not start");
    await sleep(50);
  }
}
