// The committed pictures of the steps show what the screens are now. `make pictures` takes them anew.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";

import { STEPS, around, fileOf, folder, look, most, open, shownInReadme, withScreens } from "../../tools/pictures.mjs";
import { LANGUAGES } from "./support/language.mjs";

const read = (name) => readFileSync(new URL(name, import.meta.url), "utf8");
const records = JSON.parse(readFileSync(join(folder, "pictures.json"), "utf8"));

it("no picture of the steps is out of date", async () => {
  await withScreens(async (visit) => {
    assert.equal(records.length, STEPS.length);
    for (const [at, record] of records.entries()) {
      await open(visit, at);
      assert.deepEqual(await look(visit, at), record, `${record.name}: run make pictures, and look at what it made`);
    }
    // Shows that another label, and another colour, would have been noticed.
    const last = STEPS.length - 1;
    const { target } = STEPS[last];
    const repaint = (color) => visit.page.locator(target).evaluate((button, color) => (button.style.color = color), color);
    await repaint("red");
    assert.notDeepEqual((await look(visit, last)).looks, records[last].looks);
    await repaint("");
    assert.deepEqual(await look(visit, last), records[last]);
    await visit.page.locator(target).evaluate((button) => (button.textContent = "Something else"));
    assert.notDeepEqual((await look(visit, last)).mark, records[last].mark);
  });
});

it("each step has its picture in both themes, small, and README.md shows it with words for who cannot see it", () => {
  const files = records.flatMap((_, at) => ["light", "dark"].map((theme) => fileOf(at, theme)));
  assert.deepEqual(readdirSync(folder).sort(), [...files, "pictures.json"].sort());
  for (const name of files) {
    const bytes = readFileSync(join(folder, name));
    assert.equal(bytes.toString("latin1", 8, 12), "WEBP", name);
    assert.ok(bytes.length <= most, name);
  }
  assert.ok(read("../../README.md").includes(around[0] + shownInReadme(records) + around[1]));
});

it("the eight rows of the tutorial of 2021 have a picture each, and every language has words for it", () => {
  assert.deepEqual(records.flatMap(({ rows }) => rows).sort(), [1, 2, 3, 4, 5, 6, 7, 8]);
  assert.deepEqual(Object.keys(JSON.parse(read("../../tools/pictures/words.json"))).sort(), [...LANGUAGES].sort());
});
