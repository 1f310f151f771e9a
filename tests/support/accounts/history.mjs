// Gives rooms a long encrypted past in seconds. It writes that into the database of the running Synapse, next to one
// message that was sent in each room.
//
//   node tests/support/server/homeserver.mjs -- node tests/support/accounts/history.mjs
//
// Reads JSON on standard input, {"rooms": {room id: [[session id, [ciphertexts, oldest first]]]}}, and prints how many
// messages there are now, {"messages"}.

import { spawn } from "node:child_process";
import { json } from "node:stream/consumers";

import { python } from "../server/homeserver.mjs";

// The events look like those that a server fetches from another one later. Such events have stream orderings below
// zero, which the running server does not count.
const writer = `
import base64, json, os, secrets, sqlite3, sys
from synapse.api.room_versions import KNOWN_ROOM_VERSIONS
from synapse.events import make_event_from_dict

asked = json.load(sys.stdin)
database = sqlite3.connect(os.environ["MATRIXBACKUP_DATABASE"], timeout=60)
lowest = min(0, database.execute("SELECT min(stream_ordering) FROM events").fetchone()[0])
unpadded = lambda data: base64.b64encode(data).decode().rstrip("=")

made = 0
for room_id, sessions in asked["rooms"].items():
    (version,) = database.execute("SELECT room_version FROM rooms WHERE room_id = ?", (room_id,)).fetchone()
    like = database.execute(
        "SELECT e.event_id, e.topological_ordering, e.sender, j.json, j.format_version, g.state_group"
        " FROM events e JOIN event_json j USING (event_id) JOIN event_to_state_groups g USING (event_id)"
        " WHERE e.room_id = ? AND e.type = 'm.room.encrypted' ORDER BY e.stream_ordering DESC LIMIT 1", (room_id,)
    ).fetchone()
    _, depth, sender, template, format_version, state_group = like
    for session_id, ciphertexts in sessions:
        for age, ciphertext in enumerate(reversed(ciphertexts)):
            event = json.loads(template)
            event["content"] = {
                "algorithm": "m.megolm.v1.aes-sha2", "session_id": session_id, "ciphertext": ciphertext,
                "sender_key": unpadded(secrets.token_bytes(32)), "device_id": "ABCDEFGHIJ",
            }
            # The id is a hash over this one, not over the content.
            event["hashes"] = {"sha256": unpadded(secrets.token_bytes(32))}
            event_id = make_event_from_dict(event, KNOWN_ROOM_VERSIONS[version]).event_id
            lowest -= 1
            at = event["origin_server_ts"] - 1000 * (age + 1)
            database.execute(
                "INSERT INTO events (stream_ordering, topological_ordering, event_id, type, room_id, processed, outlier,"
                " depth, origin_server_ts, received_ts, sender, contains_url, instance_name)"
                " VALUES (?, ?, ?, 'm.room.encrypted', ?, 1, 0, ?, ?, ?, ?, 0, 'master')",
                (lowest, depth, event_id, room_id, depth, at, at, sender))
            database.execute("INSERT INTO event_json VALUES (?, ?, '{}', ?, ?)",
                (event_id, room_id, json.dumps(event), format_version))
            database.execute("INSERT INTO event_to_state_groups VALUES (?, ?)", (event_id, state_group))
            made += 1
    database.commit()
print(json.dumps({"messages": made}))
`;

const asked = await json(process.stdin);
const child = spawn(python, ["-c", writer], { stdio: ["pipe", "inherit", "inherit"] });
child.stdin.end(JSON.stringify(asked));
process.exit(await new Promise((done) => child.once("exit", (code) => done(code ?? 1))));
