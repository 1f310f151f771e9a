//! Messages that were looked at, by room.

use crate::domain::{coverage::RoomCoverage, problem::Problem};

/// Which messages are covered, room by room.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// The rooms that were looked at.
    pub rooms: Vec<RoomCoverage>,
    /// When the last look came to its end, in milliseconds since 1970.
    pub at_ms: Option<u64>,
    /// What the server called the backup's content that was looked at.
    pub etag: String,
    /// Whether a look further back could tell more.
    pub more: bool,
    /// Whether the person wants no look further back for now.
    pub paused: bool,
    /// Why the look further back could not go on.
    pub trouble: Option<Problem>,
}

impl Survey {
    /// Whether the look further back rests until the person wants it to go on.
    pub fn rests(&self) -> bool {
        self.paused || self.trouble.is_some()
    }

    /// Adds a room, or what was seen of it after looking further.
    pub(in crate::guide) fn add(&mut self, room: RoomCoverage) {
        match self.rooms.iter_mut().find(|known| known.room_id == room.room_id) {
            Some(known) => *known = room,
            None => self.rooms.push(room),
        }
    }
}
