//! Asks for the phrase once more.

use super::{Answers, IsStep, Phrase, Turn};
use crate::{
    domain::{problem::Problem, secret::Secret},
    guide::{Draft, Input, Job, Outcome, memory::Memory},
};

/// Asks for the phrase once more.
#[derive(Clone, Debug, PartialEq)]
pub struct Repeat {
    /// The action that needs the key.
    pub job: Job,
    /// The phrase that was chosen.
    pub phrase: Secret,
    /// Set if the last entry differed.
    pub differed: bool,
}

impl IsStep for Repeat {
    const NAME: &'static str = "repeat";

    fn handle(self, memory: &mut Memory, input: Input) -> Turn {
        match input {
            Input::RepeatedPhrase(again) if again == self.phrase => {
                memory.make_key(self.job, Some(self.phrase))
            }
            Input::RepeatedPhrase(_) => Turn::to(Self { differed: true, ..self }),
            _ => self.stay(),
        }
    }

    fn back(self, _: &mut Memory) -> Turn {
        Turn::to(Phrase { job: self.job, draft: Draft::default() })
    }

    fn fail(self, memory: &mut Memory, problem: Problem) -> Turn {
        self.stop(memory, problem)
    }

    fn answers(&self) -> Answers<'_> {
        Answers::before_writing(&self.job)
    }

    fn outcome(&self) -> Option<Outcome> {
        Some(self.job.visit.outcome())
    }
}
