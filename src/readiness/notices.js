// Server notices to those who were chosen. Nothing is sent before the person has switched the dry run off and confirmed the
// number of people.
//
// Source: Synapse's "Server Notices": `PUT /_synapse/admin/v1/send_server_notice/{txnId}`. A repeated request with the same
// transaction ID sends nothing again, so that an answer that is lost leads to no second notice.

import { element } from "../element.js";
import { number, say } from "../say.js";
import { labelled, tell } from "./entrance.js";
import { Stopped, Trouble, pause } from "./server.js";
import { LOG, readLog, save, written } from "./table.js";

const DAY = 24 * 60 * 60 * 1000;
const RECENT = 7 * DAY;

const results = {
  sent: () => say("readiness_result_sent"),
  dry_run: () => say("readiness_result_dry_run"),
  skipped_recent: () => say("readiness_result_skipped"),
  failed: () => say("readiness_result_failed"),
  unclear: () => say("readiness_result_unclear"),
};

/**
 * Sends `text` to `users`, one after the other. `last` says when each got their last notice, and is kept up to date. `note`
 * hears each result: `(user, result)`.
 */
export async function send(server, users, text, { dry, seconds, evenSo, last }, note, signal) {
  const run = crypto.randomUUID();
  for (const [at, user] of users.entries()) {
    const isRecent = Date.now() - (last.get(user) ?? Number.NEGATIVE_INFINITY) < RECENT;
    if (isRecent && !evenSo) note(user, "skipped_recent");
    else if (dry) note(user, "dry_run");
    else {
      await one(server, user, text, `${run}-${at}`, last, note, signal);
      if (at + 1 < users.length) await pause(1000 * seconds, signal);
    }
  }
}

async function one(server, user, text, transaction, last, note, signal) {
  const notice = { user_id: user, content: { msgtype: "m.text", body: text } };
  try {
    const answer = await server.administer("PUT", `v1/send_server_notice/${transaction}`, notice, signal);
    // The server does not know this user any more.
    if (answer === undefined) return note(user, "failed");
  } catch (error) {
    const { status } = error;
    if (status === 400) throw new Trouble("readiness_no_notices");
    if (status < 500 && error.key !== "readiness_odd") throw error;
    if (status < 500) return note(user, "failed");
    // Nobody can tell whether this one went out. It counts as sent, so that nobody gets two.
    last.set(user, Date.now());
    note(user, "unclear");
    throw error;
  }
  last.set(user, Date.now());
  note(user, "sent");
}

/**
 * Draws the form. `chosen()` lists those who were chosen. `{ log, last }` has the lines of this visit, and when each got their
 * last notice. Returns `{ part, update(), stop() }`.
 */
export function notices(server, chosen, { log, last }) {
  let running;
  const address = location.origin + location.pathname;
  const text = labelled(say("readiness_text"), element("textarea", { rows: "5" }));
  text.input.value = say("readiness_text_default", { address });
  const preview = element("blockquote", { class: "preview", dir: "auto" });
  const check = (label) => {
    const input = element("input", { type: "checkbox" });
    return { field: element("label", { class: "check" }, input, element("span", {}, label)), input };
  };
  const dry = check(say("readiness_dry"));
  dry.input.checked = true;
  const evenSo = check(say("readiness_even_so"));
  const rate = labelled(say("readiness_rate"), element("input", { type: "number", min: "0.1", step: "0.1", value: "1" }));
  const earlier = labelled(say("readiness_log_open"), element("input", { type: "file", accept: ".csv,text/csv" }), say("readiness_log_hint"));
  const opened = element("p", { class: "quiet", role: "status" });
  const confirmed = check("");
  const begin = element("button", { type: "button", class: "primary" });
  const stop = element("button", { type: "button", hidden: "" }, say("readiness_stop"));
  const [trouble, progress] = [element("div"), element("p", { role: "status" })];
  const lines = element("tbody");
  const saveLog = element("button", { type: "button" }, say("readiness_log_save"));
  saveLog.hidden = log.length === 0;

  const update = () => {
    const count = chosen().length;
    const isDry = dry.input.checked;
    confirmed.field.lastChild.textContent = say("readiness_confirm", { count });
    confirmed.field.hidden = isDry;
    begin.textContent = isDry ? say("readiness_try") : say("readiness_send");
    begin.disabled = Boolean(running) || count === 0 || !text.input.value.trim() || (!isDry && !confirmed.input.checked);
    preview.textContent = text.input.value;
  };
  // A word that was given for other people, or another text, does not count.
  const withdraw = () => ((confirmed.input.checked = false), update());
  text.input.addEventListener("input", withdraw);
  dry.input.addEventListener("change", withdraw);
  evenSo.input.addEventListener("change", withdraw);
  confirmed.input.addEventListener("change", update);
  saveLog.addEventListener("click", () => save(`readiness-notices-${new Date().toISOString().slice(0, 10)}.csv`, written(LOG, log)));
  stop.addEventListener("click", () => running?.abort());
  earlier.input.addEventListener("change", async () => {
    const [given] = earlier.input.files;
    const found = given && readLog(await given.text());
    opened.textContent = given ? (found ? say("readiness_log_opened", { count: found.size }) : say("readiness_no_log")) : "";
    for (const [user, at] of found ?? []) last.set(user, Math.max(at, last.get(user) ?? 0));
  });
  begin.addEventListener("click", async () => {
    const users = chosen();
    let done = 0;
    running = new AbortController();
    stop.hidden = false;
    tell(trouble);
    lines.replaceChildren();
    const note = (user, result) => {
      const at = new Date().toISOString();
      log.push([user, at, result]);
      lines.prepend(element("tr", {}, element("td", {}, element("bdi", {}, user)), element("td", {}, results[result]())));
      while (lines.childElementCount > 200) lines.lastChild.remove();
      progress.textContent = say("readiness_people", { done: number(++done), all: number(users.length) });
      saveLog.hidden = false;
    };
    const seconds = Math.max(0.1, Number(rate.input.value) || 1);
    const choices = { dry: dry.input.checked, seconds, evenSo: evenSo.input.checked, last };
    update();
    try {
      await send(server, users, text.input.value, choices, note, running.signal);
    } catch (error) {
      if (!(error instanceof Stopped)) tell(trouble, error);
    } finally {
      running = undefined;
      stop.hidden = true;
      withdraw();
    }
  });
  update();
  const part = element(
    "section",
    {},
    element("h2", {}, say("readiness_nudge")),
    element("p", {}, say("readiness_nudge_hint")),
    text.field,
    element("p", { class: "quiet" }, say("readiness_preview")),
    preview,
    rate.field,
    earlier.field,
    opened,
    evenSo.field,
    dry.field,
    confirmed.field,
    trouble,
    element("p", { class: "row" }, begin, stop, saveLog),
    progress,
    element("table", {}, lines),
  );
  return { part, update: withdraw, stop: () => running?.abort() };
}
