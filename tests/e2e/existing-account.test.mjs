// The page recognises accounts where something is set up already, and does not touch them.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { withToken } from "../interop/account.mjs";
import { startPhone } from "../support/clients/phone.mjs";
import { sharedHomeserver } from "../support/server/homeserver.mjs";
import { assertOnlyLooked } from "./support/observer.mjs";
import { registerUser, withPage } from "./support/page.mjs";

const newIdentity = { setupNewCrossSigning: true, authUploadDeviceSigningKeys: (upload) => upload(null) };

describe("an account where something is set up", () => {
  let homeserver;
  before(async () => (homeserver = await sharedHomeserver()));
  after(() => homeserver?.stop());

  const accounts = {
    "a whole backup with a phrase": {
      setUp: (phone) => phone.setUpRecovery("glass otter fifty moons"),
      says: /A recovery key is set up/,
      offers: "Enter my key or phrase",
    },
    "an identity alone": {
      setUp: ({ crypto }) => crypto.bootstrapCrossSigning(newIdentity),
      says: /^Nothing is backed up yet$/,
      offers: "Confirm it's you, with your open app",
    },
    "a backup without a recovery key": {
      async setUp({ crypto }) {
        await crypto.bootstrapCrossSigning(newIdentity);
        await crypto.resetKeyBackup();
      },
      says: /you have no recovery key/,
      offers: "Confirm it's you, with your open app",
    },
  };
  for (const [what, { setUp, says, offers }] of Object.entries(accounts)) {
    it(`with ${what} is recognised and left as it was`, async (test) => {
      const account = await registerUser(homeserver);
      const phone = await startPhone({
        homeserver: homeserver.url,
        user: account.user,
        password: account.password,
        deviceName: "Phone",
      });
      test.after(() => phone.stop());
      await setUp(phone);
      // A running client would go on uploading what it has just made.
      phone.stop();
      const server = withToken({
        homeserver: homeserver.url,
        userId: account.userId,
        deviceId: phone.client.getDeviceId(),
        accessToken: phone.client.getAccessToken(),
      });
      const snapshot = async () =>
        JSON.stringify({
          data: await server.allAccountData(),
          keys: await server.publishedKeys(),
          backup: await server.backup(),
          devices: (await server.devices()).map(({ device_id, display_name }) => [device_id, display_name]),
        });
      const before = await snapshot();

      await withPage({ homeserver }, async (visit) => {
        await visit.signIn(account);
        assert.match(await visit.heading(), says);
        assert.equal(await visit.main.getByRole("button", { name: /With a/ }).count(), 0, "there is nothing to choose");
        await visit.click(offers);
        await visit.at("check", "verify");
        await visit.click("Sign out here");
        await visit.at("finished");
        assert.match(await visit.heading(), /Nothing was changed/);
        assertOnlyLooked(visit);
      });
      assert.equal(await snapshot(), before);
    });
  }
});
