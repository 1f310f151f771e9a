// A server like those of production. It has the page's security headers, precompressed files, any mount path, and a
// homeserver behind the same origin or on one of its own. The demo and the tests use it; the tests count the requests
// that it recorded. Loopback only.
//
//   node tools/serve.mjs [--port 8080] [--mount /backup/] [--homeserver http://127.0.0.1:8008]

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { tmpdir } from "node:os";
import { extname, join, resolve, sep } from "node:path";
import { buffer } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

import { headersFor, headersWhenMissing, types } from "./headers.mjs";

const address = "127.0.0.1";

/**
 * Starts a server for the page, for a homeserver, or for both under one origin.
 *
 * - `dist`: the folder to serve under `mount`; left out, no page is served.
 * - `homeserver`: where to pass on `/_matrix`, and `/_synapse/client`, Synapse's own sign-in pages. The answers' CORS
 *   headers pass too, unless `cors` is false. With `administration`, `/_synapse/admin` is passed on, too.
 * - `wellKnown`: the answer of `/.well-known/matrix/client`; by default it names this server, and `null` means 404.
 * - `policy`: the answer of `/.well-known/element/element.json`; by default 404.
 * - `tls`: serve https with a throw-away certificate.
 * - `intercept(request, response)`: may answer, delay or break off a request itself; it then returns true.
 *
 * Returns `{ origin, url, requests, connections(), cut(), close() }`. `requests` grows by one
 * `{ method, path, headers, body, status, start, end }` per request, times in milliseconds since the epoch; `status`
 * and `end` are set once it is over, and a request that was never answered keeps no status. `connections` counts those
 * that were ever made, with a request or without; `cut` ends all that there are.
 */
export async function startServer({
  dist,
  mount = "/",
  homeserver,
  administration = false,
  wellKnown,
  policy = null,
  port = 0,
  tls = false,
  cors = true,
  intercept = () => false,
}) {
  const server = await listen({ port, tls }, async (request, response) => {
    if (await intercept(request, response)) return;
    const { pathname } = new URL(request.url, server.origin);
    const files = {
      "/.well-known/matrix/client": wellKnown === undefined ? { "m.homeserver": { base_url: server.origin } } : wellKnown,
      "/.well-known/element/element.json": policy,
    };
    if (homeserver && pathname in files) {
      const answer = files[pathname];
      if (cors) response.setHeader("Access-Control-Allow-Origin", "*");
      if (answer) response.setHeader("Content-Type", "application/json");
      response.writeHead(answer ? 200 : 404).end(answer ? JSON.stringify(answer) : "");
    } else if (homeserver && (/^\/(_matrix|_synapse\/client)\//.test(pathname) || (administration && /^\/_synapse\/admin\//.test(pathname)))) {
      passOn(homeserver, cors, request, response);
    } else if (dist) {
      serveFile(dist, mount, pathname, request, response);
    } else {
      response.writeHead(404).end();
    }
  });
  return { ...server, url: server.origin + mount };
}

/** Starts a server that allows every request and records it, in the place of one that must never be reached. */
export async function startTripwire({ tls = false } = {}) {
  return listen({ port: 0, tls }, (request, response) => {
    response.writeHead(200, {
      "Access-Control-Allow-Origin": "*",
      "Access-Control-Allow-Headers": "*",
      "Access-Control-Allow-Methods": "*",
      "Cross-Origin-Resource-Policy": "cross-origin",
    });
    response.end("reached");
  });
}

async function listen({ port, tls }, answer) {
  const requests = [];
  const now = () => performance.timeOrigin + performance.now();
  const record = async (request, response) => {
    const { method, url, headers } = request;
    const entry = { method, path: url, headers, body: undefined, status: undefined, start: now(), end: undefined };
    requests.push(entry);
    response.on("close", () => {
      entry.status = response.headersSent ? response.statusCode : undefined;
      entry.end = now();
    });
    try {
      // Read as a whole before it is passed on, so that an `intercept` may look at it and take its time.
      entry.body = request.body = await buffer(request);
      await answer(request, response);
    } catch (error) {
      if (request.complete) console.error(`${method} ${url}: ${error.message}`);
      response.destroy();
    }
  };
  const server = tls ? https.createServer(throwAwayCertificate(), record) : http.createServer(record);
  let connections = 0;
  server.on("connection", () => connections++);
  await new Promise((done, failed) => server.once("error", failed).listen(port, address, done));
  return {
    connections: () => connections,
    origin: `${tls ? "https" : "http"}://${address}:${server.address().port}`,
    requests,
    cut: () => server.closeAllConnections(),
    async close() {
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
    },
  };
}

function serveFile(dist, mount, pathname, request, response) {
  if (request.method !== "GET" && request.method !== "HEAD") {
    return response.writeHead(405, { ...headersFor(""), Allow: "GET, HEAD" }).end();
  }
  if (`${pathname}/` === mount) {
    const { search } = new URL(request.url, "http://localhost");
    return response.writeHead(308, { ...headersFor(""), Location: mount + search }).end();
  }

  const name = pathname.startsWith(mount) ? decodeURIComponent(pathname.slice(mount.length)) || "index.html" : "";
  const root = resolve(dist);
  const file = resolve(root, name);
  if (!file.startsWith(root + sep) || !isFile(file)) {
    return response.writeHead(404, { ...headersWhenMissing, "Content-Type": types.txt }).end("Not found\n");
  }

  const accepted = request.headers["accept-encoding"] ?? "";
  const [encoding, extension] =
    [["br", ".br"], ["gzip", ".gz"]].find(([each, end]) => accepted.includes(each) && isFile(file + end)) ?? [];
  const body = readFileSync(extension ? file + extension : file);
  response.writeHead(200, {
    ...headersFor(name),
    "Content-Type": types[extname(file).slice(1)] ?? "application/octet-stream",
    "Content-Length": body.length,
    Vary: "Accept-Encoding",
    ...(encoding && { "Content-Encoding": encoding }),
  });
  response.end(request.method === "HEAD" ? undefined : body);
}

const isFile = (path) => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

function passOn(homeserver, cors, request, response) {
  // The headers include Host, by which Synapse knows its own address.
  const options = { method: request.method, headers: request.headers, agent: false };
  const upstream = http.request(new URL(request.url, homeserver), options, (answer) => {
    const passed = Object.entries(answer.headers).filter(([name]) => cors || !name.startsWith("access-control-"));
    response.writeHead(answer.statusCode, Object.fromEntries(passed));
    answer.pipe(response);
    answer.on("error", () => response.destroy());
  });
  // A real proxy answers so when the homeserver is down: a page for humans, without CORS headers.
  upstream.on("error", () => {
    if (response.headersSent) return response.destroy();
    response.writeHead(502, { "Content-Type": "text/html" }).end("<h1>502 Bad Gateway</h1>\n");
  });
  response.on("close", () => upstream.destroy());
  upstream.end(request.body);
}

function throwAwayCertificate() {
  const folder = mkdtempSync(join(tmpdir(), "matrixbackup-tls-"));
  try {
    const [key, cert] = [join(folder, "key"), join(folder, "cert")];
    const request = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=throw-away";
    const names = `subjectAltName=IP:${address},DNS:localhost`;
    execFileSync("openssl", [...request.split(" "), "-addext", names, "-keyout", key, "-out", cert], { stdio: "pipe" });
    return { key: readFileSync(key), cert: readFileSync(cert) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "8080" },
      mount: { type: "string", default: "/" },
      homeserver: { type: "string" },
    },
  });
  const server = await startServer({ ...values, port: Number(values.port), dist: "dist" });
  console.log(`serving dist/ at ${server.url}`);
}
