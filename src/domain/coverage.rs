//! Whether the keys of messages are in the backup: seen without opening anything.

use serde::{Deserialize, Serialize};

/// A look at the newest encrypted messages. An event is covered if the backup holds its session from
/// its index or before; ids and indexes are in the clear.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// How many messages were looked at.
    pub seen: u32,
    /// How many of them have their keys in the backup.
    pub covered: u32,
    /// In how many rooms some are missing.
    pub rooms_with_gaps: u32,
}

impl Coverage {
    /// Whether every message that was looked at is covered.
    pub fn is_whole(self) -> bool {
        self.covered >= self.seen
    }
}
