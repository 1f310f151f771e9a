// A photo of the printed kit stands in for the key: its QR code is read in the browser, by a program that comes with the
// first photo. What is no such photo gets a sentence. The photo goes nowhere.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { sharedHomeserver } from "../support/server/homeserver.mjs";
import { registerUser, withPage } from "./support/page.mjs";

// The server records a path; what intercepts a request sees its url.
const isReader = ({ path, url = path }) => /\/photo-[^/]+\.(js|wasm)$/.test(url);
/** A picture of one white pixel. */
const blank = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAsTj2FAAAAABJRU5ErkJggg==",
  "base64",
);

describe("a photo of the printed kit", () => {
  let homeserver;
  let account;
  before(async () => {
    homeserver = await sharedHomeserver();
    account = await registerUser(homeserver);
  });
  after(() => homeserver?.stop());

  /** Goes to where the new key is to be shown back. Returns the sheet as a camera sees it, and the key. */
  async function toProve(visit) {
    const { page } = visit;
    await visit.signIn(account);
    await visit.choose("key");
    await page.emulateMedia({ media: "print" });
    const kit = await page.screenshot({ fullPage: true });
    await page.emulateMedia({ media: "screen" });
    const key = await visit.shownKey();
    await visit.downloadKey();
    await visit.click("Continue");
    await visit.at("prove");
    return { kit, key };
  }

  const picture = (buffer, name = "photo.png") => ({ name, mimeType: "image/png", buffer });
  const take = ({ page }, file) => page.getByLabel("take a photo of your printed kit").setInputFiles(file);
  const says = (visit, text) => visit.main.getByRole("alert").getByText(text).waitFor();

  it("is asked of the camera, and read as the key by a program that comes only then", async () => {
    await withPage({ homeserver }, async (visit) => {
      const { kit } = await toProve(visit);
      const camera = visit.page.getByLabel("take a photo of your printed kit");
      assert.equal(await camera.getAttribute("capture"), "environment");
      assert.equal(await camera.getAttribute("accept"), "image/*");
      assert.deepEqual(visit.server.requests.filter(isReader), []);
      await take(visit, picture(kit));
      await visit.at("confirm");
      assert.equal(visit.server.requests.filter(isReader).length, 2);
      assert.equal(visit.page.workers().length, 1, "only the engine's worker is left");
      assert.ok(!visit.server.requests.some(({ method }) => method === "PUT"), "nothing is written yet");
    });
  });

  it("is taken where it is dropped, like the saved file", async () => {
    await withPage({ homeserver }, async (visit) => {
      const { kit } = await toProve(visit);
      const files = await visit.page.evaluateHandle((base64) => {
        const data = new DataTransfer();
        const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
        data.items.add(new File([bytes], "photo.png", { type: "image/png" }));
        return data;
      }, kit.toString("base64"));
      await visit.page.getByText("drop it here").dispatchEvent("drop", { dataTransfer: files });
      await visit.at("confirm");
    });
  });

  it("that shows no code, or is no picture, gets a sentence, and the next one is read", async () => {
    await withPage({ homeserver }, async (visit) => {
      const { kit } = await toProve(visit);
      await take(visit, picture(blank));
      await says(visit, "We can't find a QR code in this photo.");
      await take(visit, picture(Buffer.from("milk, eggs")));
      await says(visit, "This browser can't open this picture.");
      await take(visit, picture(kit));
      await visit.at("confirm");
    });
  });

  it("that cannot be read since its reader did not come leaves the key to be typed", async () => {
    const intercept = (request, response) => Boolean(isReader(request) && response.writeHead(404).end());
    await withPage({ homeserver, serve: { intercept } }, async (visit) => {
      const { kit, key } = await toProve(visit);
      await take(visit, picture(kit));
      await says(visit, "We could not read your photo.");
      assert.equal(visit.page.workers().length, 1);
      await visit.fill("Recovery key", key);
      await visit.at("confirm");
      visit.forgive(/404|Failed to load|integrity/i);
    });
  });
});
