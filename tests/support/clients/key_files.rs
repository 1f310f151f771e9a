//! Makes and reads files of exported room keys with other programs than the engine.

use matrix_sdk::{config::SyncSettings, ruma::events::room::message::RoomMessageEventContent};
use matrix_sdk_crypto::{encrypt_room_key_export, olm::ExportedRoomKey};
use matrixbackup::{
    domain::secret::Secret,
    protocol::messages::{Command, Event},
};
use serde_json::{Value, json};

use crate::support::{account::Account, native_client, verifier, visit::Visit};

/// The passphrase of every file.
pub const PASSPHRASE: &str = "the file's own passphrase";

/// Makes a file as the SDK does, with few rounds of PBKDF2.
pub fn file_of(keys: &[ExportedRoomKey]) -> String {
    encrypt_room_key_export(keys, PASSPHRASE, 10).unwrap()
}

/// Makes a file that holds this text.
pub fn file_saying(text: &str) -> String {
    let answer = other_client(json!({"do": "seal", "text": text, "passphrase": PASSPHRASE, "rounds": 10}));
    answer["file"].as_str().unwrap().to_owned()
}

/// Asks another client (`tests/interop/key_files.mjs`).
pub fn other_client(question: Value) -> Value {
    verifier::ask("interop/key_files.mjs", &question)
}

/// Has matrix-js-sdk write messages and export their keys; returns the file and the messages.
pub fn exported_by_js_sdk(account: &Account, texts: &[&str]) -> (String, Value) {
    let answer = other_client(json!({
        "do": "export", "homeserver": account.homeserver, "user": account.user_id,
        "password": account.password, "passphrase": PASSPHRASE, "texts": texts,
    }));
    (answer["file"].as_str().unwrap().to_owned(), answer["events"].clone())
}

/// Has matrix-js-sdk read messages with nothing but a file. Returns how many it could not read before, and how many it
/// could read after.
pub fn read_by_js_sdk(account: &Account, file: &str, events: &Value) -> (u64, u64) {
    let answer = other_client(json!({
        "do": "read", "homeserver": account.homeserver, "user": account.user_id,
        "password": account.password, "passphrase": PASSPHRASE, "file": file, "events": events,
    }));
    (answer["sealed"].as_u64().unwrap(), answer["read"].as_u64().unwrap())
}

/// Has matrix-sdk write messages and export their keys; returns the file and the messages.
pub async fn exported_by_sdk(account: &Account, texts: &[&str]) -> (String, Value) {
    let client = native_client::sign_in(account.as_device(None, None)).await.unwrap();
    let room = native_client::make_room(&client, None).await.unwrap();
    client.sync_once(SyncSettings::default()).await.unwrap();
    let mut events = Vec::new();
    for text in texts {
        let sent = room.send(RoomMessageEventContent::text_plain(*text)).await.unwrap();
        events.push(json!({"roomId": room.room_id(), "eventId": sent.response.event_id, "text": text}));
    }
    let name = format!("{}.keys", account.user_id.trim_start_matches('@').replace(':', "-"));
    let path = std::env::temp_dir().join(name);
    client.encryption().export_room_keys(path.clone(), PASSPHRASE, |_| true).await.unwrap();
    let file = std::fs::read_to_string(&path).unwrap();
    std::fs::remove_file(path).unwrap();
    client.logout().await.unwrap();
    (file, Value::Array(events))
}

impl Visit {
    /// Sends a file as the page does.
    pub async fn send_file(&mut self, file: &str) {
        // Even of an empty file a first piece comes.
        let begin = Command::FilePart { first: true, bytes: Vec::new().into() };
        assert_eq!(self.tell(begin).await, []);
        for piece in file.as_bytes().chunks(1024 * 1024) {
            let piece = Command::FilePart { first: false, bytes: piece.to_vec().into() };
            assert_eq!(self.tell(piece).await, []);
        }
    }

    /// Sends a file and has its keys imported; returns the events without those of progress.
    pub async fn import(&mut self, file: &str) -> Vec<Event> {
        self.send_file(file).await;
        self.import_again().await
    }

    /// Has the keys imported of the file that was sent before.
    pub async fn import_again(&mut self) -> Vec<Event> {
        self.import_sent(PASSPHRASE).await
    }

    /// Has a file's keys imported with another passphrase.
    pub async fn import_with(&mut self, file: &str, passphrase: &str) -> Vec<Event> {
        self.send_file(file).await;
        self.import_sent(passphrase).await
    }

    async fn import_sent(&mut self, passphrase: &str) -> Vec<Event> {
        without_progress(self.tell(Command::Import { passphrase: Secret::from(passphrase) }).await)
    }

    /// Has the backup made into a file; returns the file and the last event.
    pub async fn take_home(&mut self) -> (String, Event) {
        let mut events =
            without_progress(self.tell(Command::TakeHome { passphrase: PASSPHRASE.into() }).await);
        let last = events.pop().unwrap();
        let piece = |event| match event {
            Event::FilePart(bytes) => {
                assert!(bytes.as_slice().len() <= 1024 * 1024);
                bytes.as_slice().to_vec()
            }
            event => panic!("{event:?}"),
        };
        let file: Vec<u8> = events.into_iter().flat_map(piece).collect();
        (String::from_utf8(file).unwrap(), last)
    }
}

fn without_progress(events: Vec<Event>) -> Vec<Event> {
    events.into_iter().filter(|event| !matches!(event, Event::Progress { .. })).collect()
}
