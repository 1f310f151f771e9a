// A film as it is taken: pictures, each with the seconds for which it stays.

import { SCENES } from "./scenes.mjs";

/** Seconds of one picture while something moves; the film has ten a second. */
const step = 0.1;

/** Takes a film of a visit; `phone()` is what the phone shows, as `stage.mjs` draws it. */
export function takeFilm({ page }, stage, phone) {
  const frames = [];
  const scenes = [];
  let pointer = { x: 700, y: 560 };
  let shot;

  /** Takes a picture of the page as it is now. */
  async function look() {
    const key = page.locator("p.key:visible");
    const stamp = (await key.count()) ? await key.first().boundingBox() : undefined;
    shot = { image: await page.screenshot(), stamp, phone: await phone() };
  }
  async function add(seconds, more = {}) {
    frames.push({ picture: await stage.draw({ ...shot, pointer, ...more }), seconds });
  }

  const film = {
    frames,
    scenes,
    poster: undefined,

    /** Shows page and phone as they are now. */
    async show(seconds = step) {
      await look();
      await add(seconds);
    },

    /** Moves the pointer to a place on the page, and presses it. */
    async press(place) {
      await place.waitFor();
      // A place that is not in sight is scrolled to.
      const before = await page.evaluate(() => scrollY);
      await place.evaluate((element) => element.scrollIntoView({ block: "nearest" }));
      if ((await page.evaluate(() => scrollY)) !== before) await film.show(0.6);
      else if (!shot) await look();
      const { x, y, width, height } = await place.boundingBox();
      const [from, to] = [pointer, { x: x + width / 2, y: y + height / 2 }];
      for (let part = 0.2; part < 1.01; part += 0.2) {
        // Slower at both ends, as a hand is.
        const way = part * part * (3 - 2 * part);
        pointer = { x: from.x + (to.x - from.x) * way, y: from.y + (to.y - from.y) * way };
        await add(step);
      }
      pointer = to;
      await add(3 * step, { pointer: { ...to, pressed: true } });
      await place.click();
    },

    /** Types a text, a few letters at a time. */
    async type(field, text) {
      for (let part = 1; part <= 4; part++) {
        await field.fill(text.slice(0, Math.ceil((text.length * part) / 4)));
        await film.show(2 * step);
      }
    },

    /** Takes a scene, and gives it the seconds that are in the table. */
    async scene(name, act) {
      const { seconds, rests } = SCENES.find((scene) => scene.name === name);
      const [first, start] = [frames.length, film.seconds()];
      await act();
      const left = seconds - (film.seconds() - start);
      if (left < 0) throw new Error(`the scene ${name} takes ${-left} seconds more than it has`);
      frames[rests === "first" ? first : frames.length - 1].seconds += left;
      scenes.push({ name, start, end: start + seconds });
    },

    /** Takes the picture that stands in the film's place until it plays. */
    takePoster: async () => (film.poster = await stage.draw({ ...shot, pointer }, "webp")),

    seconds: () => frames.reduce((sum, { seconds }) => sum + seconds, 0),
  };
  return film;
}
