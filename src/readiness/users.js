// Reads all users, page by page and a few requests at a time, and keeps one small row of each. What was read of somebody
// is dropped as soon as they are judged.
//
// Sources: Synapse's "User Admin API" ("List Accounts", "Query User Account", "Account data", "List all devices").

import { Trouble } from "./server.js";

/** Reads an answer that has to be JSON. */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Trouble("readiness_no_api");
  }
}

const PAGE = 100;
const REQUESTS_AT_ONCE = 4;

/** A count of all users that can be stopped, and goes on where it was. */
export class Census {
  /** A row `{ id, state, apps, devices, lastSeen }` for each user. */
  rows = new Map();
  /** Those who are counted apart. `gone` is undefined where the server does not tell. */
  apart = { services: 0, bots: 0, unreadable: 0, gone: undefined };
  /** Users that were looked at, and all that there are. */
  done = 0;
  all = 0;
  #from = "0";
  #batch;

  constructor(server, judge, onProgress = () => {}) {
    Object.assign(this, { server, judge, onProgress });
  }

  get isComplete() {
    return this.#from === undefined && !this.#batch;
  }

  /** Reads on until all are read. Throws `Stopped` when the signal says so, or a `Trouble`; then it can be called again. */
  async read(signal) {
    while (!this.isComplete) {
      this.#batch ??= await this.#next(signal);
      await this.#work(this.#batch, signal);
      this.#batch = undefined;
    }
  }

  async #next(signal) {
    const list = (query) => this.server.administer("GET", `v2/users?${query}`, undefined, signal);
    // By the day they came, so that whoever comes meanwhile is last.
    const answer = await list(`from=${this.#from}&limit=${PAGE}&guests=false&deactivated=false&order_by=creation_ts`);
    const { users, total, next_token: next } = parsed(answer ?? "{}");
    if (!Array.isArray(users)) throw new Trouble("readiness_no_api");
    const fresh = users.filter(({ name }) => typeof name === "string" && !this.rows.has(name));
    const waiting = fresh.filter(({ user_type: type }) => !type).map(({ name }) => name);
    const gone = this.#from === "0" ? await this.#gone(total, list) : this.apart.gone;
    const keys = waiting.length ? await this.server.keysOf(waiting, signal) : undefined;
    // Nothing counts before all of this has come: what stops before begins here again.
    this.apart.gone = gone;
    this.apart.bots += fresh.length - waiting.length;
    this.done += users.length - waiting.length;
    this.all = Number(total) || this.all;
    this.#from = next === undefined || users.length === 0 ? undefined : encodeURIComponent(next);
    return { waiting, keys };
  }

  /** Counts the deactivated users and the guests. Some servers know no guests, and refuse the question. */
  async #gone(total, list) {
    const all = await list("from=0&limit=1&guests=true&deactivated=true").then((text) => JSON.parse(text).total).catch(() => undefined);
    return Number.isInteger(all) && all >= total ? all - total : undefined;
  }

  /** Works a batch off. A user leaves it only once judged, so that nobody is lost when this stops. */
  async #work(batch, signal) {
    const ending = new AbortController();
    const end = () => ending.abort();
    signal.addEventListener("abort", end, { once: true });
    if (signal.aborted) end();
    const line = async () => {
      for (let user; (user = batch.waiting.shift()) !== undefined; ) {
        try {
          await this.#look(user, batch.keys, ending.signal);
        } catch (error) {
          batch.waiting.push(user);
          // The others end, too, and what ended them first is told.
          end();
          throw error;
        }
      }
    };
    try {
      const lines = await Promise.allSettled(Array.from({ length: REQUESTS_AT_ONCE }, line));
      const reasons = lines.filter(({ status }) => status === "rejected").map(({ reason }) => reason);
      if (reasons.length) throw reasons.find((reason) => reason instanceof Trouble) ?? reasons[0];
    } finally {
      signal.removeEventListener("abort", end);
    }
  }

  async #look(user, keys, signal) {
    const path = encodeURIComponent(user);
    const get = (rest) => this.server.administer("GET", rest, undefined, signal);
    const about = await get(`v2/users/${path}`);
    if (about !== undefined && parsed(about).appservice_id) return this.#count("services");
    const accountData = about && (await get(`v1/users/${path}/accountdata`));
    const devices = accountData && (await get(`v2/users/${path}/devices`));
    const judged = devices && (await this.judge(user, accountData, keys(user), devices));
    if (!judged) return this.#count("unreadable");
    const { state, apps, devices: count, lastSeen } = judged;
    const day = lastSeen === null ? "" : new Date(Math.min(lastSeen, 8.64e15)).toISOString().slice(0, 10);
    this.rows.set(user, { id: user, state, apps: apps.join("; "), devices: count, lastSeen: day });
    this.done++;
    this.onProgress();
  }

  #count(kind) {
    this.apart[kind]++;
    this.done++;
    this.onProgress();
  }
}
