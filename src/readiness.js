// `?readiness` tells an administrator for how many of their users everything is in place, who the others are, and writes to
// them if wanted. src/boot.js loads it, and only with `?readiness`. It is plain script, as the checkup is; what a user's data
// mean is concluded by a program (src/readiness/mod.rs), as the page concludes it.

import { element } from "./element.js";
import { enter, tell } from "./readiness/entrance.js";
import { startJudge } from "./readiness/judge.js";
import { notices } from "./readiness/notices.js";
import { charts, comparison, list, sum } from "./readiness/result.js";
import { Stopped } from "./readiness/server.js";
import { Census } from "./readiness/users.js";
import { bring, number, say } from "./say.js";

/** The time between two looks at the numbers while they grow, in milliseconds. */
const BETWEEN_LOOKS = 500;

async function show() {
  // tools/pin-engine.mjs puts name and digest in its place. What is drawn before it comes is only plainer.
  document.head.append(element("link", { rel: "stylesheet", ...STYLE }));
  document.title = say("readiness_title");
  const main = element("main", { class: "alone", "data-step": "readiness" });
  document.getElementById("page").replaceChildren(main);
  const waiting = element("p", { class: "quiet", role: "status" });
  const onWait = (seconds) => (waiting.textContent = seconds ? say("readiness_waits", { count: seconds }) : "");
  const server = await enter(main, onWait);
  addEventListener("pagehide", () => server.signOut({ leaving: true }));
  // The browser may bring a left page back as it was, but the page is signed out.
  addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
  await count(main, server, waiting);
}

/** Counts, and draws the result whenever that has stopped. */
async function count(main, server, waiting) {
  const outcome = element("h1", { tabindex: "-1" }, say("readiness_counting"));
  const bar = element("progress", { max: "1", value: "0", "aria-label": say("readiness_counting") });
  const progress = element("p", { role: "status" });
  const [stop, goOn, finish] = ["readiness_stop", "readiness_go_on", "readiness_finish"].map((key) => element("button", { type: "button" }, say(key)));
  const [trouble, result] = [element("div"), element("div")];
  const stopped = element("p", { hidden: "" }, say("readiness_stopped"));
  const under = element("p", { class: "row" }, stop, goOn, finish);
  main.replaceChildren(outcome, bar, progress, waiting, stopped, trouble, under, result);
  outcome.focus();

  let looked = 0;
  const look = () => {
    progress.textContent = say("readiness_progress", { done: number(census.done), all: number(census.all) });
    Object.assign(bar, { max: census.all || 1, value: census.done });
  };
  const onProgress = () => {
    if (performance.now() - looked < BETWEEN_LOOKS) return;
    looked = performance.now();
    look();
  };
  // What was sent stays known when the list is drawn again.
  const sent = { log: [], last: new Map() };
  let sending;
  let reading;
  let census = new Census(server, undefined, onProgress);
  const read = async () => {
    reading = new AbortController();
    stop.hidden = false;
    goOn.hidden = stopped.hidden = true;
    tell(trouble);
    outcome.textContent = say("readiness_counting");
    bar.hidden = false;
    try {
      census.judge ??= (await startJudge()).judge;
      await census.read(reading.signal);
    } catch (error) {
      // The next try starts another worker.
      if (error.key === "readiness_incomplete" && census) census.judge = undefined;
      if (!(error instanceof Stopped)) tell(trouble, error);
    }
    if (!census) return;
    stop.hidden = true;
    goOn.hidden = census.isComplete;
    bar.hidden = census.isComplete;
    stopped.hidden = census.isComplete;
    look();
    draw();
  };
  const draw = () => {
    outcome.textContent = sum(census);
    const people = list(census, () => sending.update());
    sending = notices(server, people.chosen, sent);
    result.replaceChildren(
      element("p", {}, say("readiness_in_place")),
      element("p", { class: "quiet" }, say("readiness_unseen")),
      charts(census),
      people.part,
      comparison(census),
      sending.part,
    );
  };
  stop.addEventListener("click", () => reading.abort());
  goOn.addEventListener("click", () => {
    sending?.stop();
    result.replaceChildren();
    read();
  });
  finish.addEventListener("click", async () => {
    reading.abort();
    sending?.stop();
    const left = await server.signOut().catch((error) => error);
    census = undefined;
    const words = left ? left.words : say("readiness_finished");
    const heading = element("h1", { tabindex: "-1" }, say("readiness_title"));
    main.replaceChildren(heading, element("p", { role: "status" }, words));
    heading.focus();
  });
  await read();
}

bring().then(show);
