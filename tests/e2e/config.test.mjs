// The page as it is released follows what a host sets in config.json. It is tried with all of it at once, with none of
// it, and with everything that a mistaken or a hostile host might write.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { sharedHomeserver } from "../support/server/homeserver.mjs";
import { headersFor } from "../../tools/headers.mjs";
import { startServer, startTripwire } from "../../tools/serve.mjs";
import { dist, registerUser, withPage } from "./support/page.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const example = JSON.parse(readFileSync(join(root, "hosting/config.example.json"), "utf8"));
const icon = readFileSync(join(root, "style/icon.svg"));

// zxcvbn gives it the best score, and it has fewer than 10^16 guesses.
const shortPhrase = "glass otter fifty";

describe("what a host has set", () => {
  let homeserver;
  let tripwire;
  before(async () => {
    homeserver = await sharedHomeserver();
    tripwire = await startTripwire({ tls: true });
  });
  after(() => Promise.all([tripwire?.close(), homeserver?.stop()]));

  /** Serves the page with what `config()` returns: a value, or a function that answers by itself. Collects warnings. */
  async function withConfig(config, body, options = {}) {
    const intercept = async (request, response) => {
      const { pathname } = new URL(request.url, "http://localhost");
      if (pathname === "/logo.svg") {
        response.writeHead(200, { ...headersFor("logo.svg"), "Content-Type": "image/svg+xml" }).end(icon);
        return true;
      }
      if (options.intercept?.(pathname, response)) return true;
      if (pathname !== "/config.json") return false;
      const answer = await config();
      if (typeof answer === "function") return answer(response);
      const text = typeof answer === "string" ? answer : JSON.stringify(answer);
      response.writeHead(200, { ...headersFor("config.json"), "Content-Type": "application/json" }).end(text);
      return true;
    };
    await withPage({ homeserver, ...options, serve: { ...options.serve, intercept } }, async (visit) => {
      visit.warnings = [];
      visit.page.on("console", (message) => {
        if (message.type() === "warning" && message.text().startsWith("config.json")) {
          visit.warnings.push(message.text());
        }
      });
      /** Opens the page anew and waits until config.json has arrived. */
      visit.again = async () => {
        // All warnings of the last opening have come before this one begins.
        visit.page.once("framenavigated", () => (visit.warnings.length = 0));
        await visit.page.reload();
        await visit.at("intro");
        await visit.settle();
      };
      await body(visit);
    });
  }

  const footer = (visit) => visit.page.getByRole("contentinfo");
  const banner = (visit) => visit.page.getByRole("banner");
  const signIns = (visit) => visit.server.requests.filter(({ method, path }) => method === "POST" && path.endsWith("/login"));

  it("all of it at once is on the page, and its homeserver is the only one", async () => {
    const account = await registerUser(homeserver);
    const config = {
      ...example,
      homeserver: { address: homeserver.serverName, locked: true },
      minimum_phrase_strength: 16,
    };
    await withConfig(() => config, async (visit) => {
      const { page } = visit;
      await visit.again();
      assert.deepEqual(visit.warnings, []);

      const logo = banner(visit).getByRole("img", { name: example.brand });
      const { width, height } = await logo.boundingBox();
      assert.ok(width > 0 && width <= 180 && height <= 45, `a box of ${width} by ${height}`);
      assert.ok(await logo.evaluate((image) => image.complete && image.naturalWidth > 0), "it is drawn");
      const intro = await visit.main.innerText();
      assert.ok(intro.includes(example.notice));
      assert.ok(intro.includes(`This page is for accounts at ${homeserver.serverName}.`));
      assert.equal(await page.getByText("Do it in your app instead").count(), 0);

      for (const { text, url } of example.links) {
        const link = footer(visit).getByRole("link", { name: text, exact: true });
        const [href, target, rel] = await link.evaluate((a) => [a.getAttribute("href"), a.target, a.rel]);
        assert.deepEqual([href, target, rel], [url, "_blank", "noopener noreferrer"]);
      }
      const contact = footer(visit).getByRole("link", { name: example.contact });
      assert.equal(await contact.getAttribute("href"), `mailto:${example.contact}`);

      // No question for a server: there is only one.
      await visit.click("Start");
      await visit.at("sign-in");
      assert.equal(await visit.heading(), `Sign in to ${homeserver.serverName}`);
      await visit.fill("Matrix ID or user name", "@somebody:elsewhere.example");
      await visit.enterPassword("the password of another account");
      assert.match(await visit.notice(), /This page is for accounts at .* only\.\s+.*belongs to another server/);
      assert.deepEqual(signIns(visit), [], "the password went nowhere");
      await visit.fill("Matrix ID or user name", account.userId);
      await visit.enterPassword(account.password);
      await visit.at("findings");

      await visit.choose("phrase");
      await visit.fill("Security phrase", shortPhrase);
      await visit.click("Continue");
      assert.match(await visit.notice(), /This phrase is good, but the host of this page asks for more/);
      await visit.click("Suggest one");
      await visit.button("Copy the words").waitFor();
      await visit.click("Continue");
      await visit.at("save");
      await page.goto("about:blank");
      assert.deepEqual([...visit.hosts], [new URL(visit.server.origin).host]);
    });
  });

  it("nothing is set where there is no file, and the page does what it always does", async () => {
    const account = await registerUser(homeserver);
    await withPage({ homeserver }, async (visit) => {
      await visit.until(() => visit.server.requests.some(({ path, end }) => path.endsWith("/config.json") && end));
      const [asked] = visit.server.requests.filter(({ path }) => path.endsWith("/config.json"));
      assert.equal(asked.status, 404);
      assert.equal(asked.headers.cookie, undefined);
      assert.equal((await banner(visit).innerText()).trim(), "Key backup for Matrix");
      assert.equal(await visit.page.getByText("Do it in your app instead").count(), 1);
      assert.equal(await footer(visit).getByRole("link").count(), 0);
      await visit.signIn(account);
      // The phrase that a stricter host refuses.
      await visit.choosePhrase(shortPhrase);
      await visit.page.goto("about:blank");
      const asking = visit.server.requests.filter(({ path }) => path.endsWith("/.well-known/matrix/support"));
      assert.deepEqual(asking, [], "nobody has to be asked when all goes well");
    });
  });

  it("the footer names the engine by the digest of the file that is served", async () => {
    await withPage({ homeserver }, async (visit) => {
      await footer(visit).locator("details").waitFor();
      const [, hash] = (await footer(visit).textContent()).match(/ engine ([0-9a-f]{16})\./) ?? [];
      const file = join(dist, `engine-${hash}_bg.wasm`);
      assert.ok(existsSync(file), `dist/ has ${file}`);
      const digest = createHash("sha256").update(readFileSync(file)).digest("hex");
      assert.equal(digest.slice(0, 16), hash);
    });
  });

  it("an unknown setting is named on the console, without its value", async () => {
    const config = { brnad: "hunter2", journeys: { check: false }, links: [{ text: "Help", href: "hunter2" }] };
    await withConfig(() => config, async (visit) => {
      await visit.again();
      const told = visit.warnings.join("\n");
      for (const key of ["brnad", "journeys.check", "links[0].href", "links[0].url"]) assert.ok(told.includes(`, ${key}: `), told);
      assert.ok(!told.includes("hunter2"));
      assert.equal(visit.warnings.length, 4);
    });
  });

  it("nothing a mistaken or hostile host writes opens anything, and the page works", async () => {
    const answer = (status, headers, body = "") => (response) => response.writeHead(status, headers).end(body) && true;
    const deep = (open, close) => open.repeat(5_000) + close.repeat(5_000);
    const hostile = {
      "a logo elsewhere": [{ logo: `${tripwire.origin}/logo.svg` }, /logo/],
      "a logo elsewhere, without a scheme": [{ logo: tripwire.origin.replace("https:", "") }, /logo/],
      "a logo that is a program": [{ logo: "javascript:alert(1)" }, /logo/],
      "links that are programs": [{ links: [{ text: "Help", url: "javascript:alert(1)" }], contact: "javascript:alert(1)", element_address: "javascript:alert(1)" }, /links\[0\]\.url/],
      "links to plain http": [{ links: [{ text: "Help", url: "http://example.org" }] }, /links/],
      "a homeserver on plain http": [{ homeserver: { address: "http://example.org", locked: true } }, /homeserver/],
      "no strength at all": [{ minimum_phrase_strength: 0 }, /minimum_phrase_strength/],
      "nothing to prove": [{ journeys: { prove: false, check: false, take_home: false, reset: false } }, /journeys/],
      "a notice of a megabyte": [{ notice: "x".repeat(1 << 20) }, /is not JSON of up to 64 kB/],
      "a long notice": [{ notice: "x".repeat(5_000) }, /notice/],
      "wrong types": [{ brand: [], logo: {}, links: "x", notice: 7, contact: true, homeserver: [], journeys: 1, element_address: null, minimum_phrase_strength: "16" }, /must be/],
      "deep lists": [deep("[", "]"), /is not JSON/],
      "deep objects": [deep('{"a":', "}").replace(":}", ":1}"), /is not JSON/],
      "another prototype": ['{"__proto__": {"brand": "Evil"}, "constructor": {"prototype": {"brand": "Evil"}}}', /__proto__/],
      "no JSON": ["{", /is not JSON/],
      "a page instead": ["<!doctype html><title>Not found</title>", /is not JSON/],
      "a list": [[], /must be an object/],
      "an error": [answer(500, {}), /could not be read/],
      "a redirect to another origin": [answer(302, { Location: `${tripwire.origin}/config.json` }), /could not be read/],
      "a broken connection": [(response) => response.destroy() && true, /could not be read/],
    };
    let config = {};
    const options = { browser: { ignoreHTTPSErrors: true } };
    await withConfig(() => config, async (visit) => {
      for (const [what, [value, warning]] of Object.entries(hostile)) {
        config = value;
        visit.warnings.length = 0;
        await visit.page.reload();
        await visit.click("Start");
        // The page asks for a homeserver, as if nothing had been set.
        assert.equal(await visit.at("server"), "server", what);
        assert.equal(await visit.page.getByLabel("Matrix ID", { exact: true }).inputValue(), "", what);
        assert.match(visit.warnings.join("\n"), warning, what);
        assert.equal((await banner(visit).innerText()).replace("Back", "").trim(), "Key backup for Matrix", what);
        assert.equal(await visit.page.locator("img, .host-notice, footer a").count(), 0, what);
      }
      // The browser complains of the redirect that it did not follow.
      visit.expect(/Unsafe attempt to load URL/);
      // A host cannot make the page accept a weak phrase.
      config = { minimum_phrase_strength: 0 };
      await visit.page.reload();
      await visit.signIn(await registerUser(homeserver));
      await visit.choose("phrase");
      await visit.fill("Security phrase", "letmein now");
      await visit.click("Continue");
      assert.match(await visit.notice(), /too easy to guess/);
      await visit.page.goto("about:blank");
    }, options);
    assert.deepEqual(tripwire.requests, [], "nothing was asked for elsewhere");
  });

  it("what looks like markup is shown as it was written", async () => {
    const brand = "<b>Example</b><script>1</script>";
    const notice = '<img src=x onerror="document.title=1"> \u202eesrever';
    await withConfig(() => ({ brand, notice }), async (visit) => {
      await visit.again();
      assert.deepEqual(visit.warnings, []);
      assert.equal(await banner(visit).locator("bdi").innerText(), brand);
      assert.equal(await visit.main.locator(".host-notice bdi").innerText(), notice);
      assert.equal(await visit.page.locator("img, header b").count(), 0);
    });
  });

  it("nobody gets past a host's homeserver by being quick", async () => {
    let arrive;
    const arrived = new Promise((done) => (arrive = done));
    const config = { homeserver: { address: homeserver.serverName, locked: true } };
    await withConfig(() => arrived.then(() => config), async (visit) => {
      // The first screen does not wait for config.json.
      await visit.at("intro");
      await visit.click("Start");
      await visit.button("Starting…").waitFor();
      await setTimeout(500);
      assert.equal(await visit.at("intro"), "intro");
      arrive();
      await visit.at("sign-in");
    });
  });

  it("a host that never answers is not waited for long", async () => {
    await withConfig(() => (response) => response.writeHead(200) && response.flushHeaders() === undefined, async (visit) => {
      await visit.click("Start");
      await visit.at("server");
    });
  });

  it("a homeserver that is proposed stands in the field, and a name is completed", async () => {
    const account = await registerUser(homeserver);
    await withConfig(() => ({ homeserver: { address: homeserver.serverName } }), async (visit) => {
      await visit.again();
      await visit.click("Start");
      await visit.at("server");
      assert.equal(await visit.page.getByLabel("Matrix ID", { exact: true }).inputValue(), homeserver.serverName);
      await visit.fill("Matrix ID", account.user);
      await visit.click("Continue");
      await visit.at("sign-in");
      assert.equal(await visit.page.getByLabel("Matrix ID or user name").inputValue(), account.userId);
    });
  });

  describe("whom to ask", () => {
    const support = {
      contacts: [
        { role: "m.role.security", email_address: "security@example.org" },
        { role: "m.role.admin", email_address: "admin@example.org", matrix_id: "@admin:example.org" },
      ],
    };
    const serveSupport = (pathname, response) => {
      if (pathname !== "/.well-known/matrix/support") return false;
      const headers = { "Content-Type": "application/json", "Access-Control-Allow-Origin": "*" };
      response.writeHead(200, headers).end(JSON.stringify(support));
      return true;
    };
    const asked = (server) => server.requests.filter(({ path }) => path.endsWith("/.well-known/matrix/support")).length;
    const broken = { wellKnown: { "m.homeserver": { base_url: "not an address" } } };

    it("is what the homeserver says, where somebody else has to mend something", async () => {
      await withConfig(() => ({}), async (visit) => {
        await visit.click("Start");
        await visit.fill("Matrix ID", `@you:${homeserver.serverName}`);
        await visit.click("Continue");
        assert.match(await visit.notice(), /gives a wrong address/);
        const link = visit.main.getByRole("link", { name: "admin@example.org" });
        assert.equal(await link.getAttribute("href"), "mailto:admin@example.org");
        assert.equal(await footer(visit).getByRole("link").count(), 1);
        assert.equal(asked(visit.server), 1);
      }, { serve: broken, intercept: serveSupport });
    });

    it("is what the host says, and then nobody else is asked", async () => {
      await withConfig(() => ({ contact: "Room 12" }), async (visit) => {
        await visit.click("Start");
        await visit.fill("Matrix ID", `@you:${homeserver.serverName}`);
        await visit.click("Continue");
        assert.match(await visit.notice(), /gives a wrong address/);
        assert.match(await visit.main.innerText(), /You can ask: Room 12/);
        assert.equal(await visit.page.getByRole("link").count(), 0);
        assert.equal(asked(visit.server), 0);
      }, { serve: broken, intercept: serveSupport });
    });

    it("is asked for before the lock, where it could not be afterwards", async () => {
      const behindTls = await startServer({ tls: true, homeserver: homeserver.url });
      const wellKnown = { "m.homeserver": { base_url: behindTls.origin } };
      const intercept = ({ url }, response) => serveSupport(url, response);
      const name = await startServer({ tls: true, homeserver: homeserver.url, wellKnown, intercept });
      const args = ["--headless=new", "--no-sandbox", "--disable-gpu"];
      args.push(`--host-resolver-rules=MAP chat.example ${new URL(name.origin).host}`);
      try {
        await withPage({ browser: { ignoreHTTPSErrors: true, args } }, async (visit) => {
          await visit.goToSignIn("@you:chat.example");
          await footer(visit).getByRole("link", { name: "admin@example.org" }).waitFor();
          assert.equal(asked(name), 1);
          assert.equal(asked(behindTls), 0);
        });
      } finally {
        await Promise.all([name.close(), behindTls.close()]);
      }
    });
  });
});
