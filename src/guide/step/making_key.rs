//! Waits for the engine to make the key.

use super::{Answers, Findings, IsStep, Save, Turn};
use crate::{
    domain::{account::Account, problem::Problem, secret::Secret},
    guide::{Input, Job, MadeKey, Outcome, memory::Memory},
    protocol::messages::Event,
};

/// Waits for the engine to make the key, from the phrase if there is one.
#[derive(Clone, Debug, PartialEq)]
pub struct MakingKey {
    /// The action that needs the key.
    pub job: Job,
    /// The phrase, if there is one.
    pub phrase: Option<Secret>,
}

impl IsStep for MakingKey {
    const NAME: &'static str = "making-key";

    fn handle(self, _: &mut Memory, input: Input) -> Turn {
        if let Input::Engine(_, Event::KeyMade(kit)) = input {
            let made = MadeKey { kit, with_phrase: self.phrase.is_some() };
            Turn::to(Save { job: self.job, made, kept: Vec::new() })
        } else {
            self.stay()
        }
    }

    fn fail(self, memory: &mut Memory, problem: Problem) -> Turn {
        self.stop(memory, problem)
    }

    fn go_on(self, memory: &mut Memory, account: Account) -> Turn {
        if self.job.visit.has_changed(&account) {
            Findings::unless_changed(self.into(), account)
        } else {
            memory.make_key(self.job, self.phrase)
        }
    }

    fn answers(&self) -> Answers<'_> {
        Answers { can_go_back: false, ..Answers::before_writing(&self.job) }
    }

    fn outcome(&self) -> Option<Outcome> {
        None
    }
}
