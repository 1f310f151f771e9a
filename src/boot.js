// Runs first: shows one sentence where the page must not run, and starts it where it may.

const page = document.getElementById("page");

/** Shows one of index.html's sentences instead of the page; nothing brings the page back. */
function showInstead(id) {
  page.hidden = true;
  // Nothing that was typed or shown stays behind it.
  page.replaceChildren();
  document.getElementById(id).hidden = false;
}

// A panic of the page's program ends in one of these. The screen behind it cannot be trusted any more.
const isPanic = (error) => error instanceof WebAssembly.RuntimeError;
addEventListener("error", (event) => isPanic(event.error) && showInstead("stopped"));
addEventListener("unhandledrejection", (event) => isPanic(event.reason) && showInstead("stopped"));

// Leptos sets fixed markup of this program by innerHTML; what servers and people say are text nodes and never pass
// here. The one script address is the engine's blob.
const active = /<\s*(script|iframe|frame|object|embed|base|meta|link|form\s[^>]*action)|[\s/"']on\w+\s*=|javascript:/i;
globalThis.trustedTypes?.createPolicy("default", {
  createHTML: (html) => (active.test(html) ? null : html),
  createScriptURL: (url) => (url.startsWith(`blob:${location.origin}/`) ? url : null),
});

async function start() {
  const { js, wasm, wasmIntegrity } = document.getElementById("app-module").dataset;
  const program = fetch(wasm, wasmIntegrity ? { integrity: wasmIntegrity } : {});
  const { default: init } = await import(new URL(js, document.baseURI));
  await init({ module_or_path: program });
}

// Two tabs would write over each other. The second one waits until the first is closed.
function startAlone() {
  const grace = setTimeout(() => {
    page.hidden = true;
    document.getElementById("elsewhere").hidden = false;
  }, 700);
  navigator.locks.request("matrixbackup", async () => {
    clearTimeout(grace);
    document.getElementById("elsewhere").hidden = true;
    page.hidden = false;
    await start();
    // Held until the tab is closed or left.
    await new Promise(() => {});
  });
}

// For whoever hosts the page: src/checkup.js, which must also come where the page itself cannot start. The script waits in a
// template, so that the digest beside it counts.
const bringCheckup = () => document.head.append(document.getElementById("checkup").content.cloneNode(true));

if (top !== self) showInstead("framed");
else if (location.search === "?checkup") bringCheckup();
else if (!isSecureContext) showInstead("insecure");
else if (typeof WebAssembly !== "object" || !AbortSignal.timeout || !navigator.locks) showInstead("too-old");
else startAlone();
