//! The account that is being looked after, and what is known of it.

use crate::domain::{
    account::Account,
    config::Offers,
    diagnosis::{Diagnosis, KeyKnown, Known, diagnose},
    discovery::Server,
    opening::{Opening, StoredBackupKey},
    plan::{Action, Plan, Task, plan},
    proved::Proved,
};

/// An account that is being looked after, and where it lives.
#[derive(Clone, Debug, PartialEq)]
pub struct Visit {
    /// The homeserver.
    pub server: Server,
    /// The account as it was when looked at.
    pub account: Account,
    /// What is known beside it.
    pub known: Known,
    /// What was known before the person said more: the way back.
    pub earlier: Vec<Known>,
    /// What was written in this visit.
    pub written: Vec<Task>,
    /// Whether something else was changed: an app was confirmed, or keys of a file were saved.
    pub touched: bool,
    /// What the host has on offer.
    pub offers: Offers,
}

impl Visit {
    /// An account that was just looked at.
    pub fn new(server: Server, account: Account) -> Box<Self> {
        let known = Known::default();
        let (earlier, written, offers) = (Vec::new(), Vec::new(), Offers::default());
        Box::new(Self { server, account, known, earlier, written, touched: false, offers })
    }

    /// What is the matter, by what is known now.
    pub fn diagnosis(&self) -> Diagnosis {
        diagnose(&self.account, &self.known)
    }

    /// What can be done about it.
    pub fn plan(&self) -> Plan {
        plan(self.diagnosis(), &self.account, &self.known)
    }

    /// What else can be chosen. A host may withhold something only from those for whom nothing has to be
    /// mended: what is recommended is on offer, and whatever may lead on where that fails.
    pub fn others(&self) -> Vec<Action> {
        let Plan { recommended, others } = self.plan();
        let is_well = matches!(recommended, Action::Cover | Action::BringKeys);
        others.iter().copied().filter(|action| !(is_well && self.offers.withhold(*action))).collect()
    }

    /// Whether this can be chosen now.
    pub fn offers(&self, action: Action) -> bool {
        self.plan().recommended == action || self.others().contains(&action)
    }

    /// What the entered key was seen to open, if that is everything.
    pub fn proved(&self) -> Option<&Proved> {
        match &self.known.key {
            KeyKnown::Tried(Opening::SecretStorage { found, .. }) if found.is_all_right() => {
                match &found.backup {
                    StoredBackupKey::Fits { proved, .. } => Some(proved),
                    StoredBackupKey::Missing
                    | StoredBackupKey::Damaged
                    | StoredBackupKey::Differs { .. }
                    | StoredBackupKey::NoBackup => None,
                }
            }
            KeyKnown::Tried(_) | KeyKnown::NotAsked | KeyKnown::Lost => None,
        }
    }

    /// Whether the key that an action works with has been entered.
    pub(in crate::guide) fn has_key_for(&self, action: Action) -> bool {
        match &self.known.key {
            KeyKnown::Tried(Opening::SecretStorage { .. }) => true,
            KeyKnown::Tried(Opening::OlderSecretStorage { .. }) => action == Action::ChangeKey,
            KeyKnown::Tried(Opening::BackupDirectly { .. } | Opening::Nothing(_))
            | KeyKnown::NotAsked
            | KeyKnown::Lost => false,
        }
    }

    /// Whether nothing was changed in this visit.
    pub(in crate::guide) fn is_as_it_was(&self) -> bool {
        self.written.is_empty() && !self.touched
    }
}
