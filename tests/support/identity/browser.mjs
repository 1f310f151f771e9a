// Plays a person's browser without a screen: it follows redirections, keeps cookies, and presses the links and buttons
// of pages that need no script.

/** Starts one without cookies; returns `{ open }`. */
export function startBrowser() {
  let cookies = [];

  function keep(url, answer) {
    for (const line of answer.headers.getSetCookie()) {
      const [pair, ...attributes] = line.split(/; */);
      const [, name, value] = pair.match(/^([^=]*)=(.*)$/);
      const has = (attribute) => attributes.find((each) => each.toLowerCase().startsWith(attribute))?.split("=")[1];
      const path = has("path") ?? "/";
      cookies = cookies.filter((cookie) => cookie.name !== name || cookie.path !== path);
      const over = has("max-age") === "0" || Date.parse(has("expires")) < Date.now();
      if (!over) cookies.push({ name, value, path, host: url.hostname });
    }
  }

  const cookiesFor = ({ hostname, pathname }) =>
    cookies
      .filter(({ host, path }) => host === hostname && pathname.startsWith(path))
      .map(({ name, value }) => `${name}=${value}`)
      .join("; ");

  /**
   * Follows redirections until there is a page, or until one leads to an address that begins with `until`. That address
   * is not asked for.
   *
   * Returns `{ url, status, text, press(name, fields) }`.
   */
  async function open(to, until, form) {
    for (let url = new URL(to), body = form, hops = 0; hops < 20; hops++) {
      if (until && url.href.startsWith(until)) return { url, status: 0, text: "" };
      const answer = await fetch(url, {
        method: body ? "POST" : "GET",
        body,
        redirect: "manual",
        headers: { Cookie: cookiesFor(url) },
      });
      keep(url, answer);
      const location = answer.headers.get("location");
      const text = await answer.text();
      const here = url;
      if (!location) return { url, status: answer.status, text, press: (name, fields) => press(here, text, name, fields) };
      url = new URL(location, url);
      body = undefined;
    }
    throw new Error(`${to} redirects for ever`);

    /** Presses a button with what was typed into its form, or follows a link, by its words. */
    function press(url, text, name, fields = {}) {
      for (const [, action, inside] of text.matchAll(/<form[^>]*action="([^"]*)"[^>]*>([\s\S]*?)<\/form>/g)) {
        const buttons = [...inside.matchAll(/<button name="([^"]*)" value="([^"]*)">([^<]*)</g)];
        const button = buttons.find(([, , , words]) => words === name);
        if (!button) continue;
        const form = new URLSearchParams({ ...fields, [button[1]]: button[2] });
        return open(new URL(unescaped(action), url), until, form);
      }
      for (const [, href, words] of text.matchAll(/<a [^>]*href="([^"]*)"[^>]*>([\s\S]*?)<\/a>/g)) {
        if (words.trim() === name) return open(new URL(unescaped(href), url), until);
      }
      throw new Error(`there is no "${name}" on ${url.pathname}:\n${text}`);
    }
  }
  return { open };
}

const entities = { quot: '"', lt: "<", gt: ">", amp: "&" };
const unescaped = (text) => text.replace(/&(quot|lt|gt|amp);/g, (_, name) => entities[name]);
