// The server wants a proof, and the person does not give it. They cancel on the page or on the server's page, enter a
// wrong password, or close the tab. The page says so, and the server is as it was.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { accounts } from "../support/identity/accounts.mjs";
import { doors, openProof } from "./support/doors.mjs";
import { kinds, startServerOf, withPageOf } from "./support/sign_ins.mjs";
import { alone, leavesAll } from "./support/unchanged.mjs";

// The kinds at once, since each has a server of its own.
describe("a proof that is not given", { concurrency: 3 }, () => {
  for (const kind of kinds) {
    describe(`with ${kind}`, { concurrency: 1 }, () => {
      let server;
      before(async () => (server = await startServerOf(kind)));
      after(() => server?.stop());

      const asked = async (visit, made) => {
        await doors[kind].signIn(visit, made);
        await visit.at("findings");
        await visit.startOverUntilAsked();
        await visit.page.getByRole("heading", { name: /^Your server asks/ }).waitFor();
      };
      const withdraw = async (visit) => {
        await visit.click("Cancel, and take back what was written");
        await visit.at("findings");
      };

      it("because the person changes their mind changes nothing", () =>
        leavesAll(server, "lost", async (visit, made) => {
          await asked(visit, made);
          await withdraw(visit);
        }));

      // Something may have been added in the meantime; all that was there before is still there, and in use.
      const nothingLost = (now, before) => {
        assert.deepEqual({ ...now, stored: { ...now.stored, ...before.stored } }, { ...before, stored: now.stored });
        assert.deepEqual(now.stored["m.secret_storage.default_key"], before.stored["m.secret_storage.default_key"]);
      };
      it("because the tab is closed changes nothing that counts, and leaves no device", () =>
        leavesAll(
          server,
          "lost",
          async (visit, made) => {
            await asked(visit, made);
            visit.page.on("dialog", (dialog) => dialog.accept());
            await visit.page.goto("about:blank");
          },
          { compare: nothingLost },
        ));

      if (kind === "password") {
        it("because the password is wrong is said, and changes nothing", () =>
          leavesAll(server, "lost", async (visit, made) => {
            await asked(visit, made);
            await visit.fill("Account password", "not the password");
            await visit.click("Go on");
            await visit.page.getByText(/did not accept this password/).waitFor();
            await withdraw(visit);
          }));
        return;
      }

      const did = kind === "OAuth" ? "I have approved it" : "I have done it";
      const notYet = async (visit) => {
        await visit.click(did);
        assert.match(await visit.notice(), /has not heard of it yet/);
      };
      it("because the window was only closed is said, and changes nothing", () =>
        leavesAll(server, "lost", async (visit, made) => {
          await asked(visit, made);
          await (await openProof(visit)).close();
          await notYet(visit);
          await withdraw(visit);
        }));

      it("because it was cancelled there is said, and is asked for again the next time", () =>
        leavesAll(server, "lost", async (visit, made) => {
          await asked(visit, made);
          const opened = await openProof(visit);
          if (kind === "OAuth") {
            await opened.getByRole("button", { name: "Cancel", exact: true }).click();
            await opened.getByText("Nothing was changed").waitFor();
          }
          await opened.close();
          await notYet(visit);
          await withdraw(visit);
          await visit.startOverUntilAsked();
          await visit.page.getByRole("heading", { name: /^Your server asks/ }).waitFor();
          await withdraw(visit);
        }));

      it("at first can be given later", async () => {
        const made = await accounts.lost(server);
        const { master } = await made.server.publishedKeys();
        await withPageOf(server, async (visit) => {
          await visit.goToSignIn(made.userId);
          await asked(visit, made);
          await (await openProof(visit)).close();
          await notYet(visit);
          await doors[kind].prove(visit, made);
          await visit.at("old-keys");
          await visit.page.goto("about:blank");
          await alone(server, made);
        });
        assert.notDeepEqual((await made.server.publishedKeys()).master, master);
        made.stop();
      });
    });
  }
});
