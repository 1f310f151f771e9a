//! The steps between "backup is on" and "you're safe", which a person can go to by name.

use super::Step;

/// A step of these that the person can go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Counting the room keys as they come in.
    OldKeys,
    /// Comparing emoji with an app.
    Verify,
    /// Importing a key file.
    Import,
    /// Seeing which messages are covered.
    Coverage,
    /// Taking home a copy of the whole backup.
    TakeHome,
    /// The checklist at the end.
    Done,
}

impl Step {
    /// The step's name among these.
    pub(in crate::guide) fn part(&self) -> Option<Part> {
        match self {
            Self::OldKeys { .. } => Some(Part::OldKeys),
            Self::Import { .. } => Some(Part::Import),
            Self::Coverage { .. } => Some(Part::Coverage),
            Self::TakeHome { .. } => Some(Part::TakeHome),
            Self::Done { .. } => Some(Part::Done),
            _ => None,
        }
    }
}
