// The files in hosting/ do what tools/headers.mjs says, on the servers that they are for. nginx, Caddy and Apache serve
// the release with them, on a host name of its own and beside other things. A person sets backup up on each.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import http from "node:http";
import { extname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { brotliDecompressSync, gunzipSync } from "node:zlib";

import { headersFor, headersWhenMissing, types } from "../../tools/headers.mjs";
import { beside, files as made } from "../../tools/hosting.mjs";
import { startServer } from "../../tools/serve.mjs";
import { sharedHomeserver } from "../support/server/homeserver.mjs";
import { elsewhere, names as servers, outside, startHost } from "../support/server/hosts.mjs";
import { dist, registerUser, withPage } from "./support/page.mjs";

const files = readdirSync(dist).filter((name) => !/\.(br|gz)$/.test(name));
const hashed = files.filter((name) => headersFor(name)["Cache-Control"].includes("immutable"));
// SHA256SUMS has no compressed copy, since browsers do not ask for it.
const isPacked = (name) => existsSync(join(dist, `${name}.br`));
const encodings = { br: brotliDecompressSync, gzip: gunzipSync, identity: (body) => body };
// Other headers, which any server may send.
const usual =
  /^(accept-ranges|connection|content-(encoding|length|type)|date|etag|keep-alive|last-modified|location|server|transfer-encoding|vary)$/;

/** Sends one request as it is written here: `fetch` would tidy up the path and unpack the body. */
const get = (url, path, headers = {}, method = "GET") =>
  new Promise((done, failed) => {
    const { hostname, port } = new URL(url);
    const request = http.request({ hostname, port, path, method, headers, agent: false }, async (answer) => {
      const body = Buffer.concat(await answer.toArray());
      done({ status: answer.statusCode, headers: answer.headers, raw: answer.rawHeaders, body });
    });
    request.on("error", failed).end();
  });

/** Asserts that all headers are wanted or usual, and that each of them came once. */
function assertHeaders(answer, wanted, what) {
  const names = answer.raw.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase());
  assert.deepEqual(names.filter((name, at) => names.indexOf(name) !== at), [], `${what}: twice`);
  const ours = Object.fromEntries(Object.entries(answer.headers).filter(([name]) => !usual.test(name)));
  const expected = Object.fromEntries(Object.entries(wanted).map(([name, value]) => [name.toLowerCase(), value]));
  assert.deepEqual(ours, expected, what);
}

it("hosting/ holds what tools/hosting.mjs makes", () => {
  for (const [name, text] of Object.entries(made)) {
    const committed = readFileSync(new URL(`../../hosting/${name}`, import.meta.url), "utf8");
    assert.equal(committed, text, `${name}: run node tools/hosting.mjs`);
  }
});

it("the file for static hosts gives each file its headers, and each of them once", () => {
  const rules = made._headers.trim().split(/\n\n/).map((paragraph) => paragraph.split("\n").filter((line) => !line.startsWith("#")));
  const matching = (path) =>
    rules.filter(([rule]) => rule && (rule.endsWith("*") ? path.startsWith(rule.slice(0, -1)) : path === rule));
  for (const name of ["", "config.json", ...files]) {
    const headers = matching(`/${name}`).flatMap(([, ...lines]) => lines.map((line) => line.trim().split(/: (.*)/s, 2)));
    const sorted = (list) => list.map(([header, value]) => `${header}: ${value}`).sort();
    assert.deepEqual(sorted(headers), sorted(Object.entries(headersFor(name))), name);
  }
});

for (const server of servers) {
  for (const mount of ["/", beside]) {
    describe(`${server} at ${mount}`, () => {
      let host;
      before(async () => (host = await startHost({ server, mount, dist, brotli: server === "nginx" })));
      after(() => host?.close());

      it("sends every file with its headers, its type, and compressed", async () => {
        assert.ok(hashed.length > 5, "dist/ is a release");
        for (const name of ["", ...files]) {
          const file = name || "index.html";
          for (const accepted of Object.keys(encodings)) {
            const what = `${name || "the folder"} as ${accepted}`;
            const answer = await get(host.url, mount + name, { "Accept-Encoding": accepted });
            assert.equal(answer.status, 200, what);
            assertHeaders(answer, headersFor(name), what);
            const type = types[extname(file).slice(1)];
            if (type) assert.equal(answer.headers["content-type"], type, what);
            const encoding = isPacked(file) ? accepted : "identity";
            assert.equal(answer.headers["content-encoding"] ?? "identity", encoding, what);
            // Debian's Caddy leaves out Vary where it does not compress; a cache that gives that to everybody does no
            // harm.
            const tells = encoding !== "identity" || (server !== "caddy" && isPacked(file));
            if (tells) assert.match(answer.headers.vary ?? "", /accept-encoding/i, what);
            assert.ok(encodings[encoding](answer.body).equals(readFileSync(join(dist, file))), `${what}: other content`);
          }
        }
      });

      it("sends them with an answer that there is nothing new, and nothing else", async () => {
        for (const name of ["", hashed.find((name) => name.endsWith(".wasm"))]) {
          const asked = { "Accept-Encoding": "gzip" };
          const { headers } = await get(host.url, mount + name, asked);
          const answer = await get(host.url, mount + name, { ...asked, "If-None-Match": headers.etag });
          assert.equal(answer.status, 304, name);
          assertHeaders(answer, headersFor(name), `304 of ${name}`);
          const head = await get(host.url, mount + name, asked, "HEAD");
          assertHeaders(head, headersFor(name), `HEAD of ${name}`);
        }
      });

      it("sends them with an answer that there is no such file, which nobody keeps", async () => {
        for (const name of ["config.json", "nothing-here", "engine-0123456789abcdef_bg.wasm", "sub/folder/x.js"]) {
          const answer = await get(host.url, mount + name, { "Accept-Encoding": "br" });
          assert.equal(answer.status, 404, name);
          assertHeaders(answer, headersWhenMissing, name);
        }
      });

      it("sends what people come back to from signing in, whatever their server has added to its address", async () => {
        const token = "loginToken=syl_a-b%2Fc%3D.d&state=x";
        const answer = await get(host.url, `${mount}callback.html?${token}`, { "Accept-Encoding": "br" });
        assert.equal(answer.status, 200);
        assertHeaders(answer, headersFor("callback.html"), "callback.html");
        assert.equal(answer.headers["cache-control"], "no-store");
        assert.ok(brotliDecompressSync(answer.body).equals(readFileSync(join(dist, "callback.html"))));
      });

      it("sends nothing from outside of the folder", async () => {
        const above = ["../secret.txt", "..%2fsecret.txt", "%2e%2e/secret.txt", "x/../../secret.txt", ".%2e%5csecret.txt"];
        const aside = ["x/secret.txt", "-old/secret.txt", "../secret.txt", "..%2fsecret.txt"];
        for (const path of [...above.map((end) => mount + end), ...aside.map((end) => mount.slice(0, -1) + end)]) {
          const answer = await get(host.url, path);
          assert.ok(!answer.body.includes(outside), path);
          assert.ok(answer.status >= 400 || answer.body.includes(elsewhere), `${path}: ${answer.status}`);
        }
      });

      if (mount === "/") return;

      it("leads from the path without its last slash to the page, on whatever name and port it was asked for", async () => {
        const answer = await get(host.url, `${mount.slice(0, -1)}?checkup`, { Host: "backup.example.net:8443" });
        assert.ok([301, 308].includes(answer.status), `${answer.status}`);
        assert.equal(answer.headers.location, `${mount}?checkup`);
        assertHeaders(answer, headersFor(""), "without slash");
      });

      it("leaves what else the server does alone", async () => {
        for (const path of ["/", `${mount.slice(0, -1)}x`]) {
          const answer = await get(host.url, path);
          assert.ok(!("content-security-policy" in answer.headers), path);
        }
        assert.ok((await get(host.url, "/")).body.includes(elsewhere));
      });
    });
  }
}

it("nginx sends the file as it is in hosting/, without the module for brotli, with gzip", async () => {
  const host = await startHost({ server: "nginx", dist });
  try {
    for (const name of files.filter(isPacked)) {
      const answer = await get(host.url, `/${name}`, { "Accept-Encoding": "gzip, br" });
      assertHeaders(answer, headersFor(name), name);
      assert.equal(answer.headers["content-encoding"], "gzip", name);
    }
  } finally {
    await host.close();
  }
});

const journeys = servers.flatMap((server) => ["/", beside].map((mount) => ({ server, mount })));
describe("a person sets backup up", () => {
  let homeserver;
  let behindTls;
  before(async () => {
    homeserver = await sharedHomeserver();
    // Another host than the page's, which the policy allows over https only.
    behindTls = await startServer({ tls: true, homeserver: homeserver.url });
  });
  after(() => Promise.all([behindTls?.close(), homeserver?.stop()]));

  for (const { server, mount } of journeys) {
    it(`from the first screen to the last, on ${server} at ${mount}`, async () => {
      const account = await registerUser(homeserver);
      const host = await startHost({ server, mount, dist, brotli: server === "nginx" });
      try {
        await withPage({ homeserver, separate: true, host, browser: { ignoreHTTPSErrors: true } }, async (visit) => {
          // An administrator's link may lack the slash.
          if (mount !== "/") await visit.page.goto(host.url.slice(0, -1));
          // Caddy leaves a question mark at the end of the address.
          assert.equal(visit.page.url().replace(/\?$/, ""), host.url);
          await visit.goToSignIn(behindTls.origin);
          await visit.page.getByLabel("Matrix ID or user name").fill(account.user);
          await visit.enterPassword(account.password);
          await visit.at("findings");
          await visit.choose("key");
          await visit.saveAndProve();
          await visit.turnOn();
          await visit.signOut();
          assert.deepEqual([...visit.hosts].sort(), [new URL(host.url).host, new URL(behindTls.origin).host].sort());
        });
      } finally {
        await host.close();
      }
    });
  }
});
