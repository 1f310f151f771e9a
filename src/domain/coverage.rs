//! Counts the messages whose keys are in the backup.

use serde::{Deserialize, Serialize};

/// The result for the newest encrypted messages. A message is covered if the backup's entry for its session opens
/// with what the person kept. The room key in it must start at the message's index or before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// Number of messages that were looked at.
    pub seen: u32,
    /// Number of them that are covered.
    pub covered: u32,
    /// Number of rooms in which some are not covered.
    pub rooms_with_gaps: u32,
}

impl Coverage {
    /// Tells whether every message that was looked at is covered.
    pub fn is_whole(self) -> bool {
        self.covered >= self.seen
    }
}

/// The result for one encrypted room, from its newest message back to the oldest that was looked at.
///
/// `covered`, `missing`, `unopened` and `unknown` add up to the encrypted messages that were seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomCoverage {
    /// Room ID.
    pub room_id: String,
    /// The room's name, or its members' names, cut to the length of one line; empty if it has none.
    pub name: String,
    /// Set if it is a direct chat (`m.direct`).
    pub is_direct: bool,
    /// Set if the person has left the room.
    pub is_left: bool,
    /// Messages whose keys are in the backup, and opened with what the person kept.
    pub covered: u64,
    /// Messages that the person could read when they were sent, and whose keys are not in the backup.
    pub missing: u64,
    /// Messages whose session has an entry that is of no use. It does not open with what the person kept, holds
    /// another session's key, or opens later messages only.
    pub unopened: u64,
    /// Those of the unopened messages whose keys this page can read and put back whole; other apps cannot read them.
    pub mendable: u64,
    /// Number of room keys that the covered messages need: one for each session.
    pub keys: u64,
    /// Messages without a key that were never meant for this person: sent before they joined.
    pub unknown: u64,
    /// Details of the missing messages, if there are any.
    pub gap: Option<Gap>,
    /// Time of the oldest message that was looked at, in milliseconds since 1970, by the server's clock. `None` if
    /// the room showed no message.
    pub reached_ms: Option<u64>,
    /// Set if the room's beginning was reached; otherwise the page can look further back.
    pub is_whole: bool,
    /// Set if the server kept the page from looking as far back as it meant to.
    pub trouble: bool,
}

/// The missing messages of one room.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// Time of the oldest one, in milliseconds since 1970, by the server's clock.
    pub from_ms: u64,
    /// Time of the newest one, likewise.
    pub to_ms: u64,
    /// Matrix IDs of those who sent most of them: at most three, most messages first.
    pub senders: Vec<String>,
    /// Number of other people who sent some.
    pub more_senders: u64,
}

/// The sum over several rooms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Number of rooms.
    pub rooms: u64,
    /// Rooms without a missing or unopened message that were looked at without trouble.
    pub whole_rooms: u64,
    /// Covered messages.
    pub covered: u64,
    /// Missing messages.
    pub missing: u64,
    /// Unopened messages.
    pub unopened: u64,
    /// Those of the unopened messages whose keys this page can put back whole.
    pub mendable: u64,
    /// Number of room keys that the covered messages need.
    pub keys: u64,
    /// Messages that were never meant for this person.
    pub unknown: u64,
    /// Rooms whose beginning was reached.
    pub to_beginning: u64,
    /// The time back to which all other rooms were looked at, in milliseconds since 1970. `None` if there are no
    /// others, or one of them showed no message.
    pub reached_ms: Option<u64>,
    /// Set if the beginning of some room was not reached.
    pub goes_further: bool,
    /// Number of rooms that could not be looked at as far back as was meant.
    pub troubled: u64,
}

impl Tally {
    /// Adds up the rooms.
    pub fn of(rooms: &[RoomCoverage]) -> Self {
        let mut tally = Self::default();
        for room in rooms {
            tally.rooms += 1;
            tally.whole_rooms += u64::from(room.missing + room.unopened == 0 && !room.trouble);
            tally.covered += room.covered;
            tally.missing += room.missing;
            tally.unopened += room.unopened;
            tally.mendable += room.mendable;
            tally.keys += room.keys;
            tally.unknown += room.unknown;
            tally.to_beginning += u64::from(room.is_whole);
            tally.goes_further |= !room.is_whole;
            tally.troubled += u64::from(room.trouble);
        }
        let others = || rooms.iter().filter(|room| !room.is_whole).map(|room| room.reached_ms);
        tally.reached_ms =
            if others().all(|reached| reached.is_some()) { others().flatten().max() } else { None };
        tally
    }

    /// Tells whether no message that was looked at is missing or unopened, and no room had trouble.
    pub fn has_no_gaps(self) -> bool {
        self.missing + self.unopened == 0 && self.troubled == 0
    }
}
