//! Counts the room keys that come in.

use crate::{domain::problem::Problem, guide::waits::pause_between_counts};

/// The counts of the backup's room keys, while apps may be adding some.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arrival {
    /// The last count.
    pub room_keys: u64,
    /// The `etag` of the backup at that count.
    pub etag: String,
    /// Time without a change, in milliseconds: the sum of the waits between these counts.
    pub still_ms: u32,
    /// Time since the last count, in milliseconds.
    pub waited_ms: u32,
    /// The problem of the last count, if it failed.
    pub trouble: Option<Problem>,
}

impl Arrival {
    /// Takes a count; returns the time to wait before the next one, in milliseconds.
    pub(in crate::guide) fn count(&mut self, room_keys: u64, etag: String) -> u32 {
        let is_same = room_keys == self.room_keys && (self.etag.is_empty() || etag == self.etag);
        let still_ms = if is_same { self.still_ms.saturating_add(self.waited_ms) } else { 0 };
        *self = Self { room_keys, etag, still_ms, waited_ms: 0, trouble: None };
        pause_between_counts(still_ms)
    }

    /// Takes note that a count failed. The backup may have changed meanwhile, so the time without a change begins
    /// anew.
    pub(in crate::guide) fn fail(&mut self, problem: Problem) {
        self.begin_anew();
        self.trouble = Some(problem);
    }

    /// Lets the time without a change begin anew.
    pub(in crate::guide) fn begin_anew(&mut self) {
        *self = Self { still_ms: 0, waited_ms: 0, ..std::mem::take(self) };
    }

    /// Time without a change, in seconds.
    pub fn still_for_seconds(&self) -> u32 {
        self.still_ms / 1_000
    }
}
