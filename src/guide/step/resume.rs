//! Asks for the key of a set-up that was cut short.

use super::{Answers, Findings, IsStep, Turn, Writing, write};
use crate::{
    domain::{given::Given, plan::Action, problem::Problem, secret::Secret},
    guide::{Input, Job, Outcome, Phase, Visit, Work, Written, memory::Memory},
    protocol::messages::Event,
};

/// Asks for the key that was kept when a set-up was begun, which was cut short.
#[derive(Clone, Debug, PartialEq)]
pub struct Resume {
    /// The account and its server.
    pub visit: Box<Visit>,
    /// The entry that the engine tries.
    pub trying: Option<Secret>,
    /// The problem with the last entry.
    pub trouble: Option<Problem>,
}

impl IsStep for Resume {
    const NAME: &'static str = "resume";

    fn handle(self, memory: &mut Memory, input: Input) -> Turn {
        let Self { visit, trying, trouble } = self;
        match (trying, input) {
            (None, Input::EnteredKey(proof)) if !proof.is_blank() => {
                let trouble = Given::of(&proof).refused_as_key();
                if trouble.is_some() {
                    return Turn::to(Self { visit, trying: None, trouble });
                }
                let effects = memory.tell(write(Action::Finish, &proof));
                Self { visit, trying: Some(proof), trouble: None }.with(effects)
            }
            // The engine could open everything with the entry, and has begun to write.
            (Some(kept_key), Input::Engine(_, Event::TaskDone(task))) => {
                let work = Work { done: vec![task], ..Work::default() };
                let job = Job { visit, action: Action::Finish };
                Turn::to(Writing { job, kept_key, work, pause: None })
            }
            (trying, _) => Turn::to(Self { visit, trying, trouble }),
        }
    }

    fn back(self, _: &mut Memory) -> Turn {
        Turn::to(Findings::of(self.visit))
    }

    /// No task is done yet, so the person may enter another key.
    fn fail(self, _: &mut Memory, problem: Problem) -> Turn {
        Turn::to(Self { trying: None, trouble: Some(problem), ..self })
    }

    fn at_rest(self, _: &Problem) -> Turn {
        Turn::to(Self { trying: None, trouble: None, ..self })
    }

    fn answers(&self) -> Answers<'_> {
        Answers {
            phase: Phase::Key,
            visit: Some(&self.visit),
            trouble: self.trouble.as_ref(),
            can_go_back: self.trying.is_none(),
            has_changed_nothing: self.trying.is_none() && self.visit.is_as_it_was(),
            has_something_to_lose: true,
        }
    }

    fn outcome(&self) -> Option<Outcome> {
        self.trying.is_none().then(|| self.visit.outcome())
    }

    /// The engine may have opened everything with the entry, and have begun to write.
    fn written(&self) -> Option<Written> {
        self.trying.as_ref().map(|_| Written { cut_short: true, ..Written::default() })
    }
}
