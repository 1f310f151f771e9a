//! Tries a recovery key or phrase.

use super::{Answers, Findings, IsStep, Turn};
use crate::{
    domain::{
        account::{Place, SecretStorage},
        diagnosis::KeyKnown,
        given::Given,
        opening::{Opening, StoredIdentity},
        plan::Action,
        problem::Problem,
        recovery_key::beginning::Beginning,
    },
    guide::{Input, Outcome, Phase, Visit, memory::Memory},
    protocol::messages::{Command, Event},
};

/// Tries a recovery key or phrase, without writing anything.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// The account and its server.
    pub visit: Box<Visit>,
    /// The action that needs the key; `None` if the person only wants to see what it opens.
    pub then: Option<Action>,
    /// The result of the last entry.
    pub last: Entered,
}

/// The last entry, while the person is still here.
#[derive(Clone, Debug, PartialEq)]
pub enum Entered {
    /// Nothing was entered.
    Nothing,
    /// The engine tries it.
    Trying {
        /// The first characters, if it is a recovery key.
        begins: Option<Beginning>,
    },
    /// The person cannot go on with what it opens.
    Opened(Opening),
    /// It was not tried, or not to the end: the page refused it, or the engine failed.
    Refused(Problem),
}

impl Check {
    /// Asks for the key, with nothing tried yet.
    pub(in crate::guide) fn of(visit: Box<Visit>, then: Option<Action>) -> Self {
        Self { visit, then, last: Entered::Nothing }
    }

    /// Tells whether the engine tries an entry.
    pub fn is_trying(&self) -> bool {
        matches!(self.last, Entered::Trying { .. })
    }

    /// Decides what to do with an entry, by what it opens.
    fn opened(self, memory: &mut Memory, opening: Opening) -> Turn {
        let Self { mut visit, then, last } = self;
        if opening.only_reads() {
            visit.reads_older();
        }
        let storage = matches!(visit.account.secret_storage, SecretStorage::Present { .. });
        let leads_on = match &opening {
            Opening::SecretStorage { .. } => true,
            // The older key can become the default key, finish a set-up, or keep the backup under a new identity.
            Opening::OlderSecretStorage { found } => {
                let stays = visit.account.identity_keys != Place::UnderDefault;
                let unfinished = found.cut_short && found.identity == StoredIdentity::Fits;
                found.is_all_right() || unfinished || stays && opening.opens_backup()
            }
            // With secret storage, its own key has to be entered, too.
            Opening::BackupDirectly { .. } => !storage,
            Opening::Nothing(_) => false,
        };
        if !leads_on {
            return Turn::to(Self { visit, then, last: Entered::Opened(opening) });
        }
        visit.begins = match last {
            Entered::Trying { begins } if matches!(opening, Opening::SecretStorage { .. }) => begins,
            _ => None,
        };
        visit.known.key = KeyKnown::Tried(opening);
        visit.earlier.clear();
        match then.filter(|action| visit.offers(*action) && visit.has_key_for(*action)) {
            Some(action) => memory.begin(visit, action),
            None => Turn::to(Findings::of(visit)),
        }
    }
}

impl IsStep for Check {
    const NAME: &'static str = "check";

    fn handle(mut self, memory: &mut Memory, input: Input) -> Turn {
        match (self.is_trying(), input) {
            (false, Input::EnteredKey(entry)) => {
                let mut effects = Vec::new();
                self.last = match (Given::of(&entry).refused_as_key(), self.last) {
                    (Some(problem), _) => Entered::Refused(problem),
                    (None, Entered::Opened(opening)) if entry.is_blank() => Entered::Opened(opening),
                    (None, _) if entry.is_blank() => Entered::Nothing,
                    (None, _) => {
                        let begins = Beginning::of_entry(&entry);
                        effects = memory.tell(Command::TryKey { entry });
                        Entered::Trying { begins }
                    }
                };
                self.with(effects)
            }
            (true, Input::WantedStop) => self.with(memory.tell(Command::Stop)),
            (true, Input::Engine(_, Event::Stopped)) => Turn::to(Self::of(self.visit, self.then)),
            (true, Input::Engine(_, Event::Looked(account))) => {
                self.visit.account = account;
                self.stay()
            }
            (true, Input::Engine(_, Event::Tried(opening))) => self.opened(memory, opening),
            _ => self.stay(),
        }
    }

    fn back(self, _: &mut Memory) -> Turn {
        Turn::to(Findings::of(self.visit))
    }

    fn fail(self, memory: &mut Memory, problem: Problem) -> Turn {
        if problem.may_pass() {
            Turn::to(Self { last: Entered::Refused(problem), ..self })
        } else {
            self.stop(memory, problem)
        }
    }

    fn at_rest(self, _: &Problem) -> Turn {
        Turn::to(Self::of(self.visit, self.then))
    }

    fn answers(&self) -> Answers<'_> {
        Answers {
            phase: Phase::Key,
            visit: Some(&self.visit),
            trouble: if let Entered::Refused(problem) = &self.last { Some(problem) } else { None },
            can_go_back: !self.is_trying(),
            has_changed_nothing: self.visit.has_changed_nothing(),
            has_something_to_lose: true,
        }
    }

    fn outcome(&self) -> Option<Outcome> {
        Some(self.visit.outcome())
    }
}
