//! The result of a rotation: a fresh backup, compared key by key with all older versions.

use serde::{Deserialize, Serialize};

/// The result of reading one backup version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// Rooms with at least one key that opened.
    pub rooms: u64,
    /// Keys that opened and belong to the session whose entry they are in.
    pub keys: u64,
    /// Those of them that open messages which no version read before could open.
    pub gained: u64,
    /// Entries that did not open, or do not hold their session's key.
    pub unreadable: u64,
    /// Keys that contradict the one of a version read before, which is kept.
    pub conflicting: u64,
}

/// Counts the keys of one room that were read back from the fresh backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomTally {
    /// Room ID.
    pub room_id: String,
    /// Number of keys that were written.
    pub expected: u64,
    /// Number of them that are there, and open the same messages.
    pub found: u64,
}

/// Tells whether every key that was written is there.
pub fn is_complete(rooms: &[RoomTally]) -> bool {
    rooms.iter().all(|room| room.found == room.expected)
}

/// The fresh backup, and what it took over from the older versions. None of these was deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rotated {
    /// Number of rooms that have keys in the fresh backup.
    pub rooms: u64,
    /// Number of room keys that were read back from it and are right.
    pub room_keys: u64,
    /// The older versions, newest first.
    pub older: Vec<OlderVersion>,
    /// Set if there may be more versions than could be found; these stay as they are.
    pub maybe_more: bool,
}

/// An older backup version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OlderVersion {
    /// Version string, given by the server.
    pub version: String,
    /// Number of room keys it holds.
    pub room_keys: u64,
    /// Number of them that could be opened; all of these are in the fresh backup.
    pub opened: u64,
}

impl Rotated {
    /// The versions that can be deleted without loss: every key of theirs is in the fresh backup.
    pub fn superseded(&self) -> impl Iterator<Item = &OlderVersion> {
        self.older.iter().filter(|older| older.opened >= older.room_keys)
    }

    /// Number of keys in older versions that could not be opened.
    pub fn unreadable(&self) -> u64 {
        self.older.iter().map(|older| older.room_keys.saturating_sub(older.opened)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_missing_key_in_one_room_is_not_complete() {
        let room = |expected, found| RoomTally { room_id: "!a:b".to_owned(), expected, found };
        assert!(is_complete(&[]));
        assert!(is_complete(&[room(2, 2), room(1, 1)]));
        assert!(!is_complete(&[room(2, 2), room(2, 1), room(0, 0)]));
    }
}
