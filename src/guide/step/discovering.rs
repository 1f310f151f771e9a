//! Looks for the homeserver.

use super::{Answers, Intro, IsStep, Server, SignIn, Turn};
use crate::{
    domain::problem::Problem,
    guide::{Attempt, Effect, Input, Outcome, Phase, memory::Memory},
};

/// Looks for the homeserver.
#[derive(Clone, Debug, PartialEq)]
pub struct Discovering {
    /// The entry.
    pub entered: String,
}

impl IsStep for Discovering {
    const NAME: &'static str = "discovering";

    fn handle(self, _: &mut Memory, input: Input) -> Turn {
        match input {
            Input::Discovered(Ok(server)) => {
                let effects = vec![Effect::LockAndStart(server.clone())];
                SignIn { server, engine_ready: false, attempt: Attempt::None, trouble: None }.with(effects)
            }
            Input::Discovered(Err(problem)) => {
                Turn::to(Server { entered: self.entered, trouble: Some(problem) })
            }
            _ => self.stay(),
        }
    }

    fn back(self, memory: &mut Memory) -> Turn {
        if memory.config.locked().is_some() {
            Turn::to(Intro)
        } else {
            Turn::to(Server { entered: self.entered, trouble: None })
        }
    }

    fn fail(self, memory: &mut Memory, problem: Problem) -> Turn {
        self.stop(memory, problem)
    }

    fn answers(&self) -> Answers<'_> {
        Answers {
            phase: Phase::SignIn,
            visit: None,
            trouble: None,
            can_go_back: true,
            has_changed_nothing: true,
            has_something_to_lose: false,
        }
    }

    fn outcome(&self) -> Option<Outcome> {
        None
    }
}
