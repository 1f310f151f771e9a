// The checks of `?checkup`. The expected headers come from tools/headers.mjs, the lines that mend from
// tools/server-lines.mjs, and the rules for config.json from its schema. All are built in: there is no second list.

import schema from "../../hosting/config.schema.json";
import { caching, headersFor, headersWhenMissing, securityHeaders, types } from "../../tools/headers.mjs";
import { servers } from "../../tools/server-lines.mjs";
import { fetched, fits, pinned, pinnedIn, pinnedTexts, sameBytes, sum } from "./arrival.js";
import { list, say } from "./say.js";
import { faults } from "./schema.js";
import { isStrictEnough } from "./strictness.js";

// The reason for each header, as a clause that follows "Why:".
const whys = {
  "Content-Security-Policy": () => say("checkup_why_content_security_policy"),
  "Cross-Origin-Opener-Policy": () => say("checkup_why_cross_origin_opener_policy"),
  "Cross-Origin-Embedder-Policy": () => say("checkup_why_cross_origin_embedder_policy"),
  "Cross-Origin-Resource-Policy": () => say("checkup_why_cross_origin_resource_policy"),
  "Referrer-Policy": () => say("checkup_why_referrer_policy"),
  "X-Content-Type-Options": () => say("checkup_why_x_content_type_options"),
  "X-Frame-Options": () => say("checkup_why_x_frame_options"),
  "Permissions-Policy": () => say("checkup_why_permissions_policy"),
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
    fetched("./", say("checkup_the_page")),
    fetched(`callback.html${query}`, "callback.html"),
    fetched(js, say("checkup_hashed_file")),
    fetched(wasm, say("checkup_the_engine")),
    fetched("config.json", "config.json"),
    fetched("there-is-no-such-file", say("checkup_missing_file")),
    // Missing, with a hash in its name: such a file may be kept for a year, this answer must not be kept.
    fetched("nothing-0123456789abcdef.js", say("checkup_missing_file")),
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
      [say("checkup_missing_404"), say("checkup_missing_not_404")],
      say("checkup_missing_why"),
      inEach((server) => server.missing()),
    ),
    configuration(config),
    ...(await homeserver(config)),
    ...(await slash()),
  ];
  return { server: page?.header("Server") ?? "", lines: lines.filter(Boolean) };
}

function secure() {
  const safely = location.protocol === "https:" ? say("checkup_over_https") : say("checkup_from_this_machine");
  const what = [safely, say("checkup_without_https")];
  const why = say("checkup_without_https_why");
  return check(location.protocol === "https:" || isLoopback, what, why, inEach((server) => server.secure()));
}

function headers(answers) {
  return Object.entries(securityHeaders).map(([name, value]) => {
    const lacking = answers.filter((answer) => answer && !isStrictEnough(name, value, answer.header(name)));
    if (lacking.length === 0) return right(say("checkup_header_sent", { header: name }));
    const isThere = lacking.some((answer) => answer.header(name) !== null);
    const given = { header: name, files: list(lacking.map((answer) => answer.name)) };
    const isEverywhere = lacking.length === answers.length;
    const looser = () => (isEverywhere ? say("checkup_header_looser", given) : say("checkup_header_looser_with", given));
    const lacks = () => (isEverywhere ? say("checkup_header_missing", given) : say("checkup_header_missing_with", given));
    const what = isThere ? looser() : lacks();
    return wrong(what, whys[name](), inEach((server) => server.header(name, value)));
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
      [say("checkup_kept_page"), say("checkup_kept_page_wrong")],
      say("checkup_kept_page_why"),
      ...rule(fresh),
    ),
    check(
      holds(callback, headersFor("callback.html")[header]),
      [say("checkup_kept_callback"), say("checkup_kept_callback_wrong")],
      say("checkup_kept_callback_why"),
      ...rule(fresh),
    ),
    check(
      holds(config, headersFor("config.json")[header]),
      [say("checkup_kept_config"), say("checkup_kept_config_wrong")],
      say("checkup_kept_config_why"),
      ...rule(fresh),
    ),
    check(
      holds(script, headersFor("boot-0123456789abcdef.js")[header]),
      [say("checkup_kept_hashed"), say("checkup_kept_hashed_wrong")],
      say("checkup_kept_hashed_why"),
      ...rule(immutable),
    ),
    check(
      named?.status !== 404 || !/immutable|max-age=(?!0\b)/.test(named.header(header) ?? ""),
      [say("checkup_forgets_missing"), say("checkup_remembers_missing")],
      say("checkup_remembers_missing_why", { header: headersWhenMissing[header] }),
      inEach((server) => server.keptWhenMissing()),
    ),
  ];
}

function type(end, answer) {
  const expected = types[end];
  const essence = (text) => (text ?? "").split(";")[0].trim().toLowerCase();
  const arrived = answer && essence(answer.header("Content-Type"));
  const holds = arrived === essence(expected) || (end === "js" && arrived === "application/javascript");
  const sent = (type) => say("checkup_type", { ending: end, type });
  const what = [sent(essence(expected)), arrived ? sent(arrived) : say("checkup_no_type", { ending: end })];
  const why = say("checkup_type_why", { type: essence(expected) });
  return check(holds, what, why, inEach((server) => server.type(end, expected)));
}

function compressed(program, size) {
  if (!program) return wrong(say("checkup_no_engine"), say("checkup_no_engine_why"), ...copyAnew());
  const mend = inEach((server) => server.compressed());
  const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
  const onTheWay = { moved: megabytes(program.moved), size: megabytes(size) };
  if (program.moved > size * 0.6) {
    return wrong(say("checkup_uncompressed", onTheWay), say("checkup_uncompressed_why"), mend);
  }
  const isGzip = program.header("Content-Encoding") === "gzip";
  if (isGzip) return mind(say("checkup_gzip", onTheWay), say("checkup_gzip_why"), mend);
  return right(say("checkup_compressed", onTheWay));
}

// Compiles the smallest module there is, and starts a worker that only says that it runs.
async function engineMayRun() {
  const what = [say("checkup_engine_may_run"), say("checkup_engine_may_not_run")];
  const mend = inEach((server) => server.header("Content-Security-Policy", securityHeaders["Content-Security-Policy"]));
  try {
    await WebAssembly.compile(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
  } catch {
    return wrong(what[1], say("checkup_lacks_wasm"), mend);
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
    return check(started, what, say("checkup_lacks_blob"), mend);
  } catch {
    return wrong(what[1], say("checkup_lacks_blob"), mend);
  } finally {
    URL.revokeObjectURL(address);
  }
}

const copyAnew = () => [
  say("checkup_copy_anew"),
  "sha256sum -c SHA256SUMS",
];
const rewriting = () => say("checkup_rewriting");

async function belongs(page, callback) {
  if (!globalThis.crypto?.subtle) {
    return [mind(say("checkup_cannot_compare"), say("checkup_cannot_compare_why"))];
  }
  const other = [];
  const unmarked = [];
  for (const { path, integrity } of [...pinned(), ...pinnedIn(callback), ...(await pinnedTexts())]) {
    const answer = await fetched(path);
    if (answer?.status === 200 && (await fits(answer.bytes, integrity))) continue;
    const small = await Promise.all([".br", ".gz"].map((end) => fetched(path + end)));
    const isSmall = small.some((file) => file?.status === 200 && answer && sameBytes(file.bytes, answer.bytes));
    (isSmall ? unmarked : other).push(path.replace("./", ""));
  }
  return [
    check(
      unmarked.length === 0,
      [say("checkup_marked"), say("checkup_unmarked", { files: list(unmarked) })],
      say("checkup_unmarked_why"),
      inEach((server) => server.marked()),
    ),
    check(
      other.length === 0,
      [say("checkup_this_version"), say("checkup_other_version", { files: list(other) })],
      say("checkup_other_version_why"),
      ...copyAnew(),
      rewriting(),
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
    return [back, mind(say("checkup_no_sums"), say("checkup_no_sums_why"), ...copyAnew())];
  }
  const what = [say("checkup_as_built"), say("checkup_not_as_built")];
  const why = say("checkup_not_as_built_why");
  return [back, check(await isAsBuilt(page, "index.html"), what, why, rewriting(), ...copyAnew())];
}

/** Checks that people who sign in on their server's page come back with its answer. */
function comesBack(callback, isAsBuilt) {
  const what = [say("checkup_come_back"), say("checkup_cannot_come_back")];
  if (callback?.status !== 200 || !isAsBuilt) {
    return wrong(what[1], say("checkup_no_callback"), ...copyAnew(), rewriting());
  }
  const mend = say("checkup_redirect_mend");
  return check(callback.url.endsWith(query), what, say("checkup_redirect_why"), mend);
}

function configuration(config) {
  const what = [say("checkup_config_valid"), say("checkup_config_wrong")];
  if (!config || config.status === 404) return right(say("checkup_no_config"));
  const value = parsed(config);
  if (value === undefined) {
    return wrong(what[1], say("checkup_config_not_json"), say("checkup_config_example"));
  }
  const found = faults(value, schema);
  const why = say("checkup_config_why", { faults: found.join("; ") });
  return check(found.length === 0, what, why, say("checkup_config_schema"));
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
  const correct = say("checkup_correct_address");
  const cannot = say("checkup_homeserver_silent", { address });
  const api = await baseOf(address);
  if (!api) return [wrong(cannot, say("checkup_no_address"), correct)];
  const versions = new URL("_matrix/client/versions", api);
  const ask = (mode) => fetch(versions, { mode, ...anew() });
  try {
    const answer = await ask("cors");
    if (Array.isArray((await answer.json()).versions)) return [right(say("checkup_homeserver_answers", { address }))];
    return [wrong(cannot, say("checkup_no_homeserver", { host: api.host }), correct)];
  } catch {
    const answers = await ask("no-cors").then(() => true, () => false);
    if (!answers) return [wrong(cannot, say("checkup_nothing_answers", { host: api.host }), correct, say("checkup_start_homeserver"))];
    const why = say("checkup_no_cors");
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
  const why = say("checkup_slash_why");
  const what = [say("checkup_slash", { bare, path }), say("checkup_no_slash", { bare, path })];
  return [check(holds, what, why, inEach((server) => server.slash(path)))];
}
