// Writes hosting/: the configuration of nginx, Caddy, Apache and static hosts, made from tools/headers.mjs. A test
// compares what is committed with what this makes, and serves the page with it (tests/e2e/hosting.test.mjs).
//
//   node tools/hosting.mjs

import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

import { caching, headersFor, otherwise, securityHeaders, types } from "./headers.mjs";
import { lastWins, servers } from "./server-lines.mjs";

// An administrator changes these, and tests replace them.
export const folder = "/srv/matrixbackup";
export const host = "backup.example.org";
export const beside = "/matrixbackup/";

/** The image's port, and its folder for the host's own files: config.json and a logo. The page is in `folder`. */
export const image = { port: 8080, own: "/etc/matrixbackup" };

const made = "Made by tools/hosting.mjs.";
const bare = beside.slice(0, -1);
const indent = (text, by = 4) => text.replaceAll(/^(?=.)/gm, " ".repeat(by));
const { nginx, caddy, apache } = servers;
const headerLines = (server, headers) =>
  Object.entries(headers)
    .map(([name, value]) => server.header(name, value))
    .join("\n");
const typeLines = (server) =>
  Object.entries(types)
    .map(([end, type]) => server.type(end, type))
    .join("\n");
const keptLines = (server) => [...lastWins(caching).map(server.kept), server.keptWhenMissing()].join("\n");

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

# nginx sends the .gz beside each file as it is. The .br is smaller by a quarter, but needs a module: Debian's
# package libnginx-mod-http-brotli-static, or its like. Then remove the # before brotli_static.
gzip_static on;
gzip_vary on;
#brotli_static on;

set $matrixbackup_kept "${otherwise}";
${keptLines(nginx)}
${headerLines(nginx, securityHeaders)}
${nginx.keptHeader()}`;

function nginxTypes() {
  const width = Math.max(...Object.values(types).map((type) => type.length)) + 3;
  return Object.entries(types)
    .map(([end, type]) => `${`"${type}"`.padEnd(width)}${end};`)
    .join("\n");
}

const nginxOwn = () => `# nginx: the page on a host name of its own. ${made}
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
${indent(headerLines(nginx, headersFor("")))}
    return 308 ${beside}$is_args$args;
}

location ^~ ${beside} {
${indent(nginxFiles(`alias ${folder}/;`))}
}
`;

// A route block keeps the order; elsewhere Caddy sorts, so that the general header would come last and win.
const caddyFiles = ({ before = "", after = "" } = {}) => `route {
${indent(headerLines(caddy, securityHeaders))}
    ${caddy.keptHeader()}
${indent(before)}    root * ${folder}
${indent(after)}${indent(typeLines(caddy))}
${indent(keptLines(caddy))}
${indent(caddy.compressed())}
}`;

const caddyOwn = () => `# Caddy: the page on a host name of its own; the certificate comes by itself. ${made}
# Change: the host name and the folder.

${host} {
${indent(caddyFiles())}
}
`;

const caddyBeside = () => `# Caddy: the page at ${beside} of a site that does other things as well. ${made}
# Change: the folder. Where it goes: \`import\` it inside the site's { } block.
# A host name of its own is better: see README.md.

@matrixbackup path ${bare} ${beside}*
handle @matrixbackup {
${indent(caddyFiles({ before: `${caddy.slash(beside)}\nuri strip_prefix ${bare}\n` }))}
}
`;

// Caddy puts a variable's value into this text before it reads it. Its `file` does not know the folder itself.
const path = "{$MATRIXBACKUP_PATH:/}";
const hostsOwn = `# What is not in the page may be the host's own.
@own {
    path_regexp [^/]$
    not file
}
root @own ${image.own}`;
const caddyImage = () => `# Caddy in the image: http without encryption, behind a server that has the certificate. ${made}
# MATRIXBACKUP_PATH is where the page is. MATRIXBACKUP_BIND is the address to listen at; without it, every one.

{
    admin off
    auto_https off
    default_bind "{$MATRIXBACKUP_BIND}"
}

http://:${image.port} {
    # Without the first slash Caddy does not start.
    @wrong expression \`!"${path}".endsWith("/")\`
    handle @wrong {
        respond "MATRIXBACKUP_PATH must begin and end with a slash." 500
    }

    @slashless expression \`{http.request.uri.path} + "/" == "${path}"\`
    handle @slashless {
${indent(headerLines(caddy, headersFor("")), 8)}
        redir * ${path}?{query} 308
    }

    handle_path ${path}* {
${indent(caddyFiles({ after: `${hostsOwn}\n` }), 8)}
    }

    handle {
        respond 404
    }
}
`;

const apacheFiles = (path) => `<Location "${path.slice(0, -1) || "/"}">
${indent(headerLines(apache, securityHeaders))}
    ${apache.keptHeader()}
${indent(keptLines(apache))}
    Header always merge Vary Accept-Encoding
</Location>

<Directory "${folder}">
    Require all granted
    AllowOverride None
    # Rewriting works only where links may be followed; this is the stricter of the two options for that.
    Options SymLinksIfOwnerMatch
    DirectoryIndex index.html
${indent(typeLines(apache))}

    # Apache sends the .br or .gz beside each file as it is, with the type of the file itself.
${indent(apache.marked())}
${indent(apache.compressed(folder))}
    RewriteBase "${path}"
</Directory>`;

const apacheNeeds = `# Needs: a2enmod headers rewrite ssl`;

const apacheOwn = () => `# Apache 2.4: the page on a host name of its own. ${made}
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

# Redirects without host name and port, so that they are right behind any proxy. Apache before 2.4.58 cannot do it.
<IfVersion >= 2.4.58>
    RedirectRelative On
</IfVersion>
${apache.slash(beside)}
Alias "${beside}" "${folder}/"
${apacheFiles(beside)}
`;

// Such hosts join the values that several rules give one header: each path must get Cache-Control from one rule alone.
const staticHost = () => `# Static hosts that read a file of this name (Netlify, Cloudflare Pages and others). ${made}
# Put it into the folder that is published, beside index.html; under another path, put that before each path here.

/*
${indent(headerLines(servers.static, securityHeaders), 2)}

${[{ examples: ["SHA256SUMS"], value: otherwise }, ...caching].map(servers.static.kept).join("\n\n")}
`;

/** The files of hosting/: the text of each, by name. */
export const files = {
  "nginx.conf": nginxOwn(),
  "nginx-beside.conf": nginxBeside(),
  Caddyfile: caddyOwn(),
  "Caddyfile-beside": caddyBeside(),
  "Caddyfile-image": caddyImage(),
  "apache.conf": apacheOwn(),
  "apache-beside.conf": apacheBeside(),
  _headers: staticHost(),
};

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  for (const [name, text] of Object.entries(files)) writeFileSync(new URL(`../hosting/${name}`, import.meta.url), text);
  console.log(`hosting: ${Object.keys(files).length} files in hosting/`);
}
