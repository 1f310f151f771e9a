// `?checkup` tells the host what their server does wrong, and the line that mends it. It is plain script, because it
// has to work where the page's program cannot start. src/boot.js loads it, and only with `?checkup`.

import { servers } from "../tools/server-lines.mjs";
import { look } from "./checkup/checks.js";

/** Makes an element with attributes and children; texts become text nodes, whatever they hold. */
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...children);
  return made;
}

const words = { right: "Right", mind: "Could be better", wrong: "Wrong" };

/** Guesses from the `Server` header which server's lines to show first. */
function guess(said) {
  const signs = { nginx: /nginx|openresty/i, caddy: /caddy/i, apache: /apache/i };
  return Object.keys(signs).find((name) => signs[name].test(said)) ?? "static";
}

function summary(lines) {
  const count = (state) => lines.filter((line) => line.state === state).length;
  if (count("wrong")) return `${count("wrong")} of ${lines.length} ${count("wrong") === 1 ? "needs" : "need"} mending`;
  if (count("mind")) return `Nothing needs mending; ${count("mind")} of ${lines.length} could be better`;
  return `All ${lines.length} checks right`;
}

async function show() {
  const outcome = element("p", { class: "lead", role: "status" }, "Looking…");
  const list = element("ul", { class: "checks" });
  const choice = element("select", { id: "server" });
  const label = element("label", { for: "server" }, "Show the lines for");
  const chooser = element("div", { class: "field", hidden: "" }, label, choice);
  for (const [name, { title }] of Object.entries(servers)) choice.append(element("option", { value: name }, title));
  const main = element(
    "main",
    { class: "alone", "data-step": "checkup" },
    element("h1", {}, "Checkup of this host"),
    element("p", {}, `What arrives at ${location.origin}${location.pathname}, compared with what should.`),
    chooser,
    list,
    outcome,
  );
  document.title = "Checkup";
  document.getElementById("page").replaceChildren(main);

  const { server, lines } = await look();
  choice.value = guess(server);
  const draw = () => list.replaceChildren(...lines.map((line) => item(line, choice.value)));
  choice.addEventListener("change", draw);
  draw();
  chooser.hidden = !lines.some(({ mend }) => mend && typeof mend !== "string");
  outcome.textContent = summary(lines);
}

function item({ state, what, why, mend }, server) {
  const text = typeof mend === "string" ? mend : mend?.[server];
  const parts = [element("p", { class: "check-state" }, words[state]), element("p", { class: "check-what" }, what)];
  if (state !== "right") {
    if (why) parts.push(element("p", { class: "quiet" }, `Because ${why}.`));
    if (text) parts.push(element("pre", {}, element("code", {}, text)));
  }
  return element("li", { class: state }, ...parts);
}

show();
