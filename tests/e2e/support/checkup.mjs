// Opens `?checkup`, and reads what it says.

/** Opens the checkup; returns what it says, as `{ wrong, mind, right, sum }`. */
export async function checkup(visit, url = visit.server.url) {
  const { page } = visit;
  await page.goto(`${url}?checkup`);
  const status = page.getByRole("status");
  await status.filter({ hasNotText: "Looking" }).waitFor();
  const texts = (state) => page.locator(`.checks .${state} .check-what`).allTextContents();
  const [wrong, mind, right] = [await texts("wrong"), await texts("mind"), await texts("right")];
  return { wrong, mind, right, sum: await status.innerText() };
}
