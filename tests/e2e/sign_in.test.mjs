// Every way to sign in leads to the last screen, whatever the account is like, and leaves no device behind.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { accounts } from "../support/identity/accounts.mjs";
import { knock, signInThere } from "./support/doors.mjs";
import { goThrough, kinds, otherDevices, startServerOf, states, withPageOf } from "./support/sign_ins.mjs";

// The kinds at once, since each has a server of its own.
describe("every way to sign in", { concurrency: 3 }, () => {
  for (const kind of kinds) {
    describe(`with ${kind}`, { concurrency: 1 }, () => {
      let server;
      before(async () => (server = await startServerOf(kind)));
      after(() => server?.stop());

      for (const state of states) {
        it(`leads from an account that is ${state} to the last screen and out`, async (test) => {
          test.diagnostic(await goThrough(server, state));
        });
      }
    });
  }
});

describe("signing in", () => {
  /** Runs `body` at the step "sign-in", and signs the page out. */
  async function visiting(server, body) {
    const made = await accounts.fresh(server);
    try {
      await withPageOf(server, async (visit) => {
        await visit.goToSignIn(made.userId);
        await body(visit, made);
        await visit.at("findings");
        assert.equal(otherDevices(server, made).length, 1);
        await visit.page.goto("about:blank");
        await visit.until(() => otherDevices(server, made).length === 0);
      });
    } finally {
      made.stop();
      await server.stop();
    }
  }

  it("leads to the last screen though every token lasts for seconds", async (test) => {
    const server = await startServerOf("OAuth", { lifetime: 4 });
    test.diagnostic(await goThrough(server, "fresh"));
    const renewed = server.accounts.requests.filter(({ body }) => body?.includes("grant_type=refresh_token"));
    test.diagnostic(`${renewed.length} times renewed`);
    assert.ok(renewed.length >= 2);
    await server.stop();
  });

  it("lets the person choose between the providers, by name", async () => {
    const server = await startServerOf("SSO", { names: ["University", "City Library"] });
    await visiting(server, async (visit, { user }) => {
      const button = (name) => visit.page.getByRole("button", { name, exact: true });
      await button("Continue with University").waitFor();
      server.providers[1].people.add(user);
      const opened = await visit.opens(() => button("Continue with City Library").click());
      await opened.getByRole("heading", { name: "Sign in to City Library" }).waitFor();
      await signInThere(opened, user);
    });
  });

  it("goes over a page of the homeserver's that asks whether the page may, where it is not trusted", async () => {
    const server = await startServerOf("SSO", { trusts: [] });
    await visiting(server, async (visit, { user }) => {
      const opened = await knock(visit);
      await signInThere(opened, user);
      await opened.getByRole("link", { name: "Continue", exact: true }).click();
    });
  });
});
