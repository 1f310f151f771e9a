// The homeserver, as an administrator reaches it. This is the only file of `?readiness` that sends anything but what loads
// the page's own files.
//
// Sources: Synapse's admin API ("User Admin API", "Server Notices"); specification, "Login", "Rate limiting", `/keys/query`.

import { say } from "../say.js";

/** The name of this page's device, by which people recognise it. */
const DEVICE_NAME = "Readiness page (temporary)";
/** Attempts for one request that the server does not answer, or answers with an error of its own. */
const ATTEMPTS = 4;
/** Attempts for one request while the server asks to wait. */
const MOST_WAITS = 30;
const LONGEST_WAIT = 120_000;
const LONGEST_REQUEST = 60_000;

/** Something that a sentence tells: a key of src/words, and what is put into it. */
export class Trouble extends Error {
  constructor(key, given = {}) {
    super(key);
    Object.assign(this, { key, given });
  }

  get words() {
    return say(this.key, this.given);
  }
}

/** What is thrown when the person has stopped what was under way. */
export class Stopped extends Error {}

/** Waits; ends early, with `Stopped`, when the signal says so. */
export const pause = (milliseconds, signal) =>
  new Promise((done, failed) => {
    const stop = () => (clearTimeout(timer), failed(new Stopped()));
    const timer = setTimeout(() => (signal?.removeEventListener("abort", stop), done()), milliseconds);
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });

const parsed = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Returns the address of a homeserver's API for what the person typed: an address, a server's name or a Matrix ID. */
export async function addressOf(typed) {
  const text = typed.trim();
  if (/^https?:\/\//i.test(text)) return address(text);
  const name = text.startsWith("@") ? text.slice(text.indexOf(":") + 1) : text;
  // Where the page stands beside its homeserver, the scheme is the page's own.
  const origin = name === location.host ? location.origin : address(`https://${name}`);
  const answer = await fetch(`${origin}/.well-known/matrix/client`, { cache: "no-store", credentials: "omit" }).catch(() => undefined);
  const found = answer?.ok ? parsed(await answer.text())?.["m.homeserver"]?.base_url : undefined;
  return typeof found === "string" ? address(found) : origin;
}

function address(text) {
  let url;
  try {
    url = new URL(text);
  } catch {
    throw new Trouble("readiness_bad_address");
  }
  const isHere = url.hostname === "localhost" || /^(127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
  if (url.username || url.password || (url.protocol !== "https:" && !isHere)) throw new Trouble("readiness_bad_address");
  return (url.origin + url.pathname).replace(/\/+$/, "");
}

/** A homeserver, with the administrator's token, which is kept here and nowhere else. */
export class Server {
  #token;
  #isOurs = false;
  // Chosen here, so that a sign-in whose answer was lost leaves no second device.
  #device = `READY${crypto.randomUUID().slice(0, 8).toUpperCase()}`;

  /** `onWait(seconds)` hears how long the server asks to wait, and 0 once that is over. */
  constructor(base, onWait = () => {}) {
    Object.assign(this, { base, onWait });
  }

  /** Looks whether a homeserver answers there. */
  async greet() {
    const { status, body } = await this.#exchange("GET", "/_matrix/client/versions");
    if (status !== 200 || !Array.isArray(body?.versions)) throw this.#odd(status, body);
  }

  /** Signs in as one more device. */
  async signIn(user, password) {
    const { status, body } = await this.#exchange("POST", "/_matrix/client/v3/login", {
      type: "m.login.password",
      identifier: { type: "m.id.user", user },
      password,
      device_id: this.#device,
      initial_device_display_name: DEVICE_NAME,
    });
    if (status === 403 && body?.errcode === "M_FORBIDDEN") throw new Trouble("readiness_refused");
    if ([400, 403, 404, 405].includes(status)) throw new Trouble("readiness_no_password");
    if (status !== 200 || typeof body?.access_token !== "string") throw this.#odd(status, body);
    this.#token = body.access_token;
    this.#isOurs = true;
  }

  /** Takes a token that the person has; it is not signed out. */
  useToken(token) {
    this.#token = token;
    this.#isOurs = false;
  }

  /** Signs out what signed in here, and forgets the token. With `leaving`, the browser sends it though the page ends. */
  async signOut({ leaving = false } = {}) {
    const [token, isOurs] = [this.#token, this.#isOurs];
    this.#token = undefined;
    this.#isOurs = false;
    if (!token || !isOurs) return;
    const headers = { Authorization: `Bearer ${token}` };
    const send = () => fetch(`${this.base}/_matrix/client/v3/logout`, { method: "POST", headers, keepalive: leaving });
    const isOut = (answer) => answer?.ok || answer?.status === 401;
    if (!isOut(await send().catch(() => undefined)) && !leaving && !isOut(await send().catch(() => undefined))) {
      throw new Trouble("readiness_not_signed_out", { name: DEVICE_NAME });
    }
  }

  /**
   * Asks the server's administration, and returns the answer's text; undefined if what is asked for does not exist.
   * `signal` stops it.
   */
  async administer(method, path, body, signal) {
    const answer = await this.#exchange(method, `/_synapse/admin/${path}`, body, signal);
    const { status, text } = answer;
    const { errcode } = answer.body ?? {};
    if (status === 200) return text;
    if (status === 404 && errcode === "M_NOT_FOUND") return undefined;
    const isHidden = status === 404 || status === 405 || (status === 403 && !errcode);
    const trouble =
      (status === 401 && new Trouble("readiness_signed_out")) ||
      (status === 403 && errcode === "M_FORBIDDEN" && new Trouble("readiness_not_admin")) ||
      (isHidden && new Trouble("readiness_no_api")) ||
      this.#odd(status, answer.body);
    throw Object.assign(trouble, { status });
  }

  /** Asks for the published keys of users. Returns what a user's own part of the answer says, as a function of the user. */
  async keysOf(users, signal) {
    const device_keys = Object.fromEntries(users.map((user) => [user, []]));
    const { status, body } = await this.#exchange("POST", "/_matrix/client/v3/keys/query", { device_keys }, signal);
    if (status === 401) throw new Trouble("readiness_signed_out");
    if (status !== 200 || !body) throw this.#odd(status, body);
    const kinds = ["device_keys", "master_keys", "self_signing_keys"];
    return (user) => {
      const own = (kind) => (Object.hasOwn(body[kind] ?? {}, user) ? { [user]: body[kind][user] } : {});
      return JSON.stringify(Object.fromEntries(kinds.map((kind) => [kind, own(kind)])));
    };
  }

  /** Sends a request until it is answered. Heeds what the server says about waiting. */
  async #exchange(method, path, body, signal) {
    for (let failed = 0, waited = 0; ; ) {
      const answer = await this.#once(method, path, body, signal).catch((error) => {
        if (signal?.aborted) throw new Stopped();
        return { error };
      });
      if (answer.status === 429 && ++waited < MOST_WAITS) {
        const asked = answer.body?.retry_after_ms ?? 1000 * Number(answer.retryAfter ?? Number.NaN);
        const wait = Math.min(Number.isFinite(asked) && asked > 0 ? asked : 1000 * 2 ** Math.min(waited, 6), LONGEST_WAIT);
        this.onWait(Math.ceil(wait / 1000));
        await pause(wait, signal);
        this.onWait(0);
      } else if (answer.status < 500) {
        return answer;
      } else if (++failed < ATTEMPTS) {
        await pause(500 * 2 ** failed, signal);
      } else {
        throw answer.error ? await this.#silence() : Object.assign(this.#odd(answer.status, answer.body), { status: answer.status });
      }
    }
  }

  async #once(method, path, body, signal) {
    const ending = new AbortController();
    const end = () => ending.abort();
    const timer = setTimeout(end, LONGEST_REQUEST);
    signal?.addEventListener("abort", end, { once: true });
    if (signal?.aborted) end();
    try {
      const answer = await fetch(this.base + path, {
        method,
        headers: {
          ...(this.#token && { Authorization: `Bearer ${this.#token}` }),
          ...(body && { "Content-Type": "application/json" }),
        },
        body: body && JSON.stringify(body),
        cache: "no-store",
        credentials: "omit",
        redirect: "error",
        signal: ending.signal,
      });
      const text = await answer.text();
      // What is read by the worker alone is not parsed here, too.
      const isLarge = answer.ok && /\/(accountdata|devices)$/.test(path);
      return { status: answer.status, retryAfter: answer.headers.get("Retry-After"), text, body: isLarge ? undefined : parsed(text) };
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
    }
  }

  /** Finds the reason why nothing could be read: nobody is there, or web pages may not read it. */
  async #silence() {
    const answers = await fetch(`${this.base}/_matrix/client/versions`, { mode: "no-cors", cache: "no-store" }).then(() => true, () => false);
    return new Trouble(answers ? "readiness_no_cors" : "readiness_no_answer", { address: this.base });
  }

  /** Nothing of what a server says is shown but its status and the code of its error. */
  #odd(status, body) {
    const code = /^[A-Z][A-Z_]{1,40}$/.test(body?.errcode) ? ` ${body.errcode}` : "";
    return new Trouble("readiness_odd", { address: this.base, answer: `${status}${code}` });
  }
}
