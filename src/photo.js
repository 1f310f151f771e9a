// The frame of the worker that reads a photo of the printed kit. tools/pin-engine.mjs appends it to its program's glue, so
// that it imports nothing. The page (src/app/photo.rs) sends the compiled program and then the picture. There is one
// answer: the recovery key's bytes, the number of a reason, or null where the reader failed. Then the page ends the worker.
"use strict";

/** The longest side that is looked at, in pixels: a code that fills a quarter of it still has ten pixels a module. */
const LONGEST = 2000;

self.onmessage = ({ data }) => {
  if (data instanceof Blob) read(data).then(answer, () => self.postMessage(null));
  else wasm_bindgen.initSync(data);
};

async function read(file) {
  const image = await pixels(file).catch(() => null);
  if (!image) return wasm_bindgen.unopened();
  try {
    return wasm_bindgen.read(image.data, image.width);
  } finally {
    image.data.fill(0);
  }
}

/** Decodes a picture, made smaller where it is large. No address is made for it, so that no policy need allow one. */
async function pixels(file) {
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
  const [width, height] = [picture.width, picture.height].map((side) => Math.max(1, Math.round(side * scale)));
  const context = new OffscreenCanvas(width, height).getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, 0, 0, width, height);
  picture.close();
  return context.getImageData(0, 0, width, height);
}

/** Hands the key's bytes over: none stay here. */
function answer(read) {
  self.postMessage(read, read instanceof Uint8Array ? [read.buffer] : []);
}
