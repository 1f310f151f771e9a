// Measures a first set-up, from the page's address to "backup is on": ours, and matrix-js-sdk (Element Web's engine) on a
// page of its own, which does the whole job in the same browser.
//
// A robot is the person. Nothing that it does takes time, so what the page prepares while a person reads is prepared
// too late.

import { depth } from "../e2e/support/figures.mjs";
import { dist, registerUser } from "../e2e/support/page.mjs";
import { signIn } from "../interop/account.mjs";
import { inBrowser, sum, whatWasSeen } from "./browser.mjs";
import { kilobytes, median, megabytes, milliseconds, ratio, seconds, spread, table, whole } from "./figure.mjs";
import { links } from "./link.mjs";
import { bytes, serve } from "./served.mjs";

const phrase = "glass otter fifty moons under snow";
const ways = { key: "recovery key", phrase: "phrase" };

/** Goes the whole way on our page. */
async function ours(visit, account, way) {
  await visit.at("intro");
  await visit.goToSignIn(account.userId);
  await visit.enterPassword(account.password);
  await visit.at("findings");
  await (way === "phrase" ? visit.choosePhrase(phrase) : visit.choose("key"));
  await visit.saveAndProve();
  await visit.turnOn();
  return whatWasSeen(visit, "old-keys");
}

/** Goes the whole way on the other page. */
async function theirs(visit, account, way) {
  await visit.fill("Matrix ID", account.user);
  await visit.fill("Account password", account.password);
  await visit.click("Sign in");
  await visit.at("choose");
  if (way === "phrase") await visit.fill("Security phrase", phrase);
  await visit.click("Turn on backup");
  await visit.at("done");
  return whatWasSeen(visit, "done");
}

/** Measures all of it; `times`: how often. Returns tables of Markdown by name. */
export async function measureSetUp({ homeserver, folder, times, rooms, say }) {
  const pages = { ours: { go: ours, folder: dist }, theirs: { go: theirs, folder, plain: true } };
  const measured = [];
  const cases = [
    ...Object.values(links).flatMap((link) => Object.keys(ways).map((way) => ({ link, way, rooms: 0 }))),
    { link: links.fast, way: "key", rooms },
  ];
  for (const each of cases) {
    const runs = { ours: [], theirs: [] };
    for (let i = 0; i < times; i++) {
      for (const [who, page] of Object.entries(pages)) runs[who].push(await once(homeserver, page, each));
    }
    measured.push({ ...each, runs });
    const words = Object.entries(runs).map(([who, all]) => `${who} ${spread(all.map(({ sum }) => sum), seconds)}`);
    say(`set-up, ${each.link.name}, ${ways[each.way]}, ${each.rooms} rooms: waits ${words.join(", ")}`);
  }
  const counted = [];
  for (const way of Object.keys(ways)) {
    for (const [who, page] of Object.entries(pages)) counted.push([way, who, await count(homeserver, page, way)]);
  }
  say("set-up: requests counted");
  return tables(measured, counted);
}

async function makeAccount(homeserver, rooms) {
  const account = { ...(await registerUser(homeserver)), homeserver: homeserver.url };
  if (!rooms) return account;
  const server = await signIn(account);
  for (let i = 0; i < rooms; i++) await server.request("POST", "/createRoom", { name: `Room ${i}` });
  await server.signOut();
  return account;
}

async function once(homeserver, { go, folder, plain }, { link, way, rooms }) {
  const account = await makeAccount(homeserver, rooms);
  const server = await serve(homeserver, folder, { plain });
  try {
    const seen = await inBrowser(server, link, async (visit) => {
      const from = performance.timeOrigin + performance.now();
      await visit.page.goto(server.url);
      const result = await go(visit, account, way);
      const requests = server.between(from, result.until);
      return { ...result, down: bytes(requests, "down"), up: bytes(requests, "up") };
    });
    return seen;
  } finally {
    await server.close();
  }
}

/** Counts the requests after signing in, and how many waited for each other. The homeserver takes its time, so that those made at once overlap. */
async function count(homeserver, { go, folder, plain }, way) {
  const account = await makeAccount(homeserver, 0);
  const server = await serve(homeserver, folder, { plain, delay: 150 });
  try {
    let requests;
    await inBrowser(server, links.fast, async (visit) => {
      await visit.page.goto(server.url);
      const { until } = await go(visit, account, way);
      const login = server.requests.find(({ method, path }) => method === "POST" && path.endsWith("/login"));
      requests = server.between(login.end, until).filter(server.isMatrix);
    });
    // A sync that still waits for news has no end.
    return { requests: requests.length, depth: depth(requests.filter(({ end }) => end !== undefined)) };
  } finally {
    await server.close();
  }
}

function tables(measured, counted) {
  const names = { ours: "this page", theirs: "matrix-js-sdk" };
  const of = (runs, field) => runs.map((run) => run[field]);
  const [times, costs, screens] = [[], [], []];
  for (const { link, way, rooms, runs } of measured) {
    const name = `${link.name}, ${ways[way]}${rooms ? `, ${rooms} rooms` : ""}`;
    for (const [who, all] of Object.entries(runs)) {
      times.push([
        `${name}: ${names[who]}`,
        ...["usable", "sum", "done"].map((field) => spread(of(all, field), seconds)),
        spread(of(all, "longest"), (ms) => (ms ? milliseconds(ms) : "< 50 ms")),
      ]);
      costs.push([
        `${name}: ${names[who]}`,
        spread(of(all, "down"), kilobytes),
        spread(of(all, "up"), kilobytes),
        spread(of(all, "memory"), megabytes),
      ]);
      const steps = all[0].waits.map(({ step }, at) => `${step} ${milliseconds(median(all.map(({ waits }) => waits[at]?.ms ?? 0)))}`);
      screens.push([`${name}: ${names[who]}`, steps.join(", ")]);
    }
    const ratios = (fields) => fields.map((field) => ratio(of(runs.ours, field), of(runs.theirs, field)));
    times.push([`**matrix-js-sdk / this page**`, ...ratios(["usable", "sum", "done"]), ""]);
    costs.push([`**matrix-js-sdk / this page**`, ...ratios(["down", "up", "memory"])]);
  }
  // The first screen is the same whatever is chosen later.
  const first = Object.values(links).map((link) => {
    const runs = (who) => measured.filter((each) => each.link === link).flatMap((each) => each.runs[who]);
    const cells = ["firstBytes", "usable"].map((field, at) => {
      const write = at ? seconds : kilobytes;
      const [a, b] = ["ours", "theirs"].map((who) => of(runs(who), field));
      return [spread(a, write), spread(b, write), ratio(a, b)];
    });
    return [link.name, ...cells.flat()];
  });
  return {
    firstRuns: sum(measured.map(({ runs }) => runs.ours.length)),
    first: table(["link", "bytes: this page", "matrix-js-sdk", "ratio", "time: this page", "matrix-js-sdk", "ratio"], first),
    times: table(["link, what is kept", "first screen usable", "the waits", "landing to done", "longest task"], times),
    costs: table(["link, what is kept", "down", "up", "most memory"], costs),
    screens: table(["link, what is kept", "from a press to this screen, median"], screens),
    requests: table(
      ["after sign-in", "requests", "depth"],
      counted.map(([way, who, { requests, depth }]) => [`${ways[way]}: ${names[who]}`, whole(requests), whole(depth)]),
    ),
  };
}
