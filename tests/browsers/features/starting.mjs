// The page starts, or says in a sentence why it does not.

import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";

import { Unable } from "../unable.mjs";
import { visiting } from "../visiting.mjs";
import { until, withPerson } from "../way.mjs";

/** Shows which sentence comes where a feature of the browser is missing; `options` take it away. */
const sentenceWithout = (options) => (given) =>
  visiting(
    given,
    async (person) => {
      assert.equal(await person.instead(), "too-old");
      assert.match(await person.text("#too-old"), /This browser is too old/);
      return "“This browser is too old”";
    },
    options,
  );

/** Takes `navigator.locks` away by a script before the page's own, or where there is none, by the browser's own switch. */
async function withoutLocks(given) {
  try {
    return await sentenceWithout({ before: () => delete Navigator.prototype.locks })(given);
  } catch (error) {
    if (!(error instanceof Unable)) throw error;
    return sentenceWithout({ under: "no locks" })(given);
  }
}

export const starting = [
  {
    name: "landing",
    sample: true,
    run: (given) =>
      visiting(given, async (person) => {
        await person.at("intro");
        const wide = await person.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(wide <= 0, `${wide} px too wide`);
        return person.text("h1");
      }),
  },
  {
    name: "each file fetched once",
    sample: true,
    run: ({ page, ...given }) => {
      let before = page.requests.length;
      const asked = () =>
        page.requests.slice(before).map(({ path }) => path.replace(/-[0-9a-f]{16}/, "")).filter((path) => !path.startsWith("/_matrix"));
      const startsUp = async (person, last) => {
        await person.at("intro");
        await person.press("Start");
        await person.at("server");
        await until(() => !last || asked().includes(last), last);
        await setTimeout(500);
        return asked().sort().join(" ");
      };
      return visiting({ page, ...given }, async (person) => {
        const first = await startsUp(person, "/engine_bg.wasm");
        const whole = "/ /app_bg.wasm /boot.js /config.json /engine.js /engine_bg.wasm /icon.svg /later.wasm /style.css /words-en.json /words-en.json";
        assert.equal(first.replace(" /icon.svg", ""), whole.replace(" /icon.svg", ""));
        before = page.requests.length;
        await person.goto(page.url);
        assert.equal(await startsUp(person), "/ /config.json");
        return "and of a second visit only / and /config.json";
      });
    },
  },
  {
    name: "WebAssembly switched off",
    run: (given) =>
      visiting(
        given,
        async (person) => {
          assert.equal(await person.evaluate(() => typeof WebAssembly), "undefined");
          assert.equal(await person.instead(), "no-webassembly");
          const said = await person.text("#no-webassembly");
          assert.match(said, /WebAssembly switched off.*Lockdown Mode.*another browser/);
          return `“${await person.text("#no-webassembly h1")}”`;
        },
        { under: "no WebAssembly" },
      ),
  },
  { name: "too old: no AbortSignal.timeout", run: sentenceWithout({ before: () => delete AbortSignal.timeout }) },
  { name: "too old: no navigator.locks", run: withoutLocks },
  {
    name: "one tab only",
    run: (given) =>
      visiting(given, async (person, browser) => {
        await person.at("intro");
        const second = withPerson(await browser.newPage(), browser);
        await second.goto(given.page.url);
        assert.equal(await second.instead(), "elsewhere");
        await person.close();
        await second.at("intro");
        return "the second waits, and goes on when the first is closed";
      }),
  },
];
