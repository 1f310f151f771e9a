//! The entries of the backup, by room and session, as they came.
//!
//! They are opened only where a message needs them ([`super::entry`]), and dropped once their room was looked at.

use std::{collections::BTreeMap, rc::Rc};

use matrix_sdk::ruma::{
    OwnedRoomId,
    api::client::backup::{get_backup_keys, get_backup_keys_for_room},
};
use matrix_sdk_crypto::{store::types::BackupDecryptionKey, vodozemac::megolm::MegolmMessage};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::entry::SeenEntry;
use crate::{
    domain::account::Backup,
    engine::{
        keys::room_keys::{BackupKey, Pairs},
        net::{
            failure::{Failure, Limits},
            homeserver::Homeserver,
        },
    },
};

/// The most keys with which the whole backup is read in one request, some ten megabytes. That costs a third of asking
/// room by room. A larger answer would take long without a sign of life, and memory once grown stays with the worker.
const WHOLE_UP_TO: u64 = 10_000;

/// A room's entries by session id, encrypted and unchecked.
pub(super) type Entries = BTreeMap<Box<str>, Box<RawValue>>;

/// A version's entries as they were at one time, or the way to them, and the key that opens them.
pub(super) struct Held {
    /// The version's name.
    pub(super) version: String,
    /// The version's etag at that time.
    pub(super) etag: String,
    key: BackupKey,
    /// The entries of every room; `None` if they are asked for room by room.
    whole: Option<BTreeMap<String, Rc<Entries>>>,
}

/// One room in an answer. The entries' values stay unread here: anything may stand there.
#[derive(Deserialize)]
struct Room<'a> {
    #[serde(borrow)]
    sessions: Pairs<'a>,
}

impl Held {
    /// Prepares a version's entries; reads them at once if there are few enough.
    ///
    /// # Errors
    /// The request's [`Failure`].
    pub(super) async fn read(
        server: &Homeserver,
        backup: Backup,
        key: &BackupDecryptionKey,
    ) -> Result<Self, Failure> {
        let Backup { version, etag, count, .. } = backup;
        let whole = if count > WHOLE_UP_TO {
            None
        } else {
            let request = get_backup_keys::v3::Request::new(version.clone());
            Some(entries_of_all(&server.fetch_whole_backup(request).await?)?)
        };
        Ok(Self { version, etag, key: key.into(), whole })
    }

    /// Returns the entries of one room, from the server if need be.
    ///
    /// # Errors
    /// The request's [`Failure`].
    pub(super) async fn of_room(
        &self,
        server: &Homeserver,
        room_id: &OwnedRoomId,
    ) -> Result<Rc<Entries>, Failure> {
        match &self.whole {
            Some(rooms) => Ok(rooms.get(room_id.as_str()).map(Rc::clone).unwrap_or_default()),
            None => {
                let version = self.version.clone();
                let request = get_backup_keys_for_room::v3::Request::new(version, room_id.clone());
                entries(&server.fetch(request, Limits::WHOLE_BACKUP).await?).map(Rc::new)
            }
        }
    }

    /// Looks at a session's entry among those of its room, with a new message of the session if there is one.
    pub(super) fn look(
        &self,
        entries: &Entries,
        session_id: &str,
        known: &mut SeenEntry,
        message: Option<&MegolmMessage>,
    ) {
        known.look(session_id, entries.get(session_id).map(|entry| &**entry), &self.key, message);
    }

    /// Drops the entries, once no room is looked at any more.
    pub(super) fn let_go(&mut self) {
        self.whole = None;
    }
}

pub(super) fn entries_of_all(answer: &[u8]) -> Result<BTreeMap<String, Rc<Entries>>, Failure> {
    #[derive(Deserialize)]
    struct Answer<'a> {
        #[serde(borrow)]
        rooms: Pairs<'a>,
    }
    let answer: Answer<'_> = serde_json::from_slice(answer).map_err(|_| Failure::Garbled)?;
    let rooms = answer.rooms.0.into_iter();
    // A malformed room counts as empty.
    Ok(rooms
        .map(|(id, room)| (id.0.into_owned(), entries(room.get().as_bytes()).unwrap_or_default().into()))
        .collect())
}

pub(super) fn entries(answer: &[u8]) -> Result<Entries, Failure> {
    let room: Room<'_> = serde_json::from_slice(answer).map_err(|_| Failure::Garbled)?;
    let entries = room.sessions.0.into_iter();
    Ok(entries.map(|(session_id, entry)| (session_id.0.into(), entry.to_owned())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_may_be_anything_and_hides_no_other() {
        let answer = br#"{"sessions": {
            "good": {"first_message_index": 3, "session_data": {"ciphertext": "x"}},
            "none": {}, "null": null, "text": "0", "list": [{}], "deep": {"a": {"b": [1.5e3, "\u0041"]}}
        }}"#;
        let entries = entries(answer).unwrap();
        assert_eq!(
            entries.keys().map(|key| &**key).collect::<Vec<_>>(),
            ["deep", "good", "list", "none", "null", "text"]
        );
        let key = BackupDecryptionKey::new();
        let backup_key = BackupKey::from(&key);
        for (session_id, entry) in &entries {
            let mut known = SeenEntry::default();
            known.look(session_id, Some(entry), &backup_key, None);
            assert_eq!(known.entry, super::super::entry::Entry::Closed, "{session_id}");
        }
    }

    #[test]
    fn a_room_that_cannot_be_read_is_empty_and_hides_no_other() {
        let answer = br#"{"rooms": {
            "!bad": 7, "!worse": {"sessions": []},
            "!good": {"sessions": {"one": {"first_message_index": 0}}}
        }}"#;
        let rooms = entries_of_all(answer).unwrap();
        assert_eq!(rooms.values().map(|room| room.len()).collect::<Vec<_>>(), [0, 1, 0]);
        for cut in [&b""[..], b"null", b"{}", br#"{"rooms": {"!a": {"sessions"#] {
            assert!(entries_of_all(cut).is_err());
            assert!(entries(cut).is_err());
        }
    }

    /// If a room or a session comes twice, the last one counts, as for every reader of JSON.
    #[test]
    fn what_comes_twice_counts_once() {
        let answer =
            br#"{"rooms": {"!a": {"sessions": {"one": 7}}, "!a": {"sessions": {"one": 5, "one": 3}}}}"#;
        let rooms = entries_of_all(answer).unwrap();
        assert_eq!(rooms.len(), 1);
        assert_eq!(rooms["!a"]["one"].get(), "3");
    }
}
