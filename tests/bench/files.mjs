// Measures key files in the browser: importing one into the backup, and taking the backup home as one. Beside it
// matrix-js-sdk (Element Web's engine) does the same work in the same browser, with its keys in IndexedDB as Element
// keeps them.
//
// The engine is that of dist/, in a worker started as the page starts it. "Import": from the file's first piece until
// every key is in the backup and was read back (matrix-js-sdk reads nothing back). "Home": from the command until the
// whole file is there, and, for ours, was read back.
//
// matrix-js-sdk usually waits up to ten seconds before it uploads; here it does not.

import { spawn } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { json } from "node:stream/consumers";

import { cache } from "../e2e/support/figures.mjs";
import { registerUser } from "../e2e/support/page.mjs";
import { signIn } from "../interop/account.mjs";
import { startPhone } from "../support/clients/phone.mjs";
import { inBrowser } from "./browser.mjs";
import { kilobytes, megabytes, ratio, seconds, spread, table, whole } from "./figure.mjs";
import { links } from "./link.mjs";
import { bytes, serve } from "./served.mjs";

const program = join(process.env.CARGO_TARGET_DIR ?? join(cache, "target"), "debug/examples/bench-files");
/** The largest number of keys for matrix-js-sdk: beyond it nobody would wait so long. */
const mostForOther = 20_000;

/** Measures these `files`, `[{ link, keys, times }]`. Returns tables of Markdown by name. */
export async function measureFiles({ homeserver, folder, files, say }) {
  const measured = [];
  for (const { link, keys, times } of files) {
    const name = `${keys}.txt`;
    const { passphrase } = await ask({ do: "make", file: join(folder, name), keys });
    const runs = { ours: [], theirs: [] };
    for (let i = 0; i < times; i++) {
      const how = { homeserver, folder, link: links[link], keys, name, passphrase, replays: i === 0 && link === "fast" };
      runs.ours.push(await once({ ...how, work: engine }));
      if (keys <= mostForOther) runs.theirs.push(await once({ ...how, work: other }));
      const words = Object.entries(runs).flatMap(([who, all]) =>
        all.slice(i).map((run) => `${who} ${seconds(run.import.ms)} and ${seconds(run.home.ms)}`),
      );
      say(`files, ${link}, ${keys} keys, run ${i + 1} of ${times}: import and home ${words.join(", ")}`);
    }
    rmSync(join(folder, name));
    measured.push({ link, keys, runs });
  }
  return tables(measured);
}

/** Measures both directions on an account of its own, each in a fresh browser. */
async function once({ homeserver, folder, link, keys, name, passphrase, replays, work }) {
  const account = { ...(await registerUser(homeserver)), homeserver: homeserver.url };
  const phone = await startPhone({ ...account, deviceName: "Phone" });
  const recoveryKey = await phone.setUpRecovery();
  const result = {};
  for (const what of ["import", "home"]) {
    const server = await serve(homeserver, folder, { plain: true });
    const asked = { ...account, homeserver: server.origin, recoveryKey, folder, name, passphrase };
    try {
      result[what] = await inBrowser(server, link, async (visit) => {
        await visit.page.goto(`${server.url}empty.html`);
        const { from, ms, origin } = await work(visit.page, what, asked);
        const requests = server.between(origin + from, origin + from + ms).filter(server.isMatrix);
        return { ms, down: bytes(requests, "down"), up: bytes(requests, "up"), requests };
      });
    } finally {
      await server.close();
    }
    const { requests } = result[what];
    delete result[what].requests;
    if (what === "import" && replays) result.bare = await bare(homeserver, requests);
  }
  const { count } = await phone.backup();
  if (count < keys) throw new Error(`the backup has ${count} room keys, not ${keys}`);
  phone.stop();
  return result;
}

async function engine(page, what, asked) {
  const { folder, recoveryKey, name } = asked;
  const question = { ...asked, do: "say", recovery_key: recoveryKey, file: join(folder, name), to: join(folder, "messages") };
  const { open, import: many, numbers } = await ask(question);
  const built = (end) => readdirSync(folder).find((each) => each.startsWith("engine-") && each.endsWith(end));
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
      const from = performance.now();
      const done = told(what === "import" ? numbers.imported : numbers.taken_home);
      say(what === "import" ? messages.slice(open, open + many) : messages.slice(open + many));
      await done;
      return { from, ms: performance.now() - from, origin: performance.timeOrigin };
    },
    { what, open, many, numbers, script: built(".js"), wasm: built("_bg.wasm") },
  );
}

async function other(page, what, { homeserver, user, password, recoveryKey, passphrase, name }) {
  await page.addScriptTag({ type: "module", url: "other.js" });
  await page.waitForFunction(() => globalThis.other);
  return page.evaluate(async (asked) => ({ ...(await globalThis.other(asked)), origin: performance.timeOrigin }), {
    what, homeserver, user, password, recoveryKey, passphrase, name,
  });
}

/**
 * Makes the backup requests of an import once more, from here, to an account of their own, so that the homeserver's part of
 * the time is seen. Each begins once those are over that were over before it began. Returns the milliseconds of `puts`,
 * only what writes keys, and of `all`.
 */
async function bare(homeserver, requests) {
  const ofBackup = requests.filter(({ path }) => path.includes("/room_keys/"));
  const isPut = ({ method, path }) => method === "PUT" && path.includes("/room_keys/keys");
  return { puts: await replay(homeserver, ofBackup.filter(isPut)), all: await replay(homeserver, ofBackup) };
}

async function replay(homeserver, requests) {
  const account = { ...(await registerUser(homeserver)), homeserver: homeserver.url };
  const server = await signIn(account);
  const { version } = await server.request("POST", "/room_keys/version", {
    algorithm: "m.megolm_backup.v1.curve25519-aes-sha2",
    auth_data: { public_key: "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo", signatures: {} },
  });
  const over = new Map();
  const start = performance.now();
  for (const request of requests) {
    const before = requests.filter(({ end }) => end <= request.start).map((earlier) => over.get(earlier));
    const send = async () => {
      await Promise.all(before);
      const { method, body } = request;
      const path = request.path.replace(/([?&]version=)[^&]*/, `$1${version}`);
      const headers = { Authorization: `Bearer ${server.accessToken}`, "Content-Type": "application/json" };
      const answer = await fetch(homeserver.url + path, { method, headers, body: body?.length ? body : undefined });
      await answer.arrayBuffer();
      // A refusal would be quicker than the work.
      if (!answer.ok) throw new Error(`${method} ${path} was answered ${answer.status}`);
    };
    over.set(request, send());
  }
  await Promise.all(over.values());
  const ms = performance.now() - start;
  await server.signOut();
  return ms;
}

function tables(measured) {
  const names = { ours: "this page", theirs: "matrix-js-sdk" };
  const of = (runs, what, field) => runs.map((run) => run[what][field]);
  const rows = { import: [], home: [] };
  for (const [what, list] of Object.entries(rows)) {
    for (const { link, keys, runs } of measured) {
      const present = Object.entries(runs).filter(([, all]) => all.length);
      for (const [who, all] of present) {
        list.push([
          `${link}, ${whole(keys)} keys: ${names[who]}`,
          spread(of(all, what, "ms"), seconds),
          spread(of(all, what, "ms").map((ms) => (keys / ms) * 1000), whole),
          ...["up", "down"].map((way) => spread(of(all, what, way), kilobytes)),
          spread(of(all, what, "memory"), megabytes),
        ]);
      }
      if (present.length < 2) continue;
      const cell = (field) => ratio(of(runs.ours, what, field), of(runs.theirs, what, field));
      list.push(["**matrix-js-sdk / this page**", cell("ms"), "", cell("up"), cell("down"), cell("memory")]);
    }
  }
  const bares = measured.flatMap(({ link, keys, runs }) =>
    Object.entries(runs).flatMap(([who, [first]]) => {
      if (!first?.bare) return [];
      const share = (ms) => `${seconds(ms)} (${Math.round((100 * ms) / first.import.ms)} %)`;
      const { puts, all } = first.bare;
      return [[`${link}, ${whole(keys)} keys: ${names[who]}`, seconds(first.import.ms), share(puts), share(all)]];
    }),
  );
  const head = ["link, size", "time", "keys/s", "up", "down", "most memory"];
  return {
    import: table(head, rows.import),
    home: table(head, rows.home),
    bare: table(["link, size", "import, first run", "its uploads, bare", "all its backup requests, bare"], bares),
  };
}

async function ask(question) {
  const child = spawn(program, { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(JSON.stringify(question));
  return json(child.stdout);
}
