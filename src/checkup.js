// `?checkup` tells the host what their server does wrong, and the line that mends it. It is plain script, because it
// has to work where the page's program cannot start. src/boot.js loads it, and only with `?checkup`.

import { servers } from "../tools/server-lines.mjs";
import { look } from "./checkup/checks.js";
import { element } from "./element.js";
import { bring, say } from "./say.js";

const words = { mind: () => say("checkup_could_be_better"), wrong: () => say("checkup_fix_this") };

/** Guesses from the `Server` header which server's lines to show first. */
function guess(said) {
  const signs = { nginx: /nginx|openresty/i, caddy: /caddy/i, apache: /apache/i };
  return Object.keys(signs).find((name) => signs[name].test(said)) ?? "static";
}

/** Says in one sentence how the host does. */
function verdict({ wrong, mind }) {
  if (wrong.length) return say("checkup_must_be_fixed", { count: wrong.length });
  if (mind.length) return say("checkup_works", { count: mind.length });
  return say("checkup_right");
}

async function show() {
  const outcome = element("h1", {}, say("checkup_looking"));
  const list = element("ul", { class: "checks" });
  const passed = element("ul", { class: "checks" });
  const count = element("summary");
  const fold = element("details", { hidden: "" }, count, passed);
  const choice = element("select", { id: "server" });
  const label = element("label", { for: "server" }, say("checkup_show_lines_for"));
  const chooser = element("div", { class: "field", hidden: "" }, label, choice);
  for (const [name, { title }] of Object.entries(servers)) choice.append(element("option", { value: name }, title));
  const main = element(
    "main",
    { class: "alone", "data-step": "checkup" },
    element("div", { role: "status" }, outcome),
    element("p", {}, say("checkup_compares", { address: location.origin + location.pathname })),
    chooser,
    list,
    fold,
  );
  document.title = say("checkup_title");
  document.getElementById("page").replaceChildren(main);

  const { server, lines } = await look();
  choice.value = guess(server);
  const [right, mind, wrong] = ["right", "mind", "wrong"].map((state) => lines.filter((line) => line.state === state));
  const draw = () => {
    const shown = new Set();
    list.replaceChildren(...[...wrong, ...mind].map((line) => item(line, choice.value, shown)));
  };
  choice.addEventListener("change", draw);
  draw();
  chooser.hidden = !lines.some(({ mend }) => mend?.some((block) => typeof block !== "string"));
  passed.append(...right.map(({ what }) => element("li", { class: "right" }, element("p", { class: "check-what" }, what))));
  count.textContent = say("checkup_passed", { count: right.length });
  fold.hidden = right.length === 0;
  outcome.textContent = verdict({ wrong, mind });
}

/** Draws a finding with what mends it. `shown`: the blocks that stand above already; each is drawn once. */
function item({ state, what, why, mend }, server, shown) {
  const parts = [element("p", { class: "check-state" }, words[state]()), element("p", { class: "check-what" }, what)];
  if (why) parts.push(element("p", { class: "quiet" }, say("checkup_why", { reason: why })));
  const blocks = mend.map((block) => (typeof block === "string" ? block : block[server])).filter(Boolean);
  const fresh = blocks.filter((block) => !shown.has(block));
  fresh.forEach((block) => shown.add(block));
  if (fresh.length < blocks.length) {
    const text = fresh.length ? say("checkup_other_lines") : say("checkup_lines_above");
    parts.push(element("p", { class: "quiet" }, text));
  }
  if (fresh.length) parts.push(element("pre", {}, element("code", {}, fresh.join("\n"))));
  return element("li", { class: state }, ...parts);
}

bring().then(show);
