//! The order that a set-up carries out: the tasks that the person agreed to, and the account at that time.

use matrix_sdk_crypto::{secret_storage::SecretStorageKey, store::types::BackupDecryptionKey};

use super::SetUp;
use crate::{
    domain::{
        diagnosis::{KeyKnown, Known},
        handed_over::HandedOver,
        opening::{Found, Opening},
        plan::{Action, Task, tasks},
        problem::Problem,
    },
    engine::{
        account::{inspect::Inspection, keyring::Keyring},
        write::journal::Journal,
    },
};

/// The order that the person agreed to.
pub(super) struct Order {
    pub(super) action: Action,
    pub(super) tasks: Vec<Task>,
    /// The state that must still stand, unless ours stands there by now.
    pub(super) before: Before,
    /// The key that is to be replaced, if one was opened for it.
    pub(super) old_key: Option<SecretStorageKey>,
}

/// The account when the person agreed.
pub(super) struct Before {
    pub(super) default_key: Option<String>,
    pub(super) master_key: Option<String>,
    pub(super) backup_version: Option<String>,
    /// Set if there was a version, or the server could not tell.
    pub(super) has_backup: bool,
}

impl Before {
    pub(super) fn of(seen: &Inspection) -> Self {
        Self {
            default_key: seen.account_data.default_key().map(ToOwned::to_owned),
            master_key: seen.account.master_key().map(ToOwned::to_owned),
            backup_version: seen.backup.as_ref().map(|backup| backup.facts.version.clone()),
            has_backup: seen.backup.is_some() || seen.account.backup_untold,
        }
    }
}

impl SetUp {
    /// Settles the order for this key, by what the person saw when they agreed. A second call with the same action
    /// changes nothing.
    ///
    /// # Errors
    /// [`Problem::SomeoneElseIsWriting`] if the account is not one for this action; [`Problem::OutOfOrder`] if another
    /// action was settled, or the account was not looked at.
    pub(in crate::engine) fn begin(
        &mut self,
        action: Action,
        seen: Option<&Inspection>,
        keyring: &mut Keyring,
        handed_over: Option<HandedOver>,
        journal: &Journal,
    ) -> Result<(), Problem> {
        if let Some(order) = &self.order {
            return if order.action == action { Ok(()) } else { Err(Problem::out_of_order()) };
        }
        let seen = seen.ok_or(Problem::out_of_order())?;
        let opened = keyring.opened.take();
        let is_for = match action {
            Action::SetUp => seen.account.identity.is_none(),
            Action::Reset => seen.account.identity.is_some(),
            Action::ChangeKey => {
                opened.as_ref().is_some_and(|opened| opened.opening.found().is_some_and(Found::is_all_right))
            }
            Action::AddKey => handed_over.is_some_and(|came| came.identity),
            _ => false,
        };
        if !is_for {
            keyring.opened = opened;
            return Err(Problem::SomeoneElseIsWriting);
        }
        // The backup stays if what was entered opens it.
        let loose = keyring.loose_backup_key.key();
        let fits = |key: &BackupDecryptionKey| {
            seen.backup.as_ref().is_some_and(|backup| key.backup_key_matches(&backup.info))
        };
        let (old_key, stored) = match opened {
            Some(opened) => (Some(opened.key), opened.backup_key),
            None => (None, None),
        };
        let kept = stored.or(loose).filter(fits);
        let mut known = Known {
            handed_over: handed_over.filter(|_| kept.is_some()),
            reads_older: !keyring.reading_keys.is_empty(),
            ..Known::default()
        };
        if let Some(kept) = kept {
            known.key = KeyKnown::Tried(Opening::BackupDirectly { room_keys: 0, by_phrase: false });
            self.backup_decryption_key = kept;
        }
        let list = tasks(action, &seen.account, &known);
        let before = Before::of(seen);
        // A backup that is neither made nor signed is the one from before.
        if !list.contains(&Task::CreateBackup) && !list.contains(&Task::SignBackup) {
            self.backup_version.clone_from(&before.backup_version);
        }
        self.order = Some(Order { action, tasks: list, before, old_key });
        journal.forget();
        Ok(())
    }
}
