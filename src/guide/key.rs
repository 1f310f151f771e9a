//! A new recovery key: the person chooses how to make it, and enters it once more.

use super::{
    Effect, Guide, Input,
    step::{Draft, Job, ProofMistake, Step},
};
use crate::{
    domain::{plan::Action, recovery_key::RecoveryKey, secret::Secret},
    protocol::messages::{Command, Event},
};

impl Guide {
    pub(super) fn choose(&self, job: Job, how: &Input) -> (Step, Vec<Effect>) {
        if matches!(how, Input::ChosePhrase) {
            (Step::Phrase { job, draft: Draft::default() }, Vec::new())
        } else {
            self.make_key(job, None)
        }
    }

    pub(super) fn draft(&self, job: Job, mut draft: Draft, input: Input) -> (Step, Vec<Effect>) {
        let mut effects = Vec::new();
        match input {
            Input::TypedPhrase(phrase) => {
                draft.number += 1;
                draft.judgement = None;
                draft.choosing = None;
                if !phrase.is_blank() {
                    effects = self.tell(Command::Judge { number: draft.number, phrase });
                }
            }
            Input::WantedSuggestion => effects = self.tell(Command::Suggest),
            Input::Engine(_, Event::Suggested(phrase)) => {
                draft.number += 1;
                draft.judgement = None;
                draft.choosing = None;
                draft.suggestion = Some(phrase.clone());
                effects = self.tell(Command::Judge { number: draft.number, phrase });
            }
            Input::ChosePhraseText(phrase) if !phrase.is_blank() => {
                draft.number += 1;
                draft.choosing = Some(phrase.clone());
                effects = self.tell(Command::Judge { number: draft.number, phrase });
            }
            Input::Engine(_, Event::Judged { number, judgement }) if number == draft.number => {
                let acceptable = judgement.is_acceptable();
                draft.judgement = Some(judgement);
                if let Some(phrase) = draft.choosing.take()
                    && acceptable
                {
                    // A proposed phrase was not typed, so it cannot have a typing mistake.
                    return if draft.suggestion.as_ref() == Some(&phrase) {
                        self.make_key(job, Some(phrase))
                    } else {
                        (Step::Repeat { job, phrase, differed: false }, Vec::new())
                    };
                }
            }
            _ => {}
        }
        (Step::Phrase { job, draft }, effects)
    }

    /// Takes note that the key which the person saved last is in use.
    pub(super) fn came_into_use(&mut self, action: Action) {
        if action.makes_key() {
            self.saved.pop();
        }
    }

    /// The marks of the keys that the person saved and that are in no use. The one under way is not among them.
    fn unused(&self) -> &[String] {
        let is_under_way = match &self.step {
            Step::Save { kept, .. } => !kept.is_empty(),
            Step::Prove { .. } | Step::Confirm { .. } => true,
            Step::Writing { job, .. } => job.action.makes_key(),
            // The order may have been written in part, so nothing is said of its key.
            Step::SignInAgain { .. } | Step::Stopped { .. } => true,
            _ => false,
        };
        self.saved.get(..self.saved.len().saturating_sub(usize::from(is_under_way))).unwrap_or_default()
    }

    /// Says of the keys that the person saved, and that are in no use, that they are not.
    pub fn unused_words(&self) -> Option<String> {
        let unused = self.unused();
        let names: Vec<_> = unused.iter().map(|mark| ["Kit ", mark].concat()).collect();
        let names = names.join(", ");
        match unused.len() {
            0 => None,
            1 => Some(
                [
                    "The recovery key you saved before (",
                    &*names,
                    ") is not in use, and opens nothing. Delete that copy.",
                ]
                .concat(),
            ),
            _ => Some(
                [
                    "The recovery keys you saved before (",
                    &*names,
                    ") are not in use, and open nothing. Delete these copies.",
                ]
                .concat(),
            ),
        }
    }

    pub(super) fn make_key(&self, job: Job, phrase: Option<Secret>) -> (Step, Vec<Effect>) {
        let effects = self.tell(Command::MakeKey { phrase: phrase.clone() });
        (Step::MakingKey { job, phrase }, effects)
    }
}

/// Compares an entry with the key that was made.
pub(super) fn compare(entry: &Secret, made: &Secret) -> Result<(), ProofMistake> {
    let entered = RecoveryKey::parse(entry.expose()).map_err(ProofMistake::Form)?;
    match RecoveryKey::parse(made.expose()) {
        Ok(made) if made == entered => Ok(()),
        Ok(_) | Err(_) => Err(ProofMistake::AnotherKey),
    }
}
