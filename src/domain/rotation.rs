//! A fresh backup, compared key by key with everything that could be opened: what it came to.

use serde::{Deserialize, Serialize};

/// What was found in one backup version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// Rooms with at least one key that opened.
    pub rooms: u64,
    /// Keys that opened and belong to the session they stand under.
    pub keys: u64,
    /// Of these, the ones that open messages which no version read before could open.
    pub gained: u64,
    /// Entries that did not open, or hold something else than their session's key.
    pub unreadable: u64,
    /// Keys that contradict the one from a version read before, which is kept: both cannot be true.
    pub conflicting: u64,
}

/// One room of the new version, read back: numbers of keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomTally {
    /// The room's id.
    pub room_id: String,
    /// How many were to be there.
    pub expected: u64,
    /// How many of these are, and open what they were to open.
    pub found: u64,
}

/// Whether every key that was to be there is.
pub fn is_complete(rooms: &[RoomTally]) -> bool {
    rooms.iter().all(|room| room.found == room.expected)
}

/// A fresh backup, and what became of the older ones. None of them was deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rotated {
    /// How many rooms have keys in the fresh backup.
    pub rooms: u64,
    /// How many room keys were read back from it and are the ones that were meant.
    pub room_keys: u64,
    /// The versions that were there before, newest first.
    pub older: Vec<OlderVersion>,
    /// Whether there may be more of them than could be found; these stay as they are.
    pub maybe_more: bool,
}

/// A version that was there before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OlderVersion {
    /// The server's name for it.
    pub version: String,
    /// How many room keys it holds.
    pub room_keys: u64,
    /// How many of them could be opened; all of these are in the fresh backup.
    pub opened: u64,
}

impl Rotated {
    /// The versions whose every key is in the fresh backup, or that never held one: nothing is lost with them.
    pub fn superseded(&self) -> impl Iterator<Item = &OlderVersion> {
        self.older.iter().filter(|older| older.opened >= older.room_keys)
    }

    /// How many keys lie in older versions that nothing here could open.
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
