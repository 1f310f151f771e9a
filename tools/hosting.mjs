// Writes hosting/: the configuration of nginx, Caddy, Apache and static hosts, made from tools/headers.mjs. A test
// compares what is committed with what this makes, and serves the page with it (tests/e2e/hosting.test.mjs).
//
//   node tools/hosting.mjs

import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

import { caching, headersFor, headersWhenMissing, otherwise, securityHeaders, types, whenMissing } from "./headers.mjs";
import { lineFor } from "./header-line.mjs";

// What an administrator changes. Tests put a folder and an address of their own here, and nothing else.
export const folder = "/srv/matrixbackup";
export const host = "backup.example.org";
export const beside = "/matrixbackup/";

const made = "Made by tools/hosting.mjs.";
const bare = beside.slice(0, -1);
const indent = (text, by = 4) => text.replaceAll(/^(?=.)/gm, " ".repeat(by));
const lines = (server, headers) =>
  Object.entries(headers)
    .map(([name, value]) => lineFor(server, name, value))
    .join("\n");
// Chooses how long a file is kept; the first of `caching` wins, and so comes last where the last one counts.
const lastWins = caching.toReversed();

const tls = `listen 443 ssl;
listen [::]:443 ssl;
ssl_certificate     /etc/ssl/${host}/fullchain.pem;
ssl_certificate_key /etc/ssl/${host}/privkey.pem;`;

// nginx drops every add_header of the server block where a location has one of its own: each location lists all.
const nginxFiles = (where) => `${where}
index index.html;
autoindex off;
absolute_redirect off;

types {
${indent(nginxTypes())}
}
default_type application/octet-stream;

# The .gz beside each file is sent as it is. The .br is smaller by a quarter: it takes Debian's package
# libnginx-mod-http-brotli-static, or the module of that name elsewhere; then remove the # of its line.
gzip_static on;
gzip_vary on;
#brotli_static on;

set $matrixbackup_kept "${otherwise}";
${lastWins.map(({ pattern, value }) => `if ($uri ~ "${pattern}") { set $matrixbackup_kept "${value}"; }`).join("\n")}
if (!-f $request_filename) { set $matrixbackup_kept "${whenMissing}"; }
${lines("nginx", { ...securityHeaders, "Cache-Control": "$matrixbackup_kept" })}`;

function nginxTypes() {
  const width = Math.max(...Object.values(types).map((type) => type.length)) + 3;
  return Object.entries(types)
    .map(([end, type]) => `${`"${type}"`.padEnd(width)}${end};`)
    .join("\n");
}

const nginx = () => `# nginx: the page on a host name of its own. ${made}
# Change: the host name, its certificate, and the folder. Where it goes: /etc/nginx/conf.d/ or sites-enabled/.

server {
${indent(tls)}
    server_name ${host};

    location / {
${indent(nginxFiles(`root ${folder};`), 8)}
    }
}
`;

const nginxBeside = () => `# nginx: the page at ${beside} of a server that does other things as well. ${made}
# Change: the folder. Where it goes: \`include\` it in the server { } block.
# A host name of its own is better: see README.md.

location = ${bare} {
    absolute_redirect off;
${indent(lines("nginx", headersFor("")))}
    return 308 ${beside}$is_args$args;
}

location ^~ ${beside} {
${indent(nginxFiles(`alias ${folder}/;`))}
}
`;

// In a route block, because that keeps the order: elsewhere Caddy sorts, and the general header would come last.
const caddyFiles = (before) => `route {
${indent(lines("caddy", { ...securityHeaders, "Cache-Control": otherwise }))}
${indent(before)}    root * ${folder}
${indent(caddyTypes())}
${indent(lastWins.map(({ name, pattern, value }) => `@${name} path_regexp ${pattern}\nheader @${name} Cache-Control "${value}"`).join("\n"))}
    @missing not file
    header @missing Cache-Control "${whenMissing}"
    file_server {
        precompressed br gzip
    }
}`;

const caddyTypes = () =>
  Object.entries(types)
    .map(([end, type]) => `@${end} path *.${end}\nheader @${end} Content-Type "${type}"`)
    .join("\n");

const caddy = () => `# Caddy: the page on a host name of its own; the certificate comes by itself. ${made}
# Change: the host name and the folder.

${host} {
${indent(caddyFiles(""))}
}
`;

const caddyBeside = () => `# Caddy: the page at ${beside} of a site that does other things as well. ${made}
# Change: the folder. Where it goes: \`import\` it inside the site's { } block.
# A host name of its own is better: see README.md.

@matrixbackup path ${bare} ${beside}*
handle @matrixbackup {
${indent(caddyFiles(`@bare path ${bare}\nheader @bare Cache-Control "no-store"\nredir @bare ${beside}?{query} 308\nuri strip_prefix ${bare}\n`))}
}
`;

const encodings = [
  ["br", "br"],
  ["gz", "gzip"],
];

const apacheFiles = (path) => `<Location "${path.slice(0, -1) || "/"}">
${indent(lines("apache", { ...securityHeaders, "Cache-Control": otherwise }))}
${lastWins.map(({ pattern, value }) => `    ${apacheWhen(value, `%{REQUEST_URI} =~ m#${pattern.replace(/\$$/, String.raw`(\.br|\.gz)?$`)}#`)}`).join("\n")}
    ${apacheWhen(whenMissing, "%{REQUEST_STATUS} -ge 300 && %{REQUEST_STATUS} -ne 304")}
    Header always merge Vary Accept-Encoding
</Location>

<Directory "${folder}">
    Require all granted
    AllowOverride None
    # Rewriting asks for one of the two kinds of links to be followed; this is the stricter.
    Options SymLinksIfOwnerMatch
    DirectoryIndex index.html

    # The .br or .gz beside each file is sent as it is, with the type of the file.
    RemoveType .br .gz
    RemoveLanguage .br
${encodings.map(([end, name]) => `    AddEncoding ${name} .${end}`).join("\n")}
${Object.entries(types)
  .map(([end, type]) => `    AddType "${type}" .${end}`)
  .join("\n")}
    RewriteEngine On
    RewriteBase "${path}"
    RewriteRule "^$" "index.html"
${encodings
  .map(
    ([end, name]) => String.raw`    RewriteCond "%{HTTP:Accept-Encoding}" "\b${name}\b"
    RewriteCond "${folder}/$1.${end}" -f
    RewriteRule "^(.+)(?<!\.br)(?<!\.gz)$" "$1.${end}" [END]`,
  )
  .join("\n")}
</Directory>`;

const apacheWhen = (value, expression) => `Header always set Cache-Control "${value}" "expr=${expression}"`;

const apacheNeeds = `# Needs: a2enmod headers rewrite ssl`;

const apache = () => `# Apache 2.4: the page on a host name of its own. ${made}
# Change: the host name, its certificate, and the folder. Where it goes: sites-enabled/.
${apacheNeeds}

<VirtualHost *:443>
    ServerName ${host}
    SSLEngine on
    SSLCertificateFile    "/etc/ssl/${host}/fullchain.pem"
    SSLCertificateKeyFile "/etc/ssl/${host}/privkey.pem"

    DocumentRoot "${folder}"
${indent(apacheFiles("/"))}
</VirtualHost>
`;

const apacheBeside = () => `# Apache 2.4: the page at ${beside} of a server that does other things as well. ${made}
# Change: the folder. Where it goes: \`Include\` it in the <VirtualHost>.
# A host name of its own is better: see README.md.
${apacheNeeds}

# Without name and port, which then stay as they were, behind whatever proxy; Apache before 2.4.58 does not know how.
<IfVersion >= 2.4.58>
    RedirectRelative On
</IfVersion>
RedirectMatch 308 "^${bare}$" "${beside}"
Alias "${beside}" "${folder}/"
${apacheFiles(beside)}
`;

// Such hosts join what several rules say about one header: each path gets Cache-Control from one rule alone.
const staticHost = () => `# Static hosts that read a file of this name (Netlify, Cloudflare Pages and others). ${made}
# Put it into the folder that is published, beside index.html; under another path, put that before each path here.

${staticRules()
  .map(({ path, headers }) => `${path}\n${indent(lines("static", headers), 2)}`)
  .join("\n\n")}
`;

// dist/'s hashed files by the first word of their names, since these hosts know no other patterns.
const hashedNames = ["app", "boot", "checkup", "engine", "icon", "later", "style"];

function staticRules() {
  const kept = (path, name) => ({ path, headers: { "Cache-Control": headersFor(name)["Cache-Control"] } });
  return [
    { path: "/*", headers: securityHeaders },
    ...["", "index.html", "config.json", "SHA256SUMS"].map((name) => kept(`/${name}`, name)),
    ...hashedNames.map((name) => kept(`/${name}-*`, `${name}-0123456789abcdef.js`)),
  ];
}

/** What belongs into hosting/, by name. */
export const files = {
  "nginx.conf": nginx(),
  "nginx-beside.conf": nginxBeside(),
  Caddyfile: caddy(),
  "Caddyfile-beside": caddyBeside(),
  "apache.conf": apache(),
  "apache-beside.conf": apacheBeside(),
  _headers: staticHost(),
};

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  for (const [name, text] of Object.entries(files)) writeFileSync(new URL(`../hosting/${name}`, import.meta.url), text);
  console.log(`hosting: ${Object.keys(files).length} files in hosting/`);
}
