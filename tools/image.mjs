// Makes the OCI image: the page, and Caddy from Debian's package with the libraries that it needs. Nothing else is in it, no
// shell either, and no other image is below it.
//
//   make image                                   of dist/
//   PAGE=matrixbackup-0.1.0.tar.gz make image    of a release
//
// hosting/README.md says how it is run. The same page gives the same bytes.

import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gunzipSync } from "node:zlib";

import { files as hosting, folder as pageFolder, image as places } from "./hosting.mjs";
import { archive, compress, source } from "./tarball.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "matrixbackup");

/** What is taken from Debian's packages. Debian's Caddy loads these libraries; a test compares them with what it names. */
const taken = (triplet) => ({
  caddy: ["usr/bin/caddy", "usr/share/doc/caddy/copyright"],
  libc6: [`lib/${triplet}/libc.so.6`, `lib/${triplet}/ld-linux-*`, "lib*/ld-linux-*", "usr/share/doc/libc6/copyright"],
  libzstd1: [`usr/lib/${triplet}/libzstd.so.*`, "usr/share/doc/libzstd1/copyright"],
});

/** The machines that it is for, as OCI names them. */
export const platforms = [
  { architecture: "amd64", triplet: "x86_64-linux-gnu" },
  { architecture: "arm64", variant: "v8", triplet: "aarch64-linux-gnu" },
];

// No user of this number is anywhere, so that it owns no file.
const nobody = "65532:65532";

const config = {
  User: nobody,
  ExposedPorts: { [`${places.port}/tcp`]: {} },
  // Caddy asks for a home, and for folders where it would keep certificates: it has none to keep.
  Env: [
    "PATH=/usr/bin",
    "HOME=/",
    "XDG_CONFIG_HOME=/nowhere",
    "XDG_DATA_HOME=/nowhere",
    "MATRIXBACKUP_PATH=/",
    "MATRIXBACKUP_BIND=",
  ],
  Entrypoint: ["/usr/bin/caddy"],
  Cmd: ["run", "--adapter", "caddyfile", "--config", "/etc/caddy/Caddyfile"],
  WorkingDir: "/",
};

/** Returns the image as an archive of an OCI layout, of the page that `source` of tools/tarball.mjs found. */
export function image({ folder, version, seconds }) {
  return inFolder((layout) => {
    const blobs = join(layout, "blobs/sha256");
    mkdirSync(blobs, { recursive: true });
    const put = (content, type) => {
      const bytes = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content));
      const digest = sha256(bytes);
      writeFileSync(join(blobs, digest), bytes);
      return { mediaType: `application/vnd.oci.image.${type}`, digest: `sha256:${digest}`, size: bytes.length };
    };
    const created = new Date(seconds * 1000).toISOString();
    const labels = { "org.opencontainers.image.title": "matrixbackup", "org.opencontainers.image.version": version };
    const page = pageLayer(folder, seconds);
    const manifests = platforms.map(({ triplet, ...platform }) => {
      const layers = [serverLayer(platform.architecture, triplet), page];
      const described = {
        created,
        ...platform,
        os: "linux",
        config: { ...config, Labels: labels },
        rootfs: { type: "layers", diff_ids: layers.map((layer) => `sha256:${sha256(gunzipSync(layer))}`) },
        history: ["Caddy and its libraries, from Debian", "the page"].map((comment) => ({ created, comment })),
      };
      const manifest = {
        schemaVersion: 2,
        mediaType: "application/vnd.oci.image.manifest.v1+json",
        config: put(described, "config.v1+json"),
        layers: layers.map((layer) => put(layer, "layer.v1.tar+gzip")),
      };
      return { ...put(manifest, "manifest.v1+json"), platform: { ...platform, os: "linux" } };
    });
    const both = { schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json", manifests, annotations: labels };
    const annotations = { "org.opencontainers.image.ref.name": `matrixbackup:${version}` };
    const named = { ...put(both, "index.v1+json"), annotations };
    writeFileSync(join(layout, "index.json"), JSON.stringify({ ...both, manifests: [named], annotations: undefined }));
    writeFileSync(join(layout, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
    return archive(layout, seconds);
  });
}

/** Returns the layer that all versions share: its files have no time of their own. It is kept for the next image. */
function serverLayer(architecture, triplet) {
  const packages = Object.entries(taken(triplet)).map(([name, files]) => ({ files, ...packageOf(name, architecture) }));
  const content = sha256(JSON.stringify(packages.map(({ sum, files }) => [sum, files])));
  const kept = join(cache, "image", `server-${content}.tar.gz`);
  if (existsSync(kept)) return readFileSync(kept);
  return inFolder((layer) => {
    for (const { path, files } of packages) {
      const wanted = files.map((file) => `./${file}`);
      const unpack = `dpkg-deb --fsys-tarfile "$0" | tar --extract --no-same-owner -C "$1" --wildcards "\${@:2}"`;
      execFileSync("bash", ["-o", "pipefail", "-c", unpack, path, layer, ...wanted]);
    }
    const packed = compress(archive(layer, 0));
    writeFileSync(`${kept}.${process.pid}`, packed);
    renameSync(`${kept}.${process.pid}`, kept);
    return packed;
  });
}

/** Returns the path and the digest of a package that tools/setup.sh fetched, if it is the one that we name. */
function packageOf(name, architecture) {
  const list = readFileSync(join(root, "tools/image-packages.txt"), "utf8");
  const [, sum, file] = list.match(new RegExp(`^([0-9a-f]{64})  (${name}_[^_]+_${architecture}\\.deb)$`, "m"));
  const path = join(cache, "image", file);
  if (!existsSync(path) || sha256(readFileSync(path)) !== sum) {
    throw new Error(`${file} is not there: run tools/setup.sh image`);
  }
  return { path, sum };
}

function pageLayer(folder, seconds) {
  return inFolder((layer) => {
    const path = (name) => {
      const full = join(layer, name);
      mkdirSync(dirname(full), { recursive: true });
      return full;
    };
    cpSync(join(folder, "dist"), path(pageFolder), { recursive: true });
    for (const licence of ["LICENSE-APACHE", "LICENSE-MIT"]) {
      cpSync(join(folder, licence), path(`usr/share/doc/matrixbackup/${licence}`));
    }
    writeFileSync(path("etc/caddy/Caddyfile"), hosting["Caddyfile-image"]);
    mkdirSync(path(places.own));
    return compress(archive(layer, seconds));
  });
}

function inFolder(work) {
  const place = mkdtempSync(join(tmpdir(), "matrixbackup-image-"));
  try {
    return work(place);
  } finally {
    rmSync(place, { recursive: true });
  }
}

function sha256(content) {
  return createHash("sha256").update(content).digest("hex");
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  process.chdir(root);
  let page;
  try {
    page = source(process.env.PAGE);
    const name = `matrixbackup-${page.version}.oci.tar`;
    mkdirSync("packages", { recursive: true });
    writeFileSync(join("packages", name), image(page));
    console.log(`image: packages/${name}, for ${platforms.map(({ architecture }) => architecture).join(" and ")}`);
  } catch (error) {
    console.error(`image: ${error.message}`);
    process.exitCode = 1;
  } finally {
    page?.remove();
  }
}
