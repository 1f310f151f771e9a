// Checks what every field tells browsers, keyboards and password managers, in the DOM of every screen. A field that is
// not in the tables fails, and so does a form with other fields than it should have.
//
// Managers keep one secret for a site and name. So the account password stands beside the account's name, and the
// phrase and the key beside names of their own. A field that nobody should keep is no password field to them.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { buildGallery } from "./support/gallery.mjs";
import { withPage } from "./support/page.mjs";

const account = "@ada:example.org";
const [phrase, key, file] = ["security phrase", "recovery key", "key file"].map((what) => `${account} (${what})`);

// Nothing that is entered here is natural language.
const verbatim = { autocapitalize: "none", autocorrect: "off", spellcheck: "false" };
const text = { ...verbatim, type: "text", inputmode: "text" };
const password = { ...text, type: "password" };
// For managers that decide by a field's label.
const ignored = { autocomplete: "off", "data-1p-ignore": "", "data-bwignore": "", "data-lpignore": "true" };

/** Each field by its name, with the attributes that it must have. */
const fields = {
  "matrix-id": { ...text, autocomplete: "username", inputmode: "email", enterkeyhint: "go" },
  username: { ...text, autocomplete: "username", inputmode: "email", enterkeyhint: "next" },
  password: { ...password, autocomplete: "current-password", enterkeyhint: "go" },
  "security-phrase": { ...password, autocomplete: "new-password", enterkeyhint: "next" },
  "recovery-key": { ...password, autocomplete: "current-password", enterkeyhint: "go" },
  "file-passphrase": { ...password, autocomplete: "off", enterkeyhint: "done" },
  consent: { ...text, ...ignored, enterkeyhint: "go" },
  file: { type: "file" },
  // Phones open the camera on the far side.
  "kit-photo": { type: "file", accept: "image/*", capture: "environment" },
  "delete-older": { type: "checkbox" },
};
/** The fields that stay masked until the person wants to see them, and the screens where they are shown at once. */
const secrets = ["password", "security-phrase", "recovery-key", "file-passphrase"];
const isShownAtOnce = (name) => name === "phrase-suggested" || name.startsWith("take-home");

/**
 * The forms of each step with their fields; fields outside of forms count as one form. "login" and a name stand for a
 * field that only managers see.
 */
const forms = {
  server: [["matrix-id"]],
  "sign-in": [["username", "password"]],
  "sign-in-again": [["username", "password"]],
  check: [[`login ${key}`, "recovery-key", "file", "kit-photo"]],
  resume: [[`login ${key}`, "recovery-key", "file", "kit-photo"]],
  prove: [[`login ${key}`, "recovery-key", "file", "kit-photo"]],
  phrase: [[`login ${phrase}`, "security-phrase"]],
  repeat: [[`login ${phrase}`, "security-phrase"]],
  consent: [["consent"]],
  writing: [[`login ${account}`, "password"]],
  import: [[`login ${file}`, "file-passphrase"], ["file"]],
  "take-home": [[`login ${file}`, "file-passphrase"]],
  rotated: [["delete-older"]],
  done: [[`login ${account}`, "password"]],
};

/** Lists the forms on screen, each with its fields and all their attributes. */
function formsOnScreen() {
  document.querySelectorAll("details").forEach((each) => (each.open = true));
  const found = new Map();
  // The list of languages in the footer takes nothing of the person's.
  for (const element of document.querySelectorAll("#page :is(input, textarea, select:not(footer *), [contenteditable])")) {
    const attributes = Object.fromEntries([...element.attributes].map(({ name, value }) => [name, value]));
    const label = element.labels?.[0];
    const seen = {
      attributes,
      tag: element.localName,
      label: label?.checkVisibility() ? label.innerText : undefined,
      isDrawn: element.checkVisibility({ visibilityProperty: true, opacityProperty: true }),
    };
    found.set(element.form, [...(found.get(element.form) ?? []), seen]);
  }
  return [...found.values()];
}

let gallery;
before(() => (gallery = buildGallery()));
after(() => gallery?.remove());

describe("fields", () => {
  it("every one keeps its contract on every screen", async (test) => {
    const met = { fields: new Set(), forms: new Set() };
    await eachScreen(async ({ page }, name) => {
      const step = await page.locator("#page main").getAttribute("data-step");
      const allowed = (forms[step] ?? []).map((names) => names.join());
      for (const form of await page.evaluate(formsOnScreen)) {
        const names = form.map(({ attributes: { id, name, value } }) => (id === "login" ? `login ${value}` : (name ?? id)));
        assert.ok(allowed.includes(names.join()), `${name}: a form of ${step} has ${names}`);
        met.forms.add(`${step} ${names}`);
        for (const [at, { tag, attributes, label, isDrawn }] of form.entries()) {
          const where = `${name}, ${names[at]}`;
          assert.equal(tag, "input", where);
          if (attributes.id === "login") {
            // Only password managers see this field.
            assert.ok(isDrawn, `${where} is not drawn`);
            assert.equal(attributes.type, "text", where);
            assert.equal(attributes.name, "username", where);
            assert.equal(attributes.autocomplete, "username", where);
            assert.equal(attributes.tabindex, "-1", where);
            assert.equal(attributes["aria-hidden"], "true", where);
            assert.ok("readonly" in attributes, where);
            continue;
          }
          met.fields.add(names[at]);
          const expected = { ...fields[names[at]] };
          assert.ok(expected.type, `${where} has no contract`);
          if (expected.type === "password" && isShownAtOnce(name)) expected.type = "text";
          const actual = Object.fromEntries(Object.keys(expected).map((attribute) => [attribute, attributes[attribute]]));
          assert.deepEqual(actual, expected, where);
          assert.ok(label, `${where} has no label that is seen`);
          if (secrets.includes(names[at])) assert.equal(attributes.value, "", `${where} begins empty`);
        }
      }
    });
    assert.deepEqual([...met.fields].sort(), Object.keys(fields).sort(), "every field was met");
    const all = Object.entries(forms).flatMap(([step, each]) => each.map((names) => `${step} ${names}`));
    assert.deepEqual([...met.forms].sort(), all.sort(), "every form was met");
    test.diagnostic(`${met.fields.size} fields in ${met.forms.size} forms`);
  });

  it("what is typed stays out of the document, shown or not", async () => {
    const names = ["sign-in", "check", "prove", "phrase", "repeat", "writing-password", "done-removal-password", "import-chosen", "take-home"];
    await withGallery(async (visit) => {
      for (const name of names) {
        await open(visit, name);
        const field = visit.page.locator(secrets.map((id) => `#${id}`).join());
        const secret = "never in the document 7391";
        await field.fill(secret);
        const isMasked = () => field.evaluate((element) => element.type === "password");
        const [before, after] = isShownAtOnce(name) ? ["Hide", "Show"] : ["Show", "Hide"];
        assert.equal(await isMasked(), before === "Show", name);
        await visit.click(before);
        assert.equal(await isMasked(), before === "Hide", name);
        assert.equal(await visit.button(after).count(), 1, `${name}: the button says what it would do`);
        assert.ok(!(await visit.page.content()).includes(secret), name);
        assert.equal(await field.inputValue(), secret, name);
      }
    });
  });

  it("what opens the backup goes under the name of what it is", async () => {
    await withGallery(async (visit) => {
      await open(visit, "check");
      const login = () => visit.page.locator("#login").inputValue();
      const field = visit.page.getByLabel("Recovery key or security phrase", { exact: true });
      assert.equal(await login(), key);
      await field.fill("copper lantern drift");
      assert.equal(await login(), phrase);
      await field.fill("EsTc LW2K PGiF wKEA 3As5 g5c4 BXwk qeeJ ZJV8 Q9fu gUMN UE4d");
      assert.equal(await login(), key);
    });
  });

  it("Enter does what the keyboard shows on it, and a refusal leads back to the field", async () => {
    await withGallery(async (visit) => {
      const { page } = visit;
      const focused = () => page.evaluate(() => document.activeElement.id);
      const at = (id) => page.waitForFunction((id) => document.activeElement.id === id, id);
      await open(visit, "sign-in");
      await page.getByLabel("Matrix ID or user name").press("Enter");
      await at("password");
      assert.equal(await page.getByRole("alert").filter({ hasText: /\S/ }).count(), 0, "nothing was sent");
      await visit.click("Sign in");
      await at("password");

      await open(visit, "consent-reset");
      await visit.fill("To agree, type: new identity", "no");
      await visit.click("Go on");
      await at("consent");

      await open(visit, "prove");
      await visit.fill("Recovery key", "EsTc");
      assert.equal(await focused(), "recovery-key");
      await visit.click("Check");
      await at("recovery-key");
    });
  });
});

const withGallery = (body) => withPage({ serve: { dist: gallery.folder } }, body);

async function eachScreen(body) {
  await withGallery(async (visit) => {
    await visit.at("gallery");
    for (const name of await visit.page.getByRole("listitem").allInnerTexts()) {
      await open(visit, name);
      await body(visit, name);
    }
  });
}

async function open({ page, server }, name) {
  await page.goto(`${server.url}?${name}#${name}`, { waitUntil: "commit" });
  await page.locator("#page main h1").waitFor();
  await page.locator('#page main[data-step]:not([data-step="loading"])').waitFor();
}
