//! The phases of the way, which the page lists.

use super::{CopyHome, Harvest};

/// A phase of the way; the page lists those that the way at hand has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Reading what the page does, naming the account, and signing in.
    #[default]
    SignIn,
    /// Reading what the account has.
    Account,
    /// Entering, making or changing a recovery key, and all that is written with it.
    Key,
    /// Bringing in the keys of old messages, and looking at them.
    OldMessages,
    /// Taking home a copy of the backup.
    Copy,
    /// Checking everything, and signing out.
    Done,
}

/// All phases, in order.
const PHASES: [Phase; 6] =
    [Phase::SignIn, Phase::Account, Phase::Key, Phase::OldMessages, Phase::Copy, Phase::Done];

impl Phase {
    /// All phases, in order.
    pub(in crate::guide) fn all() -> Vec<Self> {
        PHASES.to_vec()
    }

    /// The phases of a way that ends: those that it went through. `has_key`: a recovery key was entered or made.
    pub(in crate::guide) fn went_through(harvest: Option<&Harvest>, has_key: bool) -> Vec<Self> {
        let went_through = |phase: &Self| match phase {
            Self::SignIn | Self::Account | Self::Done => true,
            Self::Key => has_key,
            Self::OldMessages => harvest.is_some_and(|harvest| harvest.survey.at_ms.is_some()),
            Self::Copy => {
                harvest.is_some_and(|harvest| matches!(harvest.copy, CopyHome::Taken(_) | CopyHome::Older))
            }
        };
        PHASES.into_iter().filter(went_through).collect()
    }
}
