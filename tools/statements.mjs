// `make statements`: writes what a host publishes about accessibility and privacy, in each language or one. The first has
// no more in it than what tests took down of the very page in dist/ (tools/checked.mjs); each line of both names its tests.
//
//   ADDRESS=https://keys.example.org/ SERVER=example.org CONTACT=help@example.org node tools/statements.mjs [LANGUAGE…]

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { LANGUAGES, chosenLanguages, filling, given, html, htmlPage, isRtl, write, written } from "./campaign.mjs";
import { buildOf, checkedOf } from "./checked.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

const LEAKS = "ends with nothing sent but the password to the homeserver, and nothing kept";
// One test with the host's headers, one without.
const LOCK = "lets neither a page … nor its worker reach any other server once the homeserver is known";
const SIGN_IN = "lets a page sign in where its homeserver says, and reach nobody else, and says so";

/** The lines of the privacy statement below their headings, each with the tests that hold it, or the document that says so. */
export const PRIVACY = {
  privacy_host: [
    ["privacy_files", "the policy in the page is the same, and nothing in it is inline or absolute", LEAKS],
    ["privacy_token", { document: "SECURITY.md: Known limits" }],
  ],
  privacy_homeserver: [
    ["privacy_find", "may send its well-known to another host, which is shown before the password is typed", LOCK, SIGN_IN],
    ["privacy_password", LEAKS],
    ["privacy_keys", LEAKS],
    ["privacy_device", "signs itself out when its tab is closed", "because the tab is closed once signed in leaves no device"],
  ],
  privacy_kept: [
    ["privacy_browser", LEAKS, "keeps nothing of a page that was left, not even for whoever goes back"],
    ["privacy_account", "whatever breaks while backup is set up, the kept key finishes and opens it"],
  ],
};

/** The tests whose records the accessibility statement reads, by the names of the parts. */
export const CHECKED = {
  screens: "every screen is accessible and fits, light or dark, narrow and wide",
  language: "every screen is accessible, fits and has no English in it",
  keyboard: "sets up backup with a generated key, with nothing but Tab, Enter and typing",
  phone: "shows every screen whole, with the heading in sight and room for a thumb",
};

/** Writes axe-core's tags as people write them: wcag21aa is WCAG 2.1 AA. */
const rule = (tag) => tag.replace(/^wcag(\d)(\d?)(a+)$/, (_, major, minor, level) => `WCAG ${major}.${minor || 0} ${level.toUpperCase()}`);

/** Returns the statement about accessibility, from the records `parts` of the page `build`. */
export function accessibility(language, values, parts, build) {
  const { screens, keyboard, phone, ...others } = parts;
  if (!screens) {
    throw new Error(
      "no test has judged the screens of the page in dist/ here, so there is nothing to state about their accessibility: `make screens` does",
    );
  }
  const list = new Intl.ListFormat(language, { type: "unit" });
  const names = new Intl.DisplayNames(language, { type: "language" });
  const number = new Intl.NumberFormat(language);
  const percent = new Intl.NumberFormat(language, { style: "percent" });
  const known = Object.values(parts).filter(Boolean);
  const last = known.map(({ at }) => at).sort().at(-1);
  const fill = filling(language, { ...values, build, checked: written(language, new Date(last)) });
  // In a list, too, what is written from left to right keeps its order.
  const apart = (text) => (isRtl(language) ? `\u2068${text}\u2069` : text);
  const lines = [];
  const add = (key, facts, ...tests) => {
    const shown = Object.entries(facts).map(([name, fact]) => [name, typeof fact === "number" ? number.format(fact) : fact]);
    lines.push(line(fill(key, Object.fromEntries(shown)), fill("tests"), tests));
  };
  const { axe, rules, views, inEach, narrow, full } = screens;
  add("checked_axe", { axe, screens: screens.screens, rules: list.format(rules.map((tag) => apart(rule(tag)))) }, CHECKED.screens);
  const shown = views.map(({ theme, width }) => fill(`checked_view_${theme}`, { width: number.format(width) }));
  add(inEach ? "checked_each" : "checked_in_turn", { views: list.format(shown) }, CHECKED.screens);
  add("checked_sideways", { width: narrow, full, zoom: percent.format(full / narrow) }, CHECKED.screens);
  const looked = Object.values(others).filter((part) => part?.language);
  for (const part of looked) add("checked_language", { ...part, language: names.of(part.language) }, `${CHECKED.language}: ${part.language}`);
  if (keyboard) add("checked_keyboard", {}, CHECKED.keyboard);
  if (phone) add("checked_phone", phone, CHECKED.phone);
  for (const part of Object.values(others).filter((part) => part?.engine)) add("checked_engine", part, "make browsers");

  const unseen = LANGUAGES.filter((tag) => tag !== "en" && !looked.some(({ language }) => language === tag));
  const not = [
    fill("unchecked_people"),
    fill("unchecked_rules"),
    ...(unseen.length ? [fill("unchecked_languages", { languages: list.format(unseen.map((tag) => names.of(tag))) })] : []),
    fill("unchecked_others"),
  ];
  return htmlPage(language, fill("accessibility"), [
    `<p>${html(fill("accessibility_about"))}</p>`,
    `<h2>${html(fill("checked"))}</h2>`,
    `<ul>${lines.join("\n")}</ul>`,
    `<h2>${html(fill("unchecked"))}</h2>`,
    `<ul>${not.map((text) => `<li>${html(text)}</li>`).join("\n")}</ul>`,
    `<p>${html(fill("barrier"))} <bdi>${html(values.contact)}</bdi></p>`,
  ]);
}

/** Returns the statement about privacy. */
export function privacy(language, values) {
  const fill = filling(language, values);
  const parts = Object.entries(PRIVACY).flatMap(([heading, lines]) => [
    `<h2>${html(fill(heading))}</h2>`,
    `<ul>${lines.map(([key, ...tests]) => line(fill(key), fill("tests"), tests)).join("\n")}</ul>`,
  ]);
  return htmlPage(language, fill("privacy"), [
    `<p>${html(fill("privacy_about"))}</p>`,
    ...parts,
    `<h2>${html(fill("privacy_open"))}</h2>`,
    `<p>${html(fill("privacy_open_answer"))} <bdi>${html(values.contact)}</bdi></p>`,
  ]);
}

/** A line with the tests that hold it, which have English names; a document stands without that heading. */
function line(text, heading, tests) {
  const documents = tests.filter((test) => test.document).map(({ document }) => document);
  const english = (name) => `<span lang="en" dir="ltr">${html(name)}</span>`;
  const held = documents.length
    ? `<br><small>${documents.map(english).join(", ")}</small>`
    : `<br><small>${html(heading)}: ${tests.map((test) => `“${english(test)}”`).join(", ")}</small>`;
  return `<li>${html(text)}${held}</li>`;
}

/** The version of the sources. */
export const version = () => readFileSync(join(root, "Cargo.toml"), "utf8").match(/^version = "(.*)"/m)[1];

function main() {
  const dist = process.env.MATRIXBACKUP_DIST ?? join(root, "dist");
  const values = { ...given(process.env, ["ADDRESS", "SERVER", "CONTACT"]), version: version() };
  for (const language of chosenLanguages(process.argv.slice(2))) {
    console.log(write(language, { "privacy.html": privacy(language, values) }));
  }
  // Last, since it may have nothing to say.
  const [parts, build] = [checkedOf(dist), buildOf(dist)];
  for (const language of chosenLanguages(process.argv.slice(2))) {
    write(language, { "accessibility.html": accessibility(language, values, parts, build) });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    main();
  } catch (error) {
    console.error(error.code === "ENOENT" ? "there is no page in dist/ to state anything about: `make dist` makes it" : error.message);
    process.exitCode = 1;
  }
}
