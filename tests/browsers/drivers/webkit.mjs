// Drives WebKitGTK's MiniBrowser by WebDriver, in a window on a screen of its own (Xvfb): it cannot do without one.
// Source: https://www.w3.org/TR/webdriver2/

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

import { freePort } from "../../support/server/homeserver.mjs";
import { Unable } from "../unable.mjs";

export const name = "WebKitGTK";

const elementKey = "element-6066-11e4-a52e-4f735466cecf";

/** Starts a MiniBrowser without any history. `without` names what is blocked: "webAssembly", "cookies". */
export async function launch({ without } = {}) {
  const screen = spawn("Xvfb", ["-displayfd", "1", "-screen", "0", "1280x1024x24", "-nolisten", "tcp"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const display = await new Promise((found, failed) => {
    createInterface({ input: screen.stdout }).once("line", found);
    screen.once("error", failed);
  });
  const port = await freePort();
  const driver = spawn("WebKitWebDriver", [`--port=${port}`], {
    stdio: ["ignore", "ignore", "ignore"],
    env: {
      ...process.env,
      DISPLAY: `:${display}`,
      GDK_BACKEND: "x11",
      LIBGL_ALWAYS_SOFTWARE: "1",
      ...(without === "webAssembly" && { JSC_useWasm: "0", JSC_useWebAssembly: "0" }),
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
  };
  try {
    await Promise.race([failed, until(() => send("GET", "/status").then(({ ready }) => ready, () => false))]);
    const args = ["--automation", ...(without === "cookies" ? ["--cookies-policy=never"] : [])];
    const wanted = { acceptInsecureCerts: true, "webkitgtk:browserOptions": { binary: miniBrowser(), args } };
    const { sessionId, capabilities } = await send("POST", "/session", { capabilities: { alwaysMatch: wanted } });
    const session = (method, path, body) => send(method, `/session/${sessionId}${path}`, body);
    await session("POST", "/timeouts", { script: 60_000, pageLoad: 60_000, implicit: 0 });
    return {
      version: capabilities.browserVersion,
      page: pageOf(session, await session("GET", "/window")),
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
    goto: (url) => here("POST", "/url", { url }),
    reload: () => here("POST", "/refresh", {}),
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
    click: (element) => here("POST", `/element/${element}/click`, {}),
    async type(element, text) {
      await here("POST", "/execute/sync", { script: "arguments[0].focus()", args: [elementOf(element)] });
      await here("POST", `/element/${element}/value`, { text });
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
