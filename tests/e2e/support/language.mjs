// Finds things on the page in another language: a test names what is there in English, and this puts in its place what
// the page says in that language (src/words).

import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../../../src/words/", import.meta.url));

/** The texts of a language, by their keys. */
export const texts = (language) => JSON.parse(readFileSync(`${folder}${language}.arb`, "utf8"));

/** Tags of the page's languages, in the page's order. */
export const LANGUAGES = [
  "en",
  ...readdirSync(folder).filter((name) => name.endsWith(".arb") && name !== "en.arb").map((name) => name.slice(0, -4)).sort(),
];
const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
// Directions are marked around names, and the browser writes some digits otherwise.
const any = "[\\s\\S]+?";

/** The pattern of what a text can become, whatever its arguments are. */
function pattern(text) {
  let found = "";
  for (let at = 0; at < text.length; ) {
    if (text[at] !== "{") {
      const end = text.indexOf("{", at);
      const words = text.slice(at, end < 0 ? undefined : end);
      found += escaped(words);
      at += words.length;
      continue;
    }
    // Skips an argument with all that is in its braces.
    let depth = 0;
    do {
      if (text[at] === "{") depth++;
      if (text[at] === "}") depth--;
      at++;
    } while (depth > 0);
    found += any;
  }
  return found;
}

/** Tells whether a text has words of its own, beside its arguments. */
const saysSomething = (text) => /[A-Za-z]{2}/.test(text.replace(/\{\w+\}/g, ""));

/** Returns a function that puts a language's words in the place of English ones: a text, or a pattern. */
export function dictionary(language) {
  const [english, other] = [texts("en"), texts(language)];
  const pairs = Object.keys(english).filter((key) => !key.startsWith("@")).map((key) => [english[key], other[key]]);
  return (wanted) => {
    if (wanted === undefined) return undefined;
    const finds =
      typeof wanted === "string"
        ? (text) => text === wanted
        : (text) => saysSomething(text) && wanted.test(text.replace(/\{\w+\}/g, "x"));
    let found = pairs.filter(([text]) => finds(text));
    if (typeof wanted === "string" && found.length === 0) {
      const fits = pairs.filter(([text]) => text.includes(wanted));
      found = fits.length ? fits : pairs.filter(([text]) => saysSomething(text) && new RegExp(`^${pattern(text)}$`).test(wanted));
    }
    const patterns = [...new Set(found.map(([, text]) => pattern(text)))];
    if (patterns.length === 0) return wanted;
    if (patterns.length === 1 && !patterns[0].includes(any) && typeof wanted === "string") return found[0][1];
    return new RegExp(`^\\s*(?:${patterns.join("|")})\\s*$`);
  };
}

/** Makes the methods by which a page or a part of it finds things take English words. */
export function takesEnglish(place, translate) {
  for (const method of ["getByText", "getByLabel"]) {
    const find = place[method].bind(place);
    place[method] = (text, options) => find(translate(text), options);
  }
  const byRole = place.getByRole.bind(place);
  place.getByRole = (role, options = {}) =>
    byRole(role, "name" in options ? { ...options, name: translate(options.name) } : options);
  const locator = place.locator.bind(place);
  place.locator = (selector, options = {}) =>
    locator(selector, "hasText" in options ? { ...options, hasText: translate(options.hasText) } : options);
}
