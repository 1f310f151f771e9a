//! The account of this visit, and what is known of it.

use crate::domain::{
    account::Account,
    apps::{App, Sends},
    config::Offers,
    diagnosis::{Diagnosis, KeyKnown, Known, diagnose},
    discovery::Server,
    opening::{Form, Opening, StoredBackupKey},
    plan::{Action, Plan, Task, plan},
    proved::Proved,
    recovery_key::beginning::Beginning,
    secret::Secret,
};

/// The account of this visit, its server, and what is known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Visit {
    /// The homeserver.
    pub server: Server,
    /// The account as it was when looked at.
    pub account: Account,
    /// Facts that the person or the engine has added.
    pub known: Known,
    /// `known` as it was before each thing that the person said, to go back to.
    pub earlier: Vec<Known>,
    /// The tasks that were written in this visit.
    pub written: Vec<Task>,
    /// Set if something else was changed: an app was verified, a key file imported, or entries put back whole.
    pub touched: bool,
    /// The beginning of the recovery key that was seen to open the account; `None` if that was
    /// something else.
    pub begins: Option<Beginning>,
    /// The optional actions that the host allows.
    pub offers: Offers,
}

impl Visit {
    /// Makes the visit for an account that was just read.
    pub fn new(server: Server, account: Account) -> Box<Self> {
        let known = Known::default();
        let (earlier, written, offers) = (Vec::new(), Vec::new(), Offers::default());
        Box::new(Self { server, account, known, earlier, written, touched: false, begins: None, offers })
    }

    /// Takes note of what the person entered. Whoever calls it takes it back if the entry opens nothing.
    pub(in crate::guide) fn entered(&mut self, entry: &Secret) {
        self.begins = Beginning::of_entry(entry);
    }

    /// Takes note that the person has entered what opens a backup only to read, however far they go back.
    pub(in crate::guide) fn reads_older(&mut self) {
        self.earlier.iter_mut().chain([&mut self.known]).for_each(|known| known.reads_older = true);
    }

    /// Concludes what is the matter, by what is known now.
    pub fn diagnosis(&self) -> Diagnosis {
        diagnose(&self.account, &self.known)
    }

    /// Decides what to offer for that.
    pub fn plan(&self) -> Plan {
        plan(self.diagnosis(), &self.account, &self.known)
    }

    /// The other actions on offer. A host can switch some of them off, but only for people for whom nothing is wrong.
    pub fn others(&self) -> Vec<Action> {
        let Plan { recommended, others } = self.plan();
        let is_well = matches!(recommended, Action::Cover | Action::BringKeys);
        others.iter().copied().filter(|action| !(is_well && self.offers.withhold(*action))).collect()
    }

    /// Tells whether this action is on offer now.
    pub fn offers(&self, action: Action) -> bool {
        self.plan().recommended == action || self.others().contains(&action)
    }

    /// Evidence that the entered key opens everything, if it does.
    pub fn proved(&self) -> Option<&Proved> {
        match &self.known.key {
            KeyKnown::Tried(Opening::SecretStorage { found, .. })
                if found.is_all_right() && found.form == Form::ForAll && !found.is_near_password() =>
            {
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

    /// Tells whether the key that an action works with has been entered.
    pub(in crate::guide) fn has_key_for(&self, action: Action) -> bool {
        match &self.known.key {
            KeyKnown::Tried(Opening::SecretStorage { .. }) => true,
            KeyKnown::Tried(Opening::OlderSecretStorage { .. }) => action == Action::ChangeKey,
            KeyKnown::Tried(Opening::BackupDirectly { .. } | Opening::Nothing(_))
            | KeyKnown::NotAsked
            | KeyKnown::Lost => false,
        }
    }

    /// The app that never sends an old key, if there is no other that could.
    pub fn silent_app(&self) -> Option<App> {
        let apps = App::among(self.account.apps());
        let is_silent = |app: &App| app.facts().sends == Sends::Never;
        apps.first().copied().filter(|_| apps.iter().all(is_silent))
    }

    /// Tells whether the account has changed since this visit looked at it.
    pub(in crate::guide) fn has_changed(&self, account: &Account) -> bool {
        !account.is_as_it_was(&self.account)
    }

    /// Tells whether nothing was changed in this visit.
    pub(in crate::guide) fn has_changed_nothing(&self) -> bool {
        self.written.is_empty() && !self.touched
    }
}
