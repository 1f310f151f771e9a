//! What moving room keys from old backup versions to a new one came to.

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
