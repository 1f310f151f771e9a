// Measures what must be right about any screen on a phone. `phone` are the options for a browser that is one;
// `defects(page)` returns what is wrong with the screen as it is now, in words.

/** A phone in upright position. */
export const phone = { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };

/** The height of the screen that a keyboard takes, in pixels. */
export const keyboard = 320;

/** The least width and height of something that a thumb has to hit, in pixels. */
const target = 44;

export const defects = (page) => page.evaluate(look, { width: phone.viewport.width, target });

function look({ width, target }) {
  const found = [];
  const name = (element) => {
    const text = (element.innerText || element.id || "").trim().replace(/\s+/g, " ").slice(0, 40);
    return `<${element.localName}${element.className ? `.${element.className}` : ""}> “${text}”`;
  };
  // Only a screen reader or a password manager meets such an element.
  const isUnseen = (element) =>
    !element.checkVisibility({ contentVisibilityAuto: true }) || element.closest(".spoken, .login, .kit:not(.shown), svg");

  // Nothing is wider than the screen, and the browser has not zoomed out to show it.
  const { scrollWidth } = document.documentElement;
  if (innerWidth !== width) found.push(`the browser shows ${innerWidth} px instead of ${width}`);
  if (scrollWidth > width) found.push(`${scrollWidth - width} px have to be scrolled to sideways`);

  // Each line of text stays within its box and is not cut off.
  const lines = [];
  const walker = document.createTreeWalker(document.getElementById("page"), NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || isUnseen(element)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const box = element.closest("button, summary, .label, input, .key, .drop, .card, .count") ?? document.documentElement;
    const { left, right } = box.getBoundingClientRect();
    for (const rect of range.getClientRects()) {
      if (rect.width < 1) continue;
      lines.push({ element, rect });
      if (rect.left < left - 1 || rect.right > right + 1) found.push(`${name(element)} sticks out of ${name(box)}`);
    }
    for (let at = element; at && at.id !== "page"; at = at.parentElement) {
      const { overflowX, overflowY } = getComputedStyle(at);
      const hides = (overflow) => overflow === "hidden" || overflow === "clip";
      if (hides(overflowX) && at.scrollWidth > at.clientWidth + 1) found.push(`${name(at)} is cut off at the side`);
      if (hides(overflowY) && at.scrollHeight > at.clientHeight + 1) found.push(`${name(at)} is cut off below`);
    }
  }
  // Fonts reach a little into the next line.
  const slack = 4;
  lines.sort((one, other) => one.rect.top - other.rect.top);
  for (const [at, { element, rect }] of lines.entries()) {
    for (const other of lines.slice(at + 1)) {
      if (other.rect.top > rect.bottom - slack) break;
      const wide = Math.min(rect.right, other.rect.right) - Math.max(rect.left, other.rect.left);
      if (wide > 1 && other.element !== element) found.push(`${name(element)} lies on ${name(other.element)}`);
    }
  }

  // What is pressed is large enough for a thumb; links within a sentence cannot be.
  const isInSentence = (link) => link.localName === "a" && getComputedStyle(link).display === "inline";
  for (const element of document.querySelectorAll("#page :is(button, summary, input, select, a[href])")) {
    if (isUnseen(element) || isInSentence(element)) continue;
    // Pressing the words beside a checkbox presses that, too.
    const boxes = [element, ...(element.type === "checkbox" ? element.labels : [])].map((each) => each.getBoundingClientRect());
    const top = Math.min(...boxes.map((box) => box.top));
    const high = Math.max(...boxes.map((box) => box.bottom)) - top;
    const wide = Math.max(...boxes.map((box) => box.right)) - Math.min(...boxes.map((box) => box.left));
    if (high < target - 0.5 || wide < target - 0.5) found.push(`${name(element)} is ${Math.round(wide)} × ${Math.round(high)} px`);
  }

  // The one thing to do can be reached, and nothing lies on it.
  const place = scrollY;
  const primary = [...document.querySelectorAll("#page .primary")].filter((button) => !isUnseen(button));
  if (primary.length > 1) found.push(`${primary.length} buttons want to be pressed: ${primary.map(name).join(", ")}`);
  for (const button of primary) {
    button.scrollIntoView({ block: "nearest" });
    const { left, top, width, height } = button.getBoundingClientRect();
    const there = document.elementFromPoint(left + width / 2, top + height / 2);
    if (!button.contains(there)) found.push(`${name(button)} cannot be pressed`);
  }
  scrollTo(0, place);

  // A question within a screen has a heading of its own.
  const asks = document.activeElement.closest(".panel:has(h2)")?.querySelector("h2");
  const heading = (asks ?? document.querySelector("#page h1"))?.getBoundingClientRect();
  if (!heading) found.push("there is no heading");
  else if (heading.top < 0 || heading.bottom > innerHeight) found.push("the heading is out of sight");
  return [...new Set(found)];
}
