//! The order that a set-up carries out: the tasks that the person agreed to, and the account at that time.

use matrix_sdk_crypto::{secret_storage::SecretStorageKey, store::types::BackupDecryptionKey};

use super::made::Made;
use crate::{
    domain::{
        account::Account,
        diagnosis::{KeyKnown, Known},
        handed_over::HandedOver,
        opening::{Opening, StoredSecrets},
        plan::{Action, Task, tasks},
        problem::Problem,
    },
    engine::{
        account::{backup::BackupVersion, inspect::Inspection, keyring::Keyring, opened::Opened},
        write::progress::Progress,
    },
};

/// The order that the person agreed to.
pub(in crate::engine) struct Order {
    pub(super) purpose: Purpose,
    pub(super) progress: Progress,
    /// The state that must still stand, unless ours stands there by now.
    pub(super) before: Before,
}

/// The purpose of an order, with what it alone needs.
pub(super) enum Purpose {
    /// The account's first identity.
    SetUp,
    /// A new identity in the place of another.
    Reset,
    /// The same secrets under a new key.
    ChangeKey {
        /// The key that is to be replaced.
        old: SecretStorageKey,
    },
    /// A key for secrets that an app handed over.
    AddKey {
        /// The older versions whose keys did not come with them.
        awaited: Vec<BackupVersion>,
    },
    /// A set-up that an earlier visit has begun.
    Finish,
}

impl Purpose {
    /// The purpose of an action, if the account is one for it. Takes the key that is to be replaced.
    fn of(
        action: Action,
        seen: &Inspection,
        opened: &mut Option<Opened>,
        handed_over: Option<HandedOver>,
    ) -> Option<Self> {
        let has_identity = seen.account.identity.is_some();
        match action {
            Action::SetUp => (!has_identity).then_some(Self::SetUp),
            Action::Reset => has_identity.then_some(Self::Reset),
            Action::ChangeKey => {
                let is_whole =
                    |opened: &mut Opened| opened.opening.found().is_some_and(StoredSecrets::is_all_right);
                Some(Self::ChangeKey { old: opened.take_if(is_whole)?.key })
            }
            Action::AddKey => {
                let came = handed_over.is_some_and(|came| came.identity);
                came.then(|| Self::AddKey { awaited: Vec::new() })
            }
            _ => None,
        }
    }

    /// The action that the person chose.
    pub(super) fn action(&self) -> Action {
        match self {
            Self::SetUp => Action::SetUp,
            Self::Reset => Action::Reset,
            Self::ChangeKey { .. } => Action::ChangeKey,
            Self::AddKey { .. } => Action::AddKey,
            Self::Finish => Action::Finish,
        }
    }
}

/// The account when the person agreed, or when an earlier order was taken up.
pub(super) struct Before {
    pub(super) account: Account,
    /// The default key, with or without a description.
    pub(super) default_key: Option<String>,
}

impl Before {
    pub(super) fn of(seen: &Inspection) -> Self {
        let default_key = seen.account_data.default_key().map(ToOwned::to_owned);
        Self { account: seen.account.clone(), default_key }
    }

    /// The newest backup version.
    pub(super) fn backup_version(&self) -> Option<&str> {
        self.account.backup.as_ref().map(|backup| backup.version.as_str())
    }

    /// Tells whether there was a version, or the server could not tell.
    pub(super) fn has_backup(&self) -> bool {
        self.account.backup.is_some() || self.account.backup_untold
    }
}

impl Order {
    /// The version from before, if this order neither makes nor signs one.
    pub(super) fn untouched_version(&self) -> Option<&str> {
        let changes = [Task::CreateBackup, Task::SignBackup].iter().any(|task| self.progress.includes(*task));
        self.before.backup_version().filter(|_| !changes)
    }

    /// The older versions whose keys other devices may still hand over; none unless this order creates a backup.
    pub(super) fn awaited(&self) -> Vec<BackupVersion> {
        match &self.purpose {
            Purpose::AddKey { awaited } if self.progress.includes(Task::CreateBackup) => awaited.clone(),
            _ => Vec::new(),
        }
    }

    /// Tells whether this order has yet to publish an identity.
    pub(super) fn can_be_withdrawn(&self) -> bool {
        self.progress.has_ahead(Task::PublishIdentity)
    }
}

impl Made {
    /// Settles the order for this key; takes the key of a backup that stays, or makes a new one. An order that was given up
    /// before may have taken another's.
    pub(super) fn order(
        &mut self,
        action: Action,
        seen: &Inspection,
        keyring: &mut Keyring,
        handed_over: Option<HandedOver>,
    ) -> Result<Order, Problem> {
        let stored = keyring.opened.as_ref().and_then(|opened| opened.backup_key.clone());
        let purpose = Purpose::of(action, seen, &mut keyring.opened, handed_over);
        let purpose = purpose.ok_or(Problem::SomeoneElseIsWriting)?;
        keyring.opened = None;
        // The backup stays if what was entered opens it.
        let loose = keyring.loose_backup_key.key();
        let fits = |key: &BackupDecryptionKey| {
            seen.backup.as_ref().is_some_and(|backup| key.backup_key_matches(&backup.info))
        };
        let kept = stored.or(loose).filter(fits);
        let mut known = Known {
            handed_over: handed_over.filter(|_| kept.is_some()),
            reads_older: !keyring.reading_keys.is_empty(),
            ..Known::default()
        };
        if kept.is_some() {
            known.key = KeyKnown::Tried(Opening::BackupDirectly { room_keys: 0, by_phrase: false });
        }
        self.backup_key = kept.unwrap_or_else(BackupDecryptionKey::new);
        let progress = Progress::new(tasks(action, &seen.account, &known), Vec::new());
        Ok(Order { purpose, progress, before: Before::of(seen) })
    }
}
