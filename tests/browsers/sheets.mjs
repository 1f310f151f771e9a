// Looks at what a browser would print: how many sheets, and whether the box of the recovery key is whole.

import { execFileSync } from "node:child_process";

const dotsPerInch = 144;
const pixel = dotsPerInch / 96;

/** Returns of a PDF its number of sheets, and of the key's box on the first one whether both sides have their line. */
export function pagesOf(pdf) {
  const [, sheets] = execFileSync("pdfinfo", ["-"], { input: pdf, encoding: "utf8" }).match(/^Pages: +(\d+)$/m);
  const picture = execFileSync("pdftoppm", ["-gray", "-r", `${dotsPerInch}`, "-f", "1", "-l", "1", "-"], {
    input: pdf,
    maxBuffer: 1e8,
  });
  return { sheets: Number(sheets), frame: frameOf(readGrey(picture)) };
}

/** Reads a binary PGM. */
function readGrey(bytes) {
  const [head, width, height] = bytes.toString("latin1", 0, 40).match(/^P5\s+(\d+)\s+(\d+)\s+255\s/);
  const isDark = (x, y) => bytes[head.length + y * width + x] < 128;
  return { width: Number(width), height: Number(height), isDark };
}

/** Finds the box by its upper edge, the first long line on the sheet. */
function frameOf({ width, height, isDark }) {
  let top;
  for (let y = 0; y < height && !top; y++) {
    for (let x = 0, begin; x <= width; x++) {
      const dark = x < width && isDark(x, y);
      if (dark) begin ??= x;
      else if (begin !== undefined) {
        if (x - begin > width * 0.3) top = { y, left: begin, right: x };
        begin = undefined;
      }
    }
  }
  if (!top) return {};
  // In the box, above its text.
  const row = top.y + Math.round(20 * pixel);
  const near = Math.round(10 * pixel);
  const lines = (from, to) => {
    let count = 0;
    for (let x = from; x < to; x++) if (isDark(x, row) && !isDark(x - 1, row)) count++;
    return count;
  };
  return { left: lines(top.left - near, top.left + near) === 1, right: lines(top.right - near, top.right + near) === 1 };
}
