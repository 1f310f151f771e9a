// Makes lines of a web server's configuration. tools/hosting.mjs builds its files from them, and `?checkup` tells an
// administrator to write them. Each function returns text of one line or several.

import { otherwise, whenMissing } from "./headers.mjs";

/** Reverses the rules of tools/headers.mjs' `caching`, for servers where the last that matches counts. */
export const lastWins = (rules) => rules.toReversed();
// Apache may see a path after `compressed` has added .br or .gz to it.
const orCompressed = (pattern) => pattern.replace(/\$$/, String.raw`(\.br|\.gz)?$`);
const bare = (path) => path.slice(0, -1);

export const encodings = [
  { end: "br", name: "br" },
  { end: "gz", name: "gzip" },
];

const nginx = {
  title: "nginx",
  // `always`: on a 404, too.
  header: (name, value) => `add_header ${name} "${value}" always;`,
  type: (end, type) => `types { "${type}" ${end}; }`,
  kept: ({ pattern, value }) => `if ($uri ~ "${pattern}") { set $matrixbackup_kept "${value}"; }`,
  keptWhenMissing: () => `if (!-f $request_filename) { set $matrixbackup_kept "${whenMissing}"; }`,
  keptHeader: () => nginx.header("Cache-Control", "$matrixbackup_kept"),
  compressed: () => "gzip_static on;\ngzip_vary on;\nbrotli_static on;",
  marked: () => "brotli_static on;",
  slash: (path) => `location = ${bare(path)} { absolute_redirect off; return 308 ${path}$is_args$args; }`,
  missing: () => "try_files $uri $uri/ =404;",
  secure: () => "listen 443 ssl;",
};

const caddy = {
  title: "Caddy",
  header: (name, value) => `header ${name} "${value}"`,
  type: (end, type) => `@${end} path *.${end}\nheader @${end} Content-Type "${type}"`,
  kept: ({ name, pattern, value }) => `@${name} path_regexp ${pattern}\nheader @${name} Cache-Control "${value}"`,
  keptWhenMissing: () => `@missing not file\nheader @missing Cache-Control "${whenMissing}"`,
  keptHeader: () => caddy.header("Cache-Control", otherwise),
  compressed: () => "file_server {\n    precompressed br gzip\n}",
  marked: () => caddy.compressed(),
  slash: (path) => `@bare path ${bare(path)}\nheader @bare Cache-Control "no-store"\nredir @bare ${path}?{query} 308`,
  missing: () => "# take try_files and rewrite out; file_server alone answers 404",
  secure: () => "# write the site's address without http:// and without a port",
};

const apache = {
  title: "Apache",
  header: (name, value) => `Header always set ${name} "${value}"`,
  type: (end, type) => `AddType "${type}" .${end}`,
  kept: ({ pattern, value }) => apacheWhen(value, `%{REQUEST_URI} =~ m#${orCompressed(pattern)}#`),
  keptWhenMissing: () => apacheWhen(whenMissing, "%{REQUEST_STATUS} -ge 300 && %{REQUEST_STATUS} -ne 304"),
  keptHeader: () => apache.header("Cache-Control", otherwise),
  compressed: (folder = "/srv/matrixbackup") =>
    [
      "RewriteEngine On",
      ...encodings.flatMap(({ end, name }) => [
        String.raw`RewriteCond "%{HTTP:Accept-Encoding}" "\b${name}\b"`,
        `RewriteCond "${folder}/$1.${end}" -f`,
        String.raw`RewriteRule "^(.+)(?<!\.br)(?<!\.gz)$" "$1.${end}" [END]`,
      ]),
    ].join("\n"),
  marked: () =>
    [
      "RemoveType .br .gz",
      "RemoveLanguage .br",
      ...encodings.map(({ end, name }) => `AddEncoding ${name} .${end}`),
    ].join("\n"),
  slash: (path) => `RedirectMatch 308 "^${bare(path)}$" "${path}"`,
  missing: () => "# take FallbackResource and the RewriteRule to index.html out",
  secure: () => "SSLEngine on",
};
const apacheWhen = (value, expression) => `Header always set Cache-Control "${value}" "expr=${expression}"`;

// `_headers` and `_redirects`, as Netlify and Cloudflare Pages read them.
const fixed = {
  title: "a static host (Netlify, Cloudflare Pages and others)",
  header: (name, value) => `${name}: ${value}`,
  type: (end, type) => `/*.${end}\n  ${fixed.header("Content-Type", type)}`,
  kept: ({ examples, value }) => examples.map((path) => `/${path}\n  ${fixed.header("Cache-Control", value)}`).join("\n\n"),
  keptWhenMissing: () => "# remove rules that give Cache-Control to /*",
  keptHeader: () => "",
  compressed: () => "# switch compression on in the host's settings; most compress by themselves",
  marked: () => "# leave the .br and .gz files out when you publish",
  slash: (path) => `${bare(path)} ${path} 308`,
  missing: () => "# take the line /* /index.html 200 out of _redirects",
  secure: () => "# switch https on in the host's settings",
};

/** The servers, by the names that `?checkup` and hosting.mjs have for them. */
export const servers = { nginx, caddy, apache, static: fixed };
