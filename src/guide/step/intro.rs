//! Says what the page does.

use super::{Answers, IsStep, Turn};
use crate::{
    domain::problem::Problem,
    guide::{Input, Outcome, Phase, memory::Memory},
};

/// Says what the page does, and what the person needs for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Intro;

impl IsStep for Intro {
    const NAME: &'static str = "intro";

    fn handle(self, memory: &mut Memory, input: Input) -> Turn {
        if matches!(input, Input::Began) { memory.begin_visit() } else { self.stay() }
    }

    fn fail(self, memory: &mut Memory, problem: Problem) -> Turn {
        self.stop(memory, problem)
    }

    fn answers(&self) -> Answers<'_> {
        Answers {
            phase: Phase::Start,
            visit: None,
            trouble: None,
            can_go_back: false,
            has_changed_nothing: true,
            has_something_to_lose: false,
        }
    }

    fn outcome(&self) -> Option<Outcome> {
        None
    }
}
