//! The outcome of a visit.

use super::{harvest::Harvest, visit::Visit};

/// The outcome of a visit.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Nothing was written.
    NothingChanged,
    /// Nothing was written, and the key was seen to open everything.
    Checked(Box<Harvest>),
    /// Something was changed. If everything fits, this is the evidence.
    Changed(Option<Box<Harvest>>),
    /// Backup is on; this is the evidence.
    BackupOn(Box<Harvest>),
    /// The last screen was reached, which shows all of this.
    Done(Box<Harvest>),
}

impl Visit {
    /// The outcome if the visit ended now.
    pub(in crate::guide) fn outcome(&self) -> Outcome {
        let harvest = self.proved().map(|proved| Harvest::new(Box::new(self.clone()), proved.clone()));
        match (harvest, self.has_changed_nothing()) {
            (harvest, false) => Outcome::Changed(harvest),
            (Some(harvest), true) => Outcome::Checked(harvest),
            (None, true) => Outcome::NothingChanged,
        }
    }
}

impl Harvest {
    /// The outcome if the visit ended now, before the last screen was reached.
    pub(in crate::guide) fn outcome(&self) -> Outcome {
        let harvest = Box::new(self.clone());
        if self.visit.has_changed_nothing() { Outcome::Checked(harvest) } else { Outcome::BackupOn(harvest) }
    }
}
