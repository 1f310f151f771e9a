//! The messages that were looked at, by room.

use crate::domain::{coverage::RoomCoverage, problem::Problem};

/// The messages that were looked at, by room.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// The rooms that were looked at.
    pub rooms: Vec<RoomCoverage>,
    /// Time at which the last look ended, in milliseconds since 1970.
    pub at_ms: Option<u64>,
    /// The `etag` of the backup that was looked at.
    pub etag: String,
    /// Set if some room goes back further.
    pub more: bool,
    /// Set if the person paused looking further back.
    pub paused: bool,
    /// The problem that ended looking further back.
    pub trouble: Option<Problem>,
}

impl Survey {
    /// Tells whether looking further back waits for the person.
    pub fn rests(&self) -> bool {
        self.paused || self.trouble.is_some()
    }

    /// Tells whether the page looks further back, as soon as the step lets it.
    pub(in crate::guide) fn goes_on(&self) -> bool {
        self.at_ms.is_some() && self.more && !self.rests()
    }

    /// Adds a room, or replaces what was known of it.
    pub(in crate::guide) fn add(&mut self, room: RoomCoverage) {
        match self.rooms.iter_mut().find(|known| known.room_id == room.room_id) {
            Some(known) => *known = room,
            None => self.rooms.push(room),
        }
    }
}
