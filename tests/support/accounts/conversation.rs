//! Makes encrypted rooms with messages that nobody reads: true ciphertext, sent without a client's cryptography.

use std::sync::atomic::{AtomicU32, Ordering};

use matrix_sdk_crypto::{
    olm::ExportedRoomKey,
    types::{EventEncryptionAlgorithm, SigningKeys},
    vodozemac::{
        Curve25519PublicKey, Curve25519SecretKey, Ed25519Keypair,
        megolm::{GroupSession, InboundGroupSession, SessionConfig},
    },
};
use serde_json::{Value, json};

use super::account::Account;

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// A sender's Megolm session in a room.
pub struct Sending {
    room_id: String,
    clear: Value,
    session: GroupSession,
    /// The room key, from the first message on.
    pub key: ExportedRoomKey,
}

impl Sending {
    /// Starts a new session.
    pub fn new(room_id: &str) -> Self {
        let session = GroupSession::new(SessionConfig::version_1());
        let inbound = InboundGroupSession::new(&session.session_key(), SessionConfig::version_1());
        let signer = Ed25519Keypair::new().public_key();
        let key = ExportedRoomKey {
            algorithm: EventEncryptionAlgorithm::MegolmV1AesSha2,
            room_id: room_id.try_into().unwrap(),
            sender_key: Curve25519PublicKey::from(&Curve25519SecretKey::new()),
            session_id: session.session_id(),
            session_key: { inbound }.export_at_first_known_index(),
            sender_claimed_keys: SigningKeys::from([("ed25519".into(), signer.into())]),
            forwarding_curve25519_key_chain: Vec::new(),
            shared_history: false,
        };
        let clear = json!({
            "type": "m.room.message", "room_id": room_id,
            "content": {"msgtype": "m.text", "body": "nobody reads this"},
        });
        Self { room_id: room_id.to_owned(), clear, session, key }
    }

    /// Encrypts the next message and does not send it.
    pub fn seal(&mut self) -> String {
        self.session.encrypt(self.clear.to_string()).to_base64()
    }

    /// Sends this many messages; returns their event ids.
    pub async fn say(&mut self, by: &Account, messages: usize) -> Vec<String> {
        let mut sent = Vec::new();
        for _ in 0..messages {
            let content = json!({
                "algorithm": "m.megolm.v1.aes-sha2", "session_id": self.session.session_id(),
                "ciphertext": self.seal(),
            });
            sent.push(by.send(&self.room_id, "m.room.encrypted", content).await);
        }
        sent
    }
}

impl Account {
    /// Makes an encrypted room with whatever else `room` asks for; returns its id.
    pub async fn make_room(&self, mut room: Value) -> String {
        room["initial_state"] = json!([{
            "type": "m.room.encryption", "state_key": "",
            "content": {"algorithm": "m.megolm.v1.aes-sha2"},
        }]);
        self.done("POST", "createRoom", room).await["room_id"].as_str().unwrap().to_owned()
    }

    /// Sends any event; returns its id.
    pub async fn send(&self, room_id: &str, event_type: &str, content: Value) -> String {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = format!("rooms/{room_id}/send/{event_type}/{number}");
        self.done("PUT", &path, content).await["event_id"].as_str().unwrap().to_owned()
    }

    /// Invites somebody, who joins.
    pub async fn bring(&self, room_id: &str, other: &Self) {
        self.done("POST", &format!("rooms/{room_id}/invite"), json!({"user_id": other.user_id})).await;
        other.done("POST", &format!("rooms/{room_id}/join"), json!({})).await;
    }

    /// Sends a request that must succeed; returns the body.
    pub async fn done(&self, method: &str, path: &str, body: Value) -> Value {
        let (status, answer) = self.ask(method, path, Some(body)).await;
        assert_eq!(status, 200, "{method} {path}: {answer}");
        answer
    }
}
