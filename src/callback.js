// Where a server's sign-in page sends people back to, in the window that the page opened for it (src/app/doorway.rs). What
// it sends is worth a session: it leaves the address at once, goes to the page and nowhere else, and is kept nowhere. The
// page has opened the window with this, too, before it knew the server's page: then there is nothing to pass on.

const answer = location.search + location.hash;
if (answer) history.replaceState(null, "", location.pathname);

const show = (id) => {
  for (const main of document.querySelectorAll("main")) main.hidden = main.id !== id;
};

// Inside another page nobody is told anything.
if (answer && top === self) {
  // src/app/doorway.rs has the same name. Only pages of this origin hear it.
  const channel = new BroadcastChannel("matrixbackup-sign-in");
  const patience = setTimeout(show, 2000, "unheard");
  channel.onmessage = ({ data }) => {
    if (data !== "received") return;
    clearTimeout(patience);
    channel.close();
    show("received");
    // Refused where a person has opened the tab: then they are told that they can.
    close();
  };
  channel.postMessage(answer);
}
document.querySelector("button").addEventListener("click", () => close());
