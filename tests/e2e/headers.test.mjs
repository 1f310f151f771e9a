// What the page is served with is what tools/headers.mjs says, and the floor in its <meta> is the same policy.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";

import { headersFor, metaPolicy } from "../../tools/headers.mjs";
import { startServer } from "../../tools/serve.mjs";
import { dist, withPage } from "./page.mjs";

it("every file arrives with the headers of production, compressed", async () => {
  const server = await startServer({ dist, mount: "/sub/path/" });
  try {
    const files = readdirSync(dist, { recursive: true }).filter((name) => !/\.(br|gz)$|^SHA256SUMS$/.test(name));
    assert.ok(files.some((name) => /^engine-[0-9a-f]{16}_bg\.wasm$/.test(name)), "dist/ holds the engine");
    for (const name of ["", ...files]) {
      const answer = await fetch(server.url + name, { headers: { "Accept-Encoding": "br" } });
      assert.equal(answer.status, 200, name);
      for (const [header, value] of Object.entries(headersFor(name))) {
        assert.equal(answer.headers.get(header), value, `${header} of ${name || "/"}`);
      }
      assert.equal(answer.headers.get("content-encoding"), "br", name);
      await answer.arrayBuffer();
    }
    const missing = await fetch(`${server.url}nothing-here`);
    assert.equal(missing.headers.get("content-security-policy"), headersFor("")["Content-Security-Policy"]);
  } finally {
    await server.close();
  }
});

it("the policy in the page is the same, and nothing in it is inline or absolute", async () => {
  const html = readFileSync(join(dist, "index.html"), "utf8");
  const [, policy] = html.match(/<meta[^>]+http-equiv="Content-Security-Policy"[^>]+content="([^"]+)"/i) ?? [];
  assert.equal(policy, metaPolicy);
  assert.doesNotMatch(html, /<script(?![^>]*\ssrc=)/i, "no inline script");
  assert.doesNotMatch(html, /<style|\sstyle=|\son\w+=/i, "no inline style or handler");
  assert.doesNotMatch(html, /\s(src|href)="(https?:)?\//i, "every link is relative");
});

it("the page does not start inside another page", async () => {
  await withPage({ serve: { intercept: framed } }, async (visit) => {
    await visit.page.goto(`${visit.server.origin}/outer`);
    // The header alone would do; the page itself refuses, too, where a host sends no headers.
    await visit.page.waitForTimeout(1000);
    const inner = visit.page.frames().find((frame) => frame !== visit.page.mainFrame());
    assert.equal(await inner.locator('main[data-step="intro"]').count(), 0);
    assert.match(await inner.locator("body").innerText(), /inside another page/);
  });

  // A host without headers: what is left is the page's own floor.
  function framed(request, response) {
    const { pathname } = new URL(request.url, "http://localhost");
    if (pathname === "/outer") {
      const outer = '<!doctype html><title>Outer</title><iframe src="/"></iframe>';
      response.writeHead(200, { "Content-Type": "text/html" }).end(outer);
      return true;
    }
    const set = response.writeHead.bind(response);
    response.writeHead = (status, headers) =>
      set(status, Object.fromEntries(Object.entries(headers).filter(([name]) => /^Content-(Type|Enc|Len)/.test(name))));
    return false;
  }
});
