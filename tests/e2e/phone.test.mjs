// The page on a phone. Every screen is measured, and a thumb goes the whole way from the first screen until the page
// has signed itself out. The pictures of the way are kept for people to look at.

import assert from "node:assert/strict";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout } from "node:timers/promises";

import { keepChecked } from "../../tools/checked.mjs";
import { verifyAccount } from "../interop/verifier.mjs";
import { makeAccount } from "../support/accounts/states/makers.mjs";
import { sharedHomeserver } from "../support/server/homeserver.mjs";
import { cache } from "./support/figures.mjs";
import { buildGallery } from "./support/gallery.mjs";
import { unautomated, watchManager } from "./support/manager.mjs";
import { dist, withPage } from "./support/page.mjs";
import { defects, keyboard, phone } from "./support/phone.mjs";

const pictures = join(cache, "phone");
/** The height of a phone that is 360 px wide, in pixels. */
const tall = 740;
/** The time for which the page is frozen, in milliseconds. */
const frozenFor = 4_000;
const openAll = () => document.querySelectorAll("details").forEach((each) => (each.open = true));

// Both at once, because the second test mostly waits.
describe("a phone", { concurrency: true }, () => {
  let homeserver, gallery;
  before(async () => {
    rmSync(pictures, { recursive: true, force: true });
    mkdirSync(pictures, { recursive: true });
    gallery = buildGallery();
    homeserver = await sharedHomeserver();
  });
  after(async () => {
    gallery?.remove();
    await homeserver?.stop();
  });

  it("shows every screen whole, with the heading in sight and room for a thumb", async (test) => {
    keepChecked(dist, "phone");
    const found = [];
    await withPage({ serve: { dist: gallery.folder }, browser: { ...phone, reducedMotion: "reduce" } }, async (visit) => {
      const { page } = visit;
      await visit.at("gallery");
      const names = await page.getByRole("listitem").allInnerTexts();
      assert.ok(names.length > 20, "there are fixtures");
      test.diagnostic(`${names.length} screens`);
      const tell = (name, list) => found.push(...list.map((defect) => `${name}: ${defect}`));
      for (const name of names) {
        await page.goto(`${visit.server.url}?${name}#${name}`, { waitUntil: "commit" });
        await page.locator('#page main[data-step]:not([data-step="loading"])').waitFor();
        await page.locator("#page main h1").waitFor();
        tell(name, await defects(page));
        if (await page.locator("details").count()) {
          await page.evaluate(openAll);
          tell(`${name}, opened`, await defects(page));
        }
        tell(name, await behindKeyboard(visit));
      }
      assert.deepEqual(found, []);

      // Shows that `defects` would have found something.
      const spoil = (style) => page.evaluate((style) => Object.assign(document.querySelector("#page h1").style, style), style);
      for (const [style, defect] of [
        [{ whiteSpace: "nowrap", width: "900px" }, /sideways|instead of 360/],
        [{ overflow: "hidden", width: "5rem" }, /cut off at the side/],
        [{ marginBottom: "-3rem" }, / lies on /],
        [{ marginTop: "800px" }, /out of sight/],
      ]) {
        await spoil(style);
        assert.match((await defects(page)).join(), defect);
      }
      keepChecked(dist, "phone", { screens: names.length, width: phone.viewport.width });
    });
  });

  it("brings old keys in on three screens of 90 words and one phone's height, each with one button to press first", async () => {
    const small = { ...phone, viewport: { width: 360, height: 640 }, reducedMotion: "reduce" };
    await withPage({ serve: { dist: gallery.folder }, browser: small }, async ({ page, server }) => {
      for (const name of ["old-keys", "verify-give-asked", "verify-comparing", "old-keys-told", "old-keys-told-comes", "old-keys-told-came"]) {
        await page.goto(`${server.url}?${name}#${name}`, { waitUntil: "commit" });
        await page.locator("#page main h1").waitFor();
        const primary = page.locator("#page main .primary");
        const waits = name === "verify-give-asked";
        // What depends on the step's state is drawn a moment after the heading.
        await (waits ? page.locator("#page main progress") : primary).first().waitFor();
        const words = await page.evaluate(countWords);
        assert.ok(words <= 90, `${name} has ${words} words`);
        const height = await page.evaluate(() => document.documentElement.scrollHeight);
        assert.ok(height <= tall, `${name} is ${height} px high`);
        assert.equal(await primary.count(), waits ? 0 : 1, name);
      }
    });
  });

  it("goes the whole way with a thumb, and the browser's password manager is asked to keep no more than it should", async (test) => {
    const account = await makeAccount(homeserver, { setUp: "nothing", name: "thumb" });
    const [app] = account.phones;
    test.after(() => app.stop());
    const phrase = "glass otter fifty moons under a lantern";

    await withPage({ homeserver, browser: { ...phone, ...unautomated } }, async (visit) => {
      const { page } = visit;
      const manager = await watchManager(visit);
      /** Waits for a step and measures it; returns its name. */
      const on = async (...steps) => {
        const step = await visit.at(...steps);
        const at = `${steps.join()} is `;
        await page.waitForFunction(() => document.readyState === "complete");
        assert.deepEqual(await defects(page), [], at);
        assert.equal(await page.evaluate(() => scrollY), 0, `${at}scrolled`);
        assert.deepEqual(await behindKeyboard(visit), [], at);
        await page.screenshot({ path: join(pictures, `${String(++count).padStart(2, "0")}-${step}.png`), fullPage: true });
        return step;
      };
      let count = 0;
      const focused = () => page.evaluate(() => document.activeElement.id);

      await on("intro");
      await visit.click("Start");
      await on("server");
      await visit.fill("Matrix ID", account.userId);
      await visit.click("Continue");
      await on("sign-in");
      // The lock lets the browser reach no other homeserver, so that going back reloads the page.
      await page.goBack();
      await on("intro");
      await visit.click("Start");
      await on("server");
      await page.goBack();
      await on("intro");
      await visit.goToSignIn(account.userId);
      await on("sign-in");
      await visit.enterPassword("not the password");
      assert.match(await visit.notice(), /password/);
      assert.equal(await focused(), "password", "a refusal leads back to the field");
      await visit.enterPassword(account.password);
      await on("findings");

      await visit.choose("phrase");
      await on("phrase");
      await page.goBack();
      await on("findings");
      await visit.choose("phrase");
      await visit.fill("Security phrase", phrase);
      await visit.click("Continue");
      await on("repeat");
      await visit.fill("Security phrase", "another phrase");
      await visit.click("Continue");
      assert.match(await visit.notice(), /differ/);
      assert.equal(await focused(), "security-phrase");
      await visit.fill("Security phrase", phrase);
      await visit.click("Continue");
      await on("save");
      const file = await visit.downloadKey();
      await visit.click("Save in password manager");
      await visit.page.locator(".ways .done").nth(1).waitFor();
      await visit.click("Continue");
      await on("prove");
      await page.goBack();
      await on("save");
      await visit.click("Continue");
      await on("prove");
      await visit.fill("Recovery key", file.text);
      await on("confirm");
      await visit.click("Turn on backup");
      await on("old-keys");

      // The app is on the same phone: while it is in front, the browser freezes the page.
      await visit.compareEmoji(app, async () => {
        await on("verify");
        const emoji = await visit.shownEmoji();
        await freeze(visit);
        assert.deepEqual(await visit.shownEmoji(), emoji, "the emoji are still there");
      });
      await on("old-keys");
      await visit.main.getByText("3 new ones.", { exact: false }).waitFor();
      await visit.arrived();
      await on("old-keys");
      await visit.click("Go on");
      await visit.at("coverage");
      await visit.button("Look again").waitFor();
      await on("coverage");
      await page.goBack();
      await on("old-keys");
      await visit.coverage();
      await page.getByRole("button", { name: /take a copy home$/ }).tap();
      await on("take-home");
      await visit.fill("Passphrase for the file", "six words nobody else would choose");
      const [download] = await Promise.all([page.waitForEvent("download"), visit.click("Make the copy")]);
      assert.ok(await download.path());
      await visit.button("Go on").waitFor();
      await on("take-home");
      await visit.click("Go on");
      await visit.at("done");
      await visit.safe();
      await on("done");
      await visit.signOut();
      await on("finished");
      // The manager asks about each secret with the name beside it (tests/e2e/fields.test.mjs), and not about the
      // password that was refused.
      const secrets = ["password", "security-phrase", "security-phrase"].map((secret) => ({ name: "username", secret }));
      assert.deepEqual(await manager.asked(), [...secrets, "Save in password manager"]);
    });
    const { homeserver: url, user, password } = { homeserver: homeserver.url, ...account };
    const report = await verifyAccount({ homeserver: url, user, password, phrase });
    assert.ok(report.ok, JSON.stringify(report));
  });
});

/** Freezes the page for some seconds, as a phone does while another app is in front. */
async function freeze({ page }) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Page.setWebLifecycleState", { state: "frozen" });
  await setTimeout(frozenFor);
  await devtools.send("Page.setWebLifecycleState", { state: "active" });
  await devtools.detach();
}

/** Counts the words that a person sees on a screen. */
function countWords() {
  const main = document.querySelector("#page main");
  const walker = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
  let words = 0;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const isSeen = node.parentElement.checkVisibility({ contentVisibilityAuto: true }) && !node.parentElement.closest(".spoken");
    if (isSeen) words += node.data.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
  }
  return words;
}

/** Finds the fields that nobody sees while they type, because the keyboard lies on them. */
async function behindKeyboard({ page }) {
  const fields = page.locator('main :is(input:not([type="file"], [type="checkbox"], [readonly]), textarea)');
  const found = [];
  for (const field of await fields.all()) {
    if (!(await field.isVisible())) continue;
    const { width, height } = phone.viewport;
    const before = await page.evaluate(() => ({ top: scrollY, id: document.activeElement.id }));
    await field.tap();
    await page.setViewportSize({ width, height: height - keyboard });
    // A phone scrolls to the field that somebody types into.
    const defect = await field.evaluate((field) => {
      field.scrollIntoView({ block: "nearest" });
      const [label] = field.labels;
      const [top, bottom] = [label.getBoundingClientRect().top, field.getBoundingClientRect().bottom];
      const { left, width, top: y, height } = field.getBoundingClientRect();
      const isCovered = document.elementFromPoint(left + width / 2, y + height / 2) !== field;
      if (top < 0 || bottom > innerHeight) return `${field.id} with its label is from ${top} to ${bottom} px of ${innerHeight}`;
      return isCovered ? `something lies on ${field.id}` : undefined;
    });
    if (defect) found.push(defect);
    await page.setViewportSize(phone.viewport);
    await page.evaluate(({ top, id }) => {
      document.activeElement.blur();
      document.getElementById(id)?.focus();
      scrollTo(0, top);
    }, before);
  }
  return found;
}
