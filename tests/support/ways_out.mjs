// Every way by which a page can cause a request to another host. A policy refuses most of them; the tests say which of
// the others a browser goes.

/**
 * Runs in a page. Tries each way to reach `address`, which has a `?` in it; each adds `&by=NAME`. Returns the names of
 * the ways. Whether they reached anything, only the server there can tell.
 */
export async function tryWays(address) {
  const to = (name) => `${address}&by=${encodeURIComponent(name)}`;
  const place = document.body ?? document.documentElement;
  const element = (tag, attributes, parent = place) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return parent.appendChild(made);
  };
  const link = (rel, more = {}) => (url) => element("link", { rel, href: url, ...more }, document.head);
  const styled = (css) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  };
  const blob = (text) => URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  const ways = {
    fetch: (url) => fetch(url).catch(() => {}),
    "fetch without CORS": (url) => fetch(url, { mode: "no-cors" }).catch(() => {}),
    "fetch that outlives the page": (url) => fetch(url, { method: "POST", keepalive: true, mode: "no-cors" }).catch(() => {}),
    XMLHttpRequest: (url) => {
      const request = new XMLHttpRequest();
      request.open("GET", url);
      request.send();
    },
    beacon: (url) => navigator.sendBeacon(url),
    "event stream": (url) => new EventSource(url),
    socket: (url) => new WebSocket(url.replace(/^http/, "ws")),
    "link of a ping": (url) => {
      // In a frame, so that this page stays.
      element("iframe", { name: "pinging" });
      element("a", { href: "about:blank", target: "pinging", ping: url }).click();
    },
    prefetch: link("prefetch"),
    "prefetch as a script": link("prefetch", { as: "script", crossorigin: "anonymous" }),
    "preload of a script": link("preload", { as: "script" }),
    "preload for fetch": link("preload", { as: "fetch", crossorigin: "anonymous" }),
    "preload of a picture": link("preload", { as: "image" }),
    modulepreload: link("modulepreload"),
    prerender: link("prerender"),
    "speculation rules": (url) => {
      const rules = element("script", { type: "speculationrules" }, document.createDocumentFragment());
      rules.textContent = JSON.stringify({ prefetch: [{ source: "list", urls: [url] }] });
      document.head.append(rules);
    },
    manifest: link("manifest"),
    favicon: link("icon"),
    "style sheet": link("stylesheet"),
    "import in a style": (url) => element("style", {}).append(`@import "${url}";`),
    "picture in a style": (url) => {
      styled(`.out-${place.children.length} { background-image: url("${url}") }`);
      element("div", { class: `out-${place.children.length}` }).textContent = "x";
    },
    font: (url) => {
      styled(`@font-face { font-family: out; src: url("${url}") }`);
      element("p", { style: "" }).style.fontFamily = "out";
      place.lastChild.textContent = "text";
      new FontFace("other", `url("${url}")`).load().catch(() => {});
    },
    image: (url) => (new Image().src = url),
    "image of a drawing": (url) => {
      const drawing = document.createElementNS("http://www.w3.org/2000/svg", "svg");
      const image = document.createElementNS("http://www.w3.org/2000/svg", "image");
      image.setAttribute("href", url);
      drawing.append(image);
      place.append(drawing);
    },
    video: (url) => element("video", { src: url, preload: "auto", poster: url }),
    audio: (url) => element("audio", { src: url, preload: "auto" }),
    script: (url) => element("script", { src: url }),
    "module that is imported": (url) => import(url).catch(() => {}),
    worker: (url) => new Worker(url),
    "worker that imports": (url) => new Worker(blob(`importScripts(${JSON.stringify(url)})`)),
    "worker that fetches": (url) => new Worker(blob(`fetch(${JSON.stringify(url)}).catch(() => {})`)),
    "shared worker": (url) => new SharedWorker(url),
    "service worker": (url) => navigator.serviceWorker.register(url).catch(() => {}),
    frame: (url) => element("iframe", { src: url }),
    object: (url) => element("object", { data: url }),
    embedding: (url) => element("embed", { src: url }),
    form: (url) => {
      element("iframe", { name: "out" });
      const form = element("form", { action: url, target: "out", method: "post" });
      form.submit();
    },
  };
  // Away from the debugger's own stack, which is allowed more.
  await new Promise((done) => setTimeout(done));
  for (const [name, go] of Object.entries(ways)) {
    try {
      go(to(name));
    } catch {
      // Refused at once.
    }
  }
  return Object.keys(ways);
}

/** Runs in a page. Names the host beforehand, as pages do to save time: no request, but perhaps a connection. */
export function connectEarly(origin) {
  for (const rel of ["dns-prefetch", "preconnect"]) {
    const made = document.createElement("link");
    made.rel = rel;
    made.href = origin;
    document.head.append(made);
  }
}

/** Returns the names of the ways by which requests have come to this server, from pages that said `from`. */
export function arrived(requests, from) {
  const all = requests.map(({ path }) => new URL(path, "http://localhost").searchParams);
  return [...new Set(all.filter((query) => query.get("from") === from).map((query) => query.get("by")))];
}
