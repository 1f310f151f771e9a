// Draws the poster: an SVG of one sheet, the same for the same texts. Lines are broken here, since SVG breaks none; the widths
// are those of wide fonts, so that other fonts leave room. tests/e2e/campaign.test.mjs measures what a browser makes of it.

import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(new URL("../tests/package.json", import.meta.url));
const { default: encodeQR } = await import(pathToFileURL(require.resolve("qr")).href);

/** Sheets in millimetres. */
export const sheets = { a4: { width: 210, height: 297 }, letter: { width: 215.9, height: 279.4 } };
const margin = 18;
/** Light modules around a code, which readers need. */
const quiet = 4;

const escaped = (text) => text.replace(/[&<>"]/g, (letter) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[letter]);
const round = (value) => Number(value.toFixed(3));

const isWide = (letter) => /[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uff60]/u.test(letter);

/** Returns how wide a letter may be, for a font of size 1. */
function letterWidth(letter) {
  if (/[\u2066-\u2069\u200e\u200f]/.test(letter)) return 0;
  if (isWide(letter)) return 1;
  if (/[ ilIjtfr.,:;'’|!()/]/.test(letter)) return 0.42;
  if (/[mwMW@%]/.test(letter)) return 1;
  return /\p{Lu}/u.test(letter) ? 0.74 : 0.64;
}
const widthOf = (text, bold) => [...text].reduce((sum, letter) => sum + letterWidth(letter), 0) * (bold ? 1.12 : 1);

/** Breaks a text into lines: at spaces, between Chinese characters but not before a mark, and in words wider than a line. */
function broken(text, width, bold) {
  // An address has no spaces; its parts end with these.
  const pieces = /^https:\S+$/.test(text) ? text.match(/[^/.?&=-]*[/.?&=-]+|.+$/g) : text.match(/[\u2e80-\u9fff\uff00-\uff60][，。、：；？！）”》]*|[^\s\u2e80-\u9fff\uff00-\uff60]+[，。、：；？！）”》]*|\s+/gu) ?? [];
  const lines = [""];
  for (const piece of pieces) {
    if (widthOf(lines.at(-1) + piece.trimEnd(), bold) <= width) {
      lines[lines.length - 1] += piece;
    } else if (widthOf(piece, bold) <= width) {
      lines.push(piece.trimStart());
    } else {
      for (const letter of piece) {
        if (widthOf(lines.at(-1) + letter, bold) > width) lines.push("");
        lines[lines.length - 1] += letter;
      }
    }
  }
  return lines.map((line) => line.trim()).filter(Boolean);
}

/** Returns the modules of the code that leads to an address, as one path of unit squares, and how many stand in a row. */
export function code(address) {
  // The library puts a border around it, of one module at least.
  const rows = encodeQR(address, "raw", { ecc: "medium", border: 1 }).slice(1, -1).map((row) => row.slice(1, -1));
  const path = rows.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : []))).join("");
  return { path, size: rows.length };
}

/**
 * Draws a poster. `blocks` are its parts from top to bottom: `{ text, size, bold, centre, ltr, after }` with sizes in millimetres,
 * or `{ code, size, after }`. What is too long for the sheet is drawn smaller, down to half; then it throws.
 */
export function poster({ language, isRtl, title, blocks, sheet }) {
  const { width, height } = sheets[sheet];
  const inner = width - 2 * margin;
  for (let scale = 1; scale >= 0.5; scale -= 0.02) {
    const { content, bottom } = drawn(blocks, { scale, inner, width, isRtl });
    if (bottom > height - margin) continue;
    return `<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" width="${width}mm" height="${height}mm" viewBox="0 0 ${width} ${height}" xml:lang="${language}" lang="${language}" font-family="'DejaVu Sans', 'Noto Sans', Arial, sans-serif" fill="#111">
<title>${escaped(title)}</title>
<rect width="${width}" height="${height}" fill="#fff"/>
${content.join("\n")}
</svg>
`;
  }
  throw new Error(`the poster has no room for all of this on ${sheet}: a shorter address, SERVER or CONTACT helps`);
}

function drawn(blocks, { scale, inner, width, isRtl }) {
  const content = [];
  let y = margin;
  for (const block of blocks) {
    const { text, size, bold, centre, ltr, after } = block;
    if (block.code) {
      // Paper is scanned from afar: the code shrinks less than the words.
      const side = size * Math.max(scale, 0.8);
      const { path, size: modules } = code(block.code);
      const each = round(side / (modules + 2 * quiet));
      const left = round((width - each * modules) / 2);
      content.push(`<path class="code" transform="translate(${left} ${round(y + quiet * each)}) scale(${each})" d="${path}" fill="#000" shape-rendering="crispEdges"/>`);
      y += side + after * scale;
      continue;
    }
    const font = round(size * scale);
    const goesLeft = isRtl && !ltr;
    const [anchor, x] = centre ? ["middle", width / 2] : ["start", goesLeft ? width - margin : margin];
    for (const line of broken(text, inner / font, bold)) {
      y += font * 1.32;
      const weight = bold ? ' font-weight="bold"' : "";
      const direction = goesLeft ? ' direction="rtl"' : ltr ? ' direction="ltr"' : "";
      content.push(`<text x="${round(x)}" y="${round(y - font * 0.28)}" font-size="${font}" text-anchor="${anchor}"${weight}${direction}>${escaped(line)}</text>`);
    }
    y += after * scale;
  }
  return { content, bottom: y };
}
