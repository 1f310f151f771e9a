// `make demo`: the release page with its production headers, in front of a real Synapse, with an account that has
// something to lose. Alice's phone (another implementation, matrix-js-sdk) stays signed in and holds the keys of her
// messages. Compare emoji with it, or give it the recovery key that the page made, and see the keys arrive in the
// backup. Ctrl-C removes everything.
//
// `make demo STATE=4`: an account in one of the states of tests/support/accounts/states/recipes.mjs instead.
// `make demo LOGIN=sso` or `LOGIN=oauth`: a homeserver without passwords, and who people sign in with instead.
// `make demo HTTPS=1`: over https, with a certificate of which the browser warns. Safari wants it for LOGIN=sso: over http
// it keeps none of the cookies that Synapse marks as `Secure`.
// `make demo PAGE=matrixbackup-1.2.3.tar.gz`: the page of a release, and nothing is built.

import { randomBytes } from "node:crypto";
import { createInterface } from "node:readline";

import { makeState } from "../tests/support/accounts/states.mjs";
import { startPhone } from "../tests/support/clients/phone.mjs";
import { isOfAccounts } from "../tests/support/identity/account_service.mjs";
import { servers } from "../tests/support/identity/accounts.mjs";
import { freePort } from "../tests/support/server/homeserver.mjs";
import { startServer } from "./serve.mjs";
import { unpack } from "./tarball.mjs";

const conversations = {
  Family: ["Dinner on Sunday?", "Yes! I bring the cake.", "Grandma comes too.", "Can you send the photos from June?"],
  "The old flat": ["Did you find the contract?", "It was in the blue folder.", "And the keys?", "With the neighbour."],
  Choir: ["We start with the Bach.", "Page 12?", "Page 14.", "I will be ten minutes late."],
};
const messagesPerRoom = 20;

const appHelp = `The account's app runs here. It says what it sees when you verify with it; a recovery key or a phrase
     that you paste here is entered there.`;

// The server to start for each LOGIN, and what the demo prints of the account where LOGIN is not "password".
const logins = { password: servers.password, sso: servers.SSO, oauth: servers.OAuth };
const elsewhere = {
  sso: (user) => `${user} (at "University": a window opens that asks for no more than this name)`,
  oauth: (user) => `${user} (at the account service: a window opens that asks for no more than this name)`,
};
const { LOGIN = "password", HTTPS, PAGE } = process.env;
// The demo's own clients take its certificate, too. They talk to this computer alone.
if (HTTPS) process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";

const running = [];

async function stop(code) {
  console.log("\nStopping, and removing what was made for the demo.");
  for (const part of running.splice(0).reverse()) await part.stop();
  process.exit(code);
}
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => stop(0));

try {
  await demo();
} catch (error) {
  console.error(`The demo could not start: ${error.message}`);
  if (LOGIN !== "password" && process.env.STATE) {
    console.error("Some states can be made with a password only: leave LOGIN out for them.");
  }
  await stop(1);
}

async function demo() {
  if (!logins[LOGIN]) throw new Error(`LOGIN is one of ${Object.keys(logins).join(", ")}`);
  const dist = folderOfPage();
  const port = await pagePort();
  const origin = `${HTTPS ? "https" : "http"}://127.0.0.1:${port}`;
  console.log("Starting Synapse.");
  const homeserver = await logins[LOGIN]({
    // One origin for page and homeserver; the page finds the homeserver by the name in the Matrix ID.
    serverName: `127.0.0.1:${port}`,
    publicUrl: origin,
    ...(LOGIN === "sso" && { trusts: [`${origin}/`] }),
    // At the page's own origin: its content security policy allows other servers over https only.
    ...(LOGIN === "oauth" && { origin }),
  });
  running.push(homeserver);
  const { accounts } = homeserver;
  const intercept = (request, response) => {
    // Synapse believes the second only beside the first.
    if (HTTPS) Object.assign(request.headers, { "x-forwarded-for": "127.0.0.1", "x-forwarded-proto": "https" });
    return accounts && isOfAccounts(request.url) ? accounts.answer(request, response).then(() => true) : false;
  };
  const page = await startServer({ dist, port, tls: Boolean(HTTPS), homeserver: homeserver.url, intercept });
  running.push({ stop: page.close });
  const { phone, account, notes, attempt } = await (process.env.STATE ? inState(homeserver) : withMessages(homeserver));

  console.log(`
  The page     ${page.url}
${[...overTls(origin), ...account].map(([name, value]) => `  ${name.padEnd(12)} ${value}`).join("\n")}
${notes ? `\n${notes}\n` : ""}
What to try
${attempt.map((text, i) => `  ${i + 1}. ${text}`).join("\n")}

Ctrl-C stops everything and removes it.
`);
  await listen(phone);
}

/** Returns the folder to serve: dist/, or what is in the release that PAGE names. */
function folderOfPage() {
  if (!PAGE) return "dist";
  const page = unpack(PAGE);
  running.push({ stop: page.remove });
  return page.dist;
}

async function withMessages(homeserver) {
  const password = randomBytes(6).toString("base64url");
  const person = { homeserver: homeserver.url, password, signIn: homeserver.signIn };
  await homeserver.register("alice", password);
  await homeserver.register("bob", password);

  console.log("Alice and Bob write each other on their phones.");
  const alice = await startPhone({ ...person, user: "alice", deviceName: "Alice's phone" });
  running.push(alice);
  const bob = await startPhone({ ...person, user: "bob", deviceName: "Bob's phone" });
  running.push(bob);
  for (const [name, lines] of Object.entries(conversations)) {
    const room = await alice.createRoom(name, [bob.client.getUserId()]);
    await bob.joinRoom(room);
    for (let i = 0; i < messagesPerRoom; i++) {
      await (i % 2 ? bob : alice).send(room, lines[i % lines.length]);
    }
  }
  return {
    phone: alice,
    account: [
      ["Matrix ID", alice.client.getUserId()],
      signsIn("alice", password),
    ],
    attempt: [
      "Open the page, sign in as Alice, and let it guide you until it says that backup is set up.",
      `Alice's old messages are still only on her phone. Choose “Show the emoji” on the page: what her phone shows is
     printed here; type y if it is the same. Or paste the recovery key here, as if you entered it in her app.
     The page's count of saved keys grows either way.`,
      "Go on: see which messages are safe, take a copy home, and finish when the page says that you are safe.",
    ],
  };
}

async function inState(homeserver) {
  console.log(`Bringing an account into state ${process.env.STATE}.`);
  const made = await makeState(Number(process.env.STATE), { homeserver, native: false });
  running.push(made);
  const { state, name, words, user, userId, password, kept, other, notes, attempt, phones } = made;
  return {
    phone: phones[0],
    account: [
      ["State", `${state}, ${name}: ${words}`],
      ["Matrix ID", userId],
      signsIn(user, password),
      ["Recovery key", kept.recoveryKey],
      ["Phrase", kept.phrase],
      ["Older key", other.olderKey],
    ].filter(([, value]) => value),
    notes,
    attempt: [attempt, ...(phones.length ? [appHelp] : [])],
  };
}

/** What is different over https: a name in a Matrix ID leads to http on this computer. */
function overTls(origin) {
  if (!HTTPS) return [];
  return [["Certificate", "a throw-away one: the browser warns of it, go on"], ["Homeserver", `${origin} (enter this in place of the Matrix ID)`]];
}

function signsIn(user, password) {
  return elsewhere[LOGIN] ? ["Signs in as", elsewhere[LOGIN](user)] : ["Password", password];
}

/** Passes on to the phone what is typed here: the answer about the emoji, or a recovery key or phrase. */
async function listen(phone) {
  let answer;
  phone?.verifyWhenAsked((names) => {
    console.log(`The app shows: ${names.join(", ")}. The same on the page? (y/n)`);
    return new Promise((done) => (answer = done));
  });
  for await (const line of createInterface({ input: process.stdin })) {
    const typed = line.trim();
    if (answer && typed) {
      answer(typed.toLowerCase() === "y");
      answer = undefined;
    } else if (phone && typed) {
      await enterOnPhone(phone, typed);
    }
  }
}

async function enterOnPhone(phone, key) {
  const held = (await phone.crypto.exportRoomKeys()).length;
  console.log(`The phone: entering the key. It holds ${held} room keys, and may wait ten seconds before it uploads.`);
  try {
    await phone.enterRecoveryKey(key);
    const { version, count } = await phone.backup();
    console.log(`The phone: verified. Backup ${version} on the server now has ${count} room keys.`);
  } catch (error) {
    console.log(`The phone: that did not work: ${error.message}.`);
  }
}

async function pagePort() {
  if (process.env.PORT) return freePort(Number(process.env.PORT));
  for (const port of [8080, 8081, 8082, 8083]) {
    try {
      return await freePort(port);
    } catch {
      // Taken: try the next one.
    }
  }
  return freePort();
}
