//! Asks whether to do an action.

use super::{Answers, Choose, Findings, IsStep, Turn, Writing};
use crate::{
    domain::{plan::Action, problem::Problem, secret::Secret},
    guide::{Input, Job, Outcome, memory::Memory},
    words,
};

/// Says what an action does, and asks whether to do it.
#[derive(Clone, Debug, PartialEq)]
pub struct Consent {
    /// The action.
    pub job: Job,
    /// Set if the person typed other words than the page asked for.
    pub differed: bool,
}

impl IsStep for Consent {
    const NAME: &'static str = "consent";

    fn handle(self, memory: &mut Memory, input: Input) -> Turn {
        match (self.job.action, input) {
            (Action::Repair | Action::Rotate, Input::Agreed) => {
                Writing::begin(memory, self.job, Secret::default())
            }
            (Action::Reset, Input::AgreedWith(typed)) => {
                if folded(&typed) == folded(words::consent_new_identity()) {
                    Turn::to(Choose { job: self.job })
                } else {
                    Turn::to(Self { differed: true, ..self })
                }
            }
            _ => self.stay(),
        }
    }

    fn back(self, _: &mut Memory) -> Turn {
        Turn::to(Findings::of(self.job.visit))
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

/// Makes texts comparable that people type differently: capitals, spaces around, marks of direction that came along with
/// a copied text, and in Arabic the ending ة, for which many type ه.
fn folded(text: &str) -> String {
    let text = text.replace(['\u{2068}', '\u{2069}'], "");
    text.trim().to_lowercase().replace('ة', "ه")
}
