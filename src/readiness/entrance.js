// The first screen: asks for the homeserver and the administrator's account, and lets the page reach that server alone.

import { element } from "../element.js";
import { say } from "../say.js";
import { Server, Trouble, addressOf } from "./server.js";

/** Returns a field with its label and hint: `{ field, input }`. */
export function labelled(label, input, hint) {
  const id = `field-${labelled.count++}`;
  input.id = id;
  const described = hint && element("p", { class: "hint", id: `${id}-hint` }, hint);
  if (described) input.setAttribute("aria-describedby", described.id);
  const parts = [element("label", { for: id }, label), described, input].filter(Boolean);
  return { field: element("div", { class: "field" }, ...parts), input };
}
labelled.count = 0;

/** Shows a trouble below `place`, or takes the sentence away. Anything else is a defect, and goes on as one. */
export function tell(place, error) {
  if (error && !(error instanceof Trouble)) throw error;
  place.replaceChildren(...(error ? [element("p", { class: "notice bad", role: "alert" }, error.words)] : []));
}

/** The homeserver that config.json names, as an address. */
async function usual() {
  const answer = await fetch("config.json", { cache: "no-store" }).catch(() => undefined);
  const config = answer?.ok ? await answer.json().catch(() => undefined) : undefined;
  const named = config?.homeserver?.address;
  return typeof named === "string" ? named : "";
}

/** Has the browser refuse every other server, as src/app/lock.rs does for the page. */
function narrowTo(base) {
  const meta = document.querySelector("meta[http-equiv='Content-Security-Policy']");
  const { origin } = new URL(base);
  const kept = meta.content.split(";").map((directive) => directive.trim()).filter((directive) => directive && !/^connect-src\b/i.test(directive));
  const reach = origin === location.origin ? "'self'" : `'self' ${origin}`;
  document.head.append(element("meta", { "http-equiv": "Content-Security-Policy", content: [...kept, `connect-src ${reach}`].join("; ") }));
}

/** Draws the form in `main`; resolves to a server that one is signed in to. */
export function enter(main, onWait) {
  const server = labelled(say("readiness_address"), element("input", { type: "text", required: "", autocomplete: "off", autocapitalize: "none", spellcheck: "false", dir: "ltr" }));
  const name = labelled(say("readiness_name"), element("input", { type: "text", autocomplete: "username", autocapitalize: "none", spellcheck: "false", dir: "ltr" }));
  const password = labelled(say("readiness_password"), element("input", { type: "password", autocomplete: "current-password", dir: "ltr" }), say("readiness_password_hint"));
  const token = labelled(say("readiness_token"), element("input", { type: "password", autocomplete: "off", dir: "ltr" }), say("readiness_token_hint"));
  const other = element("details", {}, element("summary", {}, say("readiness_by_token")), token.field);
  const begin = element("button", { class: "primary", type: "submit" }, say("readiness_begin"));
  const trouble = element("div");
  const form = element("form", { novalidate: "" }, server.field, name.field, password.field, other, trouble, begin);
  main.replaceChildren(
    element("h1", { tabindex: "-1" }, say("readiness_title")),
    element("p", { class: "lead" }, say("readiness_intro")),
    form,
  );
  usual().then((address) => (server.input.value ||= address));

  let reached;
  return new Promise((done, failed) => {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      tell(trouble);
      begin.disabled = true;
      try {
        if (!reached) {
          const base = await addressOf(server.input.value);
          const found = new Server(base, onWait);
          await found.greet();
          // From here on nothing else can be reached, so the address stays.
          narrowTo(base);
          reached = found;
          Object.assign(server.input, { value: base, readOnly: true });
        }
        if (token.input.value) reached.useToken(token.input.value.trim());
        else await reached.signIn(name.input.value.trim(), password.input.value);
        password.input.value = token.input.value = "";
        done(reached);
      } catch (error) {
        password.input.value = "";
        begin.disabled = false;
        if (error instanceof Trouble) tell(trouble, error);
        else failed(error);
      }
    });
  });
}
