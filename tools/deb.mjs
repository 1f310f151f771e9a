// Makes the Debian package: the page in /usr/share/matrixbackup, and its settings in /etc/matrixbackup. It runs nothing,
// neither when it is installed nor later: the administrator's web server gets lines from the examples in it.
//
//   make deb                                   of dist/
//   PAGE=matrixbackup-0.1.0.tar.gz make deb    of a release
//
// The same page gives the same bytes.

import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { files as hosting, folder as exampleFolder } from "./hosting.mjs";
import { compress, source } from "./tarball.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
// The form asks for an address. The project has none yet, and nobody ever gets one that ends like this.
const maintainer = "The matrixbackup maintainers <maintainers@matrixbackup.invalid>";
const page = "/usr/share/matrixbackup";
const settings = "/etc/matrixbackup/config.json";
const described = `web page on which people secure the keys of their Matrix chats
 A page for those who run a Matrix homeserver. Their people sign in on it, and
 set up, prove and repair the encrypted backup of their chats' keys.
 .
 This package has the page's files, and examples for Apache, nginx and Caddy in
 /usr/share/doc/matrixbackup/examples. It changes no web server by itself. The
 page's settings are in ${settings}.`;

const copyright = (licence) => `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: matrixbackup
Comment:
 The programs (*.wasm) are compiled from this project and from crates of
 crates.io. The release's CycloneDX file (matrixbackup-VERSION.cdx.json) lists
 each of them with its licence.

Files: *
Copyright: the matrixbackup maintainers
License: MIT or Apache-2.0

License: MIT
${licence
  .trim()
  .split("\n")
  .map((line) => ` ${line.trim() || "."}`)
  .join("\n")}

License: Apache-2.0
 On Debian systems, the text of the Apache License, Version 2.0, is in
 /usr/share/common-licenses/Apache-2.0.
`;

/** Returns the package's bytes, of the page that `source` of tools/tarball.mjs found. */
export function deb({ folder, version, seconds }) {
  const place = mkdtempSync(join(tmpdir(), "matrixbackup-deb-"));
  try {
    const tree = join(place, "tree");
    const put = (path, content) => {
      mkdirSync(dirname(join(tree, path)), { recursive: true });
      writeFileSync(join(tree, path), content);
    };
    cpSync(join(folder, "dist"), join(tree, page), { recursive: true });
    symlinkSync(settings, join(tree, page, "config.json"));
    put(settings, "{}\n");
    const documents = "/usr/share/doc/matrixbackup";
    put(`${documents}/copyright`, copyright(readFileSync(join(folder, "LICENSE-MIT"), "utf8")));
    put(`${documents}/changelog.gz`, compress(changelog(version, seconds), 9));
    for (const [name, text] of Object.entries(hosting)) {
      // The others are for hosts that no Debian package is on.
      if (!/^(nginx|apache|Caddyfile)(-beside)?(\.conf)?$/.test(name)) continue;
      put(`${documents}/examples/${name}`, text.replaceAll(exampleFolder, page));
    }
    for (const name of ["config.example.json", "config.schema.json"]) {
      put(`${documents}/examples/${name}`, readFileSync(join(folder, "hosting", name)));
    }
    put("/DEBIAN/control", control(version, sizeOf(tree)));
    put("/DEBIAN/conffiles", `${settings}\n`);
    put("/DEBIAN/md5sums", sums(tree));
    execFileSync("chmod", ["-R", "u=rwX,go=rX", tree]);
    execFileSync("find", [tree, "-exec", "touch", "--no-dereference", `--date=@${seconds}`, "{}", "+"]);
    const file = join(place, "deb");
    // Several threads would compress other pieces.
    const same = ["--root-owner-group", "-Zxz", "--threads-max=1"];
    execFileSync("dpkg-deb", [...same, "--build", tree, file], {
      env: { ...process.env, SOURCE_DATE_EPOCH: seconds },
      stdio: ["ignore", "ignore", "inherit"],
    });
    return readFileSync(file);
  } finally {
    rmSync(place, { recursive: true });
  }
}

export function nameOf(version) {
  return `matrixbackup_${debian(version)}_all.deb`;
}

function control(version, size) {
  return `Package: matrixbackup
Version: ${debian(version)}
Architecture: all
Maintainer: ${maintainer}
Installed-Size: ${size}
Suggests: apache2 | nginx | caddy
Section: web
Priority: optional
Description: ${described}
`;
}

function changelog(version, seconds) {
  const env = { ...process.env, LC_ALL: "C" };
  const day = execFileSync("date", ["--utc", "--rfc-email", `--date=@${seconds}`], { env, encoding: "utf8" });
  return `matrixbackup (${debian(version)}) unstable; urgency=medium

  * Version ${version}. CHANGELOG-${version}.md of the release says what changed.

 -- ${maintainer}  ${day}`;
}

/** In Debian's order of versions a tilde comes before what has none: 1.0.0~rc.1 is older than 1.0.0. */
function debian(version) {
  return version.replace("-", "~");
}

/** Counts as dpkg does, whatever the file system: each file by its begun kilobytes, all else as one. */
function sizeOf(tree) {
  const entries = readdirSync(tree, { recursive: true }).map((path) => lstatSync(join(tree, path)));
  return entries.reduce((sum, entry) => sum + (entry.isFile() ? Math.ceil(entry.size / 1024) : 1), 0);
}

function sums(tree) {
  const list = `cd "$0" && find . -path ./DEBIAN -prune -o -type f -printf '%P\\0' | LC_ALL=C sort -z | xargs -0 md5sum`;
  return execFileSync("bash", ["-o", "pipefail", "-c", list, tree]);
}

/** Returns what lintian complains about, or undefined where it is not installed. */
function complaints(file) {
  const flags = ["--allow-root", "--tag-display-limit", "0"];
  const { error, stdout, stderr } = spawnSync("lintian", [...flags, file], { encoding: "utf8" });
  return error ? undefined : stdout + stderr;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  process.chdir(root);
  let found;
  try {
    found = source(process.env.PAGE);
    const file = join("packages", nameOf(found.version));
    mkdirSync("packages", { recursive: true });
    writeFileSync(file, deb(found));
    const said = complaints(file);
    if (said) throw new Error(`lintian complains about ${file}:\n${said.trim()}`);
    console.log(`deb: ${file}; lintian ${said === "" ? "has no complaint" : "is not installed, and was not asked"}`);
  } catch (error) {
    console.error(`deb: ${error.message}`);
    process.exitCode = 1;
  } finally {
    found?.remove();
  }
}
