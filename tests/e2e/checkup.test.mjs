// `?checkup` finds nothing wrong with a host that is right, also on real web servers. Of a host that is not it names
// each thing that is wrong, nothing else, and how to mend it.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";

import { securityHeaders } from "../../tools/headers.mjs";
import { beside } from "../../tools/hosting.mjs";
import { startServer } from "../../tools/serve.mjs";
import { freePort } from "../support/server/homeserver.mjs";
import { names as servers, startHost } from "../support/server/hosts.mjs";
import { checkup } from "./support/checkup.mjs";
import { texts } from "./support/language.mjs";
import { dist, withPage } from "./support/page.mjs";

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const mount = "/key/backup/";

describe("on a host that is right, the checkup", () => {
  for (const server of servers) {
    for (const mount of ["/", beside]) {
      it(`says so: ${server} at ${mount} with the file of hosting/`, async () => {
        const host = await startHost({ server, mount, dist, brotli: server === "nginx" });
        try {
          await withPage({ host }, async (visit) => {
            const { wrong, mind, right, sum } = await checkup(visit);
            assert.deepEqual([...wrong, ...mind], []);
            assert.ok(right.length > 20);
            assert.equal(sum, "This host is set up right");
            assert.equal(await visit.page.locator("summary").innerText(), `${right.length} checks passed`);
            assert.equal(await visit.page.locator("pre").count(), 0, "there is nothing to mend");
          });
        } finally {
          await host.close();
        }
      });
    }
  }
});

it("the checkup speaks the page's language, and says what English says", async () => {
  await withPage({}, async (visit) => {
    const english = await checkup(visit);
    for (const language of ["de", "ar"]) {
      const { page } = visit;
      await page.goto(`${visit.server.url}?checkup&lang=${language}`);
      const said = texts(language);
      await page.getByRole("heading", { name: said.checkup_right }).waitFor();
      const right = await page.locator(".checks .right .check-what").allTextContents();
      assert.equal(right.length, english.right.length);
      assert.ok(right.includes(said.checkup_missing_404));
      assert.equal(await page.locator("pre").count(), 0);
    }
  });
});

// The faults of a server: changes of what it would send, made by `sending`.
const on = (pattern, change) => (path, answer) => pattern.test(path) && change(answer);
const set = (name, value) => (answer) => (value === undefined ? delete answer.headers[name] : (answer.headers[name] = value));
const everywhere = /./;
const thePage = /\/(\?.*)?$/;
const callback = /\/callback\.html/;
const aHashed = /\/engine-\w+\.js$/;
const config = /\/config\.json$/;
const program = /\/engine-\w+_bg\.wasm$/;
const own = (text) => (answer) => Object.assign(answer, { status: 200, body: Buffer.from(text) });
const policy = securityHeaders["Content-Security-Policy"];
const [script] = readdirSync(dist).filter((name) => /^engine-\w+\.js$/.test(name));
const [back] = readdirSync(dist).filter((name) => /^callback-\w+\.js$/.test(name));
const [later] = readdirSync(dist).filter((name) => /^later-\w+\.wasm$/.test(name));

const html = readFileSync(join(dist, "index.html"), "utf8");
const [german] = readdirSync(dist).filter((name) => /^words-de-\w+\.json$/.test(name) && html.includes(name));

const faults = {
  ...Object.fromEntries(
    Object.keys(securityHeaders).map((name) => [
      `${name} missing`,
      { change: on(everywhere, set(name)), wrong: [`${name} is missing`], mend: new RegExp(`^add_header ${name} ".+" always;$`) },
    ]),
  ),
  "a policy that allows more": {
    change: on(everywhere, set("Content-Security-Policy", policy.replace("script-src 'self'", "script-src 'self' https:"))),
    wrong: ["Content-Security-Policy is looser than it should be"],
  },
  "a policy that forgets one thing": {
    change: on(everywhere, set("Content-Security-Policy", policy.replace("form-action 'none'; ", ""))),
    wrong: ["Content-Security-Policy is looser than it should be"],
  },
  "a camera allowed": {
    change: on(everywhere, set("Permissions-Policy", securityHeaders["Permissions-Policy"].replace("camera=()", "camera=*"))),
    wrong: ["Permissions-Policy is looser than it should be"],
  },
  "framing allowed for its own": {
    change: on(everywhere, set("X-Frame-Options", "SAMEORIGIN")),
    wrong: ["X-Frame-Options is looser than it should be"],
  },
  "a header missing with the page alone": {
    change: on(thePage, set("Referrer-Policy")),
    wrong: ["Referrer-Policy is missing with the page"],
  },
  "a header missing with files alone": {
    change: on(aHashed, set("X-Content-Type-Options")),
    wrong: ["X-Content-Type-Options is missing with a file with a hash in its name"],
  },
  "a header missing with config.json alone": {
    change: on(config, set("X-Frame-Options")),
    wrong: ["X-Frame-Options is missing with config.json"],
  },
  "a header missing with 404 alone": {
    change: on(everywhere, (answer) => answer.status === 404 && set("X-Frame-Options")(answer)),
    wrong: ["X-Frame-Options is missing with config.json, a file that is not there"],
  },
  "an old page kept": {
    change: on(thePage, set("Cache-Control", "max-age=600")),
    wrong: ["Browsers may keep an old copy of the page"],
    mend: /if \(\$uri ~ .*no-store/,
  },
  "a header missing with callback.html alone": {
    change: on(callback, set("Cross-Origin-Opener-Policy")),
    wrong: ["Cross-Origin-Opener-Policy is missing with callback.html"],
  },
  "an old callback.html kept": {
    change: on(callback, set("Cache-Control", "max-age=600")),
    wrong: ["Browsers may keep an old copy of callback.html"],
    mend: /if \(\$uri ~ .*callback.*no-store/,
  },
  "another callback.html": {
    request: (request) => callback.test(request.url) && (request.headers["accept-encoding"] = "identity"),
    change: on(callback, own("<!doctype html><title>Ours</title>")),
    wrong: ["People cannot come back from signing in"],
    mend: /sha256sum -c SHA256SUMS/,
  },
  "a way to callback.html that loses the query": {
    change: on(/\/callback\.html\?/, (answer) => Object.assign(answer, { status: 308 }).headers.Location = "callback.html"),
    wrong: ["People cannot come back from signing in"],
    mend: /behind the question mark/,
  },
  "another script for callback.html": {
    change: on(/\/callback-/, (answer) => (answer.status = 404)),
    wrong: [`Missing, or of another version: ${back}`],
  },
  "an old config.json kept": { change: on(config, set("Cache-Control", "max-age=600")), wrong: ["Browsers may keep an old copy of config.json"] },
  "files loaded again each time": {
    change: on(aHashed, set("Cache-Control", "no-cache")),
    wrong: ["Browsers do not keep files with a hash in their name"],
    mend: /immutable/,
  },
  "a missing file kept for a year": {
    change: on(/nothing-/, set("Cache-Control", "public, max-age=31536000, immutable")),
    wrong: ["Browsers may remember that a file is missing"],
    mend: /if \(!-f \$request_filename\)/,
  },
  "wasm of another type": {
    change: on(/\.wasm$/, set("Content-Type", "application/octet-stream")),
    wrong: [".wasm is sent as application/octet-stream"],
    mend: /application\/wasm/,
  },
  "script of another type": { change: on(aHashed, set("Content-Type", "text/plain")), wrong: [".js is sent as text/plain"] },
  "style of another type": { change: on(/\.css$/, set("Content-Type", "text/plain")), wrong: [".css is sent as text/plain"] },
  "no compression": {
    request: (request) => program.test(request.url) && (request.headers["accept-encoding"] = "identity"),
    wrong: [/^The engine is sent uncompressed: (\d\.\d MB) of \1 on the way$/],
    mend: /^gzip_static on;/,
  },
  "gzip alone": {
    request: (request) => program.test(request.url) && (request.headers["accept-encoding"] = "gzip"),
    mind: [/^The engine is sent with gzip: \d\.\d MB of \d\.\d MB on the way$/],
    sum: /^This host works\. 1 thing could be better$/,
  },
  "compressed files that do not say so": {
    change: on(aHashed, set("Content-Encoding")),
    wrong: [`Compressed, but not marked as compressed: ${script}`],
    mend: /brotli_static/,
  },
  "a policy without wasm": {
    change: on(everywhere, set("Content-Security-Policy", policy.replace(" 'wasm-unsafe-eval'", ""))),
    wrong: ["The browser does not let the engine run"],
  },
  "a policy without workers": {
    change: on(everywhere, set("Content-Security-Policy", policy.replace("worker-src 'self' blob:", "worker-src 'self'"))),
    wrong: ["The browser does not let the engine run"],
  },
  "a file of another version": {
    change: on(/\/later-\w+\.wasm$/, (answer) => (delete answer.headers["Content-Encoding"], own("another")(answer))),
    wrong: [`Missing, or of another version: ${later}`],
    mend: /sha256sum -c SHA256SUMS/,
  },
  "missing texts": {
    change: on(new RegExp(german), (answer) => (answer.status = 404)),
    wrong: [`Missing, or of another version: ${german}`],
  },
  "a missing file": {
    change: on(/\/later-/, (answer) => (answer.status = 404)),
    wrong: [`Missing, or of another version: ${later}`],
  },
  "a page that something writes into": {
    request: (request) => thePage.test(request.url) && (request.headers["accept-encoding"] = "identity"),
    change: on(thePage, (answer) => (answer.body = Buffer.concat([answer.body, Buffer.from("<!-- visits: 12 -->")]))),
    wrong: ["index.html is not as it was built"],
  },
  "no SHA256SUMS": {
    change: on(/SHA256SUMS$/, (answer) => (answer.status = 404)),
    mind: ["There is no SHA256SUMS to compare the page with"],
  },
  "a page in place of what is missing": {
    change: on(everywhere, (answer) => answer.status === 404 && own("<!doctype html>")(answer)),
    // config.json is missing, too, so that the page comes in its place.
    wrong: ["Missing files are not answered with 404", "config.json has a mistake"],
    mend: /=404/,
  },
  "a config.json that is none": { change: on(config, own("{")), wrong: ["config.json has a mistake"] },
  "a config.json with something unknown": {
    change: on(config, own('{"brnad":"x","links":[{"text":"a"}],"minimum_phrase_strength":3}')),
    wrong: ["config.json has a mistake"],
    why: /brnad is unknown.*links\[0\]\.url is missing.*minimum_phrase_strength is less than 10/,
  },
  "no way from the path without slash": {
    change: on(new RegExp(`^${mount.slice(0, -1)}$`), (answer) => (answer.status = 404)),
    wrong: [`${mount.slice(0, -1)} does not lead to ${mount}`],
    mend: /return 308 \/key\/backup\//,
  },
};

/** Makes an `intercept` that lets the current fault happen to what the server sends. */
function sending(current) {
  return (request, response) => {
    const { change, request: alter } = current() ?? {};
    alter?.(request);
    const [writeHead, end] = [response.writeHead.bind(response), response.end.bind(response)];
    const answer = {};
    response.writeHead = (status, headers) => (Object.assign(answer, { status, headers: { ...headers } }), response);
    response.end = (body) => {
      answer.body = body;
      change?.(request.url, answer);
      delete answer.headers["Content-Length"];
      writeHead(answer.status, answer.headers);
      return end(answer.body);
    };
    return false;
  };
}

it("the checkup names each thing that is wrong, and nothing else", async (test) => {
  let fault;
  await withPage({ serve: { mount, intercept: sending(() => fault) } }, async (visit) => {
    const { page } = visit;
    const all = await checkup(visit);
    assert.deepEqual([...all.wrong, ...all.mind], []);
    const count = all.right.length;
    for (const [name, { wrong = [], mind = [], mend, why, sum }] of Object.entries(faults)) {
      await test.test(name, async () => {
        // Some faults make the browser keep what it should not.
        await visit.devtools.send("Network.clearBrowserCache");
        fault = faults[name];
        const found = await checkup(visit);
        const fits = (texts, wanted) => {
          assert.equal(texts.length, wanted.length, `${JSON.stringify(texts)} for ${wanted}`);
          wanted.forEach((each, at) => (each instanceof RegExp ? assert.match(texts[at], each) : assert.equal(texts[at], each)));
        };
        fits(found.wrong, wrong);
        fits(found.mind, mind);
        if (wrong.length) assert.equal(found.sum, `${wrong.length} thing${wrong.length === 1 ? "" : "s"} on this host must be fixed`);
        assert.equal(found.right.length, count - wrong.length - mind.length, "the others passed");
        if (sum) assert.match(found.sum, sum);
        const lines = page.locator(".checks .wrong pre");
        if (mend) {
          const choice = page.getByLabel("Show the lines for");
          if (await choice.isVisible()) await choice.selectOption("nginx");
          assert.match(await lines.first().innerText(), mend);
        }
        if (wrong.length) assert.equal(await lines.count(), wrong.length, "each with what mends it");
        if (why) assert.match(await page.locator(".checks .wrong .quiet").innerText(), why);
        visit.forgive(/./);
      });
    }
  });
});

it("the checkup gives the line for the server that answers, or for the one that is chosen", async () => {
  const change = on(everywhere, (answer) => (set("X-Frame-Options")(answer), set("Server", "Caddy")(answer)));
  await withPage({ serve: { intercept: sending(() => ({ change })) } }, async (visit) => {
    await checkup(visit);
    const line = visit.page.locator(".checks .wrong pre");
    assert.equal(await line.innerText(), 'header X-Frame-Options "DENY"');
    for (const [server, text] of Object.entries({
      nginx: 'add_header X-Frame-Options "DENY" always;',
      apache: 'Header always set X-Frame-Options "DENY"',
      static: "X-Frame-Options: DENY",
    })) {
      await visit.page.getByLabel("Show the lines for").selectOption(server);
      assert.equal(await line.innerText(), text);
    }
  });
});

it("the checkup says its verdict first, then each line that mends something once, and folds what passed", async () => {
  const change = on(/\/(\?.*)?$|\/callback\.html|\/config\.json$/, set("Cache-Control", "max-age=600"));
  await withPage({ serve: { intercept: sending(() => ({ change })) } }, async (visit) => {
    const { wrong, sum } = await checkup(visit);
    const { page } = visit;
    assert.ok(wrong.length > 1);
    assert.ok((await visit.main.innerText()).startsWith(sum), "the verdict stands first");
    await page.getByLabel("Show the lines for").selectOption("nginx");
    const lines = (await page.locator(".checks pre").allInnerTexts()).flatMap((text) => text.split("\n"));
    assert.deepEqual(lines, [...new Set(lines)]);
    assert.equal(await page.getByText("The lines above fix this, too.").count(), wrong.length - 1);
    const passed = page.locator(".checks .right").first();
    assert.ok(!(await passed.isVisible()));
    await page.locator("summary").click();
    assert.ok(await passed.isVisible());
  });
});

it("the checkup asks for https where people come without it", async () => {
  const port = await freePort();
  // A host name other than the loopback's, through a proxy that is the server itself.
  const browser = { proxy: { server: `http://127.0.0.1:${port}` } };
  await withPage({ serve: { port }, browser }, async (visit) => {
    const { wrong, mind } = await checkup(visit, "http://backup.example/");
    assert.deepEqual(wrong, ["The page comes without https"]);
    assert.equal(mind.length, 2, `${mind}`);
    visit.forgive(/Cross-Origin-Opener-Policy|origin was untrustworthy|Cross-Origin/i);
  });
});

describe("the checkup asks the homeserver that config.json names", () => {
  let homeserver;
  let silent;
  const versions = (request, response) => {
    const isVersions = request.url === "/_matrix/client/versions";
    if (isVersions) response.end(JSON.stringify({ versions: ["v1.11"] }));
    return isVersions;
  };
  before(async () => {
    const allowing = (request, response) => (response.setHeader("Access-Control-Allow-Origin", "*"), versions(request, response));
    homeserver = await startServer({ tls: true, intercept: allowing });
    silent = await startServer({ tls: true, intercept: versions });
  });
  after(() => Promise.all([homeserver?.close(), silent?.close()]));

  const withConfig = (value, body) => {
    const intercept = sending(() => ({ change: on(config, own(JSON.stringify(value))) }));
    return withPage({ serve: { intercept }, browser: { ignoreHTTPSErrors: true } }, body);
  };

  it("and is content where it answers", async () => {
    await withConfig({ homeserver: { address: homeserver.origin } }, async (visit) => {
      const { wrong, mind, right } = await checkup(visit);
      assert.deepEqual([...wrong, ...mind], []);
      assert.ok(right.includes(`The homeserver ${homeserver.origin} answers this page`));
      assert.ok(right.includes("config.json is valid"));
    });
  });

  it("and says which header it lacks, or that nothing is there", async () => {
    const cases = [
      [silent.origin, /without the header/, /Access-Control-Allow-Origin/],
      [`https://127.0.0.1:${await freePort()}`, /nothing answers/, /Correct homeserver\.address/],
    ];
    for (const [address, why, mend] of cases) {
      await withConfig({ homeserver: { address } }, async (visit) => {
        const { wrong } = await checkup(visit);
        assert.deepEqual(wrong, [`The homeserver ${address} does not answer this page`]);
        assert.match(await visit.page.locator(".checks .wrong .quiet").innerText(), why);
        assert.match(await visit.page.locator(".checks .wrong pre").innerText(), mend);
        visit.forgive(/CORS|net::/);
      });
    }
  });
});

it("the checkup can be read by everybody, on a phone and in the dark", async () => {
  const change = on(everywhere, set("Permissions-Policy"));
  const request = ({ url, headers }) => program.test(url) && (headers["accept-encoding"] = "gzip");
  await withPage({ serve: { intercept: sending(() => ({ change, request })) } }, async (visit) => {
    const { page } = visit;
    await page.addInitScript({ path: axe });
    for (const [colorScheme, width] of [["light", 1280], ["dark", 1280], ["light", 360], ["dark", 360]]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 800 });
      const { wrong, mind } = await checkup(visit);
      assert.deepEqual([wrong.length, mind.length], [1, 1]);
      const found = await page.evaluate(async () => {
        const { violations } = await axe.run(document, { resultTypes: ["violations"], rules: { "target-size": { enabled: true } } });
        return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join()}`);
      });
      assert.deepEqual(found, [], `${colorScheme} ${width}`);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${width}: too wide`);
    }
    await page.keyboard.press("Tab");
    assert.ok(await page.getByLabel("Show the lines for").evaluate((element) => element === document.activeElement));
  });
});

it("nobody else loads the checkup, and it does not start inside another page", async () => {
  const intercept = (request, response) => {
    if (request.url !== "/outer") return sending(() => ({ change: on(everywhere, framable) }))(request, response);
    response.writeHead(200, { "Content-Type": "text/html" }).end('<!doctype html><title>Outer</title><iframe src="/?checkup"></iframe>');
    return true;
  };
  const framable = (answer) => {
    for (const name of Object.keys(securityHeaders)) delete answer.headers[name];
  };
  await withPage({ serve: { intercept } }, async (visit) => {
    await visit.at("intro");
    await visit.page.goto(`${visit.server.origin}/outer`);
    const inner = () => visit.page.frames().find((frame) => frame !== visit.page.mainFrame());
    await visit.until(async () => /inside another page/.test((await inner()?.locator("body").innerText()) ?? ""));
    assert.ok(!visit.server.requests.some(({ path }) => path.includes("checkup-")));
  });
});
