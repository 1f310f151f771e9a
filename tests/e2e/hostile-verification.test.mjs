// A homeserver deceives a person in the middle of comparing emoji, on the release. It relays a comparison with the real
// phone, waits until the person has said "they match" there, and begins another one in its place. For the second one it
// needs no more than a message that begins it and a public key.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, it } from "node:test";

import { startPhone } from "../support/clients/phone.mjs";
import { sharedHomeserver } from "../support/server/homeserver.mjs";
import { observe } from "./support/observer.mjs";
import { registerUser, withPage } from "./support/page.mjs";

/** Sorts before any device id that the page makes up: then the SDK prefers the SAS flow that this device begins. */
const phoneId = "AAAAAAAAAA";

describe("a homeserver between the page and a phone", () => {
  let homeserver;
  before(async () => (homeserver = await sharedHomeserver()));
  after(() => homeserver?.stop());

  /** Starts a phone with an identity and a backup, under that device id. */
  async function phoneOf({ userId, password }) {
    const signIn = async ({ user, deviceName }) => {
      const answer = await fetch(`${homeserver.url}/_matrix/client/v3/login`, {
        method: "POST",
        body: JSON.stringify({
          type: "m.login.password",
          identifier: { type: "m.id.user", user },
          password,
          device_id: phoneId,
          initial_device_display_name: deviceName,
        }),
      });
      const { user_id, device_id: deviceId, access_token: accessToken } = await answer.json();
      return { userId: user_id, deviceId, accessToken };
    };
    return startPhone({ homeserver: homeserver.url, user: userId, deviceName: "Phone", has: "backup", signIn });
  }

  /**
   * Changes what passes through the server: `say` gives the page an event at once; events of types in `held` never
   * arrive.
   */
  function wire(userId) {
    const held = new Set();
    const sent = [];
    const queue = [];
    let ring = () => {};
    const say = (type, content) => {
      queue.push({ type, sender: userId, content });
      ring();
    };
    const intercept = async (request, response) => {
      const { pathname, searchParams } = new URL(request.url, homeserver.url);
      const [, type] = pathname.match(/\/sendToDevice\/([^/]+)\//) ?? [];
      if (type) {
        const { messages } = JSON.parse(request.body);
        for (const content of Object.values(messages).flatMap(Object.values)) sent.push({ type, content });
      }
      const since = searchParams.get("since");
      if (request.method !== "GET" || !pathname.endsWith("/sync") || !since) return false;
      const stop = new AbortController();
      const { authorization } = request.headers;
      const real = fetch(homeserver.url + request.url, { headers: { authorization }, signal: stop.signal });
      real.catch(() => {});
      const rung = queue.length ? Promise.resolve() : new Promise((done) => (ring = done));
      const answer = await Promise.race([real, rung]);
      let news;
      if (answer) {
        news = await answer.json();
        const events = news.to_device?.events;
        if (events) news.to_device.events = events.filter((event) => !held.has(event.type));
      } else {
        stop.abort();
        // The page asks again with the same `since`, so that it misses nothing of the real answers.
        news = { next_batch: since, to_device: { events: queue.splice(0) } };
      }
      response.writeHead(answer?.status ?? 200, { "Content-Type": "application/json" }).end(JSON.stringify(news));
      return true;
    };
    return { held, sent, say, intercept };
  }

  it("gets nobody to confirm its own emoji after those of the phone, and the person is told", async (test) => {
    const account = await registerUser(homeserver);
    const phone = await phoneOf(account);
    test.after(() => phone.stop());
    const { server, stop } = await observe({ ...account, homeserver });
    test.after(stop);
    const between = wire(account.userId);
    await withPage({ homeserver, serve: { intercept: between.intercept } }, async (visit) => {
      await visit.signIn(account);
      await visit.click("Confirm it's you, with your open app");
      await visit.at("verify");
      let verifier;
      let onThePhone;
      phone.answerWith(async (sas, its) => {
        verifier = its;
        onThePhone = sas.sas.emoji.map(([, name]) => name);
        await visit.button("They match").waitFor();
        between.held.add("m.key.verification.mac").add("m.key.verification.done");
        await sas.confirm();
        setTimeout(() => {
          const { content } = between.sent.find(({ type }) => type === "m.key.verification.request");
          const { transaction_id } = content;
          between.say("m.key.verification.start", {
            transaction_id,
            from_device: phoneId,
            method: "m.sas.v1",
            key_agreement_protocols: ["curve25519-hkdf-sha256"],
            hashes: ["sha256"],
            message_authentication_codes: ["hkdf-hmac-sha256.v2"],
            short_authentication_string: ["decimal", "emoji"],
          });
          const key = randomBytes(32).toString("base64").replace(/=+$/, "");
          // Once the page has accepted, this is all that it needs to show other emoji.
          setTimeout(() => between.say("m.key.verification.key", { transaction_id, key }), 2_000);
        }, 500);
      });
      await visit.ask();
      const onThePage = await visit.shownEmoji();
      await visit.main.getByText("Somebody began a second comparison in the middle of this one.").waitFor();
      assert.deepEqual(onThePage, onThePhone, "the page showed the phone's emoji");
      assert.equal(onThePage.length, 7);
      assert.match(await visit.main.innerText(), /nothing was shared/);
      assert.match(await visit.main.innerText(), /perhaps your server, may be trying to deceive you/);
      assert.equal(await visit.button("Try again").count(), 0, "the page does not propose to try again");
      await visit.until(() => verifier?.hasBeenCancelled);
      // The server's key comes meanwhile.
      await new Promise((done) => setTimeout(done, 4_000));
      assert.equal(await visit.button("They match").count(), 0, "nothing is asked any more");
      const told = between.sent.filter(({ type }) => type === "m.key.verification.cancel");
      assert.ok(told.some(({ content }) => content.code === "m.unexpected_message"), "the phone is told why");
      const taken = between.sent.filter(({ type }) => type === "m.key.verification.accept");
      assert.equal(taken.length, 0, "the second one was not taken up");
      assert.equal(between.sent.filter(({ type }) => type === "m.secret.request").length, 0, "no secret was asked for");
      await visit.click("Sign out here");
      await visit.at("finished");
    });
    assert.equal(await server.accountData("m.secret_storage.default_key"), null, "nothing was written");
  });
});
