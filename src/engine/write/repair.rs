//! Mends in place what an opened recovery key reaches: nothing is replaced, nothing is taken away.

use matrix_sdk_crypto::{secret_storage::SecretStorageKey, store::types::BackupDecryptionKey};
use zeroize::Zeroizing;

use crate::{
    domain::{
        diagnosis::{KeyKnown, Known},
        plan::{Action, Task, tasks},
        problem::Problem,
        secret::Secret,
    },
    engine::{
        account::{
            account_data::{self, AccountData},
            archive,
            backup::{self, BackupVersion},
            inspect::{self, Inspection},
            keyring::Keyring,
            secret_storage::{backup_decryption_key, cross_signing, require_strong},
            stranger,
        },
        devices::received_secrets,
        sign_in::{halt::Halt, uia::GivenProof},
        write::{
            context::Context, identity, journal::Journal, progress::Progress, stored_backup_key, stored_form,
            stored_identity,
        },
    },
};

/// A repair, and how far it has come.
pub(in crate::engine) struct Repair {
    key: SecretStorageKey,
    recovery_key: Secret,
    progress: Progress,
    identity_before: Option<String>,
    /// The backup key that was entered by itself and has to be stored.
    loose_backup_key: Option<Zeroizing<String>>,
    /// Set if the key to be stored is one that was put aside.
    puts_back: bool,
}

impl Repair {
    /// Plans the repair of the secret storage that was opened last.
    ///
    /// # Errors
    /// [`Problem::KeyNotProved`] if none was opened; [`Problem::WeakKey`] if a secret would be stored under a weak key.
    pub(in crate::engine) fn new(
        inspection: &Inspection,
        keyring: &mut Keyring,
        journal: &Journal,
    ) -> Result<Self, Problem> {
        let opened = keyring.opened.as_ref().ok_or(Problem::KeyNotProved)?;
        opened.require_unknown_to_server()?;
        // The page asks the person before it orders a repair.
        let known =
            Known { key: KeyKnown::Tried(opened.opening.clone()), wants_backup: true, ..Known::default() };
        let tasks = tasks(Action::Repair, &inspection.account, &known);
        // Checked before the first task, so that nothing is put aside for nothing.
        if tasks.iter().any(|task| matches!(task, Task::StoreBackupKey | Task::StoreIdentity)) {
            require_strong(&inspection.account_data, &opened.key)?;
        }
        let identity_before = inspection.account.master_key().map(ToOwned::to_owned);
        let puts_back = opened.opening.found().is_some_and(|found| !found.loose_backup_key);
        let opened = keyring.opened.take().ok_or(Problem::KeyNotProved)?;
        journal.forget();
        Ok(Self {
            progress: Progress::new(tasks, Vec::new()),
            puts_back,
            key: opened.key,
            recovery_key: opened.recovery_key,
            identity_before,
            loose_backup_key: keyring.loose_backup_key.text().cloned(),
        })
    }

    /// The public master key before this order.
    pub(in crate::engine) fn identity_before(&self) -> Option<&str> {
        self.identity_before.as_deref()
    }

    /// Tells whether this order has yet to publish the identity; until then it can be taken back.
    pub(in crate::engine) fn can_be_withdrawn(&self) -> bool {
        self.progress.has_ahead(Task::PublishIdentity)
    }

    /// The recovery key with which it is done.
    pub(in crate::engine) fn recovery_key(&self) -> Secret {
        self.recovery_key.clone()
    }

    /// Does the tasks that are left, and tells each one that is done.
    ///
    /// # Errors
    /// The [`Halt`] that stopped it; the next call goes on from there.
    pub(in crate::engine) async fn run(
        &mut self,
        context: &Context<'_>,
        given: &mut GivenProof<'_>,
        tell: &impl Fn(Task),
    ) -> Result<(), Halt> {
        while let Some(task) = self.progress.next_task() {
            match task {
                Task::CheckUnchanged => {
                    drop(inspect::check_unchanged(context.connection, context.seen()?).await?);
                }
                Task::StoreBackupKey => self.store_backup_key(context).await?,
                Task::Rewrite => stored_form::rewrite(context.connection, context.journal, &self.key).await?,
                Task::StoreIdentity => Self::store_identity(context, &self.key).await?,
                Task::PublishIdentity => {
                    self.publish_identity(context, given).await?;
                    // A published identity cannot be taken back.
                    context.journal.forget();
                }
                Task::SignBackup => self.sign_backup(context).await?,
                Task::Announce => account_data::announce_backup(context.connection).await?,
                // The caller tries the key again, and tells what it opens now.
                Task::TryAsStranger => {}
                Task::Download
                | Task::Archive
                | Task::StoreSecrets
                | Task::RemoveDehydrated
                | Task::CreateBackup
                | Task::Upload
                | Task::Compare
                | Task::ReadBack
                | Task::Commit
                | Task::RetireOldKey => return Err(Problem::out_of_order().into()),
            }
            self.progress.complete(task);
            tell(task);
        }
        Ok(())
    }

    /// Puts aside the stored backup key, then stores the one that was entered, or the one that was put aside.
    async fn store_backup_key(&self, context: &Context<'_>) -> Result<(), Halt> {
        let data = stored_backup_key::read(context.connection, &self.key).await?;
        let seen = context.inspection.and_then(|seen| seen.backup.as_ref());
        let backup_key = match &self.loose_backup_key {
            Some(entered) if !self.puts_back => entered.clone(),
            _ => {
                let archived = seen.and_then(|backup| archive::backup_key_for(&data, &self.key, backup));
                Zeroizing::new(archived.ok_or(Problem::SomeoneElseIsWriting)?.to_base64())
            }
        };
        let version = seen.map(|backup| backup.facts.version.as_str());
        stored_backup_key::put_aside(context.connection, context.journal, &data, version, false).await?;
        stored_backup_key::store(context.connection, context.journal, &data, &self.key, &backup_key).await?;
        if self.puts_back {
            // The fresh backup whose beginning put that key aside is given up.
            let data = AccountData::read(&context.connection.server).await?;
            archive::mark_rotations_complete(context.connection, &data).await?;
        }
        Ok(())
    }

    /// Puts aside the stored identity, then stores the one that an app handed over.
    async fn store_identity(context: &Context<'_>, key: &SecretStorageKey) -> Result<(), Halt> {
        let now = Inspection::read_surely(context.connection, Some(key.key_id())).await?;
        require_strong(&now.account_data, key)?;
        let identity =
            received_secrets::identity(context.connection, &now.keys).await.ok_or(Problem::DoesNotFit)?;
        stored_identity::put_aside(context.connection, context.journal, &now.account_data).await?;
        Ok(stored_identity::store(context.connection, context.journal, &now.account_data, key, &identity)
            .await?)
    }

    async fn publish_identity(&self, context: &Context<'_>, given: &mut GivenProof<'_>) -> Result<(), Halt> {
        let types = inspect::to_be_sure_of(Some(self.key.key_id()));
        let data =
            AccountData::read_surely(&context.connection.server, &context.connection.user_id, types, |_| {
                Ok(())
            })
            .await?;
        let stored = cross_signing(&data, self.key.key_id(), &self.key).ok_or(Problem::DoesNotFit)?;
        identity::publish_stored(context.connection, context.challenge, &stored, given).await
    }

    async fn sign_backup(&self, context: &Context<'_>) -> Result<(), Halt> {
        let now = Inspection::read_surely(context.connection, Some(self.key.key_id())).await?;
        let machine = stranger::machine_with_stored_identity(context.connection, &now, &self.key).await?;
        let backup = now.backup.ok_or(Problem::SomeoneElseIsWriting)?;
        // A signature makes apps trust the backup: only one that the stored key opens may be signed.
        if !is_opened_by_stored_key(&now.account_data, &self.key, &backup) {
            return Err(Problem::SomeoneElseIsWriting.into());
        }
        Ok(backup::sign(&context.connection.server, &machine, &context.connection.user_id, &backup).await?)
    }
}

fn is_opened_by_stored_key(data: &AccountData, key: &SecretStorageKey, backup: &BackupVersion) -> bool {
    let stored = backup_decryption_key(data, key.key_id(), key);
    let stored = stored.and_then(|text| BackupDecryptionKey::from_base64(&text).ok());
    stored.is_some_and(|stored| stored.backup_key_matches(&backup.info))
}
