// Runs first: shows one sentence where the page must not run, and starts it where it may.

const page = document.getElementById("page");

/** Shows one of index.html's sentences instead of the page; nothing brings the page back. */
function showInstead(id) {
  translate(id);
  page.hidden = true;
  // Nothing that was typed or shown stays behind it.
  page.replaceChildren();
  const sentence = document.getElementById(id);
  sentence.hidden = false;
  // A screen reader reads it, and the keyboard goes on from there.
  const heading = sentence.querySelector("h1");
  heading.tabIndex = -1;
  heading.focus();
}

// The texts of each language are files of their own (src/words), of which one language's are fetched. index.html names
// the first file of each, with its digest; that names the language's others, with theirs.
const files = new Map(
  document.getElementById("words").dataset.files.split(" ").filter(Boolean).map((file) => {
    const [language, address, integrity] = file.split(",");
    return [language, { address, integrity }];
  }),
);
/** The languages that are written from right to left. */
const fromTheRight = ["ar"];
// Long enough for the slowest line that can bring the engine.
const json = async ({ address, integrity }) =>
  (await fetch(address, { integrity, signal: AbortSignal.timeout(60_000) })).json();

/** Returns the language that fits best to what was asked for, by its tag or by what is before its first hyphen; none if none fits. */
function chosen(wanted) {
  const part = (tag) => tag.toLowerCase().split("-")[0];
  const exact = (tag) => [...files.keys()].find((known) => known.toLowerCase() === tag.toLowerCase());
  const alike = (tag) => [...files.keys()].find((known) => part(known) === part(tag));
  return wanted.filter(Boolean).map((tag) => exact(tag) ?? alike(tag)).find(Boolean);
}

/** Counts the languages that were chosen. */
let turns = 0;

// The page's program asks for these (src/app/language.rs).
globalThis.words = {
  /** Each language with its own name for itself. */
  get names() {
    return [...files.keys()].map((tag) => {
      const name = new Intl.DisplayNames([tag], { type: "language" }).of(tag) ?? tag;
      return [tag, name[0].toLocaleUpperCase(tag) + name.slice(1)];
    });
  },
  /** Fetches the texts of a language's first screen and makes it the page's. */
  async bring(language) {
    // Programs that no build has pinned have the English texts in themselves.
    if (files.has(language)) this.use(await first(language));
  },
  /** Makes another language the page's, once all its texts are here; returns those of the other screens. */
  async change(language) {
    const turn = ++turns;
    const next = await first(language);
    const rest = await next.rest();
    // The last choice counts, whichever texts come first.
    if (turn !== turns) throw new Error("another language was chosen since");
    this.use(next);
    return rest;
  },
  use(next) {
    this.now = next;
    Object.assign(document.documentElement, { lang: next.language, dir: fromTheRight.includes(next.language) ? "rtl" : "ltr" });
  },
};

async function first(language) {
  const { texts, ...others } = await json(files.get(language));
  const bringing = Object.entries(others).map(([name, file]) => [name, () => json(file)]);
  return { language, texts, ...Object.fromEntries(bringing) };
}

/** Puts one of index.html's sentences into the page's language. If the texts do not arrive, it stays in English. */
async function translate(id) {
  const texts = await wordsHere.then(() => globalThis.words.now.page()).catch(() => ({}));
  // tools/pin-engine.mjs lists the texts of what has nothing else in it, in order.
  const leaves = [...document.querySelectorAll(`#${id} *`)].filter(({ childElementCount: inside }) => !inside);
  texts[id]?.forEach((text, at) => (leaves[at].textContent = text));
}

// The page's program asks for this one (src/app/entrance.rs).
addEventListener("incomplete", () => showInstead("incomplete"));

// A panic of the page's program becomes one of these events. After it the screen cannot be trusted any more.
const isPanic = (error) => typeof WebAssembly === "object" && error instanceof WebAssembly.RuntimeError;
addEventListener("error", (event) => isPanic(event.error) && showInstead("stopped"));
addEventListener("unhandledrejection", (event) => isPanic(event.reason) && showInstead("stopped"));

// No text ever becomes markup: screens are made element by element (src/app/part/element.rs), and the texts of servers
// and people become text nodes. So this policy refuses HTML and scripts, and the only script address is a blob of this
// origin: the engine's. The content security policy lets nobody make another policy.
globalThis.trustedTypes?.createPolicy("default", {
  createScriptURL: (url) => (url.startsWith(`blob:${location.origin}/`) ? url : null),
});

// In the release the glue is part of this script (tools/pin-engine.mjs). So the digest in index.html's <script> covers
// both: browsers may ignore the digest of a preload.
async function start() {
  const { js, wasm, wasmIntegrity } = document.getElementById("app-module").dataset;
  const program = fetch(wasm, { integrity: wasmIntegrity });
  const { default: init } = await import(new URL(js, document.baseURI));
  await wordsHere;
  await init({ module_or_path: program });
}

// Two tabs would write over each other. The second one waits until the first is closed.
function startAlone() {
  const grace = setTimeout(() => {
    page.hidden = true;
    translate("elsewhere");
    document.getElementById("elsewhere").hidden = false;
  }, 700);
  let begun = false;
  const begin = async () => {
    begun = true;
    clearTimeout(grace);
    document.getElementById("elsewhere").hidden = true;
    page.hidden = false;
    await start().catch((error) => {
      if (isPanic(error)) throw error;
      showInstead("incomplete");
    });
    // Held until the tab is closed or left.
    await new Promise(() => {});
  };
  navigator.locks.request("matrixbackup", begin).catch((error) => {
    if (begun) throw error;
    // Browsers give no lock where cookies are blocked. The page goes on without: before each commit the engine looks
    // whether somebody else has written.
    return begin();
  });
}

// The features by which a browser is new enough; README.md has the versions. `AbortSignal.timeout` is the youngest.
const isCurrent = () => "timeout" in AbortSignal && "locks" in navigator;

/**
 * Compiles the smallest module there is, to see whether WebAssembly is switched off. Some protections take the object
 * away, others forbid to use it by a content security policy.
 */
function runsWebAssembly() {
  try {
    return Boolean(new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)));
  } catch {
    return false;
  }
}

// Brings the host's checkup (src/checkup.js), which must run even where the page itself cannot start. Its script waits
// in a template, so that the browser checks the digest beside it. It speaks English where the texts do not arrive soon.
// The list of who is ready (src/readiness.js) waits in another, and runs where the page could.
const bringScript = (id) => document.head.append(document.getElementById(id).content.cloneNode(true));
const wordsOrEnglish = () => Promise.race([wordsHere, new Promise((done) => setTimeout(done, 5000))]).catch(() => {});

// Each screen begins at its top. The browser would scroll to where an earlier one was left.
history.scrollRestoration = "manual";

const asked = new URLSearchParams(location.search);
const wished = chosen([asked.get("lang"), ...navigator.languages]);
words.isWished = Boolean(wished);
const wordsHere = words.bring(wished ?? "en");
// Whoever needs them waits for them; nobody does where one of the sentences below stands.
wordsHere.catch(() => {});

if (top !== self) showInstead("framed");
else if (asked.has("checkup")) wordsOrEnglish().then(() => bringScript("checkup"));
else if (!isSecureContext) showInstead("insecure");
else if (!isCurrent()) showInstead("too-old");
else if (!runsWebAssembly()) showInstead("no-webassembly");
else if (asked.has("readiness")) wordsOrEnglish().then(() => bringScript("readiness"));
else startAlone();
