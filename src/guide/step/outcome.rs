//! The outcome of a visit.

use super::{harvest::Harvest, visit::Visit};
use crate::domain::proved::Proved;

/// What the visit achieved.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Nothing was written.
    NothingChanged,
    /// Nothing was written, and the key was seen to open everything.
    Checked(Proved),
    /// Something was mended or changed; what was proved then, if everything fits.
    Changed(Option<Proved>),
    /// Backup is on, and this was proved.
    BackupOn(Proved),
    /// The last screen was reached: everything it says was seen.
    Done(Box<Harvest>),
}

impl Visit {
    /// What ending the visit now would leave.
    pub(in crate::guide) fn outcome(&self) -> Outcome {
        match (self.proved().cloned(), self.is_as_it_was()) {
            (proved, false) => Outcome::Changed(proved),
            (Some(proved), true) => Outcome::Checked(proved),
            (None, true) => Outcome::NothingChanged,
        }
    }
}
