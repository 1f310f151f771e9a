// Starts the proxy that records everything and breaks what it is told to (tests/support/proxy/fault_proxy.rs).

import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";

/**
 * Starts it before `homeserverUrl`, at `port` or any. Returns `{ url, breakAt, mend, record, forget, stop }`:
 * - `breakAt(k, fault, { matching, times })`: breaks the k-th request (from 0, counted from now on), and `times` in
 *   all. Only requests that change something are counted, or those that match (`"PUT /account_data/"`, `""` for all).
 *   `fault` is a name (`"answer-lost"`) or `{ acts, then, gone }`: see `Fault` and `Break` in
 *   tests/support/proxy/fault.rs.
 * - `mend()`: breaks nothing any more.
 * - `record()`: returns what came, as `{ method, path, headers, body, status, answer, broken }`; bodies are Buffers.
 * - `forget()`: empties the record.
 */
export async function startFaultProxy(homeserverUrl, port = 0) {
  const program = join(process.env.CARGO_TARGET_DIR, "debug/examples/fault-proxy");
  const child = spawn(program, [homeserverUrl, String(port)], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise((done) => child.once("exit", done));
  const [url] = await Promise.race([
    new Promise((line) => createInterface(child.stdout).once("line", (text) => line([text]))),
    ended.then((code) => Promise.reject(new Error(`fault-proxy ended with ${code}`))),
  ]);

  async function tell(method, path, body) {
    const headers = body ? { "Content-Type": "application/json" } : {};
    const answer = await fetch(url + path, { method, headers, body: body && JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer;
  }

  return {
    url,
    breakAt: (k, fault, { matching, times = 1 } = {}) =>
      tell("PUT", "/_proxy/fault", { k, times, matching, [typeof fault === "string" ? "fault" : "breaks"]: fault }),
    mend: () => tell("DELETE", "/_proxy/fault"),
    async record() {
      const exchanges = await (await tell("GET", "/_proxy/record")).json();
      const bytes = (base64) => Buffer.from(base64, "base64");
      return exchanges.map((exchange) => ({
        ...exchange,
        body: bytes(exchange.body),
        answer: bytes(exchange.answer),
      }));
    },
    forget: () => tell("DELETE", "/_proxy/record"),
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}
