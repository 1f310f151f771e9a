//! The messages of one session that were seen, as ranges: what is kept does not grow with a conversation, and can be
//! held against another entry later.

use std::rc::Rc;

use super::entry::{Counts, Entry, Known};

/// A session of a room.
#[derive(Default)]
pub(super) struct Seen {
    /// What the backup has of it.
    pub(super) known: Known,
    ranges: Vec<Range>,
}

/// Neighbouring messages, which the entry that was there when they were seen treated alike.
pub(super) struct Range {
    /// Who sent them.
    pub(super) sender: Rc<str>,
    /// Whether they were meant for this person, too.
    pub(super) was_theirs: bool,
    first: u32,
    last: u32,
    /// When the oldest was sent, in milliseconds since 1970.
    pub(super) from_ms: u64,
    /// When the newest was.
    pub(super) to_ms: u64,
}

impl Seen {
    /// Adds a message; whether that took a range of its own.
    pub(super) fn add(&mut self, index: u32, sender: &Rc<str>, was_theirs: bool, at_ms: u64) -> bool {
        let entry = self.known.entry;
        // Messages come one after the other: only the last range can have them as neighbours.
        if let Some(range) = self.ranges.last_mut()
            && *range.sender == **sender
            && range.was_theirs == was_theirs
            && range.take_in(index, entry)
        {
            range.from_ms = range.from_ms.min(at_ms);
            range.to_ms = range.to_ms.max(at_ms);
            return false;
        }
        let sender = Rc::clone(sender);
        let range = Range { sender, was_theirs, first: index, last: index, from_ms: at_ms, to_ms: at_ms };
        self.ranges.push(range);
        true
    }

    /// Each range with what the entry that is known now does for it.
    pub(super) fn counts(&self) -> impl Iterator<Item = (&Range, Counts)> {
        let entry = self.known.entry;
        self.ranges.iter().map(move |range| (range, entry.count(range.first, range.last)))
    }
}

impl Range {
    /// Takes in a message next to it, if the entry is the same to both.
    fn take_in(&mut self, index: u32, entry: Entry) -> bool {
        if self.first.checked_sub(1) == Some(index) && entry.is_same_to(index, self.first) {
            self.first = index;
        } else if self.last.checked_add(1) == Some(index) && entry.is_same_to(index, self.last) {
            self.last = index;
        } else {
            return false;
        }
        true
    }
}
