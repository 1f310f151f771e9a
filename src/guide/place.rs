//! Answers questions about the step that the person is on.

use super::{
    Guide,
    state::{Outcome, Phase},
    step::{Finished, SigningOut, Step, Stopped},
};
use crate::domain::{config::Config, contact::Contact, discovery::Server, plan::Action, problem::Problem};

impl Guide {
    /// Tells whether [`Input::WentBack`](super::Input::WentBack) leads anywhere.
    pub fn can_go_back(&self) -> bool {
        self.step.answers().can_go_back
    }

    /// Tells whether the person is signed in and may end the visit here without harm.
    pub fn can_sign_out(&self) -> bool {
        self.outcome().is_some()
    }

    /// Tells whether the page can promise that the account is unchanged.
    pub fn has_changed_nothing(&self) -> bool {
        self.step.answers().has_changed_nothing
    }

    /// Tells whether closing the tab now would lose something.
    pub fn has_something_to_lose(&self) -> bool {
        self.step.answers().has_something_to_lose
    }

    /// The host's settings; the default until they are known.
    pub fn config(&self) -> &Config {
        &self.memory.config
    }

    /// The contacts to show: the host's own one, or else those of the homeserver.
    pub fn contacts(&self) -> Vec<Contact> {
        match &self.memory.config.contact {
            Some(contact) => vec![contact.clone()],
            None => self.memory.contacts.clone(),
        }
    }

    /// Tells whether the page shows a problem that only others can mend, and knows nobody to ask.
    pub fn lacks_contacts(&self) -> bool {
        let problem = match &self.step {
            Step::Stopped(Stopped { problem, .. }) => Some(problem),
            _ => self.trouble(),
        };
        self.memory.config.contact.is_none()
            && self.memory.contacts.is_empty()
            && problem.is_some_and(Problem::is_for_others)
    }

    /// Tells whether the person has begun, but has to wait for the host's settings or for the rest of the page's program.
    pub fn is_held_up(&self) -> bool {
        self.memory.is_held_up
    }

    /// Tells whether nobody has signed in yet.
    pub fn is_before_sign_in(&self) -> bool {
        matches!(self.step, Step::Intro(_) | Step::Server(_) | Step::Discovering(_) | Step::SignIn(_))
    }

    /// The homeserver that the content security policy allows, once it does.
    pub fn locked_to(&self) -> Option<&Server> {
        self.step.server()
    }

    /// The problem of the last attempt on this step, if it can be tried again.
    pub fn trouble(&self) -> Option<&Problem> {
        self.step.answers().trouble
    }

    /// The phase that the person is in. Only they go back to an earlier one.
    pub fn phase(&self) -> Phase {
        self.memory.phase
    }

    /// The phases of the way at hand.
    pub fn phases(&self) -> Vec<Phase> {
        let outcome = match &self.step {
            Step::SigningOut(SigningOut { outcome }) | Step::Finished(Finished { outcome, .. }) => outcome,
            Step::Done(done) => return Phase::went_through(Some(&done.harvest), true),
            _ => return Phase::all(),
        };
        Phase::went_through(outcome.harvest(), !matches!(outcome, Outcome::NothingChanged))
    }

    /// The outcome if the visit ended now; `None` where it cannot be ended.
    pub(super) fn outcome(&self) -> Option<Outcome> {
        self.step.outcome()
    }

    /// Tells whether the findings offer an action.
    pub(super) fn offers(&self, action: Action) -> bool {
        matches!(&self.step, Step::Findings(findings) if findings.visit.offers(action))
    }
}
