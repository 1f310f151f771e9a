// `make campaign`: writes what a host sends to people, in each language or one, from the texts of hosting/campaign/ and what
// the page itself says (src/words). tools/statements.mjs has the statements.
//
//   ADDRESS=https://keys.example.org/ DATE=2027-03-01 SERVER=example.org CONTACT=help@example.org node tools/campaign.mjs [LANGUAGE…]
//
// The files are in campaign/LANGUAGE, or below the folder OUT.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { poster, sheets } from "./poster.mjs";
import { direction } from "./words.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(root, "hosting/campaign");
/** The days before the date on which something is sent; 0 is the date. */
const DAYS = [30, 7, 1, 0];
const LONGEST = { ADDRESS: 300, SERVER: 60, CONTACT: 120 };

export const LANGUAGES = readdirSync(folder).filter((name) => name.endsWith(".arb")).map((name) => name.slice(0, -4)).sort();
export const isRtl = (language) => direction(language) === "rtl";

/** The texts of a language, by their keys: those of hosting/campaign/, and those of the page. */
export const texts = (language) => JSON.parse(readFileSync(join(folder, `${language}.arb`), "utf8"));
const pageTexts = (language) => JSON.parse(readFileSync(join(root, "src/words", `${language}.arb`), "utf8"));

/** Returns what a host gave, or throws with what is wrong with it. `wanted` are the names that have to be there. */
export function given(environment, wanted) {
  const values = {};
  for (const name of wanted) {
    const value = environment[name]?.trim();
    if (!value) throw new Error(`${name} is missing`);
    if (/\p{C}/u.test(value)) throw new Error(`${name} has a character that nobody sees`);
    if (value.length > (LONGEST[name] ?? 10)) throw new Error(`${name} is longer than ${LONGEST[name] ?? 10} characters`);
    values[name.toLowerCase()] = value;
  }
  const address = URL.canParse(values.address) && new URL(values.address);
  if (address?.protocol !== "https:" || address.username || /\s/.test(values.address)) {
    throw new Error("ADDRESS is the page's address, with https:// before it");
  }
  if (wanted.includes("DATE")) {
    const date = new Date(`${values.date}T00:00:00Z`);
    if (!/^\d{4}-\d\d-\d\d$/.test(values.date) || Number.isNaN(+date) || !date.toISOString().startsWith(values.date)) {
      throw new Error("DATE is a day, as in 2027-03-01");
    }
    values.day = date;
  }
  return { ...values, host: address.host };
}

/** Returns a day as people of that language write it. */
export const written = (language, day) => new Intl.DateTimeFormat(language, { dateStyle: "long", timeZone: "UTC" }).format(day);

/** Returns a function that gives a text of a language with its arguments filled in. */
export function filling(language, values) {
  const own = texts(language);
  const page = pageTexts(language);
  return (key, more = {}) => {
    const text = own[key] ?? page[key];
    if (text === undefined) throw new Error(`${language} has no text ${key}`);
    return text.replace(/\{(\w+)\}/g, (_, name) => {
      const value = { ...values, ...more }[name];
      if (value === undefined) throw new Error(`${key}: nothing was given for {${name}}`);
      // What is written from left to right keeps its order among words from right to left.
      return isRtl(language) ? `\u2068${value}\u2069` : String(value);
    });
  };
}

/** What people need, as the page's first screen says it. */
const NEEDS = ["intro_your_usual_app_still_signed", "intro_your_matrix_id_and_how", "intro_a_safe_place_for_a"];

/** The help desk's questions, each with the texts that answer it. */
const QUESTIONS = [
  ["faq_what", "intro_your_private_chats_are_encrypted", "lost", "page", "ask"],
  ["faq_real", "from_email", "genuine"],
  ["intro_what_you_need", ...NEEDS],
  ["faq_must", "faq_must_answer"],
  ["faq_sees", "sees", "faq_sees_answer"],
  ["faq_password", "faq_password_answer"],
  ["faq_device", "faq_device_answer"],
  ["faq_key", "faq_key_answer"],
  ["faq_lost", "faq_lost_answer"],
  ["faq_out", "faq_out_answer"],
  ["faq_avoid", "faq_avoid_answer"],
  ["faq_sent", "faq_sent_answer"],
];

const html = (text) =>
  text.replace(/[&<>]/g, (letter) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[letter])
    .replaceAll("\u2068", "<bdi>")
    .replaceAll("\u2069", "</bdi>");

/** Returns a whole document, without style: it may stand beside the page, whose policy allows none. */
export function htmlPage(language, title, body) {
  return `<!doctype html>
<html lang="${language}" dir="${isRtl(language) ? "rtl" : "ltr"}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>${html(plain(title))}</title>
</head>
<body>
<main>
<h1>${html(title)}</h1>
${body.join("\n")}
</main>
</body>
</html>
`;
}
export { html };

/** Returns the files of a language that are text, by their names. */
export function campaign(language, values) {
  const { address, contact, server, day } = values;
  const date = written(language, day);
  const fill = filling(language, { address, server, date });
  // The page calls itself safe in these words.
  const say = (key) => fill(key, { safe: fill("verdict_youre_safe") });
  const needs = [say("intro_what_you_need"), ...NEEDS.map((key) => `• ${say(key)}`)].join("\n");
  const sentences = (...keys) => keys.map(say).join(language === "zh-Hans" ? "" : " ");
  // Address and contact stand on lines of their own, so that they can be copied whole.
  const message = (from) => [
    sentences("intro_your_private_chats_are_encrypted", "lost"),
    sentences("page", "ask"),
    `${say("address_is")}\n${address}`,
    needs,
    sentences("sees"),
    sentences(from),
    sentences("genuine"),
    `${say("questions")}\n${contact}`,
  ];
  const days = DAYS.map((before) => {
    const when = written(language, new Date(day.getTime() - before * 86_400_000));
    return `${when}\n${say(`timeline_${before}`)}`;
  });
  const body = 5.4;
  const blocks = [
    { text: server, size: body, after: 2 },
    { text: say("intro_keep_your_private_chats_readable"), size: 11, bold: true, after: 5 },
    { text: sentences("intro_your_private_chats_are_encrypted", "lost"), size: body, after: 3 },
    { text: say("page"), size: body, after: 3 },
    { text: say("ask"), size: body, bold: true, after: 4 },
    { text: say("intro_what_you_need"), size: body, bold: true, after: 1 },
    ...NEEDS.map((key) => ({ text: `• ${say(key)}`, size: body, after: 1 })),
    { code: address, size: 66, after: 0 },
    { text: say("poster_scan"), size: body, centre: true, after: 1 },
    { text: address, size: 6, bold: true, centre: true, ltr: true, after: 1 },
    { text: say("poster_compare"), size: body, centre: true, after: 5 },
    { text: say("genuine"), size: 4.6, after: 2 },
    { text: say("questions"), size: 4.6, bold: true, after: 0 },
    // Of whatever direction it is, it starts where the text does.
    { text: isRtl(language) ? `\u2068${contact}\u2069` : contact, size: 4.6, after: 0 },
  ];
  const posters = Object.keys(sheets).map((sheet) => {
    const title = say("intro_keep_your_private_chats_readable");
    return [`poster-${sheet}.svg`, poster({ language, isRtl: isRtl(language), title, blocks, sheet })];
  });
  const answers = QUESTIONS.flatMap(([question, ...keys]) => [
    `<h2>${html(say(question))}</h2>`,
    question === "intro_what_you_need"
      ? `<ul>${keys.map((key) => `<li>${html(say(key))}</li>`).join("")}</ul>`
      : `<p>${html(sentences(...keys))}</p>`,
    ...(question === "faq_real" ? [`<p><bdi>${html(address)}</bdi></p>`] : []),
  ]);
  return {
    "notice.txt": `${[say("intro_keep_your_private_chats_readable"), ...message("from_notice")].join("\n\n")}\n`,
    "email.txt": `Subject: ${plain(say("subject"))}\n\n${[say("hello"), ...message("from_email"), say("regards")].join("\n\n")}\n`,
    "timeline.txt": `${[say("timeline"), ...days].join("\n\n")}\n`,
    "faq.html": htmlPage(language, say("faq"), answers),
    ...Object.fromEntries(posters),
  };
}

/** Takes the marks of direction out, which a mail's header should not have. */
const plain = (text) => text.replace(/[\u2066-\u2069]/g, "");

/** Returns Chromium's path, or nothing. */
function findChromium() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  for (const name of ["chromium", "chromium-browser", "google-chrome"]) {
    try {
      return execFileSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).trim();
    } catch {
      // The next name may be there.
    }
  }
}

/** Tells whether a font here has the letters of a text that are not Latin, as far as fontconfig knows. */
function hasLetters(text) {
  const letters = [...new Set(text.match(/(?!\p{Script=Latin})\p{L}/gu))].map((letter) => letter.codePointAt(0).toString(16));
  try {
    return execFileSync("fc-list", [`:charset=${letters.join(" ")}`], { encoding: "utf8" }).trim() !== "";
  } catch {
    return true;
  }
}

/** Has Chromium print an SVG on its sheet. */
function print(chromium, svg, sheet, target) {
  const { width, height } = sheets[sheet];
  const work = mkdtempSync(join(tmpdir(), "matrixbackup-poster-"));
  try {
    const source = join(work, "poster.html");
    const style = `@page{size:${width}mm ${height}mm;margin:0}html,body{margin:0;height:100%;overflow:hidden}svg{display:block;width:100%;height:100%}`;
    writeFileSync(source, `<!doctype html><meta charset="utf-8"><style>${style}</style>${svg.replace(/^<\?xml.*\n/, "")}`);
    const root = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
    execFileSync(chromium, [
      "--headless=new", "--disable-gpu", "--no-first-run", ...root, `--user-data-dir=${join(work, "profile")}`,
      "--no-pdf-header-footer", `--print-to-pdf=${target}`, pathToFileURL(source).href,
    ], { stdio: "ignore", timeout: 60_000 });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Returns the languages that were asked for; all, if none was. */
export function chosenLanguages(asked) {
  const unknown = asked.filter((language) => !LANGUAGES.includes(language));
  if (unknown.length) throw new Error(`there is no language ${unknown.join(", ")}; there are ${LANGUAGES.join(", ")}`);
  return asked.length ? asked : LANGUAGES;
}

/** Writes files into the folder of a language; returns that folder. */
export function write(language, files) {
  const target = join(process.env.OUT || join(root, "campaign"), language);
  mkdirSync(target, { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(target, name), content);
  return target;
}

function main() {
  const values = given(process.env, ["ADDRESS", "DATE", "SERVER", "CONTACT"]);
  const chromium = findChromium();
  if (!chromium) console.log("Chromium is not here: the posters are made as SVG only.");
  for (const language of chosenLanguages(process.argv.slice(2))) {
    const files = campaign(language, values);
    const target = write(language, files);
    const canPrint = chromium && hasLetters(texts(language).genuine);
    if (chromium && !canPrint) console.log(`${language}: no font here has its letters, so the posters are made as SVG only.`);
    for (const sheet of canPrint ? Object.keys(sheets) : []) {
      print(chromium, files[`poster-${sheet}.svg`], sheet, join(target, `poster-${sheet}.pdf`));
    }
    console.log(target);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    main();
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
