//! The seen messages of one session, as ranges: they do not grow with a conversation, and can be compared with another
//! entry later.

use std::rc::Rc;

use super::entry::{Counts, Entry, SeenEntry};

/// A session of a room.
#[derive(Default)]
pub(super) struct Seen {
    /// The session's entry in the backup.
    pub(super) known: SeenEntry,
    ranges: Vec<Range>,
}

/// Neighbouring messages, for which the entry at that time did the same.
pub(super) struct Range {
    /// Their sender.
    pub(super) sender: Rc<str>,
    /// True if they were encrypted for this person, too.
    pub(super) was_theirs: bool,
    first: u32,
    last: u32,
    /// The time of the oldest, in milliseconds since 1970.
    pub(super) from_ms: u64,
    /// The time of the newest, in milliseconds since 1970.
    pub(super) to_ms: u64,
}

impl Seen {
    /// Adds a message; returns whether that took a range of its own.
    pub(super) fn add(&mut self, index: u32, sender: &Rc<str>, was_theirs: bool, at_ms: u64) -> bool {
        let entry = self.known.entry;
        // Messages come in order, so that only the last range can be their neighbour.
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

    /// Tells whether this session's key covers any message.
    pub(super) fn is_needed(&self) -> bool {
        self.counts().any(|(_, counts)| counts.covered > 0)
    }

    /// Returns each range with the counts that the present entry gives it.
    pub(super) fn counts(&self) -> impl Iterator<Item = (&Range, Counts)> {
        let entry = self.known.entry;
        self.ranges.iter().map(move |range| (range, entry.count(range.first, range.last)))
    }
}

impl Range {
    /// Takes in a neighbouring message if the entry does the same for it.
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

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    fn any_entry() -> impl Strategy<Value = Entry> {
        prop_oneof![
            Just(Entry::Absent),
            Just(Entry::Closed),
            (0..9u32, 0..9u32, any::<bool>()).prop_map(|(from, said, is_proved)| Entry::Opens {
                from,
                said,
                is_whole: true,
                is_proved
            }),
        ]
    }

    fn sum(counts: impl Iterator<Item = Counts>) -> [u64; 3] {
        counts.fold([0; 3], |[covered, unopened, absent], counts| {
            [covered + counts.covered, unopened + counts.unopened, absent + counts.absent]
        })
    }

    proptest! {
        /// Ranges count the same as their messages, whatever the backup has then and later.
        #[test]
        fn each_message_counts_once_then_and_later(
            (then, later) in (any_entry(), any_entry()), messages in vec((0..9u32, 0..2usize, any::<bool>()), 0..40),
        ) {
            let senders = ["@a:hs", "@b:hs"].map(Rc::<str>::from);
            let mut seen = Seen::default();
            seen.known.entry = then;
            for (at_ms, (index, sender, was_theirs)) in (0..).zip(&messages) {
                seen.add(*index, &senders[*sender], *was_theirs, at_ms);
            }
            for entry in [then, later] {
                seen.known.entry = entry;
                for sender in &senders {
                    for theirs in [true, false] {
                        let of = |range: &Range| range.sender == *sender && range.was_theirs == theirs;
                        let counted = sum(seen.counts().filter(|(range, _)| of(range)).map(|(_, counts)| counts));
                        let alone = messages.iter().filter(|(_, by, was_theirs)| senders[*by] == *sender && *was_theirs == theirs);
                        prop_assert_eq!(counted, sum(alone.map(|(index, ..)| entry.count(*index, *index))));
                    }
                }
            }
        }
    }

    #[test]
    fn a_conversation_takes_one_range_for_each_session() {
        let sender = Rc::<str>::from("@a:hs");
        let mut ranges = 0;
        for _ in 0..1_000 {
            let mut seen = Seen::default();
            ranges += (0..200).rev().filter(|index| seen.add(*index, &sender, true, 7)).count();
        }
        assert_eq!(ranges, 1_000, "of 200,000 messages");
    }
}
