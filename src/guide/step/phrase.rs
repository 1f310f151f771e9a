//! Lets the person choose a phrase.

use super::{Answers, Choose, IsStep, Repeat, Turn};
use crate::{
    domain::problem::Problem,
    guide::{Draft, Input, Job, Outcome, memory::Memory},
    protocol::messages::{Command, Event},
};

/// Lets the person choose a phrase.
#[derive(Clone, Debug, PartialEq)]
pub struct Phrase {
    /// The action that needs the key.
    pub job: Job,
    /// State of the phrase in the field.
    pub draft: Draft,
}

impl IsStep for Phrase {
    const NAME: &'static str = "phrase";

    fn handle(self, memory: &mut Memory, input: Input) -> Turn {
        let Self { job, mut draft } = self;
        let (least, user_id) = (memory.least_phrase, job.visit.account.user_id.as_str());
        let mut effects = Vec::new();
        match input {
            Input::TypedPhrase(phrase) => effects = memory.judge_typed(&mut draft, phrase, least, user_id),
            Input::WantedSuggestion => effects = memory.tell(Command::Suggest { least }),
            Input::Engine(_, Event::Suggested(phrase)) => {
                draft.suggestion = Some(phrase.clone());
                effects = memory.judge_typed(&mut draft, phrase, least, user_id);
            }
            Input::ChosePhraseText(phrase) if !phrase.is_blank() => {
                draft.choosing = Some(phrase.clone());
                effects = memory.judge(&mut draft, phrase, least, user_id);
            }
            Input::Engine(_, Event::Judged { number, judgement }) if number == draft.number => {
                let acceptable = judgement.is_acceptable();
                draft.judgement = Some(judgement);
                if let Some(phrase) = draft.choosing.take()
                    && acceptable
                {
                    // A proposed phrase was not typed, so it cannot have a typing mistake.
                    return if draft.suggestion.as_ref() == Some(&phrase) {
                        memory.make_key(job, Some(phrase))
                    } else {
                        Turn::to(Repeat { job, phrase, differed: false })
                    };
                }
            }
            _ => {}
        }
        Self { job, draft }.with(effects)
    }

    fn back(self, _: &mut Memory) -> Turn {
        Choose::anew(self.job)
    }

    fn fail(mut self, _: &mut Memory, _: Problem) -> Turn {
        self.draft.choosing = None;
        self.stay()
    }

    fn at_rest(mut self, _: &Problem) -> Turn {
        self.draft.choosing = None;
        self.stay()
    }

    fn answers(&self) -> Answers<'_> {
        Answers::before_writing(&self.job)
    }

    fn outcome(&self) -> Option<Outcome> {
        Some(self.job.visit.outcome())
    }
}
