// People sign in in a window of its own, on their server's page. Each kind of server is one of its own.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import { startServer } from "../../../tools/serve.mjs";
import { startServerOf } from "../../e2e/support/sign_ins.mjs";
import { freePort } from "../../support/server/homeserver.mjs";
import { visiting } from "../visiting.mjs";
import { proved, turnOnWithFile } from "./set_up.mjs";

// Time in which the page shows what became of it, in milliseconds.
const settling = 500;

/** Starts a server of a kind, and the page beside it: `{ server, page, address(userId) }`. */
const starts = {
  async OAuth(given) {
    const server = await startServerOf("OAuth");
    const port = Number(server.serverName.split(":")[1]);
    const page = await startServer({ dist: given.dist, port, homeserver: server.url });
    return { server, page, address: (userId) => userId };
  },
  // Over https, as in the world: WebKit keeps Synapse's cookie for the way to the provider only there.
  async SSO(given) {
    const port = await freePort();
    const origin = `https://127.0.0.1:${port}`;
    const server = await startServerOf("SSO", { serverName: `127.0.0.1:${port}`, publicUrl: origin, trusts: [`${origin}/`] });
    const intercept = (request) => {
      Object.assign(request.headers, { "x-forwarded-for": "127.0.0.1", "x-forwarded-proto": "https" });
      return false;
    };
    const page = await startServer({ dist: given.dist, port, tls: true, homeserver: server.url, intercept });
    // A name in a Matrix ID leads to http on this computer.
    return { server, page, address: () => origin };
  },
};

const throughWindow = (kind) => async (given) => {
  const { server, page, address } = await starts[kind](given);
  const { NODE_TLS_REJECT_UNAUTHORIZED: before = "1" } = process.env;
  try {
    const user = `user-${randomBytes(6).toString("hex")}`;
    const { user_id: userId } = await server.register(user);
    return await visiting({ ...given, page }, async (person) => {
      await person.goToSignIn(address(userId));
      const opened = await person.opens(() => person.press("Continue …"));
      await opened.fill("Name", user);
      await opened.press("Sign in");
      await person.at("findings");
      assert.equal(server.devicesOf(userId).length, 1, "the page's device is there");
      const recoveryKey = await turnOnWithFile(person);
      await person.signOut();
      assert.deepEqual(server.devicesOf(userId), [], "no device is left");
      // The independent client signs in over the same throw-away certificate.
      process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
      await proved({ homeserver: server, user, signIn: server.signIn }, { recoveryKey });
      return "signed in on the server's page, set up, proved, and the device is gone";
    });
  } finally {
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = before;
    await page.close();
    await server.stop();
  }
};

/**
 * An answer that nobody waits for comes just when the window opens. Firefox does other work while it opens one, so the
 * page hears the answer in the middle of its own call.
 */
async function answersMeanwhile(given) {
  const server = await startServerOf("OAuth");
  let held = [];
  const intercept = ({ url }, response) => url.endsWith("/element.json") && held.push(response) > 0;
  const port = Number(server.serverName.split(":")[1]);
  const page = await startServer({ dist: given.dist, port, homeserver: server.url, intercept });
  try {
    const { user_id: userId } = await server.register(`user-${randomBytes(6).toString("hex")}`);
    // Nobody knows when the window is about to open.
    const waits = [0, 20, 40, 60, 80, 100, 130, 160];
    for (const wait of waits) {
      held = [];
      await visiting({ ...given, page }, async (person) => {
        await person.goToSignIn(userId);
        await person.shows("Continue …");
        assert.ok(held.length > 0, "an answer is held back");
        const answer = () => held.forEach((each) => each.writeHead(404, { "Access-Control-Allow-Origin": "*" }).end());
        await Promise.all([person.press("Continue …"), sleep(wait).then(answer)]);
        await person.reads(/Go on in the other window|stopped to be safe/);
        await sleep(settling);
        assert.doesNotMatch(await person.text("body"), /stopped to be safe/, `an answer ${wait} ms after the click`);
      });
    }
    return `${waits.length} answers at ${waits.length} moments, and the page goes on`;
  } finally {
    await page.close();
    await server.stop();
  }
}

export const signingIn = [
  { name: "single sign-on in a window", run: throughWindow("SSO") },
  { name: "OAuth in a window", run: throughWindow("OAuth") },
  { name: "an answer that comes while the window opens", run: answersMeanwhile },
];
