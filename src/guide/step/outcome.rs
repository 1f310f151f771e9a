//! The outcome of a visit.

use super::{harvest::Harvest, visit::Visit};
use crate::domain::proved::Proved;

/// The outcome of a visit.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Nothing was written.
    NothingChanged,
    /// Nothing was written, and the key was seen to open everything.
    Checked(Proved),
    /// Something was changed. If everything fits, this is the evidence.
    Changed(Option<Proved>),
    /// Backup is on; this is the evidence.
    BackupOn(Proved),
    /// The last screen was reached, which shows all of this.
    Done(Box<Harvest>),
}

impl Visit {
    /// The outcome if the visit ended now.
    pub(in crate::guide) fn outcome(&self) -> Outcome {
        match (self.proved().cloned(), self.is_as_it_was()) {
            (proved, false) => Outcome::Changed(proved),
            (Some(proved), true) => Outcome::Checked(proved),
            (None, true) => Outcome::NothingChanged,
        }
    }
}
