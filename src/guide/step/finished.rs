//! Says how the visit ended.

use super::{Answers, IsStep, SigningOut, Turn};
use crate::{
    domain::problem::Problem,
    guide::{Effect, Input, Outcome, Phase, memory::Memory},
    protocol::messages::Command,
};

/// Says how the visit ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Finished {
    /// The outcome.
    pub outcome: Outcome,
    /// The problem that kept the engine from removing the device, if there was one.
    pub trouble: Option<Problem>,
}

impl IsStep for Finished {
    const NAME: &'static str = "finished";

    fn handle(self, memory: &mut Memory, input: Input) -> Turn {
        match input {
            Input::Began => self.with(vec![Effect::Reload]),
            Input::TriedAgain if self.trouble.is_some() => {
                SigningOut { outcome: self.outcome }.with(memory.tell(Command::SignOut))
            }
            _ => self.stay(),
        }
    }

    fn fail(self, _: &mut Memory, _: Problem) -> Turn {
        self.stay()
    }

    fn answers(&self) -> Answers<'_> {
        Answers {
            phase: Phase::Finish,
            visit: None,
            trouble: self.trouble.as_ref(),
            can_go_back: false,
            has_changed_nothing: false,
            has_something_to_lose: false,
        }
    }

    fn outcome(&self) -> Option<Outcome> {
        None
    }
}
