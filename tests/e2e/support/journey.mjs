// Goes the last parts of a person's way through the page, which most ways have in common.

import assert from "node:assert/strict";

/** Gives the app the new keys by comparing emoji, and waits until its room keys have arrived in the backup. */
export async function compareFromOldKeys(visit, app) {
  await visit.compareEmoji(app);
  await visit.at("old-keys");
  await visit.arrived();
}

/**
 * Goes from the counted keys to the last screen, with a copy or without, and signs out. Returns what the page said of
 * each room.
 *
 * `meanwhile()`: runs while the person looks at that.
 */
export async function finish(visit, { copy = true, meanwhile } = {}) {
  let covered = await visit.coverage();
  await meanwhile?.();
  await visit.takeHome(copy && "six words nobody else would choose");
  await visit.at("done");
  // If the app has sent another key since, the page wants to look once more before it says anything. Then it wants
  // another copy, since the first one lacks that key.
  const look = visit.button("Look at my messages");
  const safe = visit.page.getByRole("heading", { level: 1, name: "You're safe" });
  for (let looks = 0; looks < 3; looks++) {
    await safe.or(look).first().waitFor({ timeout: 120_000 });
    if (await safe.count()) break;
    await look.click();
    covered = await visit.coverage();
    await visit.page.getByRole("button", { name: /take a copy home$/ }).click();
    await visit.at("take-home");
    const again = visit.main.getByLabel("Passphrase for the file", { exact: true });
    await again.or(visit.button("Go on")).first().waitFor();
    if (copy && (await again.count())) {
      await visit.makeCopy("six words nobody else would choose");
    } else {
      await visit.click((await again.count()) ? "Go on without a copy" : "Go on");
    }
    await visit.at("done");
  }
  await visit.safe();
  await visit.signOut();
  assert.ok((await visit.heading()).includes(visit.translate("You're safe")));
  return covered;
}
