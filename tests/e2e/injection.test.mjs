// Text never becomes markup or a program in this page. Trusted Types and the content security policy refuse every way
// there is, with the headers of production and with the page's own <meta> alone. Without a policy every way works.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { startTripwire } from "../../tools/serve.mjs";
import { sharedHomeserver } from "../support/server/homeserver.mjs";
import { registerUser, withPage, withoutHeaders } from "./support/page.mjs";

let homeserver;
let tripwire;
before(async () => {
  homeserver = await sharedHomeserver();
  tripwire = await startTripwire();
});
after(() => Promise.all([tripwire?.close(), homeserver?.stop()]));

/**
 * Tries every way, in the page; returns `{ way: "refused" | "happened" }`. It first leaves the debugger's own stack,
 * which is allowed more.
 */
const tryAll = (page, elsewhere) =>
  page.evaluate(async (elsewhere) => {
    const seen = {};
    globalThis.ran = (way) => (seen[way] = "happened");
    const later = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
    const place = document.body.appendChild(document.createElement("div"));
    const element = (tag, attributes = {}) => {
      const made = document.createElement(tag);
      for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
      return place.appendChild(made);
    };
    const blob = (text) => URL.createObjectURL(new Blob([text], { type: "text/javascript" }));

    // Markup, harmless or not, for everything that parses a text.
    const markup = {
      plain: "<p>text</p>",
      script: "<script>ran('script')</script>",
      handler: "<img src=data:, onerror=ran('handler')>",
      drawing: "<svg onload=ran('drawing')><use href=data:,x></svg>",
      link: "<a href='java\nscript:ran(1)'>x</a>",
      form: "<form action=//elsewhere><input formaction=javascript:1></form>",
      frame: "<iframe srcdoc='<script>parent.ran(1)</script>'></iframe>",
      style: "<style>@import '//elsewhere'</style>",
      nested: "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=ran(1)&gt;'>",
      template: "<template><b>x</b></template>",
    };
    const parsers = {
      innerHTML: (html) => (place.innerHTML = html),
      outerHTML: (html) => (element("i").outerHTML = html),
      insertAdjacentHTML: (html) => place.insertAdjacentHTML("beforeend", html),
      template: (html) => (document.createElement("template").innerHTML = html),
      shadow: (html) => (element("div").attachShadow({ mode: "open" }).innerHTML = html),
      unsafe: (html) => place.setHTMLUnsafe(html),
      document: (html) => Document.parseHTMLUnsafe(html),
      DOMParser: (html) => new DOMParser().parseFromString(html, "text/html"),
      range: (html) => document.createRange().createContextualFragment(html),
      srcdoc: (html) => (document.createElement("iframe").srcdoc = html),
      attribute: (html) => document.createElement("iframe").setAttribute("srcdoc", html),
      write: (html) => document.implementation.createHTMLDocument().write(html),
    };
    const ways = {};
    for (const [parser, parse] of Object.entries(parsers)) {
      for (const [kind, html] of Object.entries(markup)) {
        ways[`${kind} by ${parser}`] = (way) => {
          parse(html);
          ran(way);
        };
      }
    }

    // Programs, for everything that runs or loads one.
    const code = (way) => `globalThis.ran(${JSON.stringify(way)})`;
    const AsyncFunction = (async () => {}).constructor;
    Object.assign(ways, {
      eval: (way) => (0, eval)(code(way)),
      Function: (way) => new Function(code(way))(),
      AsyncFunction: (way) => new AsyncFunction(code(way))(),
      setTimeout: (way) => setTimeout(code(way)),
      setInterval: (way) => clearInterval(setInterval(code(way), 1) + later(50)),
      "import of data": (way) => import(`data:text/javascript,${code(way)}`),
      "import of a blob": (way) => import(blob(code(way))),
      "a script's text": (way) => (element("script").textContent = code(way)),
      "a script's text node": (way) => element("script").append(code(way)),
      "a script's address": (way) => (element("script").src = `data:text/javascript,${code(way)}`),
      "a script's address as an attribute": (way) => element("script", { src: `data:text/javascript,${code(way)}` }),
      "a script from a blob": (way) => (element("script").src = blob(code(way))),
      "a handler as an attribute": (way) => element("button", { onclick: code(way) }).click(),
      "a link's address": (way) => element("a", { href: `javascript:void ${code(way)}` }).click(),
      "a form's address": (way) => element("form", { action: `javascript:void ${code(way)}` }).requestSubmit(),
      "a frame's address": (way) => element("iframe", { src: `javascript:parent.${code(way)}` }),
      "a worker from elsewhere in the page's host": (way) => {
        new Worker("./nothing-here.js");
        ran(way);
      },
      "a worker from data": (way) => {
        const worker = new Worker(`data:text/javascript,postMessage(1)`);
        worker.onmessage = () => ran(way);
      },
      "a shared worker": (way) => {
        new SharedWorker("./nothing-here.js").port.close();
        ran(way);
      },
      "a service worker": async (way) => {
        const registered = await navigator.serviceWorker.register(document.getElementById("engine").dataset.js);
        await registered.unregister();
        ran(way);
      },
      "another policy": (way) => {
        trustedTypes.createPolicy("another", {});
        ran(way);
      },
      "the same policy again": (way) => {
        trustedTypes.createPolicy("default", { createHTML: (html) => html });
        ran(way);
      },
      "an element's style": (way) => {
        const styled = element("b", { style: "position: fixed" });
        if (getComputedStyle(styled).position === "fixed") ran(way);
      },
      "a style sheet": (way) => {
        element("style").textContent = "b { position: fixed }";
        if (getComputedStyle(element("b")).position === "fixed") ran(way);
      },
      "another base": (way) => {
        element("base", { href: `${elsewhere}/` });
        if (document.baseURI.startsWith(elsewhere)) ran(way);
      },
      // Of these the other server tells that they happened.
      "a form to elsewhere": (way) => {
        element("iframe", { name: "target" });
        element("form", { action: `${elsewhere}/${way}`, target: "target" }).submit();
      },
      "a frame from elsewhere": (way) => element("iframe", { src: `${elsewhere}/${way}` }),
      "an object from elsewhere": (way) => element("object", { data: `${elsewhere}/${way}` }),
      "an embedding from elsewhere": (way) => element("embed", { src: `${elsewhere}/${way}` }),
      "a picture from elsewhere": (way) => element("img", { src: `${elsewhere}/${way}` }),
      "a style sheet from elsewhere": (way) => element("link", { rel: "stylesheet", href: `${elsewhere}/${way}` }),
      "a script from elsewhere": (way) => element("script", { src: `${elsewhere}/${way}` }),
    });

    await later(0);
    for (const [way, go] of Object.entries(ways)) {
      seen[way] = "refused";
      try {
        await go(way);
      } catch {
        // Refused.
      }
      await later(0);
    }
    await later(500);
    place.remove();
    return seen;
  }, elsewhere);

/** Tries the same in the engine's worker. */
const tryAllInWorker = (worker) =>
  worker.evaluate(async () => {
    const seen = {};
    globalThis.ran = (way) => (seen[way] = "happened");
    const code = (way) => `globalThis.ran(${JSON.stringify(way)})`;
    const blob = (text) => URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    const ways = {
      eval: (way) => (0, eval)(code(way)),
      Function: (way) => new Function(code(way))(),
      setTimeout: (way) => setTimeout(code(way)),
      "a script from a blob": (way) => importScripts(blob(code(way))),
      "a script from data": (way) => importScripts(`data:text/javascript,${code(way)}`),
      "a worker of its own": (way) => {
        new Worker(blob("1"));
        globalThis.ran(way);
      },
      "another policy": (way) => {
        trustedTypes.createPolicy("another", {});
        globalThis.ran(way);
      },
    };
    await new Promise((done) => setTimeout(done));
    for (const [way, go] of Object.entries(ways)) {
      seen[way] = "refused";
      try {
        go(way);
      } catch {
        // Refused.
      }
      await new Promise((done) => setTimeout(done, 10));
    }
    return seen;
  });

describe("a text that would be markup or program", () => {
  const happened = (seen) => Object.keys(seen).filter((way) => seen[way] === "happened");
  const arrived = () => tripwire.requests.splice(0).map(({ path }) => decodeURIComponent(path.slice(1).split("?")[0]));

  const hosts = { "the headers of production": {}, "the page's own <meta> alone": { intercept: withoutHeaders } };
  for (const [what, serve] of Object.entries(hosts)) {
    it(`is neither, under ${what}`, async () => {
      const account = await registerUser(homeserver);
      await withPage({ homeserver, serve }, async (visit) => {
        await visit.signIn(account);
        const seen = await tryAll(visit.page, tripwire.origin);
        assert.ok(Object.keys(seen).length > 140, `${Object.keys(seen).length} ways`);
        assert.deepEqual(happened(seen), []);
        const [worker] = visit.page.workers();
        assert.deepEqual(happened(await tryAllInWorker(worker)), []);
        assert.deepEqual(arrived(), []);
        visit.expect(/polic|Trusted|Content Security|refused/i);
        // The page goes on working.
        await visit.choose("key");
        assert.deepEqual(visit.troubles, []);
      });
    });
  }

  for (const [what, serve] of Object.entries(hosts)) {
    it(`is neither where people come back to from signing in, under ${what}`, async () => {
      await withPage({ serve }, async (visit) => {
        await visit.page.goto(`${visit.server.url}callback.html`);
        const seen = await tryAll(visit.page, tripwire.origin);
        assert.ok(Object.keys(seen).length > 140, `${Object.keys(seen).length} ways`);
        assert.deepEqual(happened(seen), []);
        assert.deepEqual(arrived(), []);
        const reach = () => fetch("./").then(() => "reached", () => "refused");
        assert.equal(await visit.page.evaluate(reach), "refused", "not even its own host");
        visit.expect(/polic|Trusted|Content Security|refused/i);
        assert.deepEqual(visit.troubles, []);
      });
    });
  }

  it("would be, in a browser that heeds no policy", async () => {
    const account = await registerUser(homeserver);
    await withPage({ homeserver, browser: { bypassCSP: true } }, async (visit) => {
      await visit.signIn(account);
      const seen = await tryAll(visit.page, tripwire.origin);
      const there = arrived();
      const refused = Object.keys(seen).filter((way) => seen[way] === "refused" && !there.includes(way));
      assert.deepEqual(refused, ["the same policy again"], "a second default policy is refused without any policy, too");
      visit.troubles.length = 0;
    });
  });
});
