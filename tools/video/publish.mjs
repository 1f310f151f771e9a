// Makes of a film the files that a host may put beside index.html: video.html and what it names, each with a hash in its
// name. Debian's ffmpeg makes a WebM (VP9) and, for Safari, an MP4 (H.264). The words come in every language.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";

import { videoMetaPolicy } from "../headers.mjs";
import { minify } from "../shrink.mjs";
import { longest, most } from "./scenes.mjs";
import { size } from "./stage.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const read = (name) => readFileSync(join(here, name), "utf8");

/** The words of each language, by its tag; English first. */
export function wordsOfAll() {
  const tags = readdirSync(join(here, "words")).map((name) => name.replace(/\.json$/, ""));
  tags.sort((one, other) => (other === "en") - (one === "en") || (one < other ? -1 : 1));
  return Object.fromEntries(tags.map((tag) => [tag, JSON.parse(read(`words/${tag}.json`))]));
}

const formats = [
  {
    end: "webm",
    type: 'video/webm; codecs="vp09.00.31.08"',
    flags: "-c:v libvpx-vp9 -crf 38 -b:v 0 -g 100 -row-mt 1 -deadline good -cpu-used 3",
    hurry: "-deadline realtime -cpu-used 8",
  },
  {
    end: "mp4",
    type: 'video/mp4; codecs="avc1.64001f"',
    flags: "-c:v libx264 -profile:v high -level 3.1 -preset slow -crf 27 -g 100 -movflags +faststart",
    hurry: "-preset ultrafast",
  },
];

/**
 * Writes all of it into a folder; returns its files with their sizes. `film`: one of `film.mjs`, with its `frames`, `scenes`
 * and `poster`. `pictures`: those of the steps in each language, by its tag (`takeAll` of tools/pictures.mjs). `quick`:
 * encodes it in a hurry, for tests.
 */
export function publish(film, folder, { pictures, quick = false }) {
  if (film.seconds() > longest) throw new Error(`the film takes ${film.seconds()} s, more than ${longest}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const sums = [];
  const write = (name, content) => {
    const files = { [name]: content };
    // As dist/ has them, for hosts that compress nothing themselves. Films and pictures are as small as they get.
    if (/\.(html|css|js|vtt)$/.test(name)) {
      Object.assign(files, { [`${name}.br`]: brotliCompressSync(content), [`${name}.gz`]: gzipSync(content) });
    }
    for (const [name, content] of Object.entries(files)) {
      writeFileSync(join(folder, name), content);
      sums.push(`${createHash("sha256").update(content).digest("hex")}  ${name}\n`);
    }
    return name;
  };
  const pin = (name, end, content) =>
    write(`${name}-${createHash("sha256").update(content).digest("hex").slice(0, 16)}.${end}`, content);
  const integrity = (text) => `sha384-${createHash("sha384").update(text).digest("base64")}`;

  const sources = encode(film.frames, quick).map(({ end, type, bytes }) => {
    if (bytes.length > most) throw new Error(`the ${end} has ${bytes.length} bytes, more than ${most}`);
    return `<source src="${pin("video", end, bytes)}" type='${type}'>`;
  });
  const poster = pin("video-poster", "webp", film.poster);
  const words = wordsOfAll();
  const tracks = Object.entries(words).map(([tag, texts]) => {
    const name = pin(`video-${tag}`, "vtt", captions(film.scenes, texts));
    return `<track kind="captions" srclang="${tag}" label="${nameOf(tag)}" src="${name}">`;
  });
  const script = minify(read("video.js"));
  const style = minify(["../../style/tokens.css", "../../style/base.css", "video.css"].map(read).join("\n"), "css");
  const folds = [...inPictures(pictures, words, pin), ...transcripts(film.scenes, words)];
  const parts = {
    '<meta http-equiv="Content-Security-Policy" content="">': `<meta http-equiv="Content-Security-Policy" content="${videoMetaPolicy}">`,
    "<title></title>": `<title>${escaped(words.en.page_title)}</title>`,
    '<link rel="stylesheet">': `<link rel="stylesheet" href="${pin("video", "css", style)}" integrity="${integrity(style)}">`,
    '<script src="video.js">': `<script src="${pin("video", "js", script)}" integrity="${integrity(script)}" type="module">`,
    "<main>": `<main data-texts="${escaped(JSON.stringify(ofPage(words)))}">`,
    "<h1></h1>": '<h1 data-key="page_title"></h1>',
    "<video controls preload=\"none\" playsinline></video>":
      `<video controls preload="none" playsinline width="${size.width}" height="${size.height}" poster="${poster}">\n        ` +
      [...sources, ...tracks, '<p data-key="page_cannot"></p>'].join("\n        ") +
      "\n      </video>",
    "<section></section>": `<section>\n        ${folds.join("\n        ")}\n      </section>`,
  };
  let html = read("video.html");
  for (const [place, part] of Object.entries(parts)) {
    if (html.split(place).length !== 2) throw new Error(`video.html should have one ${place}`);
    html = html.replace(place, () => part);
  }
  html = html.replace(/ data-key="(\w+)"( hidden)?><\//g, (_, key, hidden = "") => ` data-key="${key}"${hidden}>${escaped(words.en[key])}</`);
  write("video.html", html);
  // Not SHA256SUMS: the page itself has a file of that name.
  writeFileSync(join(folder, "video-SHA256SUMS"), sums.sort().join(""));
  return readdirSync(folder).map((name) => ({ name, bytes: statSync(join(folder, name)).size }));
}

/** Has ffmpeg make each format of the pictures. */
function encode(frames, quick) {
  const folder = mkdtempSync(join(tmpdir(), "matrixbackup-film-"));
  try {
    const list = ["ffconcat version 1.0"];
    for (const [at, { picture, seconds }] of frames.entries()) {
      writeFileSync(join(folder, `${at}.png`), picture);
      list.push(`file ${at}.png`, `duration ${seconds.toFixed(3)}`);
    }
    // ffmpeg heeds the last duration only if a file follows.
    list.push(`file ${frames.length - 1}.png`);
    writeFileSync(join(folder, "list"), list.join("\n"));
    const input = ["-f", "concat", "-i", join(folder, "list")];
    const filter = "fps=10,scale=out_color_matrix=bt709:out_range=tv,format=yuv420p";
    const same = "-an -map_metadata -1 -fflags +bitexact -flags:v +bitexact -colorspace bt709 -color_primaries bt709 -color_trc bt709";
    return formats.map(({ end, type, flags, hurry }) => {
      const file = join(folder, `film.${end}`);
      const all = [same, flags, ...(quick ? [hurry] : [])].flatMap((some) => some.split(" "));
      execFileSync("ffmpeg", ["-loglevel", "error", ...input, "-vf", filter, ...all, file]);
      return { end, type, bytes: readFileSync(file) };
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const clock = (seconds) => `00:${new Date(Math.round(seconds * 1000)).toISOString().slice(14, 23)}`;
/** The words of a language as WebVTT. */
function captions(scenes, texts) {
  const cue = ({ name, start, end }) => `${name}\n${clock(start)} --> ${clock(end)}\n${texts[name]}\n`;
  return `WEBVTT\n\n${scenes.map(cue).join("\n")}`;
}

const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
const nameOf = (tag) => new Intl.DisplayNames([tag], { type: "language" }).of(tag);
const ofPage = (words) =>
  Object.fromEntries(
    Object.entries(words).map(([tag, texts]) => [
      tag,
      Object.fromEntries(Object.entries(texts).filter(([key]) => key.startsWith("page_"))),
    ]),
  );

const folded = (tag, texts, key, content) =>
  `<details lang="${tag}" dir="auto"><summary>${escaped(texts[key])} (${nameOf(tag)})</summary>${content}</details>`;

/** What the film shows, in every language: folded, with the time of each scene. */
function transcripts(scenes, words) {
  const line = ({ name, start }, texts) => `<li><span>${clock(start).slice(4, 8)}</span> ${escaped(texts[name])}</li>`;
  const list = (texts) => `<ol>${scenes.map((scene) => line(scene, texts)).join("")}</ol>`;
  return Object.entries(words).map(([tag, texts]) => folded(tag, texts, "page_transcript", list(texts)));
}

/** The pictures of the steps: browsers fetch those of a language once somebody unfolds them. */
function inPictures(pictures, words, pin) {
  const picture = (tag) => ({ record: { name, alt }, light, dark }) => {
    const [address, addressInDark] = [light, dark].map((bytes) => pin(`video-${tag}-${name}`, "webp", bytes));
    const source = `<source media="(prefers-color-scheme: dark)" srcset="${addressInDark}">`;
    return `<li><picture>${source}<img loading="lazy" width="400" alt="${escaped(alt)}" src="${address}"></picture></li>`;
  };
  return Object.entries(pictures).map(([tag, steps]) =>
    folded(tag, words[tag], "page_pictures", `<ol class="pictures">${steps.map(picture(tag)).join("")}</ol>`),
  );
}
