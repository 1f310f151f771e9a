// Chooses the language of the film's page: `?lang=`, or what the browser asks for. Without this all of it is there in
// English, and what the film shows in every language.
const video = document.querySelector("video");
const texts = JSON.parse(document.querySelector("main").dataset.texts);
const fromTheRight = ["ar"];
const part = (tag) => tag.toLowerCase().split("-")[0];
const asked = [new URLSearchParams(location.search).get("lang") ?? "", ...navigator.languages];
const language = asked.map((tag) => Object.keys(texts).find((known) => part(known) === part(tag))).find(Boolean) ?? "en";

Object.assign(document.documentElement, { lang: language, dir: fromTheRight.includes(language) ? "rtl" : "ltr" });
document.title = texts[language].page_title;
for (const element of document.querySelectorAll("[data-key]")) element.textContent = texts[language][element.dataset.key];
for (const details of document.querySelectorAll("details")) details.hidden = details.lang !== language;

// Not every browser's own controls heed a key.
const button = document.querySelector("button");
button.hidden = false;
button.addEventListener("click", () => (video.paused ? video.play() : video.pause()));
const name = () => (button.textContent = texts[language][video.paused ? "page_play" : "page_stop"]);
for (const change of ["play", "pause", "ended"]) video.addEventListener(change, name);

// Browsers fetch the words of a film as soon as they are to be shown: not before it plays.
const show = () => {
  for (const track of video.textTracks) track.mode = track.language === language ? "showing" : "disabled";
};
video.addEventListener("play", show, { once: true });
