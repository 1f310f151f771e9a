//! A new recovery key: how the person chooses to make it, and when it proves to be kept.

use super::{
    input::{Effect, Input},
    memory::Memory,
    state::{Draft, EntryMistake, Job},
    step::{MakingKey, Phrase, Turn},
};
use crate::{
    domain::{recovery_key::RecoveryKey, secret::Secret},
    protocol::messages::Command,
};

impl Memory {
    pub(super) fn choose(&self, job: Job, how: &Input) -> Turn {
        if matches!(how, Input::ChosePhrase) {
            Turn::to(Phrase { job, draft: Draft::default() })
        } else {
            self.make_key(job, None)
        }
    }

    pub(super) fn make_key(&self, job: Job, phrase: Option<Secret>) -> Turn {
        let effects = self.tell(Command::MakeKey { phrase: phrase.clone() });
        Turn::to(MakingKey { job, phrase }).then(effects)
    }

    /// Has a phrase judged that was typed. `least`: the characters that it must have.
    pub(super) fn judge_typed(
        &mut self,
        draft: &mut Draft,
        phrase: Secret,
        least: u8,
        user_id: &str,
    ) -> Vec<Effect> {
        draft.judgement = None;
        draft.choosing = None;
        if phrase.is_blank() {
            self.number(draft);
            Vec::new()
        } else {
            self.judge(draft, phrase, least, user_id)
        }
    }

    /// Has a phrase judged. The engine needs no estimate of what it proposed, and so nothing is fetched for that.
    pub(super) fn judge(
        &mut self,
        draft: &mut Draft,
        phrase: Secret,
        least: u8,
        user_id: &str,
    ) -> Vec<Effect> {
        self.number(draft);
        let strength = self.config.strength.power();
        let is_proposed = draft.suggestion.as_ref() == Some(&phrase);
        let judge = Command::Judge { number: draft.number, phrase, estimate: None, strength, least };
        if is_proposed {
            self.tell(judge)
        } else {
            vec![Effect::Estimate { run: self.run, judge, user_id: user_id.to_owned() }]
        }
    }

    /// Gives a draft a number that no question of this visit has had: a judgement may come late, also on a
    /// phrase of an earlier screen.
    fn number(&mut self, draft: &mut Draft) {
        self.judged += 1;
        draft.number = self.judged;
    }
}

/// Compares an entry with the key that was made.
pub(super) fn compare(entry: &Secret, made: &Secret) -> Result<(), EntryMistake> {
    let entered = RecoveryKey::parse(entry.expose()).map_err(EntryMistake::Form)?;
    match RecoveryKey::parse(made.expose()) {
        Ok(made) if made == entered => Ok(()),
        Ok(_) | Err(_) => Err(EntryMistake::AnotherKey),
    }
}
