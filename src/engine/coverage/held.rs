//! What the backup holds: of each session, from which message on its key opens it.
//!
//! Only that is kept; what is encrypted is let go with the answer that brought it.

use std::collections::BTreeMap;

use matrix_sdk::ruma::{
    OwnedRoomId,
    api::client::backup::{get_backup_keys, get_backup_keys_for_room},
};
use serde::Deserialize;

use crate::engine::{
    http::{Failure, Homeserver, Limits},
    room_keys::Pairs,
};

/// Up to how many keys the whole backup is read in one request, some ten megabytes. That costs a third of
/// asking room by room; but a larger answer would take long without a sign of life, and memory once grown
/// stays with the worker.
const WHOLE_UP_TO: u64 = 10_000;

/// Of each session of a room, the first message that the backup's key opens.
pub(super) type FirstIndexes = BTreeMap<String, u32>;

/// A version's sessions, or the way to them.
pub(super) enum Held {
    /// All of them.
    Whole(BTreeMap<String, FirstIndexes>),
    /// To be asked for room by room.
    ByRoom,
}

/// One room in an answer. The entries' values are read one by one: anything may stand there.
#[derive(Deserialize)]
struct Room<'a> {
    #[serde(borrow)]
    sessions: Pairs<'a>,
}

impl Held {
    /// Reads a version, if it is small enough to be read at once.
    ///
    /// # Errors
    /// The request's [`Failure`].
    pub(super) async fn read(server: &Homeserver, version: &str, count: u64) -> Result<Self, Failure> {
        if count > WHOLE_UP_TO {
            return Ok(Self::ByRoom);
        }
        let request = get_backup_keys::v3::Request::new(version.to_owned());
        first_indexes_of_all(&server.fetch_whole_backup(request).await?).map(Self::Whole)
    }

    /// The sessions of one room.
    ///
    /// # Errors
    /// The request's [`Failure`].
    pub(super) async fn of_room(
        &self,
        server: &Homeserver,
        version: &str,
        room_id: &OwnedRoomId,
    ) -> Result<FirstIndexes, Failure> {
        match self {
            // Each room is looked at once: the copy is as short-lived as an answer would be.
            Self::Whole(rooms) => Ok(rooms.get(room_id.as_str()).cloned().unwrap_or_default()),
            Self::ByRoom => {
                let request = get_backup_keys_for_room::v3::Request::new(version.to_owned(), room_id.clone());
                first_indexes(&server.fetch(request, Limits::WHOLE_BACKUP).await?)
            }
        }
    }
}

pub(super) fn first_indexes_of_all(answer: &[u8]) -> Result<BTreeMap<String, FirstIndexes>, Failure> {
    #[derive(Deserialize)]
    struct Answer<'a> {
        #[serde(borrow)]
        rooms: Pairs<'a>,
    }
    let answer: Answer<'_> = serde_json::from_slice(answer).map_err(|_| Failure::Garbled)?;
    let rooms = answer.rooms.0.into_iter();
    // What cannot be read is not there.
    Ok(rooms
        .map(|(id, room)| (id.0.into_owned(), first_indexes(room.get().as_bytes()).unwrap_or_default()))
        .collect())
}

pub(super) fn first_indexes(answer: &[u8]) -> Result<FirstIndexes, Failure> {
    #[derive(Deserialize)]
    struct Entry {
        first_message_index: u32,
    }
    let room: Room<'_> = serde_json::from_slice(answer).map_err(|_| Failure::Garbled)?;
    let entries = room.sessions.0.into_iter();
    Ok(entries
        .filter_map(|(session_id, entry)| {
            let entry: Entry = serde_json::from_str(entry.get()).ok()?;
            Some((session_id.0.into_owned(), entry.first_message_index))
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_that_cannot_be_read_is_not_there_and_hides_no_other() {
        let answer = br#"{"sessions": {
            "good": {"first_message_index": 3, "session_data": {"ciphertext": "x"}},
            "none": {}, "null": null, "text": {"first_message_index": "0"}, "negative": {"first_message_index": -1},
            "huge": {"first_message_index": 4294967296}, "last": {"first_message_index": 4294967295}
        }}"#;
        let indexes = first_indexes(answer).unwrap();
        assert_eq!(indexes, [("good".to_owned(), 3), ("last".to_owned(), u32::MAX)].into());
    }

    #[test]
    fn a_room_that_cannot_be_read_is_empty_and_hides_no_other() {
        let answer = br#"{"rooms": {
            "!bad": 7, "!worse": {"sessions": []},
            "!good": {"sessions": {"one": {"first_message_index": 0}}}
        }}"#;
        let rooms = first_indexes_of_all(answer).unwrap();
        assert_eq!(rooms.values().map(BTreeMap::len).collect::<Vec<_>>(), [0, 1, 0]);
        for cut in [&b""[..], b"null", b"{}", br#"{"rooms": {"!a": {"sessions"#] {
            assert!(first_indexes_of_all(cut).is_err());
            assert!(first_indexes(cut).is_err());
        }
    }

    /// In a room that comes twice, and a session that does, the last counts, as for every reader of JSON.
    #[test]
    fn what_comes_twice_counts_once() {
        let answer = br#"{"rooms": {"!a": {"sessions": {"one": {"first_message_index": 7}}},
            "!a": {"sessions": {"one": {"first_message_index": 5}, "one": {"first_message_index": 3}}}}}"#;
        let rooms = first_indexes_of_all(answer).unwrap();
        assert_eq!(rooms, [("!a".to_owned(), [("one".to_owned(), 3)].into())].into());
    }
}
