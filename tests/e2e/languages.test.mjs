// The page speaks the language that the browser, the address, the host or the person asks for, and fetches the texts of
// that one alone.

import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { LANGUAGES, texts } from "./support/language.mjs";
import { nothingKept, withPage } from "./support/page.mjs";

const title = (language) => texts(language).intro_keep_your_private_chats_readable;

/** Names the languages whose files the page has fetched. */
const fetched = (server) => [
  ...new Set(server.requests.map(({ path }) => /^\/words-([a-zA-Z-]+)-[0-9a-f]{16}\.json$/.exec(path)?.[1]).filter(Boolean)),
];

const speaks = (page) => page.evaluate(() => [document.documentElement.lang, document.documentElement.dir]);

describe("the language", () => {
  for (const [wanted, language] of [
    ["de-AT", "de"],
    ["pt-PT", "pt-BR"],
    ["zh-CN", "zh-Hans"],
    ["ar-EG", "ar"],
    ["en-US", "en"],
    ["fi", "en"],
  ]) {
    it(`is ${language} for a browser that asks for ${wanted}, and only its texts are fetched`, async () => {
      await withPage({ browser: { locale: wanted } }, async (visit) => {
        await visit.page.getByRole("heading", { level: 1, name: title(language) }).waitFor();
        assert.deepEqual(await speaks(visit.page), [language, language === "ar" ? "rtl" : "ltr"]);
        await visit.page.locator("#language").waitFor();
        assert.deepEqual(fetched(visit.server), [language]);
        assert.deepEqual(await visit.kept(), nothingKept);
      });
    });
  }

  it("is what the address asks for, before what the browser does", async () => {
    await withPage({ language: "fr", browser: { locale: "de" } }, async (visit) => {
      await visit.page.getByRole("heading", { level: 1, name: title("fr") }).waitFor();
    });
  });

  it("is the host's where the browser asks for none that the page has", async () => {
    const intercept = ({ url }, response) =>
      url === "/config.json" && (response.writeHead(200, { "Content-Type": "application/json" }).end('{"language":"es"}'), true);
    const serve = { intercept };
    await withPage({ serve, browser: { locale: "fi" } }, async (visit) => {
      await visit.page.getByRole("heading", { level: 1, name: title("es") }).waitFor();
    });
    await withPage({ serve, browser: { locale: "de" } }, async (visit) => {
      await visit.page.getByRole("heading", { level: 1, name: title("de") }).waitFor();
    });
  });

  it("can be changed in its own name, and place, focus and what was typed stay", async () => {
    await withPage({}, async (visit) => {
      const { page } = visit;
      await visit.click("Start");
      await visit.at("server");
      await visit.fill("Matrix ID", "@alice:example.org");
      const list = page.locator("#language");
      assert.deepEqual(await list.locator("option").allInnerTexts().then((names) => names.length), LANGUAGES.length);
      await list.selectOption({ label: "Deutsch" });
      await page.getByRole("heading", { level: 1, name: texts("de").server_what_is_your_matrix_id }).waitFor();
      assert.equal(await page.locator("#matrix-id").inputValue(), "@alice:example.org");
      // The new list has the focus, although the screen gives it to its field when it is drawn.
      await page.locator("#language:focus").waitFor();
      await list.selectOption({ label: "العربية" });
      await page.getByRole("heading", { level: 1, name: texts("ar").server_what_is_your_matrix_id }).waitFor();
      assert.deepEqual(await speaks(page), ["ar", "rtl"]);
      assert.equal(await page.locator("#matrix-id").inputValue(), "@alice:example.org");
      assert.deepEqual(await visit.kept(), nothingKept);
    });
  });

  it("is also that of what stands before the page can run", async () => {
    // No glue arrives, so that the page cannot start.
    const intercept = (request, response) => /app-.*\.wasm/.test(request.url) && (response.writeHead(404).end(), true);
    await withPage({ language: "de", serve: { intercept } }, async (visit) => {
      await visit.page.getByRole("heading", { level: 1, name: texts("de").page_incomplete }).waitFor();
      visit.forgive(/./);
    });
  });

  it("is told in every language where scripts are switched off", async () => {
    await withPage({ browser: { javaScriptEnabled: false } }, async (visit) => {
      const said = await visit.page.locator("noscript p").allInnerTexts();
      assert.deepEqual(said, LANGUAGES.map((language) => texts(language).page_noscript));
    });
  });
});
