// These run in the page.

/** Brings an element to where it can be pressed, and waits until it holds still: what moves away is pressed in vain. */
export async function holdStill(element) {
  element.scrollIntoView({ block: "center", behavior: "instant" });
  let before;
  for (let still = 0; still < 4; ) {
    // A page that nobody draws has no frames.
    await new Promise((done) => (requestAnimationFrame(done), setTimeout(done, 100)));
    const { x, y, width, height } = element.getBoundingClientRect();
    const now = [x, y, width, height].join();
    still = now === before ? still + 1 : 0;
    before = now;
  }
}
