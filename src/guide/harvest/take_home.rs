//! Makes a copy of the whole backup.

use super::Part;
use crate::{
    domain::secret::Secret,
    guide::{
        Effect, Guide, Input,
        step::{CopyHome, Draft, Harvest, Long, Step},
    },
    protocol::messages::{Command, Event},
};

impl Guide {
    pub(super) fn take_home(&mut self, step: Step, input: Input) -> (Step, Vec<Effect>) {
        let Step::TakeHome { mut harvest, mut draft, mut work, mut trouble } = step else {
            return (step, Vec::new());
        };
        let mut effects = Vec::new();
        match (input, &mut work) {
            (Input::TypedPhrase(phrase), None) => effects = self.judge(&mut draft, phrase),
            (Input::WantedSuggestion, None) => effects = self.tell(Command::Suggest),
            (Input::Engine(_, Event::Suggested(phrase)), None) => {
                draft.suggestion = Some(phrase.clone());
                effects = self.judge(&mut draft, phrase);
            }
            (Input::GavePassphrase(passphrase), None) if !passphrase.is_blank() => {
                effects = self.judge(&mut draft, passphrase.clone());
                draft.choosing = Some(passphrase);
            }
            (Input::Engine(_, Event::Judged { number, judgement }), None) if number == draft.number => {
                let acceptable = judgement.is_acceptable();
                draft.judgement = Some(judgement);
                if let Some(passphrase) = draft.choosing.take()
                    && acceptable
                {
                    trouble = None;
                    work = Some(Long::default());
                    effects = vec![Effect::ForgetMade];
                    // The page shows the passphrase again beside the file, which is worth nothing without it.
                    draft.suggestion = Some(passphrase.clone());
                    effects.extend(self.tell(Command::TakeHome { passphrase }));
                }
            }
            (Input::WantedStop, Some(work)) if !work.stopping => {
                work.stopping = true;
                effects = self.tell(Command::Stop);
            }
            (Input::Engine(_, Event::Progress { done, total }), Some(work)) => {
                work.progress = Some((done, total));
            }
            (Input::Engine(_, Event::Stopped), Some(_)) => {
                effects = vec![Effect::ForgetMade];
                work = None;
            }
            (Input::Engine(_, Event::TakenHome(taken)), Some(_)) => {
                harvest.copy = CopyHome::Taken(taken);
                effects = vec![save(&harvest)];
                work = None;
            }
            // The browser may have lost the file.
            (Input::WantedCopy, None) if matches!(harvest.copy, CopyHome::Taken(_)) => {
                effects = vec![save(&harvest)];
            }
            (Input::WentOn, None) => {
                if !matches!(harvest.copy, CopyHome::Taken(_)) {
                    harvest.copy = CopyHome::Declined;
                }
                harvest.came_by.push(Part::TakeHome);
                return self.go_to(harvest, Part::Done);
            }
            _ => {}
        }
        (Step::TakeHome { harvest, draft, work, trouble }, effects)
    }

    /// Has the engine judge a phrase.
    fn judge(&self, draft: &mut Draft, phrase: Secret) -> Vec<Effect> {
        draft.number += 1;
        draft.judgement = None;
        draft.choosing = None;
        if phrase.is_blank() {
            Vec::new()
        } else {
            self.tell(Command::Judge { number: draft.number, phrase })
        }
    }
}

/// Has the page save the copy that the engine has sent.
fn save(harvest: &Harvest) -> Effect {
    Effect::SaveFile { name: "matrix-keys", user_id: harvest.visit.account.user_id.clone() }
}
