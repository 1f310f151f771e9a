//! Room keys that come in and are counted.

use crate::{domain::problem::Problem, guide::waits::pause_between_counts};

/// How the number of saved room keys develops.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arrival {
    /// The last number seen.
    pub room_keys: u64,
    /// What the server called that content.
    pub etag: String,
    /// How many counts in a row have brought the same number.
    pub unchanged: u32,
    /// For how long it has been the same, in milliseconds: the waits between these counts.
    pub still_ms: u32,
    /// How long was waited since the last count, in milliseconds.
    pub waited_ms: u32,
    /// Why the last count failed, if it did.
    pub trouble: Option<Problem>,
}

impl Arrival {
    /// Takes a count; how long to wait before the next one, in milliseconds.
    pub(in crate::guide) fn count(&mut self, room_keys: u64, etag: String) -> u32 {
        let is_same = room_keys == self.room_keys && (self.etag.is_empty() || etag == self.etag);
        let unchanged = if is_same { self.unchanged.saturating_add(1) } else { 0 };
        let still_ms = if is_same { self.still_ms.saturating_add(self.waited_ms) } else { 0 };
        *self = Self { room_keys, etag, unchanged, still_ms, waited_ms: 0, trouble: None };
        pause_between_counts(unchanged)
    }

    /// A count failed: what happened meanwhile is not known.
    pub(in crate::guide) fn fail(&mut self, problem: Problem) {
        *self =
            Self { unchanged: 0, still_ms: 0, waited_ms: 0, trouble: Some(problem), ..std::mem::take(self) };
    }

    /// Whether nothing has come in for half a minute.
    pub fn is_resting(&self) -> bool {
        self.still_for_seconds() >= 30
    }

    /// For how many seconds, roughly, the number has been the same.
    pub fn still_for_seconds(&self) -> u32 {
        self.still_ms / 1_000
    }
}
