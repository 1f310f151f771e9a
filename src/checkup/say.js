// Says the checkup's sentences in the page's language. The English ones are built in, so that the checkup can say what is
// wrong with a host from which the others do not arrive.

// tools/pin-engine.mjs puts the English texts in its place.
let texts = typeof ENGLISH === "object" ? ENGLISH : {};

/** Takes the texts of the page's language, if they arrive. */
export async function bring() {
  const other = await globalThis.words?.now?.checkup?.().catch(() => undefined);
  if (other) texts = other;
}

/** Writes names one after the other, as the page's language does; in English without a comma before the last, as the page. */
export function list(names) {
  const { lang } = document.documentElement;
  return new Intl.ListFormat(lang === "en" ? "en-GB" : lang).format(names);
}

/** Says the text of a key of src/words. Of ICU MessageFormat it knows arguments, and a plural without another one in it. */
export function say(key, given = {}) {
  const { lang } = document.documentElement;
  const counted = texts[key].replace(/\{(\w+), plural,((?: \S+ \{[^{}]*\})+)\}/g, (_, name, forms) => {
    const all = Object.fromEntries([...forms.matchAll(/ (\S+) \{([^{}]*)\}/g)].map(([, category, text]) => [category, text]));
    const form = all[new Intl.PluralRules(lang).select(given[name])] ?? all.other;
    return form.replaceAll("#", new Intl.NumberFormat(lang).format(given[name]));
  });
  return counted.replace(/\{(\w+)\}/g, (all, name) => given[name] ?? all);
}
