// The page is served with the headers of tools/headers.mjs, and its <meta> has the same policy.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";

import { headersFor, metaPolicy } from "../../tools/headers.mjs";
import { startServer } from "../../tools/serve.mjs";
import { dist, withPage, withoutHeaders } from "./support/page.mjs";

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

const frames = {
  "a frame": '<iframe src="/"></iframe>',
  "a sandboxed frame": '<iframe sandbox="allow-scripts" src="/"></iframe>',
  "a sandboxed frame of the same origin": '<iframe sandbox="allow-scripts allow-same-origin" src="/"></iframe>',
  "an object": '<object data="/" type="text/html" width="300" height="300"></object>',
  "an embedding": '<embed src="/" type="text/html" width="300" height="300">',
};

// The header alone would do; the page itself refuses, too, where a host sends no headers.
for (const [whose, bare] of [["with its headers", false], ["without headers", true]]) {
  it(`the page ${whose} does not start inside another page`, async () => {
    let outer = "";
    const intercept = (request, response) => {
      if (request.url === "/outer") {
        response.writeHead(200, { "Content-Type": "text/html" }).end(`<!doctype html><title>Outer</title>${outer}`);
        return true;
      }
      return bare && withoutHeaders(request, response);
    };
    await withPage({ serve: { intercept } }, async ({ page, server, until, forgive }) => {
      for (const [what, html] of Object.entries(frames)) {
        outer = html;
        const asked = server.requests.length;
        await page.goto(`${server.origin}/outer`);
        const inner = () => page.frames().find((frame) => frame !== page.mainFrame());
        await until(() => server.requests.slice(asked).some(({ path, status }) => path === "/" && status === 200));
        if (bare && !/"allow-scripts"/.test(html)) {
          await until(async () => /inside another page/.test(await inner()?.locator("body").innerText()));
        } else {
          // Where nothing comes there is nothing to wait for. (Without an origin, not even a script comes.)
          await page.waitForTimeout(500);
        }
        for (const frame of page.frames()) {
          assert.equal(await frame.locator('main[data-step="intro"], input, button').count(), 0, what);
        }
      }
      if (bare) forgive(/origin 'null'|CORS enabled/);
      else assert.ok(forgive(/frame/i) >= Object.keys(frames).length);
    });
  });
}
