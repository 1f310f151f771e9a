// `make video`: a film of the whole way, of one minute and without sound. It is taken of the release page in Chromium, in
// front of a real Synapse; beside the page a phone is drawn from what a running client says (matrix-js-sdk). It goes into
// dist-video/, for hosts who want it: they copy it beside index.html, and it is at video.html. The pictures of the steps are
// there, too, in every language.
//
// The account is a throw-away one on loopback, and the recovery key on screen is stamped as an example.

import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { trusting } from "../tests/e2e/support/trust.mjs";
import { LANGUAGES } from "../tests/e2e/support/language.mjs";
import { dist, startChromium, withPage } from "../tests/e2e/support/page.mjs";
import { startPhone } from "../tests/support/clients/phone.mjs";
import { watchPhone } from "../tests/support/clients/watched-phone.mjs";
import { freePort, startHomeserver } from "../tests/support/server/homeserver.mjs";
import { takeAll, withScreens } from "./pictures.mjs";
import { startServer } from "./serve.mjs";
import { takeFilm } from "./video/film.mjs";
import { publish } from "./video/publish.mjs";
import { openStage, viewport } from "./video/stage.mjs";

const folder = fileURLToPath(new URL("../dist-video", import.meta.url));
const conversations = {
  Family: ["Dinner on Sunday?", "Yes! I bring the cake.", "Grandma comes too.", "Can you send the photos from June?"],
  "The old flat": ["Did you find the contract?", "It was in the blue folder.", "And the keys?", "With the neighbour."],
  Choir: ["We start with the Bach.", "Page 12?", "Page 14.", "I will be ten minutes late."],
};

// Names that everybody knows to be examples. The browser is told that they are this computer.
const [serverName, matrixHost] = ["example.org", "matrix.example.org"];

const homeserver = await startHomeserver({ serverName });
const server = await startServer({
  dist,
  port: await freePort(),
  tls: true,
  homeserver: homeserver.url,
  wellKnown: { "m.homeserver": { base_url: `https://${matrixHost}` } },
});
const { host } = new URL(server.origin);
const phones = [];
const browser = await startChromium();
try {
  const password = randomBytes(6).toString("base64url");
  const phone = await people(password);
  const stage = await openStage(browser);
  const watched = watchPhone(phone, "Ada’s phone");
  let film;
  await withPage(
    {
      host: { url: `https://${serverName}/` },
      browser: { viewport, reducedMotion: "reduce" },
      flags: [
        `--host-resolver-rules=MAP ${serverName} ${host}, MAP ${matrixHost} ${host}`,
        ...(await trusting(server.origin)),
      ],
    },
    async (visit) => {
      film = takeFilm(visit, stage, watched.state);
      await walk(visit, film, watched, { userId: phone.client.getSafeUserId(), password });
    },
  );
  const pictures = {};
  await withScreens(async (visit) => {
    for (const language of LANGUAGES) pictures[language] = await takeAll(visit, language);
  });
  const files = publish(film, folder, { pictures });
  for (const { name, bytes } of files) console.log(`${String(bytes).padStart(9)}  ${name}`);
  console.log(`video: ${film.seconds().toFixed(1)} s, ${film.frames.length} pictures, in ${folder}`);
} finally {
  phones.forEach((each) => each.stop());
  await browser.close();
  await server.close();
  await homeserver.stop();
}
process.exit();

/** Makes Ada with her phone, and a friend who has written with her; returns the phone. */
async function people(password) {
  const start = async (user, deviceName) => {
    await homeserver.register(user, password);
    const phone = await startPhone({ homeserver: homeserver.url, user, password, deviceName });
    phones.push(phone);
    return phone;
  };
  const ada = await start("ada", "Ada's phone");
  const ben = await start("ben", "Ben's phone");
  for (const [name, lines] of Object.entries(conversations)) {
    const room = await ada.createRoom(name, [ben.client.getSafeUserId()], 2);
    await ben.joinRoom(room);
    for (const [at, line] of lines.entries()) {
      await (at % 2 ? ada : ben).send(room, line);
      // Until her phone can read it: the next line is to stand below it.
      const texts = () => ada.client.getRoom(room).getLiveTimeline().getEvents().map((event) => event.getContent().body);
      while (!texts().includes(line)) await sleep(50);
    }
  }
  ben.stop();
  return ada;
}

/** Goes the whole way, scene by scene. */
async function walk(visit, film, phone, { userId, password }) {
  const { page, main } = visit;
  const primary = main.locator("button.primary:visible:enabled").first();

  await film.scene("start", async () => {
    await visit.button("Start").waitFor();
    await film.show();
    await film.press(visit.button("Start"));
    await visit.at("server");
  });
  await film.scene("account", async () => {
    await film.show(0.4);
    await film.type(page.getByLabel("Matrix ID", { exact: true }), userId);
    await film.press(primary);
    await visit.at("sign-in");
  });
  await film.scene("sign-in", async () => {
    await film.show(0.4);
    await film.type(page.getByLabel("Account password", { exact: true }), password);
    await film.press(visit.button("Sign in"));
    await visit.at("findings");
    await film.show();
  });
  await film.scene("findings", async () => {
    await film.show();
    await film.press(main.locator(".card").first());
    await visit.at("save");
  });
  let kept;
  await film.scene("save", async () => {
    await main.locator("p.key:visible").waitFor();
    await film.show();
    const saving = visit.page.waitForEvent("download");
    await film.press(visit.button("Download"));
    kept = await (await saving).path();
    await film.show(0.6);
    await film.press(primary);
    await visit.at("prove");
  });
  await film.scene("prove", async () => {
    await film.show();
    await main.locator('input[type="file"]:not([capture])').setInputFiles(kept);
    await visit.at("confirm");
    await film.show(1.5);
  });
  await film.scene("confirm", async () => {
    await film.show();
    await film.press(primary);
    await visit.at("old-keys");
    await film.show(0.5);
  });
  await film.scene("old-keys", async () => {
    await film.show();
    await film.press(visit.button("Show the emoji"));
    await phone.asked();
    await film.show(1);
    phone.press("Start");
    await film.show(0.5);
  });
  await film.scene("compare", async () => {
    const names = await phone.accept();
    const shown = await visit.shownEmoji();
    if (shown.join() !== names.join()) throw new Error(`the page shows ${shown}, the phone ${names}`);
    await film.show();
    await film.takePoster();
    await film.press(visit.button("They match"));
    await film.show(0.3);
    phone.press("They match");
    await film.show(0.5);
    await phone.confirm();
    await phone.verified();
    await visit.at("old-keys");
    await film.show(0.5);
  });
  await film.scene("arrive", async () => {
    await film.show(1);
    await visit.arrived();
    while (!(await phone.hasSavedAll())) await sleep(100);
    await film.show(0.5);
  });
  await film.scene("coverage", async () => {
    await film.press(main.getByRole("button", { name: /^Go on( without (them|waiting))?$/ }).first());
    await visit.at("coverage");
    await visit.button("Look again").waitFor();
    await film.show(0.5);
    await film.press(page.getByRole("button", { name: /take a copy home$/ }));
    await visit.at("take-home");
    await visit.click("Go on without a copy");
    await visit.at("done");
  });
  await film.scene("done", async () => {
    await visit.safe();
    await film.show(1.5);
    await film.press(visit.button("Sign out here and finish"));
    await visit.at("finished");
    await film.show(0.5);
  });
}
