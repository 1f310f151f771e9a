// The tables that are saved and opened again: CSV (RFC 4180), in UTF-8.
//
// A program for spreadsheets takes a cell for a formula that begins with = + - or @, and every Matrix ID begins with @. An ID
// of the specification's letters has no bracket, quote or bar in it, so that as a formula it can call nothing: it stands as
// it is, and other programs find the very ID. Whatever else begins so, such as an ID of earlier years with other letters,
// gets an apostrophe in front, which spreadsheets take for "this is text". Quotes alone would not do: they are dropped first.

/** The states, in the order in which they are shown. */
export const STATES = ["ready", "incomplete", "backup_without_key", "nothing", "opted_out", "never_encrypted"];
export const USERS = ["user_id", "state", "apps", "devices", "last_seen"];
export const LOG = ["user_id", "sent_at", "result"];

const isPlainId = (text) => /^@[a-z0-9._=/+-]+:[A-Za-z0-9.:[\]-]+$/.test(text);

function cell(value) {
  const text = String(value);
  const safe = /^[=+\-@\t\r]/.test(text) && !isPlainId(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Writes a table. */
export const written = (header, rows) => [header, ...rows].map((row) => `${row.map(cell).join(",")}\n`).join("");

/** Reads a table with this header; undefined if the text is no such table. */
export function readTable(header, text) {
  const rows = [];
  let row = [];
  // A quoted cell, or one without quotes, and what ends it.
  const cells = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\n|$)/y;
  const all = text.replace(/^\ufeff/, "");
  for (cells.lastIndex = 0; cells.lastIndex < all.length; ) {
    const found = cells.exec(all);
    if (!found) return undefined;
    const value = found[1]?.replaceAll('""', '"') ?? found[2];
    row.push(value.replace(/^'(?=[=+\-@\t\r])/, ""));
    if (found[3] !== ",") {
      rows.push(row);
      row = [];
    }
  }
  // The last cell of a file that ends without a new line may be empty.
  if (row.length) rows.push([...row, ""]);
  if (rows.shift()?.join() !== header.join()) return undefined;
  return rows.every(({ length }) => length === header.length) ? rows : undefined;
}

/** Reads an earlier export: the state of each user. */
export function readUsers(text) {
  const rows = readTable(USERS, text);
  if (!rows?.every(([, state]) => STATES.includes(state))) return undefined;
  return new Map(rows.map(([id, state]) => [id, state]));
}

/** Reads an earlier log: when each user got their last notice, in milliseconds since 1970. */
export function readLog(text) {
  const rows = readTable(LOG, text);
  if (!rows?.every(([, at]) => Number.isFinite(Date.parse(at)))) return undefined;
  const last = new Map();
  for (const [id, at, result] of rows) {
    if (result === "sent" || result === "unclear") last.set(id, Math.max(last.get(id) ?? 0, Date.parse(at)));
  }
  return last;
}

/** Has the browser save a table. */
export function save(name, text) {
  const address = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  Object.assign(document.createElement("a"), { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
