// A film goes from its pictures to a page that plays it. This one is of three screens from their fixtures and takes three
// seconds; `make video` takes the whole one, of the release in front of a homeserver.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, it } from "node:test";

import { headersFor, videoMetaPolicy } from "../../tools/headers.mjs";
import { fileOf, folder as pictures } from "../../tools/pictures.mjs";
import { startServer } from "../../tools/serve.mjs";
import { takeFilm } from "../../tools/video/film.mjs";
import { publish, wordsOfAll } from "../../tools/video/publish.mjs";
import { SCENES, longest } from "../../tools/video/scenes.mjs";
import { openStage, viewport } from "../../tools/video/stage.mjs";
import { buildGallery } from "./support/gallery.mjs";
import { LANGUAGES } from "./support/language.mjs";
import { startChromium, withPage } from "./support/page.mjs";

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
/** The screens, and what the phone beside them shows. */
const short = { intro: "chats", "verify-comparing": "emoji", "old-keys-told-came": "verified" };
const made = mkdtempSync(join(tmpdir(), "matrixbackup-video-"));
let server;

before(async () => {
  const gallery = buildGallery();
  const browser = await startChromium();
  try {
    await withPage({ serve: { dist: gallery.folder }, browser: { viewport, reducedMotion: "reduce" } }, async (visit) => {
      let screen;
      const phone = async () => {
        const emoji = (await visit.main.locator(".emoji li").allInnerTexts()).map((each) => each.split("\n"));
        const backup = { held: 7, words: "All of them are in the backup." };
        return { owner: "A phone", screen, chats: [{ name: "Family", last: "Yes!" }], asker: "This page", emoji, backup };
      };
      const film = takeFilm(visit, await openStage(browser), phone);
      for (const [fixture, shown] of Object.entries(short)) {
        await visit.page.goto(`${visit.server.url}?${fixture}#${fixture}`, { waitUntil: "commit" });
        await visit.page.locator('#page main[data-step]:not([data-step="loading"]) h1').waitFor();
        screen = shown;
        film.scenes.push({ name: SCENES[film.scenes.length].name, start: film.seconds(), end: film.seconds() + 1 });
        await film.show(1);
      }
      await film.takePoster();
      // The pictures as they are committed, in place of those of each language.
      const steps = JSON.parse(readFileSync(join(pictures, "pictures.json"), "utf8")).map((record, at) => {
        const [light, dark] = ["light", "dark"].map((theme) => readFileSync(join(pictures, fileOf(at, theme))));
        return { record, light, dark };
      });
      publish(film, made, { pictures: { en: steps, de: steps }, quick: true });
    });
  } finally {
    await browser.close();
    gallery.remove();
  }
  server = await startServer({ dist: made, mount: "/sub/path/" });
});
after(async () => {
  await server?.close();
  rmSync(made, { recursive: true, force: true });
});

it("plays by keyboard, with its words, and fetches nothing of it before", async () => {
  for (const language of ["en", "de"]) {
    server.requests.length = 0;
    await withPage({ host: { url: `${server.url}video.html?lang=${language}`, origin: server.origin } }, async ({ page }) => {
      const video = page.locator("video");
      await page.waitForLoadState("networkidle");
      const fetched = () => server.requests.map(({ path }) => path.split("/").at(-1).split("?")[0]);
      assert.deepEqual(fetched().filter((name) => /\.(webm|mp4|vtt)$/.test(name)), [], "nothing before it plays");
      const seen = () => fetched().filter((name) => name.endsWith(".webp"));
      assert.deepEqual(seen().map((name) => name.split("-")[1]), ["poster"], "no picture before it is unfolded");
      assert.equal(await page.title(), wordsOfAll()[language].page_title);

      const button = page.getByRole("button", { name: wordsOfAll()[language].page_play, exact: true });
      while (!(await button.evaluate((element) => element === document.activeElement))) await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await page.waitForFunction(() => document.querySelector("video").currentTime > 0.5);
      const [width, height, duration] = await video.evaluate((element) => [element.videoWidth, element.videoHeight, element.duration]);
      assert.deepEqual([width, height], [1280, 720]);
      assert.ok(Math.abs(duration - 3) < 0.25, `it takes ${duration} s`);
      await page.waitForFunction(() => [...document.querySelector("video").textTracks].some((track) => track.activeCues?.length));
      const cues = await video.evaluate(({ textTracks }) =>
        [...textTracks].filter(({ mode }) => mode === "showing").map(({ language, activeCues }) => [language, activeCues[0].text]),
      );
      assert.equal(cues.length, 1, "words of one language");
      const [[tag, text]] = cues;
      assert.equal(tag, language);
      assert.ok(SCENES.slice(0, 3).some(({ name }) => wordsOfAll()[language][name] === text), text);
      assert.equal(fetched().filter((name) => name.endsWith(".vtt")).length, 1);
      await page.keyboard.press("Enter");
      await page.waitForFunction(() => document.querySelector("video").paused);

      const unfold = (key) => page.locator("summary:visible", { hasText: wordsOfAll()[language][key] }).click();
      await unfold("page_transcript");
      assert.ok(await page.getByText(wordsOfAll()[language].start).first().isVisible());
      await unfold("page_pictures");
      await page.locator("picture img:visible").last().scrollIntoViewIfNeeded();
      await page.waitForFunction(() => [...document.images].filter((image) => image.checkVisibility() && image.naturalWidth).length === 8);
      assert.equal(seen().length, 9, "in one language and one theme");
    });
  }
});

it("has a page that is accessible, pinned, and reaches nothing but its own files", async () => {
  const html = readFileSync(join(made, "video.html"), "utf8");
  assert.ok(html.includes(`content="${videoMetaPolicy}"`));
  assert.match(videoMetaPolicy, /default-src 'none'.*connect-src 'none'.*trusted-types 'none'/);
  assert.doesNotMatch(html, /<style|\sstyle=|\son\w+=|\s(src|href|poster)="(https?:)?\//i);
  const names = readdirSync(made).filter((name) => !/^video\.html|^video-SHA256SUMS$|\.(br|gz)$/.test(name));
  for (const name of names) {
    const [, hash] = name.match(/-([0-9a-f]{16})\.\w+$/);
    assert.ok(createHash("sha256").update(readFileSync(join(made, name))).digest("hex").startsWith(hash), name);
    assert.ok(html.includes(name), `${name} is named`);
    assert.match(headersFor(name)["Cache-Control"], /immutable/);
  }
  for (const end of ["js", "css"]) {
    const content = readFileSync(join(made, names.find((name) => name.endsWith(end))));
    assert.ok(html.includes(`integrity="sha384-${createHash("sha384").update(content).digest("base64")}"`), end);
  }
  const browser = { reducedMotion: "reduce" };
  await withPage({ host: { url: `${server.url}video.html`, origin: server.origin }, browser }, async ({ page }) => {
    for (const [colorScheme, width] of [["light", 1280], ["dark", 320]]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 800 });
      await page.evaluate(() => document.querySelectorAll("details").forEach((each) => (each.open = true)));
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `fits ${width}`);
      // By the driver, whom no policy of the page keeps out.
      const found = await page.evaluate(readFileSync(axe, "utf8") + ";axe.run(document, { resultTypes: ['violations'] })");
      assert.deepEqual(found.violations.map(({ id }) => id), []);
    }
  });
});

it("has words in every language for every scene, and the whole film takes less than a minute", () => {
  const words = wordsOfAll();
  assert.deepEqual(Object.keys(words), LANGUAGES);
  for (const [tag, texts] of Object.entries(words)) {
    assert.deepEqual(Object.keys(texts), Object.keys(words.en), tag);
    for (const { name } of SCENES) assert.ok(texts[name], `${name} in ${tag}`);
  }
  assert.ok(SCENES.reduce((sum, { seconds }) => sum + seconds, 0) <= longest);
});
