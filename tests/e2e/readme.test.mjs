// The README's commands exist and do what it says. (`make test` is what runs this.)

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const read = (name) => readFileSync(`${root}/${name}`, "utf8");

it("the README's commands are the Makefile's, and CI runs the one for tests", () => {
  const commands = [...read("README.md").matchAll(/(?:^|`)make ([a-z_]+)/gm)].map(([, target]) => target);
  assert.ok(commands.includes("demo") && commands.includes("test"));
  const targets = [...read("Makefile").matchAll(/^([a-z_]+):/gm)].map(([, target]) => target);
  assert.deepEqual(commands.filter((target) => !targets.includes(target)), []);
  assert.match(read(".ci/run"), /\bmake\b.*\btest\b/);
});

it("every test that SECURITY.md names is there", () => {
  const text = read("SECURITY.md").replace(/\n/g, " ");
  const sources = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(rs|mjs)$/.test(entry.name) && /\/(src|tests)(\/|$)/.test(entry.parentPath))
    .filter(({ parentPath }) => !parentPath.includes("node_modules"))
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name), "utf8"))
    .join("\n");
  const table = text.slice(text.indexOf("| threat |"), text.indexOf("Known limits"));
  const rust = [...table.matchAll(/`([a-z]+(?:_[a-z0-9]+){3,})`/g)].map(([, name]) => `fn ${name}(`);
  const sentences = [...table.matchAll(/“([^”]+)”/g)].map(([, sentence]) => sentence);
  assert.ok(rust.length > 15 && sentences.length > 10);
  assert.deepEqual([...rust, ...sentences].filter((name) => !sources.includes(name)), []);
});

it("make demo prints an address, user and password that are there, and stops cleanly on Ctrl-C", async () => {
  const demo = spawn("make", ["--no-print-directory", "demo"], {
    cwd: root,
    env: { ...process.env, PORT: "0" },
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
  });
  let output = "";
  const ended = new Promise((done) => demo.once("exit", (code, signal) => done({ code, signal })));
  const address = await new Promise((done, failed) => {
    demo.stdout.setEncoding("utf8").on("data", (text) => {
      output += text;
      const [found] = output.match(/http:\/\/127\.0\.0\.1:\d+\/\S*/) ?? [];
      if (found && /password\s+\S+/i.test(output)) done(found);
    });
    ended.then(() => failed(new Error(`ended early: ${output}`)));
  });
  try {
    const page = await fetch(address);
    assert.equal(page.status, 200);
    assert.match(await page.text(), /<link id="engine"/);
    const [user] = output.match(/@alice:\S+/);
    const [, password] = output.match(/password\s+(\S+)/i);
    const body = { type: "m.login.password", identifier: { type: "m.id.user", user }, password };
    const login = await fetch(new URL("/_matrix/client/v3/login", address), {
      method: "POST",
      body: JSON.stringify(body),
    });
    assert.equal(login.status, 200);
  } finally {
    process.kill(-demo.pid, "SIGINT");
  }
  await ended;
  await assert.rejects(fetch(address), "nothing is left running");
});
