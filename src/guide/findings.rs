//! The findings: what the person chooses there, and the key that they try.

use super::{
    Effect, Guide,
    harvest::verify,
    step::{Goal, Harvest, Job, Part, Step, Visit},
};
use crate::domain::{
    account::{Place, SecretStorage},
    diagnosis::KeyKnown,
    opening::{Opening, StoredIdentity},
    plan::Action,
    verification::Verification,
};

impl Guide {
    /// Tells whether the findings offer an action.
    pub(super) fn offers(&self, action: Action) -> bool {
        matches!(&self.step, Step::Findings { visit, .. } if visit.offers(action))
    }

    /// Begins the action that the person chose among the findings.
    pub(super) fn begin(&mut self, mut visit: Box<Visit>, action: Action) -> (Step, Vec<Effect>) {
        let before = visit.known.clone();
        let step = match action {
            Action::SayKeyLost => {
                visit.known.key = KeyKnown::Lost;
                visit.earlier.push(before);
                Step::findings(visit)
            }
            Action::SayAppLost => {
                visit.known.app_lost = true;
                visit.earlier.push(before);
                Step::findings(visit)
            }
            Action::WantBackup => {
                visit.known.wants_backup = true;
                visit.earlier.push(before);
                Step::findings(visit)
            }
            Action::EnterKey => check(visit, None),
            Action::Repair | Action::ChangeKey | Action::Rotate if !visit.has_key_for(action) => {
                check(visit, Some(action))
            }
            Action::Repair | Action::Rotate | Action::Reset => {
                Step::Consent { job: Job { visit, action }, differed: false }
            }
            Action::SetUp | Action::ChangeKey | Action::AddKey => Step::Choose { job: Job { visit, action } },
            Action::Finish => Step::Resume { visit, trying: None, trouble: None },
            Action::Verify => return verify(Goal::Receive(visit), Verification::Idle),
            Action::BringKeys | Action::Cover => {
                let part = if action == Action::Cover { Part::Coverage } else { Part::OldKeys };
                return match visit.proved().cloned() {
                    Some(proved) => self.go_to(Harvest::new(visit, proved), part),
                    None => (Step::findings(visit), Vec::new()),
                };
            }
            // `Guide::take` signs out before this is reached.
            Action::End => Step::findings(visit),
        };
        (step, Vec::new())
    }

    /// Decides what to do with an entry, by what it opens.
    pub(super) fn opened(
        &mut self,
        mut visit: Box<Visit>,
        then: Option<Action>,
        opening: Opening,
    ) -> (Step, Vec<Effect>) {
        let storage = matches!(visit.account.secret_storage, SecretStorage::Present { .. });
        if !matches!(opening, Opening::SecretStorage { .. }) {
            visit.begins = None;
        }
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
            let opening = Some(opening);
            return (Step::Check { visit, then, trying: false, opening, trouble: None }, Vec::new());
        }
        visit.known.key = KeyKnown::Tried(opening);
        visit.earlier.clear();
        match then.filter(|action| visit.offers(*action) && visit.has_key_for(*action)) {
            Some(action) => self.begin(visit, action),
            None => (Step::findings(visit), Vec::new()),
        }
    }
}

fn check(visit: Box<Visit>, then: Option<Action>) -> Step {
    Step::Check { visit, then, trying: false, opening: None, trouble: None }
}
