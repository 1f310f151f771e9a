// Opens the page in Chromium, in a fresh profile: the untouched release dist/ with its production headers, in front
// of a real Synapse. A test fails if the browser complains about anything. The steps are small functions that find
// things as a person does: by role and name.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

import { startServer } from "../../../tools/serve.mjs";
import { roomsIn } from "../../support/coverage_text.mjs";
import { dictionary, takesEnglish } from "./language.mjs";

export const dist = process.env.MATRIXBACKUP_DIST ?? fileURLToPath(new URL("../../../dist", import.meta.url));

const chromiumPath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const usualFlags = [
  "--headless=new",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const launch = { executablePath: chromiumPath, headless: true };
/** The Chromium that most visits of a file share. It ends with this process. */
let shared;

// A step that takes longer than this, in milliseconds, is broken even on a slow machine.
const patience = 60_000;

/** Registers a user of their own for each test. */
export async function registerUser(homeserver, { password = "the account password of this user" } = {}) {
  const user = `user-${randomBytes(6).toString("hex")}`;
  const { user_id: userId } = await homeserver.register(user, password);
  return { user, userId, password };
}

/** Answers as a host that sends none of our headers (an `intercept`): what protects then is in the page itself. */
export function withoutHeaders(request, response) {
  const set = response.writeHead.bind(response);
  const needed = /^(Content-(Type|Encoding|Length)|Access-Control-.*)$/i;
  response.writeHead = (status, headers = {}) =>
    set(status, Object.fromEntries(Object.entries(headers).filter(([name]) => needed.test(name))));
  return false;
}

/**
 * Serves the page, opens it, runs `body` with it and closes everything. Fails if the browser complained.
 *
 * - `homeserver`: the Synapse behind the page's own origin; with `separate`, the page reaches it at another address.
 * - `serve`: more options for the server.
 * - `host`: a server that runs already and goes on running, in place of all that: `{ url }`.
 * - `language`: the language that the page is asked for; the test goes on naming things in English.
 * - `browser`: more options for the browser; with `hasTouch`, what is clicked is tapped.
 * - `alone`: runs in a Chromium of its own, with a profile on the disk. Others share one, each in a window with a profile in
 *   memory; starting Chromium takes longer than most visits.
 * - `flags`: more flags for Chromium, which runs alone then.
 * - `onProfile(folder, visit)`: looks at what the browser left on disk, once it is closed; it runs alone then.
 */
export async function withPage(
  { homeserver, separate = false, serve = {}, host, language, browser = {}, flags = [], onProfile, alone = false },
  body,
) {
  assert.ok(existsSync(join(dist, "index.html")), `there is no page in ${dist}: build it first`);
  const server = host ?? (await startServer({
    dist,
    // The port that the homeserver's name points to, so that a Matrix ID is enough to find it.
    port: homeserver && !separate ? Number(homeserver.serverName.split(":")[1]) : 0,
    homeserver: separate ? undefined : homeserver?.url,
    ...serve,
  }));
  const isAlone = alone || onProfile || flags.length || browser.args || browser.ignoreDefaultArgs;
  const profile = isAlone && mkdtempSync(join(tmpdir(), "matrixbackup-profile-"));
  let context;
  try {
    context = isAlone
      ? await chromium.launchPersistentContext(profile, { ...launch, args: [...usualFlags, ...flags], ...browser })
      : await (await (shared ??= chromium.launch({ ...launch, args: usualFlags }))).newContext(browser);
    const visit = await watch(context, server, browser.hasTouch, language);
    await visit.open();
    await body(visit).catch(async (error) => {
      // Most failures are explained by what the page shows instead.
      const shown = await visit.page.locator("body").innerText({ timeout: 5_000 }).catch(() => "nothing");
      console.error(["The page shows:", shown, ...visit.troubles].join("\n"));
      throw error;
    });
    await visit.settle();
    assert.deepEqual(visit.troubles, [], "the browser complained");
    await context.close();
    context = undefined;
    await onProfile?.(profile, visit);
  } finally {
    await context?.close();
    if (!host) await server.close();
    if (isAlone) rmSync(profile, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** The answer of `kept` for a page that stores nothing. */
export const nothingKept = {
  local: 0,
  session: 0,
  cookies: "",
  databases: [],
  caches: [],
  serviceWorkers: 0,
  allCookies: [],
  usage: 0,
};

async function watch(context, server, hasTouch = false, language = undefined) {
  const page = context.pages()[0] ?? (await context.newPage());
  page.setDefaultTimeout(patience);
  const troubles = [];
  const hosts = new Set();
  const workers = [];
  const downloads = [];

  // Tests look at an answer's status in the server's own record.
  const isStatus = (text) => text.startsWith("Failed to load resource:");
  page.on("console", (message) => {
    if (message.type() === "error" && !isStatus(message.text())) troubles.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => troubles.push(`uncaught: ${error.message}`));
  page.on("download", async (download) => downloads.push(await download.path()));
  page.on("crash", () => troubles.push("the page crashed"));
  page.on("request", (request) => {
    const { protocol, host } = new URL(request.url());
    if (protocol.startsWith("http")) hosts.add(host);
  });
  // Reports policy violations of the page and, as far as the browser tells, of its workers.
  const devtools = await context.newCDPSession(page);
  devtools.on("Audits.issueAdded", ({ issue: { code, details } }) => {
    if (code === "ContentSecurityPolicyIssue") {
      const { violatedDirective, blockedURL } = details.contentSecurityPolicyIssueDetails;
      troubles.push(`policy: ${violatedDirective} ${blockedURL ?? ""}`);
    }
  });
  await devtools.send("Audits.enable");
  page.on("worker", (worker) => {
    workers.push(worker);
    const report = () =>
      self.addEventListener("securitypolicyviolation", (event) =>
        console.error(`policy in the worker: ${event.effectiveDirective} ${event.blockedURI}`),
      );
    // The worker may have ended already.
    worker.evaluate(report).catch(() => {});
  });

  const main = page.locator("#page main");
  const translate = language ? dictionary(language) : (text) => text;
  if (language) [page, main].forEach((place) => takesEnglish(place, translate));
  const heading = () => page.getByRole("heading", { level: 1 }).innerText();
  const button = (name) => page.getByRole("button", { name, exact: true });
  const press = (locator) => (hasTouch ? locator.tap() : locator.click());
  const visit = {
    page,
    server,
    troubles,
    hosts,
    workers,
    /** The paths of the files that the person saved. */
    downloads,
    devtools,
    main,
    heading,
    button,
    /** The number of things that the person did so far: clicks, and fields filled in. */
    actions: 0,

    /** Says in the page's language what a test says in English. */
    translate,

    open: () => page.goto(language ? `${server.url}?lang=${language}` : server.url, { waitUntil: "load" }),

    /** Waits for one of these steps; fails with what is on screen if none comes. */
    async at(...steps) {
      const wanted = steps.map((step) => `main[data-step="${step}"]`).join(", ");
      const dead = steps.includes("stopped") ? "" : ', main[data-step="stopped"]';
      const found = page.locator(wanted + dead);
      await found.waitFor().catch(async () => {
        assert.fail(`not at ${steps.join(" or ")} but at:\n${await main.innerText().catch(() => "nothing")}`);
      });
      const step = await found.getAttribute("data-step");
      if (!steps.includes(step)) assert.fail(`not at ${steps.join(" or ")} but stopped:\n${await main.innerText()}`);
      return step;
    },

    async click(name) {
      visit.actions++;
      await press(button(name));
    },

    async fill(label, text) {
      visit.actions++;
      await page.getByLabel(label, { exact: true }).fill(text);
    },

    /** Waits for the words of what went wrong. */
    async notice() {
      const alert = main.getByRole("alert").filter({ hasText: /\S/ });
      await alert.first().waitFor();
      return alert.first().innerText();
    },

    /** Does what opens a window (on phones: a tab), and returns it. */
    async opens(act) {
      const [opened] = await Promise.all([context.waitForEvent("page"), act()]);
      opened.setDefaultTimeout(patience);
      return opened;
    },

    // The person's way, step by step.

    async goToSignIn(address) {
      await visit.click("Start");
      await visit.at("server");
      await visit.fill("Matrix ID", address);
      await visit.click("Continue");
      await visit.at("sign-in");
    },

    /** Goes from the first screen to what was found. */
    async signIn({ userId, password }) {
      await visit.goToSignIn(userId);
      await visit.enterPassword(password);
      await visit.at("findings");
    },

    async enterPassword(password) {
      await visit.fill("Account password", password);
      await visit.click("Sign in");
    },

    /** Chooses "key" or "phrase". */
    async choose(way) {
      visit.actions++;
      await press(page.getByRole("button", { name: `With a ${way === "key" ? "recovery key" : "security phrase"}` }));
      await visit.at(way === "key" ? "save" : "phrase");
    },

    async choosePhrase(phrase) {
      await visit.choose("phrase");
      await visit.fill("Security phrase", phrase);
      await visit.click("Continue");
      await visit.at("repeat");
      await visit.fill("Security phrase", phrase);
      await visit.click("Continue");
      await visit.at("save");
    },

    /** Saves the key; returns the file `{ name, text }`. */
    async downloadKey() {
      const [download] = await Promise.all([page.waitForEvent("download"), visit.click("Download")]);
      return { name: download.suggestedFilename(), text: readFileSync(await download.path(), "utf8") };
    },

    /** Reads the key that is on the screen. */
    shownKey: async () => (await page.locator("p.key:visible").innerText()).trim().replace(/\s+/g, " "),

    /** Drops a file as if from the desktop. */
    async dropFile({ name, text }) {
      visit.actions++;
      const files = await page.evaluateHandle(
        ({ name, text }) => {
          const data = new DataTransfer();
          data.items.add(new File([text], name, { type: "text/plain" }));
          return data;
        },
        { name, text },
      );
      await page.getByText("drop it here").dispatchEvent("drop", { dataTransfer: files });
    },

    /** Goes from the key on screen to the last question before anything is written. */
    async saveAndProve() {
      const file = await visit.downloadKey();
      await visit.click("Continue");
      await visit.at("prove");
      await visit.dropFile(file);
      await visit.at("confirm");
      return file;
    },

    /** Goes from what was found to what the key or phrase opens, or to why it opens nothing. */
    async tryKey(entry) {
      await visit.click("Enter my key or phrase");
      await visit.at("check");
      await visit.enterKey(entry);
    },

    async enterKey(entry) {
      await visit.fill("Recovery key or security phrase", entry);
      await visit.click("Try it");
    },

    async turnOn() {
      await visit.click("Turn on backup");
      await visit.at("old-keys");
    },

    /** Makes a new identity, from what was found to the counted keys; `kept` is then the file with the key. */
    async startOver(password) {
      await visit.startOverUntilAsked();
      // Synapse asks for the password before it replaces an identity.
      const asked = page.getByLabel("Account password", { exact: true });
      await asked.or(page.locator('main[data-step="old-keys"]')).first().waitFor();
      if (await asked.count()) {
        await visit.fill("Account password", password);
        await visit.click("Go on");
      }
      await visit.at("old-keys");
    },

    /** Goes the same way, up to the proof that the server asks for. */
    async startOverUntilAsked() {
      await visit.click("Start over with a new identity");
      await visit.at("consent");
      await visit.fill("To agree, type: new identity", translate("new identity"));
      await visit.click("Go on");
      await visit.at("choose");
      await visit.choose("key");
      visit.kept = await visit.saveAndProve();
      await visit.click("Start over now");
    },

    /** Goes from what an open app handed over to a key that opens the same; returns that key. */
    async addKey() {
      await visit.click("Get a new recovery key");
      await visit.at("choose");
      await visit.choose("key");
      const { text } = await visit.saveAndProve();
      await visit.click("Store the new key");
      await visit.at("old-keys");
      return text.trim();
    },

    // The steps of comparing emoji.

    /** Asks the other devices. */
    ask: () => visit.click("Show the emoji"),

    /** Reads the words of the seven emoji. */
    async shownEmoji() {
      await page.locator(".emoji li").first().waitFor();
      return page.locator(".emoji li > :not(.symbol)").allInnerTexts();
    },

    /**
     * Compares both screens as a person does: what the app shows must be what the page shows. `looking` runs while the
     * page shows them. Nothing is pressed before it ends, since confirmed emoji need not stay on screen.
     */
    async compareEmoji(app, looking = () => {}) {
      const compared = new Promise((resolve, reject) => {
        app.verifyWhenAsked(async (names) => {
          try {
            await button("They match").waitFor();
            await looking();
            const same = (await visit.shownEmoji()).join() === names.map(translate).join();
            resolve();
            return same;
          } catch (error) {
            reject(error);
            return false;
          }
        });
      });
      await visit.ask();
      await Promise.all([button("They match").waitFor(), compared]);
      await visit.click("They match");
    },

    // The steps from "backup is on" to "you're safe".

    /** Waits until keys have come and no more are expected. */
    arrived: () => page.getByRole("heading", { level: 1, name: "Your app seems to be done" }).waitFor(),

    /** Waits for a button or a text, and opens the line "Another way", or another, if it stands behind that. */
    async reveal(locator, behind = /^Another way$/) {
      const line = main.locator("summary", { hasText: behind });
      await visit.until(async () => {
        if (await locator.isVisible()) return true;
        const isClosed = (await line.count()) && (await line.evaluate((summary) => !summary.parentElement.open));
        if (isClosed) await press(line);
        return locator.isVisible();
      });
    },

    /** Presses a button that may stand behind "Another way". */
    async otherWay(name) {
      await visit.reveal(button(name));
      await visit.click(name);
    },

    /** Goes on from the counted keys, whether or not more are expected. */
    async goOn() {
      const on = main.getByRole("button", { name: /^Go on( without (them|waiting))?$/ }).first();
      await visit.reveal(on);
      visit.actions++;
      await press(on);
    },

    /**
     * Reads which messages are covered from the text that the page saves. Returns
     * `{ [roomId]: { covered, missing, unknown } }`.
     */
    async coverage() {
      if ((await visit.at("old-keys", "coverage")) === "old-keys") {
        await visit.goOn();
        await visit.at("coverage");
      }
      await button("Look again").waitFor();
      const [download] = await Promise.all([page.waitForEvent("download"), visit.click("Save as text")]);
      return roomsIn(readFileSync(await download.path(), "utf8"));
    },

    /** Goes on with a copy of the backup, or without one; returns the file `{ name, text }`. */
    async takeHome(passphrase) {
      await press(page.getByRole("button", { name: /take a copy home$/ }));
      await visit.at("take-home");
      if (!passphrase) {
        await visit.click("Go on without a copy");
        return undefined;
      }
      return visit.makeCopy(passphrase);
    },

    /** Makes that copy from the step "take-home". */
    async makeCopy(passphrase) {
      await visit.fill("Passphrase for the file", passphrase);
      const [download] = await Promise.all([page.waitForEvent("download"), visit.click("Make the copy")]);
      await visit.click("Go on");
      return { name: download.suggestedFilename(), text: readFileSync(await download.path(), "utf8") };
    },

    /** Chooses a file of exported keys. */
    chooseFile: ({ name, text }) =>
      page.locator('input[type="file"]').setInputFiles({ name, mimeType: "text/plain", buffer: Buffer.from(text) }),

    /** Imports a file of exported keys. */
    async importFile(file, passphrase) {
      await visit.chooseFile(file);
      await visit.fill("Passphrase of the file", passphrase);
      await visit.click("Bring its keys in");
    },

    /** Has the devices removed that earlier visits left; all passwords but the last are wrong. */
    async removeLeftOver(...passwords) {
      const left = visit.main.getByText("Left over from earlier visits");
      await left.waitFor();
      await visit.click("Remove them");
      for (const [at, password] of passwords.entries()) {
        if (at > 0) await visit.main.getByText(/did not accept|not your account password/i).first().waitFor();
        await visit.fill("Account password", password);
        await visit.click("Go on");
      }
      await left.waitFor({ state: "detached" });
    },

    safe: () => page.getByRole("heading", { level: 1, name: "You're safe" }).waitFor(),

    /** Has the kit drawn, which is folded on the last screen. */
    async showKit() {
      await press(page.getByText("Your kit, on paper", { exact: true }));
      await visit.click("Show the kit");
    },

    async signOut() {
      await visit.otherWay("Sign out here");
      await visit.at("finished");
    },

    /** Waits for a condition that Playwright cannot wait for. */
    async until(condition) {
      const deadline = Date.now() + patience;
      while (!(await condition())) {
        if (Date.now() > deadline) assert.fail(`waited in vain for ${condition}`);
        await setTimeout(50);
      }
    },

    /** Drops one kind of complaint that may belong to the test; returns how many there were. */
    forgive(pattern) {
      const others = troubles.filter((trouble) => !pattern.test(trouble));
      return troubles.splice(0, Infinity, ...others).length - others.length;
    },

    /** Drops one kind of complaint that must have come. */
    expect(pattern) {
      assert.ok(visit.forgive(pattern) > 0, `the browser should have complained of ${pattern}`);
    },

    /** Returns what the browser keeps for this page; `nothingKept` if it is as it should be. */
    async kept() {
      const seen = await page.evaluate(async () => ({
        local: localStorage.length,
        session: sessionStorage.length,
        cookies: document.cookie,
        databases: (await indexedDB.databases()).map(({ name }) => name),
        caches: await caches.keys(),
        serviceWorkers: (await navigator.serviceWorker.getRegistrations()).length,
      }));
      const { usage } = await devtools.send("Storage.getUsageAndQuota", { origin: server.origin });
      const cookies = await context.cookies();
      return { ...seen, allCookies: cookies.map(({ name }) => name), usage };
    },

    /** Waits until messages about what just happened have arrived. */
    settle: () => setTimeout(200),
  };
  return visit;
}
