// How hard a phrase is to guess is said by a program that comes with the first phrase somebody types, and with none that
// the page proposes. Where it does not come, no phrase is called good.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { sharedHomeserver } from "../support/server/homeserver.mjs";
import { registerUser, withPage } from "./support/page.mjs";

// The server records a path; what intercepts a request sees its url.
const isEstimate = ({ path, url = path }) => /\/estimate-[^/]+\.(js|wasm)$/.test(url);
const phrase = "glass otter fifty moons under snow";

let homeserver;
before(async () => (homeserver = await sharedHomeserver()));
after(() => homeserver?.stop());

/** Signs a new person in and goes to the screen that asks for a phrase. */
async function toPhrase(visit) {
  await visit.signIn(await registerUser(homeserver));
  await visit.choose("phrase");
}

describe("the estimate of a phrase", () => {
  it("is fetched with the first one typed and not with one proposed, and its worker ends with the visit", async () => {
    await withPage({ homeserver }, async (visit) => {
      const fetched = () => visit.server.requests.filter(isEstimate).length;
      await toPhrase(visit);
      await visit.click("Suggest one");
      await visit.main.getByText("Strong enough.").waitFor();
      assert.equal(fetched(), 0);
      // Each key asks, and the first one fetches for all.
      await visit.page.getByLabel("Security phrase", { exact: true }).fill("");
      await visit.page.getByLabel("Security phrase", { exact: true }).pressSequentially("correct horse battery staple");
      await visit.main.getByText("Many people know this phrase.").waitFor();
      assert.equal(fetched(), 2);
      await visit.fill("Security phrase", phrase);
      await visit.main.getByText("Strong enough.").waitFor();
      assert.equal(fetched(), 2);
      assert.equal(visit.page.workers().length, 2);
      await visit.click("Sign out here");
      await visit.at("finished");
      await visit.until(() => visit.page.workers().length === 0);
    });
  });

  it("that does not come leaves no phrase called good, and is asked for again", async () => {
    let gone = true;
    const intercept = (request, response) => Boolean(gone && isEstimate(request) && response.writeHead(404).end());
    await withPage({ homeserver, serve: { intercept } }, async (visit) => {
      await toPhrase(visit);
      await visit.fill("Security phrase", phrase);
      await visit.click("Continue");
      assert.match(await visit.notice(), /We can't tell how hard this phrase is to guess/);
      gone = false;
      await visit.click("Continue");
      await visit.at("repeat");
      visit.forgive(/404|Failed to load|integrity/i);
    });
  });
});
