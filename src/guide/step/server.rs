//! Asks for the homeserver.

use super::{Answers, Intro, IsStep, Turn};
use crate::{
    domain::problem::Problem,
    guide::{Input, Outcome, Phase, memory::Memory},
};

/// Asks for the homeserver.
#[derive(Clone, Debug, PartialEq)]
pub struct Server {
    /// The previous entry, to be corrected.
    pub entered: String,
    /// The problem with that entry.
    pub trouble: Option<Problem>,
}

impl IsStep for Server {
    const NAME: &'static str = "server";

    fn handle(self, memory: &mut Memory, input: Input) -> Turn {
        if let Input::EnteredServer(entered) = input { memory.look_up(entered) } else { self.stay() }
    }

    fn back(self, _: &mut Memory) -> Turn {
        Turn::to(Intro)
    }

    fn fail(self, memory: &mut Memory, problem: Problem) -> Turn {
        self.stop(memory, problem)
    }

    fn answers(&self) -> Answers<'_> {
        Answers {
            phase: Phase::SignIn,
            visit: None,
            trouble: self.trouble.as_ref(),
            can_go_back: true,
            has_changed_nothing: true,
            has_something_to_lose: false,
        }
    }

    fn outcome(&self) -> Option<Outcome> {
        None
    }
}
