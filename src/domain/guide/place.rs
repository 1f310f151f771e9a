//! What can be said about the place a person is at.

use super::{
    Guide,
    step::{Outcome, Phase, Step},
};
use crate::domain::discovery::Server;

impl Guide {
    /// Whether [`Input::WentBack`] would lead anywhere.
    pub fn can_go_back(&self) -> bool {
        match &self.step {
            Step::Server { .. }
            | Step::Discovering { .. }
            | Step::Phrase { .. }
            | Step::Repeat { .. }
            | Step::Save { .. }
            | Step::Prove { .. }
            | Step::Confirm { .. } => true,
            Step::Resume { trying, .. } => trying.is_none(),
            Step::SignIn { waiting, .. } => !waiting,
            Step::Intro
            | Step::Looking { .. }
            | Step::Findings { .. }
            | Step::MakingKey { .. }
            | Step::Writing { .. }
            | Step::OldKeys { .. }
            | Step::SigningOut { .. }
            | Step::Finished { .. }
            | Step::Stopped { .. } => false,
        }
    }

    /// Whether the person is signed in and may end the visit here without harm.
    pub fn can_sign_out(&self) -> bool {
        self.outcome().is_some()
    }

    /// Whether the page can still promise that the account is as it was.
    pub fn has_changed_nothing(&self) -> bool {
        match &self.step {
            Step::Intro
            | Step::Server { .. }
            | Step::Discovering { .. }
            | Step::SignIn { .. }
            | Step::Looking { .. }
            | Step::Findings { .. }
            | Step::Phrase { .. }
            | Step::Repeat { .. }
            | Step::MakingKey { .. }
            | Step::Save { .. }
            | Step::Prove { .. }
            | Step::Confirm { .. } => true,
            Step::Resume { trying, .. } => trying.is_none(),
            Step::Writing { .. }
            | Step::OldKeys { .. }
            | Step::SigningOut { .. }
            | Step::Finished { .. }
            | Step::Stopped { .. } => false,
        }
    }

    /// Whether something would be lost if the tab were closed now.
    pub fn has_something_to_lose(&self) -> bool {
        match &self.step {
            Step::Intro
            | Step::Server { .. }
            | Step::Discovering { .. }
            | Step::Finished { .. }
            | Step::Stopped { .. } => false,
            Step::SignIn { waiting, .. } => *waiting,
            Step::Looking { .. }
            | Step::Findings { .. }
            | Step::Phrase { .. }
            | Step::Repeat { .. }
            | Step::MakingKey { .. }
            | Step::Save { .. }
            | Step::Prove { .. }
            | Step::Resume { .. }
            | Step::Confirm { .. }
            | Step::Writing { .. }
            | Step::OldKeys { .. }
            | Step::SigningOut { .. } => true,
        }
    }

    /// The homeserver this page is locked to, once it is.
    pub fn locked_to(&self) -> Option<&Server> {
        match &self.step {
            Step::SignIn { server, .. } | Step::Looking { server, .. } => Some(server),
            Step::Findings { visit, .. }
            | Step::Phrase { visit, .. }
            | Step::Repeat { visit, .. }
            | Step::MakingKey { visit, .. }
            | Step::Save { visit, .. }
            | Step::Prove { visit, .. }
            | Step::Resume { visit, .. }
            | Step::Confirm { visit, .. }
            | Step::Writing { visit, .. }
            | Step::OldKeys { visit, .. } => Some(&visit.server),
            Step::Intro
            | Step::Server { .. }
            | Step::Discovering { .. }
            | Step::SigningOut { .. }
            | Step::Finished { .. }
            | Step::Stopped { .. } => None,
        }
    }

    /// The part of the way the person is on.
    pub fn phase(&self) -> Phase {
        match &self.step {
            Step::Intro => Phase::Start,
            Step::Server { .. } | Step::Discovering { .. } | Step::SignIn { .. } => Phase::SignIn,
            Step::Looking { .. } | Step::Findings { .. } => Phase::Findings,
            Step::Phrase { .. }
            | Step::Repeat { .. }
            | Step::MakingKey { .. }
            | Step::Save { .. }
            | Step::Resume { .. }
            | Step::Prove { .. } => Phase::Key,
            Step::Confirm { .. } | Step::Writing { .. } => Phase::TurnOn,
            Step::OldKeys { .. } => Phase::OldMessages,
            Step::SigningOut { .. } | Step::Finished { .. } | Step::Stopped { .. } => Phase::Finish,
        }
    }

    /// What ending the visit now would leave; `None` where it cannot be ended.
    pub(super) fn outcome(&self) -> Option<Outcome> {
        match &self.step {
            Step::Findings { .. }
            | Step::Phrase { .. }
            | Step::Repeat { .. }
            | Step::Save { .. }
            | Step::Prove { .. }
            | Step::Confirm { .. } => Some(Outcome::NothingChanged),
            Step::Resume { trying, .. } => trying.is_none().then_some(Outcome::NothingChanged),
            Step::OldKeys { proved, .. } => Some(Outcome::BackupOn(proved.clone())),
            Step::Intro
            | Step::Server { .. }
            | Step::Discovering { .. }
            | Step::SignIn { .. }
            | Step::Looking { .. }
            | Step::MakingKey { .. }
            | Step::Writing { .. }
            | Step::SigningOut { .. }
            | Step::Finished { .. }
            | Step::Stopped { .. } => None,
        }
    }
}
