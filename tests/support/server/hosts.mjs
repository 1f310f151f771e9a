// Runs nginx, Caddy or Apache with the files of hosting/ on a loopback port. Only the folder, the address and the
// certificate (none) differ from the example: the rest runs as an administrator copies it.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

import { beside, folder as exampleFolder, host as exampleHost } from "../../../tools/hosting.mjs";
import { freePort } from "./homeserver.mjs";

const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "matrixbackup");
// Where tools/setup.sh unpacked Debian's packages.
const servers = join(cache, "servers/usr");
const program = (name) => join(servers, name);
const libraries = program(`lib/${{ x64: "x86_64", arm64: "aarch64" }[process.arch]}-linux-gnu`);

/** The answer of a server that has the page beside other things, at any address but the page's. */
export const elsewhere = "something else";
/** The content of files that must never be served: they lie above the page's folder and beside it. */
export const outside = "outside of the page's folder";

const kinds = {
  nginx: {
    files: { "/": "nginx.conf", [beside]: "nginx-beside.conf" },
    start({ place, port, snippet, mount, brotli }) {
      if (brotli) snippet = replaced(snippet, "#brotli_static", "brotli_static");
      const site =
        mount === "/"
          ? replaced(snippet, "listen 443 ssl;", `listen 127.0.0.1:${port};`).replaceAll(/^ *(listen \[|ssl_cert).*\n/gm, "")
          : `server {
               listen 127.0.0.1:${port};
               ${snippet}
               # Other things, in the way that would take files away from the page.
               location / { return 200 "${elsewhere}"; }
               location ~ \\.(js|wasm|html)$ { return 200 "${elsewhere}"; }
             }`;
      const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
      const module = program("lib/nginx/modules/ngx_http_brotli_static_module.so");
      const configuration = `${brotli ? `load_module "${module}";` : ""}
        daemon off; master_process off; pid ${place}/pid; error_log stderr;
        events {}
        http { access_log off; ${temporary.map((name) => `${name}_temp_path ${place}/${name};`).join(" ")}
        ${site} }`;
      return [program("sbin/nginx"), ["-e", "stderr", "-c", written(place, "nginx.conf", configuration)]];
    },
  },
  caddy: {
    files: { "/": "Caddyfile", [beside]: "Caddyfile-beside" },
    start({ place, port, snippet, mount }) {
      // Any host name will do: `default_bind` keeps it on the loopback.
      const address = `http://:${port}`;
      const site =
        mount === "/"
          ? replaced(snippet, `${exampleHost} {`, `${address} {`)
          : `${address} {\n${snippet}\nrespond "${elsewhere}"\n}`;
      const configuration = `{\nadmin off\nauto_https off\ndefault_bind 127.0.0.1\n}\n${site}`;
      const file = written(place, "Caddyfile", configuration);
      return [program("bin/caddy"), ["run", "--adapter", "caddyfile", "--config", file]];
    },
  },
  apache: {
    files: { "/": "apache.conf", [beside]: "apache-beside.conf" },
    start({ place, port, snippet, mount }) {
      mkdirSync(join(place, "else"));
      writeFileSync(join(place, "else/index.html"), elsewhere);
      const site =
        mount === "/"
          ? replaced(snippet, "<VirtualHost *:443>", `<VirtualHost 127.0.0.1:${port}>`).replaceAll(/^ *SSL.*\n/gm, "")
          : `<VirtualHost *>\nDocumentRoot "${place}/else"\n<Directory "${place}/else">\nRequire all granted\n</Directory>
             ${snippet}\n</VirtualHost>`;
      const modules = ["mpm_event", "authz_core", "headers", "rewrite", "alias", "dir", "mime", "filter", "deflate"];
      const { uid, gid } = userInfo();
      const configuration = `ServerRoot "${place}"\nServerName 127.0.0.1\nListen 127.0.0.1:${port}\nPidFile "${place}/pid"
        DefaultRuntimeDir "${place}"\nErrorLog "/dev/stderr"
        ${modules.map((name) => `LoadModule ${name}_module ${program(`lib/apache2/modules/mod_${name}.so`)}`).join("\n")}
        ${uid === 0 ? "User www-data\nGroup www-data" : `User "#${uid}"\nGroup "#${gid}"`}
        TypesConfig /dev/null\n# As Debian has it: wrong for what is sent compressed.\nAddType application/x-gzip .gz
        AddOutputFilterByType DEFLATE text/html text/css text/javascript
        ${site}\n`;
      return [program("sbin/apache2"), ["-D", "FOREGROUND", "-f", written(place, "apache.conf", configuration)]];
    },
  },
};

export const names = Object.keys(kinds);

/**
 * Starts `server` ("nginx", "caddy" or "apache") with a copy of `dist` under `mount`, "/" or that of hosting/'s other
 * files. `brotli`: with nginx's module for it, which the others need not. Returns `{ url, origin, folder, close() }`.
 */
export async function startHost({ server, mount = "/", dist, brotli = false }) {
  const { files, start } = kinds[server];
  // Apache gives root's rights up and still has to read it.
  const place = mkdtempSync(join(tmpdir(), "matrixbackup-host-"));
  chmodSync(place, 0o755);
  const folder = join(place, "page");
  cpSync(dist, folder, { recursive: true });
  writeFileSync(join(place, "secret.txt"), outside);
  for (const neighbour of ["pagex", "page-old"]) {
    mkdirSync(join(place, neighbour));
    writeFileSync(join(place, neighbour, "secret.txt"), outside);
  }

  const port = await freePort();
  const text = readFileSync(new URL(`../../../hosting/${files[mount]}`, import.meta.url), "utf8");
  const snippet = replaced(text, exampleFolder, folder);
  const [command, flags] = start({ place, port, snippet, mount, brotli });
  const log = join(place, "log");
  const child = spawn(command, flags, {
    cwd: place,
    // A file, because Apache opens it by name.
    stdio: ["ignore", "ignore", openSync(log, "w")],
    env: { ...process.env, LD_LIBRARY_PATH: libraries, XDG_DATA_HOME: place, XDG_CONFIG_HOME: place },
  });
  const over = new Promise((done) => child.once("exit", done).once("error", done));
  const close = async () => {
    child.kill();
    await over;
    rmSync(place, { recursive: true });
  };

  const origin = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + 20_000;
  const answers = () => fetch(origin).then((answer) => answer.arrayBuffer(), () => false);
  while (!(await answers())) {
    if (child.exitCode !== null || Date.now() > deadline) {
      const said = readFileSync(log, "utf8");
      await close();
      assert.fail(`${server} did not start:\n${said}`);
    }
    await setTimeout(50);
  }
  return { origin, url: origin + mount, folder, close };
}

/** Replaces a text of the example everywhere; it has to be there. */
function replaced(text, word, by) {
  assert.ok(text.includes(word), `the file in hosting/ has no ${word}`);
  return text.replaceAll(word, by);
}

function written(place, name, text) {
  const file = join(place, name);
  writeFileSync(file, text);
  return file;
}
