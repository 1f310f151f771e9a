//! What a rotation came to: a fresh backup, compared key by key with everything that could be opened.

use serde::{Deserialize, Serialize};

/// A fresh backup, and what became of the older ones. None of them was deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rotated {
    /// How many rooms have keys in the fresh backup.
    pub rooms: u64,
    /// How many room keys were read back from it and are the ones that were meant.
    pub room_keys: u64,
    /// The versions that were there before, newest first.
    pub older: Vec<OlderVersion>,
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
