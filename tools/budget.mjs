// Checks the budget of dist/: the bytes that a browser downloads (brotli), and the figures that the last e2e run
// measured on this very build. Prints one line for each; fails when one is over its limit.

import { readdirSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const dist = "dist";
const measured = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "matrixbackup/budget-e2e.json");

let html;
try {
  html = readFileSync(join(dist, "index.html"), "utf8");
} catch {
  console.error("budget: there is no dist/index.html; run `make dist` first");
  process.exit(1);
}

const downloads = readdirSync(dist, { recursive: true }).filter((name) => /\.(html|css|js|wasm)\.br$/.test(name));
const size = (names) => names.reduce((sum, name) => sum + statSync(join(dist, name)).size, 0);
const named = (start) => downloads.filter((name) => name.startsWith(start));
// The second part is fetched behind the first screen and the engine with "Start"; what no line below names is before it.
const [engine, later] = [named("engine-"), named("later-")];
// Only who takes a photo of the kit loads this.
const photo = named("photo-");
// Only who types a phrase loads this.
const estimate = named("estimate-");
// Only an administrator loads this, with ?checkup.
const checkup = named("checkup-");
// Only an administrator loads this, with ?readiness: the page and the worker that judges.
const readiness = named("readiness-");
// Only the window of a sign-in loads this.
const callback = named("callback");
// Of the texts, a visit loads one language's: those of the first screen, then all others; another file few people need.
const ofLanguages = {};
for (const name of readdirSync(dist)) {
  const language = /^words-([a-zA-Z-]+)-[0-9a-f]{16}\.json\.br$/.exec(name)?.[1];
  // Those of checkup and readiness have a file of their own, which only an administrator loads.
  const isOfHosts = language && /"checkup_/.test(readFileSync(join(dist, name.slice(0, -".br".length)), "utf8"));
  if (language && !isOfHosts) (ofLanguages[language] ??= []).push(name);
}
const firstFiles = [...html.matchAll(/words-[a-zA-Z-]+-[0-9a-f]{16}\.json/g)].map(([name]) => `${name}.br`);
const largest = (lists) => Math.max(0, ...lists.map(size));
const firstTexts = largest(firstFiles.map((name) => [name]));
const page = downloads.filter((name) => ![...engine, ...later, ...photo, ...estimate, ...checkup, ...readiness, ...callback].includes(name));

const figures = [
  { name: "page, until the first screen can be used", value: size(page) + firstTexts, limit: 80_000, unit: "bytes" },
  { name: "page's second part, behind the first screen", value: size(later), limit: 152_000, unit: "bytes" },
  { name: "texts of the first screen, in the largest language", value: firstTexts, limit: 3_000, unit: "bytes" },
  {
    name: "all texts, in the largest language",
    value: largest(Object.values(ofLanguages)),
    limit: 22_000,
    unit: "bytes",
  },
  { name: "engine", value: size(engine), limit: 1_050_000, unit: "bytes" },
  { name: "reader of photos, with the first photo", value: size(photo), limit: 105_000, unit: "bytes" },
  { name: "estimate of phrases, with the first one typed", value: size(estimate), limit: 660_000, unit: "bytes" },
  { name: "callback, in the window of a sign-in", value: size(callback), limit: 4_500, unit: "bytes" },
  { name: "checkup, for administrators alone", value: size(checkup), limit: 15_000, unit: "bytes" },
  { name: "who is ready, for administrators alone", value: size(readiness), limit: 60_000, unit: "bytes" },
  ...measuredFigures(),
];

/**
 * Reads what the e2e tests write: `{ build, figures: [{ name, value, limit, unit }] }`, some without a limit, where `build` is index.html's
 * data-build. Returns the figures, or none if they are of another build.
 */
function measuredFigures() {
  let run;
  try {
    run = JSON.parse(readFileSync(measured, "utf8"));
  } catch {
    console.log("(no figures from an e2e run yet)");
    return [];
  }
  if (html.includes(`data-build="${run.build}"`)) return run.figures;
  console.log("(the last e2e run measured another build)");
  return [];
}

let over = 0;
for (const { name, value, limit, unit } of figures) {
  // A part of another figure has no limit of its own.
  const ok = limit === undefined || value <= limit;
  if (!ok) over++;
  const [is, of] = [value, limit].map((number) => (number?.toLocaleString("en") ?? "").padStart(9));
  console.log(`${ok ? "  ok" : "OVER"}  ${name.padEnd(60)} ${is} ${limit === undefined ? "  " : "of"} ${of} ${unit}`);
}
process.exitCode = over ? 1 : 0;
