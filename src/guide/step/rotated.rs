//! Says that the fresh backup is complete.

use super::{Answers, IsStep, Turn};
use crate::{
    domain::{account::Account, problem::Problem, proved::Proved, rotation},
    guide::{Deletion, Harvest, Input, Outcome, Part, Phase, Visit, memory::Memory},
    protocol::messages::{Command, Event},
};

/// Says that the fresh backup is complete, and offers to delete older versions.
#[derive(Clone, Debug, PartialEq)]
pub struct Rotated {
    /// The account and its server.
    pub visit: Box<Visit>,
    /// Evidence that the recovery key opens the fresh backup.
    pub proved: Proved,
    /// The comparison with the older versions.
    pub rotated: rotation::Rotated,
    /// State of the deletion of older versions.
    pub deletion: Deletion,
    /// The problem of the last attempt to delete them.
    pub trouble: Option<Problem>,
}

impl Rotated {
    /// The engine deletes nothing more.
    fn give_up(mut self, trouble: Option<Problem>) -> Turn {
        if self.deletion == Deletion::Running {
            self.deletion = Deletion::Kept;
        }
        Turn::to(Self { trouble, ..self })
    }
}

impl IsStep for Rotated {
    const NAME: &'static str = "rotated";

    fn handle(mut self, memory: &mut Memory, input: Input) -> Turn {
        match (input, self.deletion) {
            (Input::WentOn, Deletion::Kept | Deletion::Done) => {
                memory.go_to(Harvest::new(self.visit, self.proved), Part::OldKeys)
            }
            (Input::AgreedToDelete, Deletion::Kept) => {
                let superseded = self.rotated.superseded();
                let versions: Vec<_> = superseded.map(|older| older.version.clone()).collect();
                self.trouble = None;
                if versions.is_empty() {
                    return self.stay();
                }
                self.deletion = Deletion::Running;
                self.with(memory.tell(Command::DeleteOlder { versions }))
            }
            (Input::Engine(_, Event::Deleted), Deletion::Running) => {
                Turn::to(Self { deletion: Deletion::Done, trouble: None, ..self })
            }
            _ => self.stay(),
        }
    }

    /// The older versions are still there, so the person may go on.
    fn fail(self, _: &mut Memory, problem: Problem) -> Turn {
        self.give_up(Some(problem))
    }

    fn at_rest(self, _: &Problem) -> Turn {
        self.give_up(None)
    }

    fn go_on(self, _: &mut Memory, _: Account) -> Turn {
        self.stay()
    }

    fn answers(&self) -> Answers<'_> {
        Answers {
            phase: Phase::Key,
            visit: Some(&self.visit),
            trouble: self.trouble.as_ref(),
            can_go_back: false,
            has_changed_nothing: false,
            has_something_to_lose: true,
        }
    }

    fn outcome(&self) -> Option<Outcome> {
        (self.deletion != Deletion::Running)
            .then(|| Outcome::BackupOn(Harvest::new(self.visit.clone(), self.proved.clone())))
    }
}
