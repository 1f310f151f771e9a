// Signing in goes wrong or is given up, at any point. The page says so in a sentence, there is a way on, and the server
// is as it was. (A proof that goes wrong: proof-refused.test.mjs.)
//
// - The window: blocked, closed, given up on the page, cancelled at the provider.
// - The answer: another attempt's, too late, none because the page is gone.
// - The server's sign-in: refuses to register the page, refuses the code, has a problem of its own.
// - Afterwards: the tab is closed once signed in.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { doors, knock, signInThere } from "./support/doors.mjs";
import { kinds, otherDevices, startServerOf } from "./support/sign_ins.mjs";
import { leavesAll } from "./support/unchanged.mjs";

/** Asserts that the sentence is there, and that signing in works after it. */
async function saysAndGoesOn(visit, made, server, words) {
  assert.match(await visit.notice(), words);
  const opened = await knock(visit);
  // The provider may remember who signed in a moment ago, and not ask again.
  await Promise.race([signInThere(opened, made.user).catch(() => {}), visit.at("findings")]);
  await visit.at("findings");
}

const waiting = (visit) => visit.page.getByRole("heading", { name: "Go on in the other window" }).waitFor();
const again = (visit) => visit.page.getByRole("link", { name: /^Open / });

// The kinds at once, since each has a server of its own.
describe("signing in that goes wrong", { concurrency: 2 }, () => {
  for (const kind of kinds.filter((kind) => kind !== "password")) {
    describe(`with ${kind}`, { concurrency: 1 }, () => {
      let server;
      before(async () => (server = await startServerOf(kind)));
      after(() => server?.stop());

      it("because the browser opens no window says so, and there is a link", () =>
        leavesAll(server, "fresh", async (visit, made) => {
          await visit.page.evaluate(() => (window.open = () => null));
          await visit.page.getByRole("button", { name: /^Continue (at|with) / }).click();
          assert.match(await visit.notice(), /did not open the window/);
          await signInThere(await visit.opens(() => again(visit).click()), made.user);
          await visit.at("findings");
        }));

      it("because the window was closed can be done in another one", () =>
        leavesAll(server, "fresh", async (visit, made) => {
          const opened = await knock(visit);
          await opened.getByLabel("Name", { exact: true }).waitFor();
          await opened.close();
          await waiting(visit);
          await signInThere(await visit.opens(() => again(visit).click()), made.user);
          await visit.at("findings");
        }));

      it("because the person gave it up can be begun again", () =>
        leavesAll(server, "fresh", async (visit, made) => {
          await (await knock(visit)).close();
          await waiting(visit);
          await visit.click("Cancel");
          await doors[kind].signIn(visit, made);
          await visit.at("findings");
        }));

      it("because it was cancelled at the provider can be begun again", () =>
        leavesAll(server, "fresh", async (visit, made) => {
          const opened = await knock(visit);
          await opened.getByRole("button", { name: "Cancel", exact: true }).click();
          if (kind === "OAuth") return saysAndGoesOn(visit, made, server, /did not sign you in/);
          // Synapse tells that on its own page only, so that ours still waits.
          await opened.getByText(/access_denied|not allowed|denied|error/i).first().waitFor();
          await opened.close();
          await visit.click("Cancel");
          await doors[kind].signIn(visit, made);
          return visit.at("findings");
        }));

      it("because an answer belongs to another attempt is said, and that answer is not used, but the right one is", () =>
        leavesAll(server, "fresh", async (visit, made) => {
          const opened = await knock(visit);
          await opened.getByLabel("Name", { exact: true }).waitFor();
          const stray = kind === "SSO" ? "?state=another&loginToken=stolen" : "#state=another&code=stolen";
          const other = await visit.page.context().newPage();
          await other.goto(`${visit.server.url}callback.html${stray}`);
          assert.match(await visit.notice(), /belongs to another attempt/);
          await signInThere(opened, made.user);
          await visit.at("findings");
          const asked = [...visit.server.requests, ...(server.accounts?.requests ?? [])].map(({ body }) => `${body}`);
          assert.ok(asked.every((body) => !body.includes("stolen")), "the stray answer was sent to nobody");
        }));

      it("because the answer comes too late is said", () => {
        // Somebody else uses the token first.
        const useUp = async (token) => {
          const body = JSON.stringify({ type: "m.login.token", token });
          const used = await fetch(`${server.url}/_matrix/client/v3/login`, { method: "POST", body });
          const headers = { Authorization: `Bearer ${(await used.json()).access_token}` };
          await fetch(`${server.url}/_matrix/client/v3/logout`, { method: "POST", headers });
        };
        let first = true;
        const intercept = async ({ url }) => {
          const token = new URL(url, "http://page").searchParams.get("loginToken");
          if (token && first) await useUp(token);
          if (token) first = false;
          return false;
        };
        const body = async (visit, made) => {
          once(server, /token$/, 400, "invalid_grant");
          await doors[kind].signIn(visit, made);
          await saysAndGoesOn(visit, made, server, /took too long/);
        };
        return leavesAll(server, "fresh", body, { serve: { intercept } });
      });

      it("because the page is gone is said in the window, and nobody is signed in", () =>
        leavesAll(server, "fresh", async (visit, made) => {
          const opened = await knock(visit);
          await opened.getByLabel("Name", { exact: true }).waitFor();
          await visit.page.close();
          await signInThere(opened, made.user);
          await opened.getByRole("heading", { name: "Go back to the page you came from" }).waitFor();
        }));

      it("because the tab is closed once signed in leaves no device", () =>
        leavesAll(server, "fresh", async (visit, made) => {
          await doors[kind].signIn(visit, made);
          await visit.at("findings");
          assert.equal(otherDevices(server, made).length, 1);
          await visit.page.goto("about:blank");
        }));

      if (kind !== "OAuth") return;

      const refusals = [
        ["does not take the page for its client", /registration$/, 400, "invalid_client_metadata", /does not accept this page/],
        ["does not know the client any more", /token$/, 401, "invalid_client", /does not accept this page/],
        ["has a problem of its own", /token$/, 500, "server_error", /had a problem of its own/],
        ["has one while the page makes itself known", /registration$/, 503, "", undefined],
      ];
      for (const [what, where, status, error, words] of refusals) {
        it(`because the server ${what} ${words ? "is said" : "is tried again"}`, () =>
          leavesAll(server, "fresh", async (visit, made) => {
            once(server, where, status, error);
            const opened = await knock(visit);
            if (where.test("token") || !words) await signInThere(opened, made.user);
            if (!words) return visit.at("findings");
            return saysAndGoesOn(visit, made, server, words);
          }));
      }
    });
  }
});

/** Has the account service answer one request of a kind with a refusal. */
function once({ accounts: service }, where, status, error) {
  if (!service) return;
  service.intercept = ({ method, url }, response) => {
    if (method !== "POST" || !where.test(url)) return false;
    service.intercept = () => false;
    response.writeHead(status, { "Content-Type": "application/json", "Access-Control-Allow-Origin": "*" });
    response.end(JSON.stringify(error ? { error } : {}));
    return true;
  };
}
