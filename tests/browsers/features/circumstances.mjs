// People have set their browsers to be safer, calmer or larger. The page goes the whole way there, too.

import assert from "node:assert/strict";

import { visiting } from "../visiting.mjs";
import { phrasePath } from "./set_up.mjs";

/** Goes the phrase path; `look(person, step)` looks at each step on it. */
const wholeWay = (look, options) => (given) =>
  visiting(
    given,
    async (person) => {
      let steps = 0;
      person.atEach(async (step) => {
        steps++;
        await look(person, step);
      });
      const words = await phrasePath(given, person);
      assert.ok(steps > 9, "there were steps to look at");
      return `${steps} screens: ${words}`;
    },
    options,
  );

const matches = (query) => matchMedia(query).matches;
const moving = () =>
  document
    .getAnimations()
    .filter(({ playState, effect }) => playState === "running" && effect.getComputedTiming().activeDuration > 1)
    .map((each) => each.animationName ?? each.transitionProperty);
const tooWide = () => document.documentElement.scrollWidth - innerWidth;
// What has neither a border nor underlined words is no button any more once all backgrounds are the same.
const unseenButtons = () =>
  [...document.querySelectorAll("#page button")]
    .filter((each) => each.checkVisibility())
    .filter((each) => {
      const { borderTopStyle, borderTopWidth, textDecorationLine } = getComputedStyle(each);
      return (borderTopStyle === "none" || borderTopWidth === "0px") && textDecorationLine === "none";
    })
    .map(({ innerText }) => innerText);
const sizeOfText = () => getComputedStyle(document.documentElement).fontSize;

/** What assistive technology has to find on each step, by role and name. */
const named = {
  intro: [["heading", "Keep your private chats readable"], ["button", "Start"]],
  server: [["textbox", "Matrix ID"], ["button", "Continue"]],
  "sign-in": [["button", "Sign in"]],
  phrase: [["button", "Continue"]],
  save: [["heading", "Save your recovery key"], ["button", "Download"], ["button", "Continue"]],
  prove: [["heading", "Enter the key you saved"]],
  confirm: [["button", "Turn on backup"]],
};

export const circumstances = [
  { name: "in a private window", run: wholeWay(() => {}, { under: "private window" }) },
  { name: "without the optimizing compilers", run: wholeWay(() => {}, { under: "no optimizer" }) },
  {
    name: "reduced motion",
    run: wholeWay(
      async (person, step) => {
        assert.ok(await person.evaluate(matches, "(prefers-reduced-motion: reduce)"), "the browser asks for it");
        assert.deepEqual(await person.evaluate(moving), [], `nothing moves at ${step}`);
      },
      { under: "reduced motion" },
    ),
  },
  {
    name: "forced colours",
    run: wholeWay(
      async (person, step) => {
        assert.ok(await person.evaluate(matches, "(forced-colors: active)"), "the browser forces them");
        assert.deepEqual(await person.evaluate(unseenButtons), [], `buttons look like buttons at ${step}`);
      },
      { under: "forced colours" },
    ),
  },
  {
    name: "text of twice the size",
    run: wholeWay(
      async (person, step) => {
        assert.equal(await person.evaluate(sizeOfText), "34px", "the browser's text is twice as large as usual");
        const wide = await person.evaluate(tooWide);
        assert.ok(wide <= 0, `${wide} px too wide at ${step}`);
      },
      { under: "large text" },
    ),
  },
  {
    name: "the tree for assistive technology",
    run: wholeWay(async (person, step) => {
      for (const [role, name] of named[step] ?? []) {
        assert.ok(await person.isInTree(role, name), `the ${role} “${name}” at ${step}`);
      }
    }),
  },
  {
    name: "without any just-in-time compiler",
    run: (given) =>
      visiting(
        given,
        async (person) => {
          if (!(await person.starts())) {
            assert.equal(await person.instead(), "no-webassembly");
            return `“${await person.text("#no-webassembly h1")}”`;
          }
          return phrasePath(given, person);
        },
        { under: "no JIT" },
      ),
  },
];
