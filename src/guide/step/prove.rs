//! Asks for the recovery key that the person kept.

use super::{Answers, Confirm, IsStep, Save, Turn};
use crate::{
    domain::problem::Problem,
    guide::{Input, Job, Keeping, MadeKey, Outcome, ProofMistake, key::compare, memory::Memory},
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
    pub mistake: Option<ProofMistake>,
}

impl IsStep for Prove {
    const NAME: &'static str = "prove";

    fn handle(self, _: &mut Memory, input: Input) -> Turn {
        let Input::EnteredKey(proof) = input else { return self.stay() };
        let Self { job, made, kept, .. } = self;
        match compare(&proof, &made.kit.recovery_key) {
            Ok(()) => Turn::to(Confirm { job, made, kept, proof }),
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
