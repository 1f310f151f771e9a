//! Waits until this page's device is removed.

use super::{Answers, Finished, IsStep, Turn};
use crate::{
    domain::problem::Problem,
    guide::{Effect, Input, Outcome, Phase, memory::Memory},
    protocol::messages::Event,
};

/// Waits until this page's device is removed.
#[derive(Clone, Debug, PartialEq)]
pub struct SigningOut {
    /// The outcome, once it is.
    pub outcome: Outcome,
}

impl IsStep for SigningOut {
    const NAME: &'static str = "signing-out";

    fn handle(self, memory: &mut Memory, input: Input) -> Turn {
        if let Input::Engine(_, Event::SignedOut) = input {
            memory.run.0 += 1;
            Finished { outcome: self.outcome, trouble: None }.with(vec![Effect::EndEngine])
        } else {
            self.stay()
        }
    }

    fn fail(self, _: &mut Memory, problem: Problem) -> Turn {
        Turn::to(Finished { outcome: self.outcome, trouble: Some(problem) })
    }

    fn answers(&self) -> Answers<'_> {
        Answers {
            phase: Phase::Finish,
            visit: None,
            trouble: None,
            can_go_back: false,
            has_changed_nothing: false,
            has_something_to_lose: true,
        }
    }

    fn outcome(&self) -> Option<Outcome> {
        None
    }
}
