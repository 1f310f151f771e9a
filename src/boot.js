// Runs first: shows one sentence where the page must not run, and starts it where it may.

const page = document.getElementById("page");

/** Shows one of index.html's sentences instead of the page; nothing brings the page back. */
function showInstead(id) {
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
  await init({ module_or_path: program });
}

// Two tabs would write over each other. The second one waits until the first is closed.
function startAlone() {
  const grace = setTimeout(() => {
    page.hidden = true;
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
// in a template, so that the browser checks the digest beside it.
const bringCheckup = () => document.head.append(document.getElementById("checkup").content.cloneNode(true));

// Each screen begins at its top. The browser would scroll to where an earlier one was left.
history.scrollRestoration = "manual";

if (top !== self) showInstead("framed");
else if (location.search === "?checkup") bringCheckup();
else if (!isSecureContext) showInstead("insecure");
else if (!isCurrent()) showInstead("too-old");
else if (!runsWebAssembly()) showInstead("no-webassembly");
else startAlone();
