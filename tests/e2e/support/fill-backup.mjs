// Runs the native program that fills a backup, or spoils what is in it: tests/support/accounts/fill_backup.rs.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { json } from "node:stream/consumers";

import { cache } from "./figures.mjs";

const program = join(process.env.CARGO_TARGET_DIR ?? join(cache, "target"), "debug/examples/fill-backup");

/** Does what is asked, `{ keys, rooms }` or `{ spoil }`; returns `{ version, keys }`. */
export async function fillBackup({ homeserver, user, password, recoveryKey }, asked) {
  const child = spawn(program, { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(JSON.stringify({ homeserver, user, password, recovery_key: recoveryKey, ...asked }));
  const ended = once(child, "exit");
  const said = await json(child.stdout).catch(() => undefined);
  const [code] = await ended;
  if (code !== 0 || !said) throw new Error(`fill-backup ended with ${code}`);
  return said;
}
