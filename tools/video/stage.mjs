// The stage of the film: a page of our own on which each picture of it is put together. On the left is what the recorded
// page shows, with a pointer; on the right a phone is drawn, from what the client on it says
// (tests/support/clients/watched-phone.mjs).

import { readFileSync } from "node:fs";

export const size = { width: 1280, height: 720 };
/** The part of it that the recorded page has. */
export const viewport = { width: 880, height: 720 };

/** Opens it in a Chromium; `draw` returns a picture of what it is given, a PNG or with `webp` that. */
export async function openStage(browser) {
  const context = await browser.newContext({ viewport: size });
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await page.setContent(readFileSync(new URL("stage.html", import.meta.url), "utf8"));
  return {
    /** `image`: the recorded page as a PNG. `pointer`: `{ x, y, pressed }`. `stamp`: where an example's key is. */
    async draw({ image, phone, pointer, stamp }, format = "png") {
      await page.evaluate(put, { image: image.toString("base64"), phone, pointer, stamp });
      const { data } = await devtools.send("Page.captureScreenshot", { format, ...(format === "webp" && { quality: 75 }) });
      return Buffer.from(data, "base64");
    },
    close: () => context.close(),
  };
}

/** Runs on the stage. */
async function put({ image, phone, pointer, stamp }) {
  const find = (id) => document.getElementById(id);
  const make = (name, className, ...children) => {
    const element = document.createElement(name);
    element.className = className;
    element.append(...children);
    return element;
  };
  const picture = find("page");
  if (picture.dataset.shown !== image) {
    Object.assign(picture, { src: `data:image/png;base64,${image}` }).dataset.shown = image;
    await picture.decode();
  }
  find("pointer").style.translate = `${pointer.x}px ${pointer.y}px`;
  find("pointer").classList.toggle("pressed", Boolean(pointer.pressed));
  Object.assign(find("stamp").style, stamp
    ? { display: "flex", left: `${stamp.x}px`, top: `${stamp.y}px`, width: `${stamp.width}px`, height: `${stamp.height}px` }
    : { display: "none" });

  const { owner, screen, chats, asker, emoji, pressed, backup } = phone;
  find("owner").textContent = owner;
  const press = (text) => make("div", pressed === text ? "press pressed" : "press", text);
  const list = chats.map(({ name, last }) => make("div", "chat", make("b", "", name), make("span", "", last)));
  const shows = {
    chats: () => [make("h2", "", "Chats"), ...list],
    asked: () => [make("h2", "", "Verification request"), make("p", "", `“${asker}” asks to compare emoji.`), press("Start")],
    emoji: () => [
      make("h2", "", "Compare emoji"),
      make("ul", "emoji", ...emoji.map(([symbol, name]) => make("li", "", make("i", "", symbol), name))),
      make("p", "", "Does the other device show the same, in the same order?"),
      press("They match"),
      press("They don't match"),
    ],
    verified: () => [make("h2", "", "Chats"), make("div", "good", "✓ Verified"), ...list],
  };
  const line = make("div", "backup", make("b", "", `${backup.held} message keys on this phone`), backup.words);
  find("screen").replaceChildren(...shows[screen](), line);
}
