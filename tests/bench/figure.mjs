// Figures of several runs, and how they are written.

export function median(values) {
  const inOrder = [...values].sort((a, b) => a - b);
  const middle = values.length / 2;
  return (inOrder[Math.ceil(middle) - 1] + inOrder[Math.floor(middle)]) / 2;
}

/** Writes the median, and the least and the most of the runs behind it if they differ. */
export function spread(values, write) {
  const [least, most] = [Math.min(...values), Math.max(...values)].map((value) => write(value).replace(/ [a-zA-Z]+$/, ""));
  const middle = write(median(values));
  return least === most ? middle : `${middle} (${least}–${most})`;
}

export const seconds = (ms) => `${(ms / 1000).toFixed(2)} s`;
export const milliseconds = (ms) => `${Math.round(ms)} ms`;
export const megabytes = (value) => `${Math.round(value)} MB`;
export const kilobytes = (value) => `${Math.round(value / 1000).toLocaleString("en")} kB`;
export const whole = (value) => Math.round(value).toLocaleString("en");

/** Writes how many times as much the others take. */
export const ratio = (ours, theirs) => `${(median(theirs) / median(ours)).toFixed(2)} ×`;

/** Writes a table of Markdown, with columns of figures at the right. */
export function table(head, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  const isFigures = (at) => rows.every((cells) => /^(\d|<|$)/.test(cells[at]));
  return [line(head), line(head.map((_, at) => (isFigures(at) ? "---:" : "---"))), ...rows.map(line)].join("\n");
}
