//! Reads the account.

use super::{Answers, Findings, IsStep, Turn};
use crate::{
    domain::{account::Account, discovery::Server, problem::Problem},
    guide::{Input, Outcome, Phase, Visit, memory::Memory},
    protocol::messages::{Command, Event},
};

/// Reads the account.
#[derive(Clone, Debug, PartialEq)]
pub struct Looking {
    /// The homeserver.
    pub server: Server,
    /// Full Matrix ID.
    pub user_id: String,
    /// The problem that kept the engine from reading it.
    pub trouble: Option<Problem>,
}

impl Looking {
    fn looked(self, memory: &Memory, account: Account) -> Turn {
        let offers = memory.config.offers;
        Turn::to(Findings::of(Box::new(Visit { offers, ..*Visit::new(self.server, account) })))
    }
}

impl IsStep for Looking {
    const NAME: &'static str = "looking";

    fn handle(self, memory: &mut Memory, input: Input) -> Turn {
        match (input, &self.trouble) {
            (Input::TriedAgain, Some(_)) => Self { trouble: None, ..self }.with(memory.tell(Command::Look)),
            (Input::Engine(_, Event::Looked(account)), None) => self.looked(memory, account),
            _ => self.stay(),
        }
    }

    fn fail(self, memory: &mut Memory, problem: Problem) -> Turn {
        if problem.may_pass() {
            Self { trouble: Some(problem), ..self }.stay()
        } else {
            self.stop(memory, problem)
        }
    }

    fn at_rest(self, _: &Problem) -> Turn {
        Self { trouble: None, ..self }.stay()
    }

    fn go_on(self, memory: &mut Memory, account: Account) -> Turn {
        self.looked(memory, account)
    }

    fn answers(&self) -> Answers<'_> {
        Answers {
            phase: Phase::Findings,
            visit: None,
            trouble: self.trouble.as_ref(),
            can_go_back: false,
            has_changed_nothing: true,
            has_something_to_lose: true,
        }
    }

    fn outcome(&self) -> Option<Outcome> {
        self.trouble.as_ref().map(|_| Outcome::NothingChanged)
    }

    fn server(&self) -> Option<&Server> {
        Some(&self.server)
    }
}
