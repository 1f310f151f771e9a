//! Asks for the recovery key that the person kept.

use super::{Answers, Confirm, IsStep, Save, Turn};
use crate::{
    domain::problem::Problem,
    guide::{EntryMistake, Input, Job, Keeping, MadeKey, Outcome, key::compare, memory::Memory},
};

/// Asks for the recovery key that the person kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Prove {
    /// The action that needs the key.
    pub job: Job,
    /// The key.
    pub made: MadeKey,
    /// The ways in which the person has kept it.
    pub kept: Vec<Keeping>,
    /// The mistake in the last entry.
    pub mistake: Option<EntryMistake>,
}

impl IsStep for Prove {
    const NAME: &'static str = "prove";

    fn handle(self, _: &mut Memory, input: Input) -> Turn {
        let Input::EnteredKey(kept_key) = input else { return self.stay() };
        let Self { job, made, kept, .. } = self;
        match compare(&kept_key, &made.kit.recovery_key) {
            Ok(()) => Turn::to(Confirm { job, made, kept, kept_key }),
            Err(mistake) => Turn::to(Self { job, made, kept, mistake: Some(mistake) }),
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
