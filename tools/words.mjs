// Makes of each language in src/words the files that the page fetches: the texts of the first screen, those of all others,
// and the sentences of index.html, which few people see. build.rs gives each text its place in the first two.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Keys of the sentences in index.html and callback.html, which stand there in English. */
const OF_PAGE = /^page_(?!callback_)/;
const OF_CALLBACK = /^page_callback_/;
/** Keys of the host's checkup. */
const OF_CHECKUP = /^checkup_/;
/** Keys of the pages that src/pages makes: no visit fetches them. */
const OF_PAGES = /^pages_/;

/** Returns the languages of a folder, by their tags, English first. Each has `first`, `rest`, `page`, `callback` and `checkup`. */
export function languages(folder) {
  const read = (language) => JSON.parse(readFileSync(join(folder, `${language}.arb`), "utf8"));
  const english = read("en");
  const keys = Object.keys(english).filter((key) => !key.startsWith("@")).sort();
  const isFirst = (key) => english[`@${key}`]?.["x-first"] !== undefined;
  const ofOthers = [OF_PAGE, OF_CALLBACK, OF_CHECKUP, OF_PAGES];
  const ofProgram = keys.filter((key) => !ofOthers.some((pattern) => pattern.test(key)));
  const tags = readdirSync(folder).filter((name) => name.endsWith(".arb")).map((name) => name.slice(0, -4));
  tags.sort((one, other) => (other === "en") - (one === "en") || (one < other ? -1 : 1));
  return new Map(
    tags.map((tag) => {
      const texts = read(tag);
      const named = (wanted) => Object.fromEntries(keys.filter((key) => wanted.test(key)).map((key) => [key, texts[key]]));
      const list = (wanted) => wanted.map((key) => texts[key]);
      return [
        tag,
        {
          first: list(ofProgram.filter(isFirst)),
          rest: list(ofProgram.filter((key) => !isFirst(key))),
          page: named(OF_PAGE),
          callback: named(OF_CALLBACK),
          checkup: named(OF_CHECKUP),
        },
      ];
    }),
  );
}

/** Returns the direction of a language's writing, as `dir` has it. The engine's older form of asking is gone in newer ones. */
export function direction(tag) {
  const locale = new Intl.Locale(tag);
  return (locale.getTextInfo?.() ?? locale.textInfo).direction;
}

/** CLDR's tag for a language made of accents, by which tests find what was forgotten. */
export const PSEUDO = "en-XA";
const accented = Object.fromEntries(
  [..."aàbƀcçdđeéfƒgĝhĥiîjĵkķlļmɱnñoöpþqǫrŕsštţuûvṽwŵxẋyýzžAÅBƁCÇDÐEÉFƑGĜHĤIÎJĴKĶLĻMṀNÑOÖPÞQǪRŔSŠTŢUÛVṼWŴXẊYÝZŽ"]
    .reduce((pairs, c, at, all) => (at % 2 ? pairs : [...pairs, [c, all[at + 1]]]), []),
);

/** Makes a text of that language: with accents, and a third longer. What is in braces stays, but for the words of a plural. */
export function pseudo(text) {
  const letters = (words) => words.replace(/[A-Za-z]/g, (letter) => accented[letter]);
  let made = "";
  for (let at = 0; at < text.length; ) {
    const name = /^\{\w+(, plural, )?\}?/.exec(text.slice(at))?.[0] ?? /^ ?(=\d|zero|one|two|few|many|other) \{/.exec(text.slice(at))?.[0];
    made += name ?? letters(text[at]);
    at += name?.length ?? 1;
  }
  return `${made}${" ẋ".repeat(Math.ceil(text.length / 9))}`.trim();
}
