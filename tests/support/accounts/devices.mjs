// Reads an account's devices from the homeserver's database: also those whose names or keys it tells nobody.

import { execFileSync } from "node:child_process";

import { python } from "../server/homeserver.mjs";

const reader = `
import json, sqlite3, sys
database = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True, timeout=60)
rows = database.execute("SELECT device_id, display_name FROM devices WHERE user_id = ? AND NOT hidden", (sys.argv[2],))
print(json.dumps([{"deviceId": device_id, "name": name} for device_id, name in rows]))
`;

/** Returns every device of a user as `{ deviceId, name }`; `name` is null for one without. */
export function devicesOf({ database }, userId) {
  return JSON.parse(execFileSync(python, ["-c", reader, database, userId], { encoding: "utf8" }));
}
