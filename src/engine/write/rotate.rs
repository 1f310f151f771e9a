//! Makes a fresh backup that holds every room key of any version, and leaves the old ones as they are.
//!
//! Everything is read and opened first; the old backup's key is put aside, and the new one stored. Only then is the new
//! version created, filled, read back and compared. Storing and creating are one step: if no version comes of it, the
//! old key is put back before the person is told. Stopping anywhere loses nothing: the older versions stay until the
//! person has them deleted, and the next visit goes on.

mod older;
mod version;

use std::cell::Cell;

use matrix_sdk_crypto::{secret_storage::SecretStorageKey, store::types::BackupDecryptionKey};

use crate::{
    domain::{
        diagnosis::Known,
        opening::Opening,
        plan::{Action, Task, tasks},
        problem::Problem,
        proved::Proved,
        rotation::Rotated,
        secret::Secret,
    },
    engine::{
        account::{
            account_data::AccountData,
            archive,
            inspect::{Inspection, check_unchanged},
            keyring::Keyring,
            secret_storage::{backup_decryption_key, require_strong},
            stranger,
        },
        write::{
            context::Context,
            journal::Journal,
            older_keys::{Filling, OlderKeys},
            progress::Progress,
        },
    },
    protocol::messages::Event,
};

/// A fresh backup that is under way, or done.
pub(in crate::engine) struct Rotation {
    key: SecretStorageKey,
    recovery_key: Secret,
    progress: Progress,
    /// The room keys of the older versions.
    older_keys: OlderKeys,
    /// The fresh backup's key: a new one, or the one that an earlier attempt has stored.
    backup_key: BackupDecryptionKey,
    /// Set once that key is stored.
    is_stored: bool,
    /// The current version at the beginning.
    from: Option<String>,
    /// The fresh version, once it exists.
    version: Option<String>,
    /// Set while the server may still create the fresh version, though it was not seen yet.
    may_come: bool,
    /// The result, once the fresh backup is complete.
    complete: Option<(Proved, Rotated)>,
    /// Set once the person was told of that.
    pub(in crate::engine) is_told: bool,
}

impl Rotation {
    /// Prepares a fresh backup for the secret storage that was opened last.
    ///
    /// # Errors
    /// [`Problem::KeyNotProved`] if none was opened, or not the one of the default key; [`Problem::WeakKey`].
    pub(in crate::engine) fn new(
        inspection: &Inspection,
        keyring: &mut Keyring,
        journal: &Journal,
    ) -> Result<Self, Problem> {
        // Apps ask for the default key's secret storage only.
        let is_default = |opening: &Opening| matches!(opening, Opening::SecretStorage { .. });
        let opened = keyring.opened.as_ref().filter(|opened| is_default(&opened.opening));
        let opened = opened.ok_or(Problem::KeyNotProved)?;
        opened.require_unknown_to_server()?;
        require_strong(&inspection.account_data, &opened.key)?;
        let opened = keyring.opened.take().ok_or(Problem::KeyNotProved)?;
        journal.forget();
        Ok(Self {
            progress: Progress::new(
                tasks(Action::Rotate, &inspection.account, &Known::default()),
                Vec::new(),
            ),
            key: opened.key,
            recovery_key: opened.recovery_key,
            older_keys: OlderKeys::default(),
            backup_key: BackupDecryptionKey::new(),
            is_stored: false,
            from: None,
            version: None,
            may_come: false,
            complete: None,
            is_told: false,
        })
    }

    /// The recovery key with which it is done.
    pub(in crate::engine) fn recovery_key(&self) -> Secret {
        self.recovery_key.clone()
    }

    /// The fresh version with its key, once it is complete.
    pub(in crate::engine) fn backup(&self) -> Option<(String, BackupDecryptionKey)> {
        let (proved, _) = self.complete.as_ref()?;
        Some((proved.backup_version.clone(), self.backup_key.clone()))
    }

    /// Does the tasks that are left, and tells each one that is done and the progress of long ones.
    ///
    /// # Errors
    /// The problem that stopped it, [`Problem::OutOfOrder`] if it was asked to stop; the next call goes on from there.
    pub(in crate::engine) async fn run(
        &mut self,
        context: &Context<'_>,
        stop: &Cell<bool>,
        tell: &impl Fn(Event),
    ) -> Result<(Proved, Rotated), Problem> {
        let progress = |done: usize, total: usize| {
            tell(Event::Progress { done: done as u64, total: total as u64 });
        };
        // Until the fresh version exists, other clients write into the old one.
        if !self.progress.is_done(Task::CreateBackup) {
            self.progress.redo(Task::Download);
        }
        while let Some(task) = self.progress.next_task() {
            // Not between storing the key and creating the version: in between, the key would open nothing.
            if stop.get() && task != Task::CreateBackup {
                return Err(Problem::out_of_order());
            }
            match task {
                Task::CheckUnchanged => {
                    let now = check_unchanged(context.connection, context.seen()?).await?;
                    self.take_up(&now);
                }
                Task::Download => self.download(context, stop, &progress).await?,
                Task::Archive => self.archive(context).await?,
                Task::StoreBackupKey => {
                    let stored = self.store_backup_key(context).await;
                    self.or_put_old_key_back(context, stored, tell).await?;
                }
                Task::CreateBackup => {
                    let created = self.create_backup(context.connection).await;
                    self.or_put_old_key_back(context, created, tell).await?;
                    // The version exists: what was put aside stays so.
                    context.journal.forget();
                }
                Task::Upload | Task::Compare => {
                    let run = Filling {
                        connection: context.connection,
                        version: self.version.as_deref(),
                        key: &self.backup_key,
                        stop,
                        progress: &progress,
                    };
                    match task {
                        Task::Upload => self.older_keys.upload(run).await?,
                        _ => self.older_keys.compare(run).await?,
                    }
                }
                Task::TryAsStranger => self.prove(context).await?,
                Task::StoreSecrets
                | Task::Rewrite
                | Task::StoreIdentity
                | Task::PublishIdentity
                | Task::RemoveDehydrated
                | Task::SignBackup
                | Task::ReadBack
                | Task::Commit
                | Task::Announce
                | Task::RetireOldKey => return Err(Problem::out_of_order()),
            }
            self.progress.complete(task);
            tell(Event::TaskDone(task));
        }
        self.complete.clone().ok_or(Problem::out_of_order())
    }

    /// Takes up what an earlier attempt left: its key, and its version if that exists.
    fn take_up(&mut self, now: &Inspection) {
        let current = now.backup.as_ref();
        self.from = current.map(|backup| backup.facts.version.clone());
        if !archive::rotation_was_cut_short(&now.account_data) {
            return;
        }
        let stored = backup_decryption_key(&now.account_data, self.key.key_id(), &self.key);
        let Some(stored) = stored.and_then(|text| BackupDecryptionKey::from_base64(&text).ok()) else {
            return;
        };
        let opens_current = current.is_some_and(|backup| stored.backup_key_matches(&backup.info));
        if opens_current {
            self.version.clone_from(&self.from);
        }
        // If the stored key was also put aside, that attempt ended before it stored its own. Otherwise the stored key
        // is the attempt's.
        let archived = archive::backup_keys(&now.account_data, &self.key);
        let is_old = archived.iter().any(|old| old.as_bytes() == stored.as_bytes());
        if is_old {
            self.version = None;
        } else {
            self.backup_key = stored;
            self.is_stored = true;
        }
    }

    /// Opens everything as a stranger; only then does the fresh backup count as complete.
    async fn prove(&mut self, context: &Context<'_>) -> Result<(), Problem> {
        let proved = stranger::try_everything(
            context.connection,
            &context.keyring.derivations,
            &self.recovery_key,
            None,
        )
        .await?;
        if Some(&proved.backup_version) != self.version.as_ref() {
            return Err(Problem::SomeoneElseIsWriting);
        }
        let data = AccountData::read(&context.connection.server).await?;
        archive::mark_rotations_complete(context.connection, &data).await?;
        let rotated = self.older_keys.finish();
        self.complete = Some((proved, rotated));
        Ok(())
    }
}
