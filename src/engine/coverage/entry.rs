//! One session's entry in the backup: opened with the key that the person kept, not taken at its word.

use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use crate::engine::room_keys::BackupKey;

/// What the backup has of a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Entry {
    /// Nothing.
    #[default]
    Absent,
    /// The session's key.
    Opens {
        /// The first message that it opens, as the key itself has it.
        from: u32,
        /// The first message that it opens, as stands beside it.
        said: u32,
        /// Whether other apps can read it as it stands there, too.
        is_whole: bool,
    },
    /// Something that does not open, or is no key of this session's.
    Closed,
}

/// What became of a range of messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Messages that the key opens.
    pub(super) covered: u64,
    /// Messages for which there is an entry that does not do what it says.
    pub(super) unopened: u64,
    /// Of these, messages whose key only this page can read.
    pub(super) mendable: u64,
    /// Messages for which there is nothing.
    pub(super) absent: u64,
}

/// An entry that was looked at. One that has not changed is not opened again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Known {
    /// What it is worth.
    pub(super) entry: Entry,
    /// Tells one text from another; nothing for no text.
    print: [u8; 16],
}

impl Entry {
    /// Of the messages of a session from one index to another, both included: which of them this opens.
    pub(super) fn count(self, first: u32, last: u32) -> Counts {
        let (first, end) = (u64::from(first), u64::from(last) + 1);
        let all = end.saturating_sub(first);
        match self {
            Self::Absent => Counts { absent: all, ..Counts::default() },
            Self::Closed => Counts { unopened: all, ..Counts::default() },
            Self::Opens { from, said, is_whole } => {
                let (from, said) = (u64::from(from), u64::from(said).min(u64::from(from)));
                let opened = end.saturating_sub(first.max(from));
                let absent = end.min(said).saturating_sub(first);
                let (covered, mendable) = if is_whole { (opened, 0) } else { (0, opened) };
                Counts { covered, absent, unopened: all - covered - absent, mendable }
            }
        }
    }

    /// Whether it is the same to a message as to its neighbour.
    pub(super) fn is_same_to(self, index: u32, neighbour: u32) -> bool {
        self.count(index, index) == self.count(neighbour, neighbour)
    }
}

impl Known {
    /// Looks at what stands in the backup now.
    pub(super) fn look(&mut self, session_id: &str, now: Option<&RawValue>, key: &BackupKey) {
        let Some(now) = now else {
            *self = Self::default();
            return;
        };
        let print = print(now.get());
        if *self == Self::default() || self.print != print {
            *self = Self { entry: open(session_id, now, key), print };
        }
    }
}

/// What an entry is worth: whatever does not open with this key, or opens to something else than a key of this very
/// session, is nothing.
fn open(session_id: &str, entry: &RawValue, key: &BackupKey) -> Entry {
    #[derive(Deserialize)]
    struct Said {
        first_message_index: Option<u64>,
    }
    let Some(opened) = key.open(session_id, entry) else { return Entry::Closed };
    let from = opened.first_message_index();
    let said = serde_json::from_str::<Said>(entry.get()).ok().and_then(|said| said.first_message_index);
    let said = said.and_then(|said| u32::try_from(said).ok()).unwrap_or(from);
    Entry::Opens { from, said, is_whole: opened.was_whole() }
}

fn print(text: &str) -> [u8; 16] {
    let digest = Sha256::digest(text);
    let mut print = [0; 16];
    print.iter_mut().zip(digest.iter()).for_each(|(to, from)| *to = *from);
    print
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_message_counts_once_by_what_the_key_itself_opens() {
        let opens = |from, said| Entry::Opens { from, said, is_whole: true };
        for (entry, first, last, covered, unopened, absent) in [
            (Entry::Absent, 3, 7, 0, 0, 5),
            (Entry::Closed, 3, 7, 0, 5, 0),
            (opens(0, 0), 3, 7, 5, 0, 0),
            (opens(3, 3), 3, 7, 5, 0, 0),
            (opens(5, 5), 3, 7, 3, 0, 2),
            (opens(8, 8), 3, 7, 0, 0, 5),
            // It says that it opens more than it does: what it says so of is not merely missing.
            (opens(5, 0), 3, 7, 3, 2, 0),
            (opens(5, 4), 3, 7, 3, 1, 1),
            (opens(9, 0), 3, 7, 0, 5, 0),
            // Less: what opens, opens.
            (opens(2, 6), 3, 7, 5, 0, 0),
            (opens(0, 0), 0, u32::MAX, 1 << 32, 0, 0),
            (opens(u32::MAX, 1), 0, u32::MAX, 1, (1 << 32) - 2, 1),
        ] {
            let counts = entry.count(first, last);
            let expected = Counts { covered, unopened, absent, mendable: 0 };
            assert_eq!(counts, expected, "{entry:?} {first} {last}");
            // What only this page can read is not covered.
            if let Entry::Opens { from, said, .. } = entry {
                let counts = Entry::Opens { from, said, is_whole: false }.count(first, last);
                let unopened = covered + unopened;
                assert_eq!(counts, Counts { covered: 0, unopened, absent, mendable: covered });
            }
        }
    }

    #[test]
    fn neighbours_are_the_same_where_nothing_changes_between_them() {
        let entry = Entry::Opens { from: 5, said: 3, is_whole: true };
        let same = (0..7).map(|index| entry.is_same_to(index, index + 1)).collect::<Vec<_>>();
        assert_eq!(same, [true, true, false, true, false, true, true]);
    }
}
