//! Asks for agreement to write.

use super::{Answers, IsStep, Save, Turn, Writing};
use crate::{
    domain::{problem::Problem, secret::Secret},
    guide::{Input, Job, Keeping, MadeKey, Outcome, memory::Memory},
};

/// Says what will be written, and asks for agreement.
#[derive(Clone, Debug, PartialEq)]
pub struct Confirm {
    /// The action that needs the key.
    pub job: Job,
    /// The key.
    pub made: MadeKey,
    /// The ways in which the person has kept it.
    pub kept: Vec<Keeping>,
    /// The key as the person entered it.
    pub kept_key: Secret,
}

impl IsStep for Confirm {
    const NAME: &'static str = "confirm";

    fn handle(self, memory: &mut Memory, input: Input) -> Turn {
        if matches!(input, Input::Agreed) {
            Writing::begin(memory, self.job, self.kept_key)
        } else {
            self.stay()
        }
    }

    fn back(self, _: &mut Memory) -> Turn {
        let Self { job, made, kept, .. } = self;
        Turn::to(Save { job, made, kept })
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

    fn holds_saved_key(&self) -> bool {
        true
    }
}
