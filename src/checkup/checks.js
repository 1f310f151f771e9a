// The checks of `?checkup`. The expected headers come from tools/headers.mjs, the lines that mend from
// tools/server-lines.mjs, and the rules for config.json from its schema. All are built in: there is no second list.

import schema from "../../hosting/config.schema.json";
import { caching, headersFor, headersWhenMissing, securityHeaders, types } from "../../tools/headers.mjs";
import { servers } from "../../tools/server-lines.mjs";
import { fetched, fits, pinned, pinnedIn, sameBytes, sum } from "./arrival.js";
import { faults } from "./schema.js";
import { isStrictEnough } from "./strictness.js";

// The reason for each header, as a clause that follows "Why:".
const whys = {
  "Content-Security-Policy": "without it the browser runs, and reaches, what is no part of this page",
  "Cross-Origin-Opener-Policy": "a window that opened this page could reach into it",
  "Cross-Origin-Embedder-Policy": "other sites' files could share this page's memory",
  "Cross-Origin-Resource-Policy": "other sites could load these files into theirs",
  "Referrer-Policy": "the address of this page would be told to homeservers",
  "X-Content-Type-Options": "browsers would guess what a file is",
  "X-Frame-Options": "any site could show this page inside its own and catch what is typed",
  "Permissions-Policy": "nothing here needs a camera, a microphone or a place, so nothing should have them",
};

const inEach = (line) => Object.fromEntries(Object.entries(servers).map(([name, server]) => [name, line(server)]));
const right = (what) => ({ state: "right", what });
const mind = (what, why, ...mend) => ({ state: "mind", what, why, mend });
const wrong = (what, why, ...mend) => ({ state: "wrong", what, why, mend });
const check = (holds, [good, bad], why, ...mend) => (holds ? right(good) : wrong(bad, why, ...mend));
const base = new URL("./", document.baseURI);
const host = new URL(base).hostname;
// The query with which single sign-on sends people back.
const query = "?loginToken=checkup";
const isLoopback = host === "localhost" || host.endsWith(".localhost") || /^(127\.\d+\.\d+\.\d+|\[::1\])$/.test(host);

/**
 * Runs all checks. Returns `{ server, lines }`: the `Server` header, and for each check one
 * `{ state: "right" | "mind" | "wrong", what, why, mend }`; `mend` is a list of blocks, each a text, or one for each of
 * `servers`.
 */
export async function look() {
  const { js, wasm, wasmSize } = document.getElementById("engine").dataset;
  const [page, callback, script, program, config, missing, named] = await Promise.all([
    fetched("./", "the page"),
    fetched(`callback.html${query}`, "callback.html"),
    fetched(js, "a file with a hash in its name"),
    fetched(wasm, "the engine"),
    fetched("config.json", "config.json"),
    fetched("there-is-no-such-file", "a file that is not there"),
    // Missing, with a hash in its name: such a file may be kept for a year, this answer must not be kept.
    fetched("nothing-0123456789abcdef.js", "a file that is not there"),
  ]);
  const style = await fetched(document.querySelector('link[rel="stylesheet"]')?.getAttribute("href") ?? "style.css");
  const lines = [
    secure(),
    ...headers([page, callback, script, config, missing]),
    ...kept({ page, callback, script, config, named }),
    ...["wasm", "js", "css"].map((end) => type(end, { wasm: program, js: script, css: style }[end])),
    compressed(program, Number(wasmSize)),
    await engineMayRun(),
    ...(await belongs(page, callback)),
    check(
      missing?.status === 404,
      ["Missing files are answered with 404", "Missing files are not answered with 404"],
      "browsers would take what comes in its place for the file",
      inEach((server) => server.missing()),
    ),
    configuration(config),
    ...(await homeserver(config)),
    ...(await slash()),
  ];
  return { server: page?.header("Server") ?? "", lines: lines.filter(Boolean) };
}

function secure() {
  const safely = location.protocol === "https:" ? "over https" : "from this machine itself";
  const what = [`The page comes ${safely}`, "The page comes without https"];
  const why = "without https anybody on the way can change the page, and browsers switch off what it needs";
  return check(location.protocol === "https:" || isLoopback, what, why, inEach((server) => server.secure()));
}

function headers(answers) {
  return Object.entries(securityHeaders).map(([name, value]) => {
    const lacking = answers.filter((answer) => answer && !isStrictEnough(name, value, answer.header(name)));
    if (lacking.length === 0) return right(`${name} is sent with everything`);
    const isThere = lacking.some((answer) => answer.header(name) !== null);
    const where = lacking.length === answers.length ? "" : ` with ${lacking.map((answer) => answer.name).join(", ")}`;
    const what = `${name} is ${isThere ? "looser than it should be" : "missing"}${where}`;
    return wrong(what, whys[name], inEach((server) => server.header(name, value)));
  });
}

function kept({ page, callback, script, config, named }) {
  const [immutable, fresh] = ["hashed", "fresh"].map((name) => caching.find((rule) => rule.name === name));
  const holds = (answer, expected) => !answer || isStrictEnough("Cache-Control", expected, answer.header("Cache-Control"));
  const header = "Cache-Control";
  const rule = (of) => [inEach((server) => server.kept(of)), inEach((server) => server.keptHeader())];
  return [
    check(
      holds(page, headersFor("")[header]),
      ["Browsers ask for the page anew each time", "Browsers may keep an old copy of the page"],
      "the old copy would start, and its files are gone",
      ...rule(fresh),
    ),
    check(
      holds(callback, headersFor("callback.html")[header]),
      ["Browsers ask for callback.html anew each time", "Browsers may keep an old copy of callback.html"],
      "people would come back from signing in to the old copy, and its script is gone",
      ...rule(fresh),
    ),
    check(
      holds(config, headersFor("config.json")[header]),
      ["Browsers ask for config.json anew each time", "Browsers may keep an old copy of config.json"],
      "your changes there would arrive days late",
      ...rule(fresh),
    ),
    check(
      holds(script, headersFor("boot-0123456789abcdef.js")[header]),
      ["Browsers keep files with a hash in their name", "Browsers do not keep files with a hash in their name"],
      "each visit would download 1.2 MB again",
      ...rule(immutable),
    ),
    check(
      named?.status !== 404 || !/immutable|max-age=(?!0\b)/.test(named.header(header) ?? ""),
      ["Browsers do not remember that a file is missing", "Browsers may remember that a file is missing"],
      `one visit during an update would break the page there for a year; the answer should say ${headersWhenMissing[header]}`,
      inEach((server) => server.keptWhenMissing()),
    ),
  ];
}

function type(end, answer) {
  const expected = types[end];
  const essence = (text) => (text ?? "").split(";")[0].trim().toLowerCase();
  const arrived = answer && essence(answer.header("Content-Type"));
  const holds = arrived === essence(expected) || (end === "js" && arrived === "application/javascript");
  const what = [essence(expected), arrived || "nothing a browser knows"].map((sent) => `.${end} is sent as ${sent}`);
  const why = `browsers refuse it as anything but ${essence(expected)}`;
  return check(holds, what, why, inEach((server) => server.type(end, expected)));
}

function compressed(program, size) {
  if (!program) return wrong("The engine does not arrive", "without it the page can do nothing", ...copyAnew);
  const mend = inEach((server) => server.compressed());
  const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
  const onTheWay = `${megabytes(program.moved)} of ${megabytes(size)} on the way`;
  if (program.moved > size * 0.6) {
    return wrong(`The engine is sent uncompressed: ${onTheWay}`, "people on a slow line wait for it", mend);
  }
  const isGzip = program.header("Content-Encoding") === "gzip";
  if (isGzip) return mind(`The engine is sent with gzip: ${onTheWay}`, "with br it would be a quarter less", mend);
  return right(`The engine is sent compressed: ${onTheWay}`);
}

// Compiles the smallest module there is, and starts a worker that only says that it runs.
async function engineMayRun() {
  const what = ["The browser lets the engine run", "The browser does not let the engine run"];
  const mend = inEach((server) => server.header("Content-Security-Policy", securityHeaders["Content-Security-Policy"]));
  try {
    await WebAssembly.compile(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
  } catch {
    return wrong(what[1], "the policy that arrives lacks 'wasm-unsafe-eval' in script-src", mend);
  }
  const address = URL.createObjectURL(new Blob(["postMessage(0)"], { type: "text/javascript" }));
  try {
    const worker = new Worker(address);
    const started = await new Promise((done) => {
      worker.onmessage = () => done(true);
      worker.onerror = () => done(false);
      setTimeout(done, 5000, false);
    });
    worker.terminate();
    return check(started, what, "the policy that arrives lacks blob: in worker-src", mend);
  } catch {
    return wrong(what[1], "the policy that arrives lacks blob: in worker-src", mend);
  } finally {
    URL.revokeObjectURL(address);
  }
}

const copyAnew = [
  "Copy all of dist/ to the host again, index.html last. Then empty the cache of whatever stands before the host. In that folder:",
  "sha256sum -c SHA256SUMS",
];
const rewriting =
  "Switch off what changes files on the way (minifying, script loaders, address obfuscation, analytics), and empty its cache.";

async function belongs(page, callback) {
  if (!globalThis.crypto?.subtle) {
    return [mind("The checkup cannot compare the files", "browsers compare only over https")];
  }
  const other = [];
  const unmarked = [];
  for (const { path, integrity } of [...pinned(), ...pinnedIn(callback)]) {
    const answer = await fetched(path);
    if (answer?.status === 200 && (await fits(answer.bytes, integrity))) continue;
    const small = await Promise.all([".br", ".gz"].map((end) => fetched(path + end)));
    const isSmall = small.some((file) => file?.status === 200 && answer && sameBytes(file.bytes, answer.bytes));
    (isSmall ? unmarked : other).push(path.replace("./", ""));
  }
  return [
    check(
      unmarked.length === 0,
      ["Compressed files are marked as compressed", `Compressed, but not marked as compressed: ${unmarked.join(", ")}`],
      "without Content-Encoding browsers take the .br or .gz for the file itself",
      inEach((server) => server.marked()),
    ),
    check(
      other.length === 0,
      ["All files are of this version", `Missing, or of another version: ${other.join(", ")}`],
      "two versions lie in one folder, or something on the way changes files, and browsers refuse those",
      ...copyAnew,
      rewriting,
    ),
    ...(await unchanged(page, callback)),
  ];
}

async function unchanged(page, callback) {
  const sums = await fetched("SHA256SUMS");
  const text = sums?.status === 200 ? new TextDecoder().decode(sums.bytes) : "";
  const expected = (name) => text.match(new RegExp(`^([0-9a-f]{64}) [ *](?:\\./)?${name}$`, "m"))?.[1];
  const isAsBuilt = async (answer, name) => answer && (await sum(answer.bytes)) === expected(name);
  const back = comesBack(callback, !expected("callback.html") || (await isAsBuilt(callback, "callback.html")));
  if (!expected("index.html")) {
    return [back, mind("There is no SHA256SUMS to compare the page with", "the checkup cannot tell whether the page is complete", ...copyAnew)];
  }
  const what = ["index.html is as it was built", "index.html is not as it was built"];
  const why = "something on the way writes into it, or SHA256SUMS is of another version";
  return [back, check(await isAsBuilt(page, "index.html"), what, why, rewriting, ...copyAnew)];
}

/** Checks that people who sign in on their server's page come back with its answer. */
function comesBack(callback, isAsBuilt) {
  const what = ["People come back from signing in", "People cannot come back from signing in"];
  if (callback?.status !== 200 || !isAsBuilt) {
    return wrong(what[1], "callback.html is missing, or not as it was built", ...copyAnew, rewriting);
  }
  const mend = "Remove the rule that redirects callback.html, or let it keep what stands behind the question mark.";
  return check(callback.url.endsWith(query), what, "a redirect loses their server's answer", mend);
}

function configuration(config) {
  const what = ["config.json is valid", "config.json has a mistake"];
  if (!config || config.status === 404) return right("There is no config.json, and none is needed");
  const value = parsed(config);
  if (value === undefined) {
    return wrong(what[1], "it is not JSON, so the page ignores all of it", "Compare it with hosting/config.example.json.");
  }
  const found = faults(value, schema);
  const why = `the page ignores what it cannot use: ${found.join("; ")}`;
  return check(found.length === 0, what, why, "hosting/config.schema.json says what it may hold.");
}

function parsed(answer) {
  try {
    return JSON.parse(new TextDecoder().decode(answer.bytes));
  } catch {
    return undefined;
  }
}

async function homeserver(config) {
  const address = config?.status === 200 ? parsed(config)?.homeserver?.address : undefined;
  if (typeof address !== "string") return [];
  const correct = "Correct homeserver.address in config.json.";
  const cannot = `The homeserver ${address} does not answer this page`;
  const api = await baseOf(address);
  if (!api) return [wrong(cannot, "that is not an address", correct)];
  const versions = new URL("_matrix/client/versions", api);
  const ask = (mode) => fetch(versions, { mode, ...anew() });
  try {
    const answer = await ask("cors");
    if (Array.isArray((await answer.json()).versions)) return [right(`The homeserver ${address} answers this page`)];
    return [wrong(cannot, `what answers at ${api.host} is not a homeserver`, correct)];
  } catch {
    const answers = await ask("no-cors").then(() => true, () => false);
    if (!answers) return [wrong(cannot, `nothing answers at ${api.host}`, correct, "Or start the homeserver.")];
    const why = "it answers, but without the header that lets web pages read the answer";
    return [wrong(cannot, why, inEach((server) => server.header("Access-Control-Allow-Origin", "*")))];
  }
}

const anew = () => ({ cache: "no-store", credentials: "omit", signal: AbortSignal.timeout(20_000) });

/** Returns the base URL of the client-server API at an address, by its well-known file; null if it is no address. */
async function baseOf(address) {
  try {
    if (/^https?:\/\//.test(address)) return new URL(address.replace(/\/*$/, "/"));
    const name = new URL(`https://${address}/`);
    const wellKnown = await fetch(new URL(".well-known/matrix/client", name), anew())
      .then((answer) => (answer.ok ? answer.json() : undefined))
      .catch(() => undefined);
    const given = wellKnown?.["m.homeserver"]?.base_url;
    return given ? new URL(given.replace(/\/*$/, "/")) : name;
  } catch {
    return null;
  }
}

async function slash() {
  const path = base.pathname;
  if (path === "/") return [];
  const bare = path.slice(0, -1);
  const answer = await fetched(bare);
  const holds = answer?.redirected && answer.url.split("?")[0] === location.origin + path;
  const why = "without the last slash in the address, the page would not find its files";
  const what = [`${bare} leads to ${path}`, `${bare} does not lead to ${path}`];
  return [check(holds, what, why, inEach((server) => server.slash(path)))];
}
