// `make pictures`: the pictures of the eight steps, taken of the real screens (the gallery draws them from their fixtures).
// Each is cropped to what the step is about, has the place to press marked by a ring and the step's number, and comes in
// both themes. Beside them, pictures.json says what each was taken of, so that a test sees when a screen is another now
// (tests/e2e/pictures.test.mjs): the bytes of a picture are others with each version of Chromium.
//
//   node tools/pictures.mjs                  English, into docs/pictures/, and README.md shows them
//   node tools/pictures.mjs --language de    another language, into ~/.cache/matrixbackup/pictures/de/

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

import { cache } from "../tests/e2e/support/figures.mjs";
import { buildGallery } from "../tests/e2e/support/gallery.mjs";
import { LANGUAGES } from "../tests/e2e/support/language.mjs";
import { withPage } from "../tests/e2e/support/page.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
/** The folder of the committed pictures. */
export const folder = join(root, "docs/pictures");
/** The most bytes that a picture may have. */
export const most = 25_000;

const primary = "button.primary";
/**
 * The steps. `rows`: what the step takes the place of in the tutorial of 2021, whose eight rows were: open the menu, go to
 * the settings, set up, choose a phrase, enter it, repeat it, download the key, enter the account password. `target`: the
 * place to press. `typed`: what stands in the step's field, where the fixture has it empty.
 */
export const STEPS = [
  { name: "start", fixture: "intro", rows: [1], target: primary },
  { name: "account", fixture: "server-again", rows: [2], target: primary },
  { name: "password", fixture: "sign-in", rows: [8], target: primary, typed: "not a password" },
  { name: "set-up", fixture: "findings", rows: [3, 4], target: ".card:nth-child(2)" },
  { name: "phrase", fixture: "phrase-good", rows: [5], target: primary, typed: "copper lantern" },
  { name: "repeat", fixture: "repeat", rows: [6], target: primary, typed: "copper lantern" },
  { name: "save", fixture: "save-phrase", rows: [7], target: ".ways button" },
  { name: "confirm", fixture: "confirm-phrase", rows: [], target: primary },
];

const themes = ["light", "dark"];
const qualities = [80, 65, 50];
/** How the browser is to be for `look` and `take`. */
const browser = { viewport: { width: 400, height: 800 }, deviceScaleFactor: 1.5, reducedMotion: "reduce" };
export const fileOf = (at, theme) => `${at + 1}-${STEPS[at].name}-${theme}.webp`;

/** Opens the screen of a step, the `at`th, as its picture shows it. */
export async function open({ page, server }, at, language = "en") {
  const { fixture, typed } = STEPS[at];
  await page.goto(`${server.url}?lang=${language}&screen=${fixture}#${fixture}`, { waitUntil: "commit" });
  await page.locator('#page main[data-step]:not([data-step="loading"]) h1').waitFor();
  await page.evaluate((typed) => {
    const field = document.querySelector('#page main input[type="password"]:not(.login)');
    if (typed) field.value = typed;
    // The mark is the only ring that a picture shows.
    document.activeElement?.blur();
  }, typed);
}

/** Says what a picture of the step on screen would be taken of. */
export async function look({ page }, at, language = "en") {
  const step = STEPS[at];
  const { title, text, mark } = await page.evaluate(read, step.target);
  const looks = {};
  for (const colorScheme of themes) {
    await page.emulateMedia({ colorScheme });
    looks[colorScheme] = createHash("sha256").update(await page.evaluate(drawn)).digest("hex").slice(0, 16);
  }
  const { name, fixture, rows } = step;
  return { name, fixture, rows, mark, text, looks, alt: alternative(language, at, title, mark.text) };
}

/** Takes the pictures of the step on screen: `{ light, dark }`, the bytes of a WebP each. */
async function take(visit, at) {
  const crop = await visit.page.evaluate(draw, { target: STEPS[at].target, number: at + 1 });
  const pictures = {};
  for (const colorScheme of themes) {
    await visit.page.emulateMedia({ colorScheme });
    const shot = { format: "webp", captureBeyondViewport: true, clip: { ...crop, scale: 1 } };
    // Long texts take more bytes.
    for (const quality of qualities) {
      const { data } = await visit.devtools.send("Page.captureScreenshot", { ...shot, quality });
      pictures[colorScheme] = Buffer.from(data, "base64");
      if (pictures[colorScheme].length <= most) break;
    }
  }
  return pictures;
}

const templates = JSON.parse(readFileSync(new URL("pictures/words.json", import.meta.url), "utf8"));
/** Says in words what a picture shows. */
function alternative(language, at, title, target) {
  const values = { number: at + 1, all: STEPS.length, title, target };
  return templates[language].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** Runs in the page: returns what the picture shows in words, and where to press. */
function read(selector) {
  const main = document.querySelector("#page main");
  const visible = [...main.querySelectorAll(selector)].filter((each) => each.checkVisibility());
  const lines = (element) => element.innerText.split("\n").map((line) => line.trim()).filter(Boolean);
  const [target] = visible;
  return {
    title: main.querySelector("h1").innerText,
    text: lines(main),
    mark: { element: target.localName, text: lines(target)[0] },
  };
}

/** Runs in the page: lists what is drawn and how, as far as it is the same in each version of the browser and with any font. */
function drawn() {
  const looks = [
    "display", "color", "background-color", "opacity", "font-size", "font-weight", "font-style", "font-family", "line-height",
    "text-align", "text-decoration-line", "padding-top", "padding-left", "margin-top", "margin-bottom", "border-top-width",
    "border-top-style", "border-top-color", "border-left-width", "border-top-left-radius", "fill", "stroke", "stroke-width",
  ];
  const shapes = ["d", "x", "y", "cx", "cy", "r", "width", "height", "points", "transform", "viewBox"];
  const main = document.querySelector("#page main");
  const text = (element) => [...element.childNodes].filter(({ nodeType }) => nodeType === 3).map(({ data }) => data).join("");
  return [main, ...main.querySelectorAll("*")]
    .filter((element) => element.checkVisibility())
    .map((element) => {
      const style = getComputedStyle(element);
      const shape = shapes.map((name) => element.getAttribute(name) ?? "");
      return [element.localName, text(element), ...shape, ...looks.map((name) => style.getPropertyValue(name))].join("|");
    })
    .join("\n");
}

/** Runs in the page: draws the ring with its number; returns what to crop to, from the heading to the ring. */
function draw({ target: selector, number }) {
  const main = document.querySelector("#page main");
  const target = [...main.querySelectorAll(selector)].find((each) => each.checkVisibility());
  const box = target.getBoundingClientRect();
  const [above, below, gap, size] = [8, 14, 7, 15];
  const make = (name, attributes, parent) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return parent.appendChild(element);
  };
  const svg = make("svg", { width: innerWidth, height: document.documentElement.scrollHeight }, document.body);
  Object.assign(svg.style, { position: "absolute", left: 0, top: 0, pointerEvents: "none" });
  const x = Math.max(box.left + scrollX - gap, 4);
  const y = box.top + scrollY - gap;
  const width = Math.min(box.right + scrollX + gap, innerWidth - 4) - x;
  const ring = { x, y, width, height: box.height + 2 * gap, rx: 16, fill: "none" };
  const isFromRight = getComputedStyle(main).direction === "rtl";
  const badge = { cx: isFromRight ? x + size : x + width - size, cy: y, r: size };
  // White around it: so it is seen on light and dark alike.
  make("rect", { ...ring, stroke: "#fff", "stroke-width": 9 }, svg);
  make("circle", { ...badge, r: size + 3, fill: "#fff" }, svg);
  make("rect", { ...ring, stroke: "#b3124f", "stroke-width": 4 }, svg);
  make("circle", { ...badge, fill: "#b3124f" }, svg);
  const text = { x: badge.cx, y: badge.cy, fill: "#fff", "text-anchor": "middle", "dominant-baseline": "central" };
  make("text", { ...text, "font-size": 20, "font-weight": 700, "font-family": "sans-serif" }, svg).textContent = number;
  const top = Math.max(main.querySelector("h1").getBoundingClientRect().top + scrollY - above, 0);
  return { x: 0, y: top, width: innerWidth, height: box.bottom + scrollY + below - top };
}

/** The part of README.md that shows the pictures. */
export function shownInReadme(records) {
  const cell = ({ alt }, at) => {
    const [light, dark] = themes.map((theme) => `docs/pictures/${fileOf(at, theme)}`);
    return `<picture><source media="(prefers-color-scheme: dark)" srcset="${dark}"><img src="${light}" width="200" alt="${alt.replaceAll('"', "&quot;")}"></picture>`;
  };
  const cells = records.map(cell);
  const row = (some) => `| ${some.join(" | ")} |`;
  return [row(["1", "2", "3", "4"]), "|---|---|---|---|", row(cells.slice(0, 4)), row(["**5**", "**6**", "**7**", "**8**"]), row(cells.slice(4))].join("\n");
}
/** What stands before and behind that part. */
export const around = ["<!-- Made by `make pictures`. -->\n\n", "\n\n<!-- The end of what it made. -->"];

/** Takes all pictures in a language: what `look` says of each, with the bytes of `light` and `dark`. */
export async function takeAll(visit, language) {
  const taken = [];
  for (const at of STEPS.keys()) {
    await open(visit, at, language);
    const record = await look(visit, at, language);
    const pictures = await take(visit, at);
    for (const [theme, { length }] of Object.entries(pictures)) {
      if (length > most) throw new Error(`${fileOf(at, theme)} in ${language} has ${length} bytes, more than ${most}`);
    }
    taken.push({ record, ...pictures });
  }
  return taken;
}

/** Shows the screens, from their fixtures, to `act(visit)`. */
export async function withScreens(act) {
  const gallery = buildGallery();
  try {
    await withPage({ serve: { dist: gallery.folder }, browser }, act);
  } finally {
    gallery.remove();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const { values } = parseArgs({ options: { language: { type: "string", default: "en" } } });
  const { language } = values;
  if (!LANGUAGES.includes(language)) {
    console.error(`pictures: there is no language ${language}. There are: ${LANGUAGES.join(", ")}`);
    process.exit(1);
  }
  const into = language === "en" ? folder : join(cache, "pictures", language);
  let taken;
  await withScreens(async (visit) => (taken = await takeAll(visit, language)));
  rmSync(into, { recursive: true, force: true });
  mkdirSync(into, { recursive: true });
  for (const [at, pictures] of taken.entries()) {
    for (const theme of themes) writeFileSync(join(into, fileOf(at, theme)), pictures[theme]);
  }
  const records = taken.map(({ record }) => record);
  writeFileSync(join(into, "pictures.json"), `${JSON.stringify(records, undefined, 2)}\n`);
  if (language === "en") {
    const file = join(root, "README.md");
    const readme = readFileSync(file, "utf8");
    const [start, end] = around.map((mark) => readme.indexOf(mark));
    if (start < 0 || end < start) throw new Error("README.md has no place for the pictures");
    writeFileSync(file, readme.slice(0, start + around[0].length) + shownInReadme(records) + readme.slice(end));
  }
  console.log(`pictures: ${records.length} steps, light and dark, in ${into}`);
  process.exit();
}
