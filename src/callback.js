// The server's sign-in page sends people back here, in the window that the page opened for it (src/app/doorway.rs). The
// answer is worth a session: it leaves the address at once, goes to the page and nowhere else, and is kept nowhere. The
// page also opens the window here, before it knows the server's page: then there is no answer to pass on.

const answer = location.search + location.hash;
if (answer) history.replaceState(null, "", location.pathname);

/** Says everything in the first of these languages that there is. */
function speak(languages) {
  const part = (tag) => tag.split("-")[0];
  for (const element of document.querySelectorAll("[data-texts]")) {
    const texts = JSON.parse(element.dataset.texts);
    const language = languages.map((tag) => Object.keys(texts).find((known) => part(known) === part(tag))).find(Boolean);
    if (!language) continue;
    // The text itself tells whether it is written from right to left.
    Object.assign(element, { textContent: texts[language], lang: language, dir: "auto" });
    document.documentElement.lang = language;
  }
}

// The browser's language, until the page has told its own.
speak(navigator.languages);
if (top === self) {
  // src/app/doorway.rs has the same name. Who has no such page, or one that was left, is told nothing.
  const asking = new BroadcastChannel("matrixbackup-language");
  asking.onmessage = ({ data }) => {
    if (data === "which") return;
    asking.close();
    speak([String(data)]);
  };
  asking.postMessage("which");
}

const show = (id) => {
  for (const main of document.querySelectorAll("main")) main.hidden = main.id !== id;
};

// Inside another page the answer is not passed on.
if (answer && top === self) {
  // src/app/doorway.rs has the same name. Only pages of this origin hear it.
  const channel = new BroadcastChannel("matrixbackup-sign-in");
  const patience = setTimeout(show, 2000, "unheard");
  channel.onmessage = ({ data }) => {
    if (data !== "received") return;
    clearTimeout(patience);
    channel.close();
    show("received");
    // Browsers refuse this in a tab that the person opened: then they read that they can close it.
    close();
  };
  channel.postMessage(answer);
}
document.querySelector("button").addEventListener("click", () => close());
