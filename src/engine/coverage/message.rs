//! The unencrypted part of an encrypted message.

use matrix_sdk::ruma::serde::Raw;
use matrix_sdk_crypto::vodozemac::megolm::MegolmMessage;
use serde::Deserialize;
use serde_json::Value;

use crate::engine::net::failure::cut;

/// The longest session id that is accepted, in bytes; true ones have 43.
const LONGEST_SESSION_ID: usize = 255;

/// A message that one session opens, from some index on.
pub(super) struct Message {
    /// The session's id.
    pub(super) session_id: String,
    /// The ciphertext, with its index in the session.
    pub(super) sealed: MegolmMessage,
    /// The sender; cut to a length that fits a line.
    pub(super) sender: String,
    /// The time of sending in milliseconds since 1970, as the sender's server says.
    pub(super) at_ms: u64,
    /// True if it was encrypted for this person, too: see [`was_theirs`].
    pub(super) was_theirs: bool,
}

#[derive(Deserialize)]
struct Event {
    #[serde(rename = "type")]
    event_type: String,
    #[serde(default)]
    sender: String,
    #[serde(default)]
    origin_server_ts: u64,
    content: Content,
    #[serde(default)]
    unsigned: Value,
}

#[derive(Deserialize)]
struct Content {
    #[serde(default)]
    algorithm: String,
    #[serde(default)]
    session_id: String,
    #[serde(default)]
    ciphertext: Value,
}

impl Message {
    /// Reads an event; `None` for events that no room key could ever open: other types and algorithms, redacted
    /// messages, and malformed ones.
    pub(super) fn read<T>(event: &Raw<T>) -> Option<Self> {
        let event: Event = event.deserialize_as_unchecked().ok()?;
        let Content { algorithm, session_id, ciphertext } = event.content;
        let is_message = event.event_type == "m.room.encrypted" && algorithm == "m.megolm.v1.aes-sha2";
        if !is_message || session_id.is_empty() || session_id.len() > LONGEST_SESSION_ID {
            return None;
        }
        Some(Self {
            session_id,
            sealed: MegolmMessage::from_base64(ciphertext.as_str()?).ok()?,
            sender: cut(&event.sender),
            at_ms: event.origin_server_ts,
            was_theirs: was_theirs(&event.unsigned),
        })
    }
}

/// Tells whether a message was encrypted for this person, too, by their own membership when it was sent
/// (`unsigned.membership`, specification 1.11).
///
/// An invited person gets keys unless only joined members may see the history, and then a server does not show the
/// message at all. Without a membership a message counts as theirs: one too many is better than a loss that nobody
/// notices.
fn was_theirs(unsigned: &Value) -> bool {
    let membership = unsigned.get("membership").and_then(Value::as_str);
    !matches!(membership, Some("leave" | "ban" | "knock"))
}

#[cfg(test)]
mod tests {
    use matrix_sdk::ruma::events::AnyTimelineEvent;
    use matrix_sdk_crypto::vodozemac::megolm::{GroupSession, SessionConfig};
    use serde_json::json;

    use super::*;

    fn read(event: &Value) -> Option<Message> {
        Message::read(&Raw::<AnyTimelineEvent>::from_json_string(event.to_string()).unwrap())
    }

    fn event(session: &mut GroupSession) -> Value {
        json!({
            "type": "m.room.encrypted", "sender": "@ada:example.org", "origin_server_ts": 7,
            "content": {
                "algorithm": "m.megolm.v1.aes-sha2", "session_id": session.session_id(),
                "ciphertext": session.encrypt("hello").to_base64(),
            },
        })
    }

    #[test]
    fn a_message_tells_its_session_and_its_index() {
        let mut session = GroupSession::new(SessionConfig::version_1());
        for index in 0..3 {
            let message = read(&event(&mut session)).unwrap();
            assert_eq!((message.session_id, message.sealed.message_index()), (session.session_id(), index));
            assert_eq!((message.sender.as_str(), message.at_ms), ("@ada:example.org", 7));
        }
    }

    #[test]
    fn what_no_key_could_open_is_no_message() {
        let good = event(&mut GroupSession::new(SessionConfig::version_1()));
        assert!(read(&good).is_some());
        for (pointer, value) in [
            ("/content", json!({})),
            ("/content", json!(null)),
            ("/content/algorithm", json!("m.olm.v1.curve25519-aes-sha2")),
            ("/content/session_id", json!("")),
            ("/content/session_id", json!(null)),
            ("/content/session_id", json!("A".repeat(60_000))),
            ("/content/ciphertext", json!("AAAA")),
            ("/content/ciphertext", json!({"a": "b"})),
            ("/type", json!("m.room.message")),
            ("/origin_server_ts", json!(-1)),
        ] {
            let mut event = good.clone();
            *event.pointer_mut(pointer).unwrap() = value;
            assert!(read(&event).is_none(), "{pointer}");
        }
    }

    #[test]
    fn what_was_sent_while_somebody_was_not_in_the_room_was_never_theirs() {
        for (unsigned, was_theirs) in [
            (json!({"membership": "join"}), true),
            (json!({"membership": "invite"}), true),
            (json!({"membership": "leave"}), false),
            (json!({"membership": "ban"}), false),
            (json!({"membership": "knock"}), false),
            (json!({"membership": 7}), true),
            (json!({}), true),
            (json!(null), true),
        ] {
            let mut event = event(&mut GroupSession::new(SessionConfig::version_1()));
            event["unsigned"] = unsigned.clone();
            assert_eq!(read(&event).unwrap().was_theirs, was_theirs, "{unsigned}");
        }
    }
}
