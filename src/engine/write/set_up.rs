//! Writes under a new recovery key: the first set-up, a change of the key, a new identity.
//!
//! The order of writes keeps the account usable. The secrets come first, under a key that the person has kept and
//! entered, before anything exists that they open. The backup comes before the identity, since it can be taken back.
//! The default key, by which other clients find the secrets, comes last, after everything was read back. Ending
//! anywhere leaves what was there before as it was. Every task may be run again after a failure.

mod backup;
mod checks;
mod order;
mod publishing;
mod resume;
mod secrets;
mod tasks;

use matrix_sdk_crypto::{
    secret_storage::SecretStorageKey,
    store::types::{BackupDecryptionKey, CrossSigningKeyExport},
};
use serde_json::Value;

use self::order::Order;
use crate::{
    domain::{
        kit::Kit,
        plan::Task,
        problem::{Part, Problem},
        proved::Proved,
        secret::Secret,
    },
    engine::{
        account::{
            account_data::AccountData, backup::CurrentBackup, derivation, inspect::Inspection, kept::Kept,
            published_identity, secret_storage::Secrets,
        },
        connection::Connection,
        write::{identity::NewIdentity, journal::Journal, kit, new_key::NewKey, older_keys::OlderKeys},
    },
};

/// A key that was made for this account, and how far writing has come.
pub(in crate::engine) struct SetUp {
    key: SecretStorageKey,
    /// The key's description, as it is written.
    description: Value,
    recovery_key: Secret,
    phrase: Option<Secret>,
    backup_decryption_key: BackupDecryptionKey,
    /// Set when writing begins.
    order: Option<Order>,
    done: Vec<Task>,
    /// Made when writing begins, and kept, so that the same identity is published after a failure.
    identity: Option<NewIdentity>,
    /// The private keys of the published identity, if an app handed them over.
    handed_over: Option<CrossSigningKeyExport>,
    /// The writes under the key, to be compared with what is read back.
    written: Option<Written>,
    /// Set if a version of ours may exist already: this or an earlier attempt asked for it.
    backup_may_exist: bool,
    /// Set once this visit asked for it.
    asked_for_backup: bool,
    /// Set if the server has made the version and uses another one.
    is_unused: bool,
    backup_version: Option<String>,
    /// Older backup versions whose keys we do not have yet.
    awaited: Vec<CurrentBackup>,
    /// The room keys of older versions that a fresh one takes in.
    older_keys: OlderKeys,
    proved: Option<Proved>,
}

struct Written {
    secrets: Secrets,
    /// The events of the secrets, merged into what stood there, and the key's description.
    events: Vec<(String, Value)>,
    /// The account data into which they were merged.
    before: AccountData,
}

impl SetUp {
    /// Makes a new key, from a phrase if there is one (500,000 rounds), and a new backup key. Sends nothing.
    ///
    /// # Errors
    /// [`Problem::EngineStopped`], which cannot happen.
    pub(in crate::engine) async fn new(phrase: Option<Secret>) -> Result<Self, Problem> {
        let phrase = phrase.as_ref().map(derivation::composed);
        let made = NewKey::make(phrase.as_ref()).await;
        let NewKey { key, description } = made.ok_or(Problem::engine_stopped())?;
        let recovery_key = Secret::new(key.to_base58());
        let backup_decryption_key = BackupDecryptionKey::new();
        Ok(Self {
            key,
            description,
            recovery_key,
            phrase,
            backup_decryption_key,
            order: None,
            done: Vec::new(),
            identity: None,
            handed_over: None,
            written: None,
            backup_may_exist: false,
            asked_for_backup: false,
            is_unused: false,
            backup_version: None,
            awaited: Vec::new(),
            older_keys: OlderKeys::default(),
            proved: None,
        })
    }

    /// The backup version that this order made or kept, with the key that opens it.
    pub(in crate::engine) fn backup(&self) -> Option<(String, BackupDecryptionKey)> {
        Some((self.backup_version.clone()?, self.backup_decryption_key.clone()))
    }

    /// Tells whether this visit asked the server for a version.
    pub(in crate::engine) fn has_asked_for_backup(&self) -> bool {
        self.asked_for_backup
    }

    /// The older versions whose keys other devices may still hand over; none unless this order creates a backup.
    pub(in crate::engine) fn awaited(&self) -> Vec<CurrentBackup> {
        let creates = |order: &Order| order.tasks.contains(&Task::CreateBackup);
        if self.order.as_ref().is_some_and(creates) { self.awaited.clone() } else { Vec::new() }
    }

    /// The tasks that are done already.
    pub(in crate::engine) fn done(&self) -> &[Task] {
        &self.done
    }

    /// The public master key before this order.
    pub(in crate::engine) fn identity_before(&self) -> Option<&str> {
        self.order.as_ref()?.before.master_key.as_deref()
    }

    /// The identity that this makes.
    pub(in crate::engine) fn new_identity(&self) -> Option<&NewIdentity> {
        self.identity.as_ref()
    }

    /// The new recovery key in its text form, to be shown once.
    pub(in crate::engine) fn recovery_key(&self) -> Secret {
        self.recovery_key.clone()
    }

    /// The phrase that leads to the new key, if there is one.
    pub(in crate::engine) fn phrase(&self) -> Option<&Secret> {
        self.phrase.as_ref()
    }

    /// The new key as one that the person kept.
    pub(in crate::engine) fn kept(&self) -> Kept {
        Kept::new(&self.key, self.phrase.clone())
    }

    /// The sheet with the new recovery key.
    pub(in crate::engine) fn kit(&self) -> Kit {
        kit::kit(self.recovery_key(), self.key.key_id())
    }

    /// Tells whether writing has begun; from then on this key becomes the account's, or is given up.
    pub(in crate::engine) fn has_begun(&self) -> bool {
        self.done.iter().any(|task| task.writes()) || self.written.is_some()
    }

    /// Tells whether the person has agreed; from then on the account is compared with what they saw.
    pub(in crate::engine) fn is_ordered(&self) -> bool {
        self.order.is_some()
    }

    /// Forgets what the person agreed to, if nothing of it was begun.
    pub(in crate::engine) fn forget_order(&mut self) {
        if !self.has_begun() {
            self.order = None;
        }
    }

    /// Tells whether this order has yet to publish an identity; until then it can be taken back.
    pub(in crate::engine) fn can_be_withdrawn(&self) -> bool {
        self.order.as_ref().is_some_and(|order| order.tasks.contains(&Task::PublishIdentity))
            && !self.done.contains(&Task::PublishIdentity)
    }

    /// Tells whether a new identity was made that is not published yet.
    pub(in crate::engine) fn is_about_to_publish(&self) -> bool {
        self.identity.is_some() && !self.done.contains(&Task::PublishIdentity)
    }

    #[track_caller]
    fn order(&self) -> Result<&Order, Problem> {
        self.order.as_ref().ok_or(Problem::out_of_order())
    }

    #[track_caller]
    fn written(&self) -> Result<&Written, Problem> {
        self.written.as_ref().ok_or(Problem::out_of_order())
    }

    /// Takes everything back after a failure, if the published identity is the one from before. If another client has
    /// published one, only removes this order's backup version. Returns whether everything is as it was.
    ///
    /// # Errors
    /// The request's problem, or [`Problem::NotAsWritten`].
    pub(in crate::engine) async fn take_back(
        &mut self,
        connection: &Connection,
        journal: &Journal,
    ) -> Result<bool, Problem> {
        if !self.has_begun() || !self.can_be_withdrawn() {
            return Ok(false);
        }
        let now = Inspection::read(connection).await?;
        let is_as_before = now.account.master_key() == self.identity_before();
        if !is_as_before
            && published_identity::is_identity_of(&connection.user_id, &now.keys, &self.written()?.secrets)
                .await
        {
            return Ok(false);
        }
        // While a version of ours may be there, the key that opens it has to stay.
        if now.account.backup_untold && self.asked_for_backup {
            return Err(Problem::Garbled);
        }
        self.remove_backup(connection, now.backup.as_ref()).await?;
        if !is_as_before {
            return Ok(false);
        }
        let is_all = journal.put_back(connection, &now.account_data).await?;
        let now = AccountData::read(&connection.server).await?;
        if !journal.undo(&now).0.is_empty() {
            return Err(Problem::NotAsWritten { part: Part::Secrets });
        }
        journal.forget();
        self.done.retain(|task| *task == Task::CheckUnchanged);
        Ok(is_all)
    }
}
