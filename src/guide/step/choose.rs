//! Asks how the recovery key should be made.

use super::{Answers, Consent, Findings, IsStep, Turn};
use crate::{
    domain::{plan::Action, problem::Problem},
    guide::{Input, Job, Outcome, memory::Memory},
};

/// Asks whether the recovery key should be made from a phrase.
#[derive(Clone, Debug, PartialEq)]
pub struct Choose {
    /// The action that needs the key.
    pub job: Job,
}

impl Choose {
    /// Goes back to the step on which the person chose between a key and a phrase.
    pub(in crate::guide) fn anew(job: Job) -> Turn {
        if job.is_all_there_is() { Turn::to(Findings::of(job.visit)) } else { Turn::to(Self { job }) }
    }
}

impl IsStep for Choose {
    const NAME: &'static str = "choose";

    fn handle(self, memory: &mut Memory, input: Input) -> Turn {
        if matches!(input, Input::ChoseKey | Input::ChosePhrase) {
            memory.choose(self.job, &input)
        } else {
            self.stay()
        }
    }

    fn back(self, _: &mut Memory) -> Turn {
        if self.job.action == Action::Reset {
            Turn::to(Consent { job: self.job, differed: false })
        } else {
            Turn::to(Findings::of(self.job.visit))
        }
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
