// The numbers: by state, by app, what changed since an earlier export, and the table of users.

import { element } from "../element.js";
import { number, say } from "../say.js";
import { labelled } from "./entrance.js";
import { STATES, USERS, readUsers, save, written } from "./table.js";

/** The most rows that are drawn: a browser takes seconds for thousands. */
const MOST_ROWS = 200;

const names = {
  ready: () => say("readiness_ready"),
  incomplete: () => say("readiness_incomplete_key"),
  backup_without_key: () => say("readiness_backup_without_key"),
  nothing: () => say("readiness_nothing"),
  opted_out: () => say("readiness_opted_out"),
  never_encrypted: () => say("readiness_never_encrypted"),
};
const meanings = {
  ready: () => say("readiness_ready_means"),
  incomplete: () => say("readiness_incomplete_key_means"),
  backup_without_key: () => say("readiness_backup_without_key_means"),
  nothing: () => say("readiness_nothing_means"),
  opted_out: () => say("readiness_opted_out_means"),
  never_encrypted: () => say("readiness_never_encrypted_means"),
};
const apart = {
  services: (count) => say("readiness_services", { count }),
  bots: (count) => say("readiness_bots", { count }),
  gone: (count) => say("readiness_gone", { count }),
  unreadable: (count) => say("readiness_unreadable", { count }),
};

/** Counts rows by what `of` says of each, which may be several things. */
function counted(rows, of) {
  const counts = new Map();
  for (const row of rows) for (const name of of(row)) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/** Draws bars of the same scale. Each has its name and its number as text: the bar itself says nothing more. */
function bars(lines, all) {
  const drawn = lines.map(({ name, count, hint, kind }) => {
    const share = all ? count / all : 0;
    const bar = element("span", { class: "bar", "aria-hidden": "true" });
    bar.append(element("span", { class: "bar-part", "data-kind": kind }));
    // A style of the object, not an attribute, which the content security policy would refuse.
    bar.firstChild.style.inlineSize = `${100 * share}%`;
    const percent = new Intl.NumberFormat(document.documentElement.lang, { style: "percent", maximumFractionDigits: 1 }).format(share);
    const title = element("span", { class: "bar-name" }, name);
    const value = element("span", { class: "bar-value" }, `${number(count)} · ${percent}`);
    return element("li", {}, title, value, bar, ...(hint ? [element("span", { class: "quiet" }, hint)] : []));
  });
  return element("ul", { class: "bars" }, ...drawn);
}

/** The charts, and who is counted apart. */
export function charts(census) {
  const rows = [...census.rows.values()];
  const states = counted(rows, ({ state }) => [state]);
  const apps = counted(rows, ({ apps }) => (apps ? apps.split("; ") : [say("readiness_no_app")]));
  const others = Object.entries(census.apart).filter(([, count]) => count).map(([kind, count]) => element("li", {}, apart[kind](count)));
  return element(
    "div",
    {},
    element("h2", {}, say("readiness_by_state")),
    bars(STATES.map((state) => ({ name: names[state](), hint: meanings[state](), count: states.get(state) ?? 0, kind: state })), rows.length),
    element("h2", {}, say("readiness_by_app")),
    element("p", { class: "quiet" }, say("readiness_apps_hint")),
    bars([...apps].sort(([, one], [, other]) => other - one).map(([name, count]) => ({ name, count })), rows.length),
    ...(others.length ? [element("h2", {}, say("readiness_apart")), element("ul", { class: "plain" }, ...others)] : []),
  );
}

/** How many are ready, in one sentence. */
export function sum(census) {
  const ready = [...census.rows.values()].filter(({ state }) => state === "ready").length;
  return say("readiness_sum", { ready: number(ready), all: number(census.rows.size) });
}

function head(...titles) {
  return element("thead", {}, element("tr", {}, ...titles.map((title) => element("th", { scope: "col" }, title))));
}

/** The list of users: search, filter, choice, and the file. Returns `{ part, chosen() }`; `onChoice` hears each change. */
export function list(census, onChoice) {
  const chosen = new Set();
  // By name, so that two exports can be compared line by line.
  const all = [...census.rows.values()].sort(({ id: one }, { id: other }) => (one < other ? -1 : 1));
  const search = labelled(say("readiness_search"), element("input", { type: "search", autocomplete: "off", dir: "ltr" }));
  const options = [["", say("readiness_all_states")], ...STATES.map((state) => [state, names[state]()])];
  const filter = labelled(say("readiness_show"), element("select", {}, ...options.map(([value, text]) => element("option", { value }, text))));
  const shown = element("p", { class: "quiet", role: "status" });
  const body = element("tbody");
  const titles = ["readiness_chosen", "readiness_user", "readiness_state", "readiness_apps", "readiness_devices", "readiness_last_seen"];
  const table = element("table", {}, head(...titles.map((key) => say(key))), body);
  const fitting = () => {
    const [wanted, state] = [search.input.value.trim().toLowerCase(), filter.input.value];
    return all.filter((row) => (!state || row.state === state) && row.id.toLowerCase().includes(wanted));
  };
  const draw = () => {
    const rows = fitting();
    const drawn = rows.slice(0, MOST_ROWS).map((row) => {
      const mark = element("input", { type: "checkbox", "aria-label": row.id });
      mark.checked = chosen.has(row.id);
      mark.addEventListener("change", () => {
        if (mark.checked) chosen.add(row.id);
        else chosen.delete(row.id);
        onChoice();
      });
      const cells = [names[row.state](), row.apps, number(row.devices), row.lastSeen];
      const user = element("td", {}, element("bdi", {}, row.id));
      return element("tr", {}, element("td", {}, mark), user, ...cells.map((text) => element("td", {}, text)));
    });
    body.replaceChildren(...drawn);
    shown.textContent = say("readiness_shown", { shown: number(drawn.length), all: number(rows.length) });
  };
  const press = (text, act) => {
    const button = element("button", { type: "button" }, text);
    button.addEventListener("click", act);
    return button;
  };
  const choose = (change) => () => (change(), draw(), onChoice());
  search.input.addEventListener("input", draw);
  filter.input.addEventListener("change", draw);
  draw();
  const rowsOfFile = () => all.map(({ id, state, apps, devices, lastSeen }) => [id, state, apps, devices, lastSeen]);
  const day = () => new Date().toISOString().slice(0, 10);
  const part = element(
    "section",
    {},
    element("h2", {}, say("readiness_users")),
    element("p", {}, press(say("readiness_save"), () => save(`readiness-${day()}.csv`, written(USERS, rowsOfFile())))),
    search.field,
    filter.field,
    element(
      "p",
      { class: "row" },
      press(say("readiness_choose_all"), choose(() => fitting().forEach(({ id }) => chosen.add(id)))),
      press(say("readiness_choose_none"), choose(() => chosen.clear())),
    ),
    shown,
    element("div", { class: "wide", tabindex: "0", role: "region", "aria-label": say("readiness_users") }, table),
  );
  return { part, chosen: () => [...chosen] };
}

/** What changed since an earlier export, which the person opens. */
export function comparison(census) {
  const file = labelled(say("readiness_compare"), element("input", { type: "file", accept: ".csv,text/csv" }), say("readiness_compare_hint"));
  const outcome = element("div", { role: "status" });
  file.input.addEventListener("change", async () => {
    const [given] = file.input.files;
    const before = given && readUsers(await given.text());
    if (!before) return outcome.replaceChildren(...(given ? [element("p", {}, say("readiness_no_export"))] : []));
    const then = counted(before.values(), (state) => [state]);
    const now = counted(census.rows.values(), ({ state }) => [state]);
    const lines = STATES.map((state) => {
      const numbers = [then, now].map((counts) => element("td", {}, number(counts.get(state) ?? 0)));
      return element("tr", { "data-state": state }, element("th", { scope: "row" }, names[state]()), ...numbers);
    });
    const became = [...census.rows.values()].filter(({ id, state }) => state === "ready" && before.has(id) && before.get(id) !== "ready");
    outcome.replaceChildren(
      element("p", {}, say("readiness_became", { count: became.length })),
      element("table", {}, head(say("readiness_state"), say("readiness_then"), say("readiness_now")), element("tbody", {}, ...lines)),
    );
  });
  return element("section", {}, file.field, outcome);
}
