//! A set-up that has begun to write: what it writes, and how far it has come.

use matrix_sdk_crypto::secret_storage::SecretStorageKey;
use serde_json::Value;

use super::{
    made::Made,
    order::{Order, Purpose},
    version::Version,
};
use crate::{
    domain::{
        plan::Task,
        problem::{Part, Problem},
        proved::Proved,
    },
    engine::{
        account::{
            account_data::AccountData,
            event_types::{DEFAULT_KEY, KEY_PREFIX},
            inspect::Inspection,
            published_identity,
            secret_storage::Secrets,
        },
        connection::Connection,
        sign_in::halt::Halt,
        write::{identity::NewIdentity, journal::Journal, key_change::KeyChange, older_keys::OlderKeys},
    },
};

/// A set-up whose secrets are made, and written under the key as far as the order has come.
pub(in crate::engine) struct Writer {
    pub(super) made: Made,
    pub(super) order: Order,
    /// The identity that this visit made; kept, so that the same one is published after a failure.
    pub(super) identity: Option<NewIdentity>,
    /// The writes under the key, to be compared with what is read back.
    pub(super) written: Written,
    pub(super) version: Version,
    /// The room keys of older versions that a fresh one takes in.
    pub(super) older_keys: OlderKeys,
    /// What a stranger opened with the key.
    pub(super) proved: Option<Proved>,
}

/// The secrets, and the account data in which they are stored.
pub(super) struct Written {
    pub(super) secrets: Secrets,
    /// The events of the secrets, merged into what stood there, and the key's description.
    pub(super) events: Vec<(String, Value)>,
    /// The account data into which they were merged.
    pub(super) before: AccountData,
}

impl Writer {
    /// Reads again what may have changed since the last attempt: everything must be ours or what was there before.
    /// Merges the secrets anew if they are still to be stored; what was read back has to be read back again. Once this key is the
    /// default one, nothing is left to compare.
    pub(super) async fn look_again(&mut self, connection: &Connection) -> Result<(), Halt> {
        if self.order.progress.is_done(Task::Commit) {
            return Ok(());
        }
        let before = &self.order.before;
        let now = Inspection::read_surely(connection, before.default_key.as_deref()).await?;
        let key_is_ours = match now.account_data.get(DEFAULT_KEY) {
            None => before.default_key.is_none(),
            Some(_) => {
                let key_id = now.account_data.default_key();
                key_id == Some(self.made.key.key_id()) || key_id == before.default_key.as_deref()
            }
        };
        let secrets = &self.written.secrets;
        let identity_is_ours = now.account.master_key() == before.account.master_key()
            || published_identity::is_identity_of(&connection.user_id, &now.keys, secrets).await;
        let backup_is_ours = now.backup.as_ref().is_none_or(|backup| {
            self.made.backup_key.backup_key_matches(&backup.info)
                || Some(backup.facts.version.as_str()) == before.backup_version()
        });
        if !key_is_ours || !identity_is_ours || !backup_is_ours {
            return Err(Problem::SomeoneElseIsWriting.into());
        }
        if !self.order.progress.is_done(Task::StoreSecrets) {
            match &self.order.purpose {
                Purpose::ChangeKey { old } => {
                    self.written = Written::moved(connection, old, &self.made).await?;
                }
                _ => self.written.merge_anew(self.made.key.key_id(), now.account_data),
            }
        }
        self.order.progress.redo(Task::ReadBack);
        Ok(())
    }

    /// Takes everything back after a failure, if the published identity is the one from before. If another client has
    /// published one, only removes this order's backup version. Returns whether everything is as it was.
    ///
    /// # Errors
    /// The request's problem, or [`Problem::NotAsWritten`].
    pub(super) async fn take_back(
        &mut self,
        connection: &Connection,
        journal: &Journal,
    ) -> Result<bool, Problem> {
        if !self.order.can_be_withdrawn() {
            return Ok(false);
        }
        let now = Inspection::read(connection).await?;
        let is_as_before = now.account.master_key() == self.order.before.account.master_key();
        let secrets = &self.written.secrets;
        if !is_as_before && published_identity::is_identity_of(&connection.user_id, &now.keys, secrets).await
        {
            return Ok(false);
        }
        // While a version of ours may be there, the key that opens it has to stay.
        if now.account.backup_untold && self.version.is_asked_for() {
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
        self.order.progress.forget_done();
        Ok(is_all)
    }
}

impl Written {
    /// Merges the entries of the secrets into what stands there, and adds the key's description.
    pub(super) fn of(
        made: &Made,
        secrets: Secrets,
        entries: Vec<(String, Value)>,
        archives: Vec<(String, Value)>,
        before: AccountData,
    ) -> Self {
        let key_id = made.key.key_id();
        let merged = entries.into_iter().map(|(secret, entry)| {
            let content = before.with_encrypted(&secret, key_id, entry);
            (secret, content)
        });
        let description = (format!("{KEY_PREFIX}{key_id}"), made.description.clone());
        let events = merged.chain(archives).chain([description]).collect();
        Self { secrets, events, before }
    }

    /// Moves everything that the old key opens now under the new one: secrets of any name, and archives.
    ///
    /// # Errors
    /// [`Problem::DoesNotFit`] if the old key opens no secrets, or a request's problem.
    pub(super) async fn moved(
        connection: &Connection,
        old: &SecretStorageKey,
        made: &Made,
    ) -> Result<Self, Problem> {
        let data = AccountData::read_all_surely(&connection.server, &connection.user_id).await?;
        let secrets = Secrets::read(&data, old.key_id(), old).ok_or(Problem::DoesNotFit)?;
        let change = KeyChange { old, new: &made.key };
        let (entries, archives) = (change.secrets(&data)?, change.archives(&data)?);
        Ok(Self::of(made, secrets, entries, archives, data))
    }

    /// Merges the secrets into account data that was read anew.
    fn merge_anew(&mut self, key_id: &str, fresh: AccountData) {
        for (name, content) in &mut self.events {
            if let Some(entry) = content["encrypted"].get(key_id) {
                *content = fresh.with_encrypted(name, key_id, entry.clone());
            }
        }
        self.before = fresh;
    }
}
