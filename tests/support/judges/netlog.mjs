// Reads Chromium's log of what it did on the network, below any page, worker, policy or proxy. The log has the hosts
// that it asked for and reached, and each byte that it sent.

import { readFileSync } from "node:fs";

/**
 * The flags with which Chromium keeps the log, as a whole, in a file. Chromium also asks its maker's services about
 * forms and passwords, on its own behalf. No name is resolved for it, so that all it sends is what the page sends.
 */
export const logTo = (file) => [
  `--log-net-log=${file}`,
  "--net-log-capture-mode=Everything",
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

/**
 * Reads the log once the browser has ended.
 *
 * - `urls`: every address that was asked for, by anyone.
 * - `asked`: every host that was asked for by a page, one of its workers or the person, `127.0.0.1:80`.
 * - `asides`: every host that Chromium asked on its own behalf. A page cannot be the origin of these.
 * - `reached`: every address and port, `tcp 127.0.0.1:80`, that a connection was begun or anything sent to.
 * - `sent`: what went out on each socket, before TLS.
 */
export function readNetlog(file) {
  const { constants, events } = JSON.parse(readFileSync(file, "utf8"));
  const typeNames = new Map(Object.entries(constants.logEventTypes).map(([name, number]) => [number, name]));
  const log = { urls: new Set(), asked: new Set(), asides: new Set(), reached: new Set(), sent: [] };
  const addresses = new Map();
  const sockets = new Map();
  for (const { type, source, params = {} } of events) {
    const name = typeNames.get(type);
    if (name === "URL_REQUEST_START_JOB" && /^(http|ws)s?:/.test(params.url)) {
      const { host } = new URL(params.url);
      // An address that a person types into the address bar has no origin either.
      const ours = params.initiator !== "not an origin" || host.startsWith("127.0.0.1");
      (ours ? log.asked : log.asides).add(host);
      log.urls.add(params.url);
    }
    if (name === "TCP_CONNECT_ATTEMPT" && params.address) log.reached.add(`tcp ${params.address}`);
    if (name === "UDP_CONNECT" && params.address) addresses.set(source.id, params.address);
    // Connecting a UDP socket sends nothing: Chromium only looks for a route by it.
    if (name === "UDP_BYTES_SENT") log.reached.add(`udp ${params.address ?? addresses.get(source.id)}`);
    if (/BYTES_SENT$/.test(name) && params.bytes) {
      // The bytes after TLS follow on the same socket, under another name.
      const key = `${source.id} ${name}`;
      if (!sockets.has(key)) sockets.set(key, []);
      sockets.get(key).push(Buffer.from(params.bytes, "base64"));
    }
  }
  log.sent = [...sockets.values()].map((parts) => Buffer.concat(parts));
  return log;
}
