// Serves the pages of an identity provider: fields and buttons, and no script.

const entities = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const text = (value) => String(value).replace(/[&<>"]/g, (character) => entities[character]);

function answer(response, status, title, body) {
  response.writeHead(status, { "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store" });
  response.end(`<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(title)}</title>
<h1>${text(title)}</h1>
${body}
`);
}

/** Asks who it is. `complaint` says what was wrong with the last answer. */
export function askForName(response, { at, action, name = "", complaint }) {
  answer(
    response,
    complaint ? 403 : 200,
    `Sign in to ${at}`,
    `${complaint ? `<p role="alert">${text(complaint)}</p>\n` : ""}<form method="post" action="${text(action)}">
<p><label for="name">Name</label> <input id="name" name="name" value="${text(name)}" autocomplete="username"></p>
<p><button name="do" value="sign-in">Sign in</button> <button name="do" value="cancel">Cancel</button></p>
</form>`,
  );
}

/** Asks whether to do something. */
export function askWhether(response, { title, words, action, button }) {
  answer(
    response,
    200,
    title,
    `<p>${text(words)}</p>
<form method="post" action="${text(action)}">
<p><button name="do" value="yes">${text(button)}</button> <button name="do" value="cancel">Cancel</button></p>
</form>`,
  );
}

/** Says something, and asks nothing. */
export function say(response, title, words, status = 200) {
  answer(response, status, title, `<p>${text(words)}</p>`);
}
