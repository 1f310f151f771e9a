//! Shows the recovery key.

use super::{Answers, Choose, IsStep, Phrase, Prove, Turn};
use crate::{
    domain::problem::Problem,
    guide::{Draft, Input, Job, Keeping, MadeKey, Outcome, memory::Memory},
};

/// Shows the recovery key, so that the person can keep it.
#[derive(Clone, Debug, PartialEq)]
pub struct Save {
    /// The action that needs the key.
    pub job: Job,
    /// The key.
    pub made: MadeKey,
    /// The ways in which the person has kept it.
    pub kept: Vec<Keeping>,
}

impl IsStep for Save {
    const NAME: &'static str = "save";

    fn handle(mut self, memory: &mut Memory, input: Input) -> Turn {
        match input {
            Input::KeptKey(way) => {
                if self.kept.is_empty() {
                    memory.saved.push(self.made.kit.mark());
                }
                if !self.kept.contains(&way) {
                    self.kept.push(way);
                }
                self.stay()
            }
            Input::WentToEnterKey if !self.kept.is_empty() => {
                let Self { job, made, kept } = self;
                Turn::to(Prove { job, made, kept, mistake: None })
            }
            _ => self.stay(),
        }
    }

    fn back(self, _: &mut Memory) -> Turn {
        if self.made.with_phrase {
            Turn::to(Phrase { job: self.job, draft: Draft::default() })
        } else {
            Choose::anew(self.job)
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

    fn holds_saved_key(&self) -> bool {
        !self.kept.is_empty()
    }
}
