//! Shows a problem that ends the visit.

use super::{Answers, IsStep, Turn};
use crate::{
    domain::problem::Problem,
    guide::{Effect, Input, Outcome, Phase, Written, memory::Memory},
    protocol::messages::Event,
};

/// Shows a problem that ends the visit.
#[derive(Clone, Debug, PartialEq)]
pub struct Stopped {
    /// The problem.
    pub problem: Problem,
    /// The tasks that were written before it.
    pub written: Written,
}

impl IsStep for Stopped {
    const NAME: &'static str = "stopped";

    fn handle(self, _: &mut Memory, input: Input) -> Turn {
        match input {
            // The device is gone, so the worker is of no more use.
            Input::Engine(_, Event::SignedOut) => self.with(vec![Effect::EndEngine]),
            Input::Began | Input::TriedAgain => self.with(vec![Effect::Reload]),
            _ => self.stay(),
        }
    }

    /// The engine could not sign out. Once it is ended, the page itself tries when the tab is closed.
    fn fail(self, _: &mut Memory, _: Problem) -> Turn {
        self.with(vec![Effect::EndEngine])
    }

    fn answers(&self) -> Answers<'_> {
        Answers {
            phase: Phase::Finish,
            visit: None,
            trouble: None,
            can_go_back: false,
            has_changed_nothing: false,
            has_something_to_lose: false,
        }
    }

    fn outcome(&self) -> Option<Outcome> {
        None
    }

    fn written(&self) -> Option<Written> {
        Some(self.written.clone())
    }

    /// The order may have been written in part, so nothing is said of its key.
    fn holds_saved_key(&self) -> bool {
        true
    }
}
