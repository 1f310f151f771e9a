//! Shows the diagnosis.

use super::{Answers, IsStep, Step, Turn};
use crate::{
    domain::{
        account::Account,
        diagnosis::{Diagnosis, KeyKnown},
        plan::Action,
        problem::Problem,
    },
    guide::{Input, Job, News, Outcome, Phase, Visit, memory::Memory},
};

/// Shows the diagnosis and what can be done about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Findings {
    /// The account and its server.
    pub visit: Box<Visit>,
    /// The conclusion.
    pub diagnosis: Diagnosis,
    /// The action that was just carried out.
    pub news: Option<News>,
}

impl Findings {
    /// The findings for an account, by what is known of it now.
    pub(in crate::guide) fn of(visit: Box<Visit>) -> Self {
        let diagnosis = visit.diagnosis();
        Self { visit, diagnosis, news: None }
    }

    /// Goes on with a step; shows the findings instead if the account has changed since.
    pub(in crate::guide) fn unless_changed(step: Step, account: Account) -> Turn {
        match step.answers().visit {
            Some(visit) if visit.has_changed(&account) => {
                let (written, touched, begins, offers) =
                    (visit.written.clone(), visit.touched, visit.begins, visit.offers);
                let fresh = *Visit::new(visit.server.clone(), account);
                // Tasks of this visit stay written.
                Turn::to(Self::of(Box::new(Visit { offers, begins, written, touched, ..fresh })))
            }
            Some(_) | None => Turn::to(step),
        }
    }
}

impl IsStep for Findings {
    const NAME: &'static str = "findings";

    fn handle(self, memory: &mut Memory, input: Input) -> Turn {
        match input {
            Input::Chose(action) if self.visit.offers(action) => memory.begin(self.visit, action),
            Input::ChoseKey | Input::ChosePhrase if self.visit.plan().recommended == Action::SetUp => {
                memory.choose(Job { visit: self.visit, action: Action::SetUp }, &input)
            }
            _ => self.stay(),
        }
    }

    fn back(mut self, _: &mut Memory) -> Turn {
        if let Some(known) = self.visit.earlier.pop() {
            self.visit.known = known;
        }
        Turn::to(Self::of(self.visit))
    }

    fn fail(self, memory: &mut Memory, problem: Problem) -> Turn {
        self.stop(memory, problem)
    }

    fn answers(&self) -> Answers<'_> {
        Answers {
            phase: if matches!(self.visit.known.key, KeyKnown::Tried(_)) || !self.visit.written.is_empty() {
                Phase::Key
            } else {
                Phase::Account
            },
            visit: Some(&self.visit),
            trouble: None,
            can_go_back: !self.visit.earlier.is_empty(),
            has_changed_nothing: self.visit.has_changed_nothing(),
            has_something_to_lose: true,
        }
    }

    fn outcome(&self) -> Option<Outcome> {
        Some(self.visit.outcome())
    }

    fn again(&self) -> usize {
        self.visit.earlier.len()
    }
}
