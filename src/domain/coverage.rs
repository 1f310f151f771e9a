//! Whether the keys of messages are in the backup.

use serde::{Deserialize, Serialize};

/// A look at the newest encrypted messages. A message is covered if the backup holds its session's key from its
/// index or before, and that key opened with what the person kept.
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

/// One encrypted room, as far as it was looked at: from its newest message back.
///
/// `covered`, `missing`, `unopened` and `unknown` add up to the encrypted messages that were seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomCoverage {
    /// The room's id.
    pub room_id: String,
    /// Its name, or its members' names; cut to a length that fits a line. Empty if it has none.
    pub name: String,
    /// Whether it is a conversation with one person.
    pub is_direct: bool,
    /// Whether the person has left it.
    pub is_left: bool,
    /// Messages whose keys are in the backup, and were opened with the key that the person kept.
    pub covered: u64,
    /// Messages the person could have read, whose keys are not there.
    pub missing: u64,
    /// Messages for which the backup has an entry that does not do what it says: it does not open with the key that
    /// the person kept, is not their session's, or opens later messages only.
    pub unopened: u64,
    /// Of the unopened ones, those whose keys this page can read and put back whole: only other apps cannot.
    pub mendable: u64,
    /// How many session keys the covered messages need.
    pub keys: u64,
    /// Messages without a key there that were never for this person's eyes: from before they joined.
    pub unknown: u64,
    /// What is known of the missing ones.
    pub gap: Option<Gap>,
    /// When the oldest message that was looked at was sent, in milliseconds since 1970, as the server says; `None`
    /// if there was none.
    pub reached_ms: Option<u64>,
    /// Whether the room's beginning was reached; otherwise one can look further back.
    pub is_whole: bool,
    /// Why the room could not be looked at to the end of what was asked for.
    pub trouble: bool,
}

/// Missing messages of one room.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// When the oldest of them was sent, in milliseconds since 1970, as the server says.
    pub from_ms: u64,
    /// When the newest was.
    pub to_ms: u64,
    /// Who sent most of them: Matrix IDs, at most three, most messages first.
    pub senders: Vec<String>,
    /// How many others sent some.
    pub more_senders: u64,
}

/// Several rooms together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// How many rooms were looked at.
    pub rooms: u64,
    /// Rooms in which nothing is missing, and everything opens.
    pub whole_rooms: u64,
    /// Messages whose keys are in the backup.
    pub covered: u64,
    /// Messages whose keys are not.
    pub missing: u64,
    /// Messages whose entries in the backup do not open.
    pub unopened: u64,
    /// Of these, those whose keys this page can put back whole.
    pub mendable: u64,
    /// How many session keys the covered messages need: all of them opened.
    pub keys: u64,
    /// Messages that were never for this person's eyes.
    pub unknown: u64,
    /// Rooms that were looked at to their beginning.
    pub to_beginning: u64,
    /// How far back each of the others was looked at: the latest of the times that these reach; `None` if there are no
    /// others, or nothing was seen of one.
    pub reached_ms: Option<u64>,
    /// Whether some room goes further back than was looked at.
    pub goes_further: bool,
    /// How many rooms could not be looked at.
    pub troubled: u64,
}

impl Tally {
    /// Adds rooms up.
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

    /// Whether nothing that was looked at is missing or does not open, and everything that should be was looked at.
    pub fn has_no_gaps(self) -> bool {
        self.missing + self.unopened == 0 && self.troubled == 0
    }
}
