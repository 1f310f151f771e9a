//! The phases of the way, which the page lists.

use super::{CopyHome, Goal, Outcome, Step};
use crate::domain::diagnosis::KeyKnown;

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

impl Step {
    /// The phase that this step belongs to.
    pub(in crate::guide) fn phase(&self) -> Phase {
        match self {
            Step::SignInAgain { place, .. } => place.step.phase(),
            // A problem belongs to the phase in which it came.
            Step::Stopped { .. } => Phase::SignIn,
            Step::Intro | Step::Server { .. } | Step::Discovering { .. } | Step::SignIn { .. } => {
                Phase::SignIn
            }
            Step::Findings { visit, .. }
                if matches!(visit.known.key, KeyKnown::Tried(_)) || !visit.written.is_empty() =>
            {
                Phase::Key
            }
            Step::Looking { .. } | Step::Findings { .. } | Step::Verify { goal: Goal::Receive(_), .. } => {
                Phase::Account
            }
            Step::Check { .. }
            | Step::Consent { .. }
            | Step::Choose { .. }
            | Step::Phrase { .. }
            | Step::Repeat { .. }
            | Step::MakingKey { .. }
            | Step::Save { .. }
            | Step::Resume { .. }
            | Step::Prove { .. }
            | Step::Confirm { .. }
            | Step::Writing { .. }
            | Step::Rotated { .. } => Phase::Key,
            Step::OldKeys { .. }
            | Step::Verify { goal: Goal::Give(_), .. }
            | Step::Import { .. }
            | Step::Coverage { .. } => Phase::OldMessages,
            Step::TakeHome { .. } => Phase::Copy,
            Step::Done { .. } | Step::SigningOut { .. } | Step::Finished { .. } => Phase::Done,
        }
    }

    /// The phases of the way that this step is on: one that ends has those that it went through.
    pub(in crate::guide) fn phases(&self) -> Vec<Phase> {
        let (harvest, has_key) = match self {
            Step::SigningOut { outcome } | Step::Finished { outcome, .. } => {
                (outcome.harvest(), !matches!(outcome, Outcome::NothingChanged))
            }
            Step::Done { harvest, .. } => (Some(&**harvest), true),
            _ => return PHASES.to_vec(),
        };
        let went_through = |phase: &Phase| match phase {
            Phase::SignIn | Phase::Account | Phase::Done => true,
            Phase::Key => has_key,
            Phase::OldMessages => harvest.is_some_and(|harvest| harvest.survey.at_ms.is_some()),
            Phase::Copy => {
                harvest.is_some_and(|harvest| matches!(harvest.copy, CopyHome::Taken(_) | CopyHome::Older))
            }
        };
        PHASES.into_iter().filter(went_through).collect()
    }
}
