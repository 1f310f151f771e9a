// Measures how far the slow link reaches: a page and its worker count, and fetch a megabyte.

import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { inBrowser } from "./browser.mjs";
import { milliseconds, table } from "./figure.mjs";
import { links } from "./link.mjs";
import { serve } from "./served.mjs";

/** Returns a table of Markdown, and whether Chromium's own throttling slowed a worker down. */
export async function measureReach({ homeserver, folder, say }) {
  writeFileSync(join(folder, "megabyte.bin"), randomBytes(1_000_000));
  const found = {};
  const ways = { "not slowed down": [links.fast], "by Chromium's protocol": [links.slow, { processor: "chromium" }], "by signals": [links.slow] };
  for (const [name, [link, how]] of Object.entries(ways)) {
    const server = await serve(homeserver, folder, { plain: true });
    found[name] = await inBrowser(server, link, async ({ page }) => {
      await page.goto(`${server.url}empty.html`);
      return page.evaluate(inPage, `${server.url}megabyte.bin`);
    }, how);
    await server.close();
  }
  const free = found["not slowed down"];
  const times = (ms, of) => `${milliseconds(ms)} (${(ms / of).toFixed(1)} ×)`;
  const rows = Object.entries(found).map(([name, { page, worker }]) => [
    name,
    ...[[page.counts, free.page.counts], [worker.counts, free.worker.counts]].map(([ms, of]) => times(ms, of)),
    ...[page.fetches, worker.fetches].map(milliseconds),
  ]);
  const { page, worker } = found["by Chromium's protocol"];
  const chromiumReachesWorkers = worker.counts / free.worker.counts > page.counts / free.page.counts / 2;
  const result = {
    chromiumReachesWorkers,
    table: table(["processor slowed down", "page counts", "worker counts", "page fetches 1 MB", "worker fetches 1 MB"], rows),
  };
  say(`slow link: Chromium's own throttling of the processor ${chromiumReachesWorkers ? "reaches" : "does not reach"} workers`);
  return result;
}

/** Runs in the page. */
async function inPage(url) {
  const work = async (url) => {
    const count = (to) => {
      let x = 1;
      for (let i = 0; i < to; i++) x = (x * 48271) % 2147483647;
      return x;
    };
    // Others on this machine disturb some of them.
    const took = [];
    for (let i = 0; i < 9; i++) {
      const start = performance.now();
      count(1e7);
      took.push(performance.now() - start);
    }
    const counts = took.sort((a, b) => a - b)[4];
    const start = performance.now();
    await (await fetch(url)).arrayBuffer();
    return { counts, fetches: performance.now() - start };
  };
  const page = await work(url);
  const text = `const work = ${work}; work(${JSON.stringify(url)}).then(postMessage);`;
  const worker = new Worker(URL.createObjectURL(new Blob([text], { type: "text/javascript" })));
  return { page, worker: await new Promise((done) => (worker.onmessage = ({ data }) => done(data))) };
}
