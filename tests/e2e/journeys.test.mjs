// Goes the five journeys, from signing in to the last screen, in a real browser with the person's app running beside
// it. Afterwards every device is signed out. Then a new client that holds nothing but the kept key has to read every
// old message. An independent count has to agree with what the page said of each room.
//
// Run by itself (`make journeys`) it also prints a line for each.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { setTimeout } from "node:timers/promises";

import { coverage } from "../interop/coverage.mjs";
import { encryptedEvents, readableFrom } from "../interop/readable.mjs";
import { verifyAccount } from "../interop/verifier.mjs";
import { makeAccount } from "../support/accounts/states/makers.mjs";
import { startPhone } from "../support/clients/phone.mjs";
import { sharedHomeserver } from "../support/server/homeserver.mjs";
import { compareFromOldKeys, finish } from "./support/journey.mjs";
import { withPage } from "./support/page.mjs";

const deviceName = "Key backup page (temporary)";

/** The languages of a journey: these ones, or by itself all that read otherwise than English, from the right and at length. */
const inCI = (...some) => (process.env.MATRIXBACKUP_JOURNEYS ? [undefined, "ar", "de"] : some);
const inIt = (language) => (language ? ` in ${language}` : "");

describe("a journey", () => {
  let homeserver;
  before(async () => (homeserver = await sharedHomeserver()));
  after(() => homeserver?.stop());

  /** Makes the account with its app running, and a friend who has written to it. */
  async function people(test, asked) {
    const made = await makeAccount(homeserver, { ...asked, native: false, name: "journey" });
    const [app] = made.phones;
    const friendAccount = { homeserver: homeserver.url, user: `friend-${randomBytes(5).toString("hex")}`, password: "pw" };
    await homeserver.register(friendAccount.user, friendAccount.password);
    const friend = await startPhone({ ...friendAccount, deviceName: "Friend" });
    const roomId = await friend.createRoom("With a friend", [made.userId]);
    await app.joinRoom(roomId);
    for (const text of ["Are you there?", "I saw your garden.", "Come by."]) await friend.send(roomId, text);
    for (const text of ["Yes.", "On Sunday."]) await app.send(roomId, text);
    // The app can read the friend's messages only once it has their keys.
    await until(async () => (await lacking(made)).length === 0);
    friend.stop();
    test.after(() => made.phones.forEach((phone) => phone.stop()));
    return { ...made, app };
  }

  /** Returns the sessions whose keys the app holds. */
  const held = async ({ crypto }) => JSON.parse(await crypto.exportRoomKeysAsJson()).map(({ session_id: id }) => id);

  /** Returns the sessions of old messages whose keys the app does not hold. */
  async function lacking({ server, phones: [app] }) {
    const keys = await held(app);
    const sessions = new Set();
    for (const roomId of (await server.request("GET", "/joined_rooms")).joined_rooms) {
      for await (const { content } of encryptedEvents(server, roomId)) sessions.add(content.session_id);
    }
    return [...sessions].filter((id) => !keys.includes(id));
  }

  async function until(condition) {
    const deadline = Date.now() + 60_000;
    while (!(await condition())) {
      assert.ok(Date.now() < deadline, `waited in vain for ${condition}`);
      await setTimeout(200);
    }
  }

  async function judge(test, name, { made, recoveryKey, before, covered }) {
    const access = { homeserver: homeserver.url, user: made.user, password: made.password };
    const counted = Object.entries(await coverage(access, { recoveryKeys: [recoveryKey] })).map(
      ([roomId, { covered, missing, unopened, unknown }]) => {
        assert.equal(unopened, 0);
        return [roomId, { covered, missing, unknown }];
      },
    );
    assert.deepEqual(covered, Object.fromEntries(counted), "coverage is what the verifier counts");
    const devices = await made.server.devices();
    assert.equal(devices.filter(({ display_name: name }) => name === deviceName).length, 0, "no device of the page is left");
    const report = await verifyAccount({ ...access, recoveryKey });
    assert.ok(report.ok, JSON.stringify(report));
    const after = await readableFrom({ ...access, recoveryKey, signOutOthers: true });
    assert.equal(after.readable, after.all, JSON.stringify(after));
    assert.ok(after.all >= 15);
    const sum = (what) => Object.values(covered).reduce((total, room) => total + room[what], 0);
    const line =
      `${name}: old messages readable before ${before.readable} of ${before.all}, after ${after.readable} of ${after.all}; ` +
      `coverage ${sum("covered")} of ${sum("covered") + sum("missing")} in ${Object.keys(covered).length} rooms, as the verifier counts`;
    if (process.env.MATRIXBACKUP_JOURNEYS) console.log(line);
    else test.diagnostic(line);
  }

  /** Goes from the first screen to what was found once the app has handed over what it has; returns the new key. */
  async function handedOver(visit, made) {
    await visit.signIn(made);
    await visit.click("Confirm it's you, with your open app");
    await visit.at("verify");
    await visit.compareEmoji(made.app);
    await visit.at("findings");
    return visit.addKey();
  }

  const readableBefore = (made, recoveryKey) =>
    readableFrom({ homeserver: homeserver.url, user: made.user, password: made.password, recoveryKey });

  for (const language of inCI(undefined, "ar")) {
    it(`J1${inIt(language)}: an open app hands over what it alone could open`, async (test) => {
      const made = await people(test, { setUp: "backup" });
      const before = await readableBefore(made);
      assert.equal(before.readable, 0, "signed out everywhere, nothing could be read");
      const version = (await made.server.backup()).version;
      let recoveryKey, covered;
      await withPage({ homeserver, language }, async (visit) => {
        recoveryKey = await handedOver(visit, made);
        covered = await finish(visit);
      });
      assert.equal((await made.server.backup()).version, version, "the backup is the same");
      await judge(test, `J1${inIt(language)}`, { made, recoveryKey, before, covered });
    });
  }

  it("J2: an open app has an identity and nothing else", async (test) => {
    const made = await people(test, { setUp: "identity" });
    const before = await readableBefore(made);
    assert.equal(before.readable, 0);
    let recoveryKey, covered;
    await withPage({ homeserver }, async (visit) => {
      recoveryKey = await handedOver(visit, made);
      await visit.arrived();
      covered = await finish(visit);
    });
    await judge(test, "J2", { made, recoveryKey, before, covered });
  });

  for (const language of inCI(undefined, "de")) {
    it(`J3${inIt(language)}: nothing is set up, and the app is given the key by emoji`, async (test) => {
      const made = await people(test, { setUp: "nothing" });
      const before = await readableBefore(made);
      assert.equal(before.readable, 0);
      let recoveryKey, covered;
      await withPage({ homeserver, language }, async (visit) => {
        await visit.signIn(made);
        await visit.choose("key");
        recoveryKey = (await visit.saveAndProve()).text.trim();
        await visit.turnOn();
        await compareFromOldKeys(visit, made.app);
        covered = await finish(visit);
      });
      await judge(test, `J3${inIt(language)}`, { made, recoveryKey, before, covered });
    });
  }

  it("J4: nobody holds the identity any more, and the app is given the new one", async (test) => {
    const made = await people(test, { setUp: "nothing" });
    // Another app has set the identity up, and is gone.
    const gone = await startPhone({ ...made, deviceName: "Lost phone" });
    await gone.setUpIdentity();
    gone.stop();
    await gone.client.logout();
    const before = await readableBefore(made);
    assert.equal(before.readable, 0);
    const { master } = await made.server.publishedKeys();
    let recoveryKey, covered;
    await withPage({ homeserver }, async (visit) => {
      await visit.signIn(made);
      assert.match(await visit.heading(), /can't confirm new devices any more/);
      await visit.startOver(made.password);
      recoveryKey = visit.kept.text.trim();
      await compareFromOldKeys(visit, made.app);
      covered = await finish(visit);
    });
    assert.notDeepEqual((await made.server.publishedKeys()).master, master);
    await judge(test, "J4", { made, recoveryKey, before, covered });
  });

  it("J5: the kept key is tried, and everything is shown to be there", async (test) => {
    const made = await people(test, { setUp: "recovery", phrase: "glass otter fifty moons" });
    await until(async () => (await made.app.backup()).count === (await held(made.app)).length);
    const before = await readableBefore(made, made.recoveryKey);
    let covered;
    await withPage({ homeserver }, async (visit) => {
      await visit.signIn(made);
      await visit.tryKey(made.recoveryKey);
      await visit.at("findings");
      await visit.click("See which messages are safe");
      // When the app backs another key up, the page has to look at the messages once more.
      const meanwhile = async () => {
        const { count } = await made.app.backup();
        await made.app.send(await made.app.createRoom("New"), "One more.");
        await until(async () => (await made.app.backup()).count > count);
      };
      covered = await finish(visit, { meanwhile });
      assert.equal(Object.keys(covered).length, 4, "it looked once more");
    });
    await judge(test, "J5", { made, recoveryKey: made.recoveryKey, before, covered });
  });
});
