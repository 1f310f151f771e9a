// The one source of the headers that the page is served with. The servers for demo and tests send them, and a test
// compares index.html's <meta> with them. tools/hosting.mjs makes the files in hosting/ from them. `?checkup`
// (src/checkup.js) compares what a host really sends with them.

const directives = {
  "default-src": "'none'",
  "script-src": "'self' 'wasm-unsafe-eval'",
  "style-src": "'self'",
  "font-src": "'self'",
  "img-src": "'self' data:",
  // Any homeserver over https; once the page knows which one, a second policy (the lock) narrows this.
  "connect-src": "'self' https:",
  "worker-src": "'self' blob:",
  "manifest-src": "'self'",
  "base-uri": "'none'",
  "form-action": "'none'",
  "frame-ancestors": "'none'",
  "require-trusted-types-for": "'script'",
  "trusted-types": "default",
};

const policy = (all) => Object.entries(all).map(([name, sources]) => `${name} ${sources}`).join("; ");

export const contentSecurityPolicy = policy(directives);

// For <meta http-equiv="Content-Security-Policy">, where browsers ignore frame-ancestors.
const { "frame-ancestors": framing, ...inMeta } = directives;
export const metaPolicy = policy(inMeta);

// callback.html sends nothing and runs nothing but its own few lines, so its <meta> is stricter than the host's header.
export const callbackMetaPolicy = policy({
  "default-src": "'none'",
  "script-src": "'self'",
  "style-src": "'self'",
  "img-src": "'self'",
  "connect-src": "'none'",
  "base-uri": "'none'",
  "form-action": "'none'",
  "require-trusted-types-for": "'script'",
  "trusted-types": "'none'",
});

// Every feature that browsers name. clipboard-write is left out, because the key is copied; so are the client hints,
// since we ask for none. The local network ones are, too: a homeserver may stand in the person's own network.
const denied = [
  "accelerometer", "autoplay", "browsing-topics", "camera", "captured-surface-control", "clipboard-read",
  "compute-pressure", "cross-origin-isolated", "deferred-fetch", "deferred-fetch-minimal",
  "digital-credentials-create", "digital-credentials-get", "display-capture", "encrypted-media", "fullscreen",
  "gamepad", "geolocation", "gyroscope", "hid", "identity-credentials-get", "idle-detection", "keyboard-map",
  "language-detector", "language-model", "local-fonts", "magnetometer", "microphone", "midi",
  "on-device-speech-recognition", "otp-credentials", "payment", "picture-in-picture", "private-state-token-issuance",
  "private-state-token-redemption", "publickey-credentials-create", "publickey-credentials-get", "screen-wake-lock",
  "serial", "speaker-selection", "storage-access", "summarizer", "sync-xhr", "translator", "unload", "usb",
  "window-management", "xr-spatial-tracking",
];

export const securityHeaders = {
  "Content-Security-Policy": contentSecurityPolicy,
  "Cross-Origin-Opener-Policy": "same-origin",
  // Not require-corp: with that a homeserver which lacks only its CORS headers would look as if it were down. The
  // policy above lets nothing be embedded anyway.
  "Cross-Origin-Embedder-Policy": "credentialless",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Permissions-Policy": ["clipboard-write=(self)", ...denied.map((feature) => `${feature}=()`)].join(", "),
};

// Rules for Cache-Control. nginx, Caddy and Apache read the patterns as JavaScript does; the first that matches counts.
export const caching = [
  {
    name: "hashed",
    // The name has a hash of the content, which therefore never changes: engine-0123456789abcdef_bg.wasm
    pattern: String.raw`-[0-9a-f]{8,}(_bg)?\.\w+$`,
    value: "public, max-age=31536000, immutable",
    // The beginnings of such names, for hosts that know no patterns.
    examples: ["app-*", "boot-*", "callback-*", "checkup-*", "engine-*", "estimate-*", "icon-*", "later-*", "photo-*", "readiness-*", "style-*", "words-*"],
  },
  {
    name: "fresh",
    // Some hosts serve these without .html.
    pattern: String.raw`(^|/)(index\.html|callback(\.html)?|config\.json)?$`,
    value: "no-store",
    examples: ["", "index.html", "callback", "callback.html", "config.json"],
  },
];
// For every other file: browsers ask again each time, and get it only if it has changed.
export const otherwise = "no-cache";
// A hashed name that is missing now may exist in a minute, when a new release is being copied.
export const whenMissing = "no-store";

/** Returns the headers for a file of dist/, named by its path there; "" is index.html. */
export function headersFor(path) {
  const kept = caching.find(({ pattern }) => new RegExp(pattern).test(path));
  return { ...securityHeaders, "Cache-Control": kept?.value ?? otherwise };
}

/** The headers of an answer with status 404. */
export const headersWhenMissing = { ...securityHeaders, "Cache-Control": whenMissing };

// The Content-Type of each kind of file; `nosniff` forbids browsers to guess it.
export const types = {
  css: "text/css; charset=utf-8",
  html: "text/html; charset=utf-8",
  ico: "image/x-icon",
  js: "text/javascript; charset=utf-8",
  json: "application/json",
  png: "image/png",
  svg: "image/svg+xml",
  txt: "text/plain; charset=utf-8",
  wasm: "application/wasm",
  webmanifest: "application/manifest+json",
};
