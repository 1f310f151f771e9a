//! Signs in.

use super::{Answers, IsStep, Looking, Turn};
use crate::{
    domain::{discovery::Server, problem::Problem},
    guide::{Attempt, Effect, Input, Outcome, Phase, memory::Memory},
    protocol::messages::Event,
};

/// Shows the homeserver and offers its ways to sign in. From here on, the content security policy allows no other.
#[derive(Clone, Debug, PartialEq)]
pub struct SignIn {
    /// The homeserver.
    pub server: Server,
    /// Set if the engine has started.
    pub engine_ready: bool,
    /// The attempt to sign in.
    pub attempt: Attempt,
    /// The problem of the last attempt.
    pub trouble: Option<Problem>,
}

impl IsStep for SignIn {
    const NAME: &'static str = "sign-in";

    fn handle(mut self, memory: &mut Memory, input: Input) -> Turn {
        match input {
            Input::Engine(_, Event::Ready) => {
                self.engine_ready = true;
                self.stay()
            }
            Input::Engine(_, Event::SignedIn { user_id, .. }) if self.attempt.is_asking() => {
                Turn::to(Looking { server: self.server, user_id, trouble: None })
            }
            input => {
                let Self { server, engine_ready, attempt, trouble } = self;
                let user_id = server.user_id.as_ref();
                let (attempt, trouble, effects) = memory.sign_in(&server, user_id, attempt, trouble, input);
                Self { server, engine_ready, attempt, trouble }.with(effects)
            }
        }
    }

    fn back(self, _: &mut Memory) -> Turn {
        let mut effects = self.attempt.close();
        effects.extend([Effect::EndEngine, Effect::Reload]);
        self.with(effects)
    }

    fn fail(self, _: &mut Memory, problem: Problem) -> Turn {
        let (attempt, effects) = self.attempt.after(&problem);
        Self { attempt, trouble: Some(problem), ..self }.with(effects)
    }

    fn answers(&self) -> Answers<'_> {
        Answers {
            phase: Phase::SignIn,
            visit: None,
            trouble: self.trouble.as_ref(),
            can_go_back: !self.attempt.is_asking(),
            has_changed_nothing: true,
            has_something_to_lose: self.attempt != Attempt::None,
        }
    }

    fn outcome(&self) -> Option<Outcome> {
        None
    }

    fn server(&self) -> Option<&Server> {
        Some(&self.server)
    }

    fn attempt(&self) -> Option<&Attempt> {
        Some(&self.attempt)
    }
}
