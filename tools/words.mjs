// Makes of each language in src/words the files that the page fetches: the texts of the first screen, those of all others,
// and the sentences of index.html, which few people see. build.rs gives each text its place in the first two.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Keys of the sentences in index.html, which stand there in English. */
const OF_PAGE = /^page_/;

/** Returns the languages of a folder, by their tags, English first. Each has `first`, `rest` and `page`. */
export function languages(folder) {
  const read = (language) => JSON.parse(readFileSync(join(folder, `${language}.arb`), "utf8"));
  const english = read("en");
  const keys = Object.keys(english).filter((key) => !key.startsWith("@")).sort();
  const isFirst = (key) => english[`@${key}`]?.["x-first"] !== undefined;
  const ofProgram = keys.filter((key) => !OF_PAGE.test(key));
  const tags = readdirSync(folder).filter((name) => name.endsWith(".arb")).map((name) => name.slice(0, -4));
  tags.sort((one, other) => (other === "en") - (one === "en") || (one < other ? -1 : 1));
  return new Map(
    tags.map((tag) => {
      const texts = read(tag);
      const list = (wanted) => wanted.map((key) => texts[key]);
      return [
        tag,
        {
          first: list(ofProgram.filter(isFirst)),
          rest: list(ofProgram.filter((key) => !isFirst(key))),
          page: Object.fromEntries(keys.filter((key) => OF_PAGE.test(key)).map((key) => [key, texts[key]])),
        },
      ];
    }),
  );
}
