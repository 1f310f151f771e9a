//! Mending in place what an opened recovery key reaches: nothing is replaced, nothing is taken away.

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
            backup::{self, CurrentBackup},
            inspect::{self, Inspection},
            keyring::Keyring,
            secret_storage::{backup_decryption_key, cross_signing, require_strong},
            stranger,
        },
        devices::received_secrets,
        sign_in::{halt::Halt, uia::Given},
        write::{context::Context, identity, journal::Journal, stored_backup_key, stored_identity},
    },
};

/// What is to be mended, and how far that has come.
pub(in crate::engine) struct Repair {
    key: SecretStorageKey,
    recovery_key: Secret,
    tasks: Vec<Task>,
    done: Vec<Task>,
    identity_before: Option<String>,
    /// A backup key that was entered by itself and has to be stored.
    spare: Option<Zeroizing<String>>,
    /// Whether it is one that was put aside that has to be.
    puts_back: bool,
}

impl Repair {
    /// Plans what to do with the secret storage that was opened last.
    ///
    /// # Errors
    /// [`Problem::KeyNotProved`] if none was; [`Problem::WeakKey`] if a secret would be stored under a weak key.
    pub(in crate::engine) fn new(
        inspection: &Inspection,
        keyring: &mut Keyring,
        journal: &Journal,
    ) -> Result<Self, Problem> {
        let opened = keyring.opened.as_ref().ok_or(Problem::KeyNotProved)?;
        // The page asks before it orders this.
        let known = Known {
            key: KeyKnown::Tried(opened.opening.clone()),
            wants_backup: true,
            app_lost: false,
            handed_over: None,
        };
        let tasks = tasks(Action::Repair, &inspection.account, &known);
        // Before the first of them: what is put aside on the way would be for nothing.
        if tasks.iter().any(|task| matches!(task, Task::StoreBackupKey | Task::StoreIdentity)) {
            require_strong(&inspection.account_data, &opened.key)?;
        }
        let identity_before = inspection.account.master_key().map(ToOwned::to_owned);
        let puts_back = opened.opening.found().is_some_and(|found| !found.spare_backup_key);
        let opened = keyring.opened.take().ok_or(Problem::KeyNotProved)?;
        journal.forget();
        Ok(Self {
            tasks,
            puts_back,
            key: opened.key,
            recovery_key: opened.recovery_key,
            done: Vec::new(),
            identity_before,
            spare: keyring.loose_backup_key.text().cloned(),
        })
    }

    /// The public master key that there was before.
    pub(in crate::engine) fn identity_before(&self) -> Option<&str> {
        self.identity_before.as_deref()
    }

    /// Whether this waits for the server to let the identity be published; until then it can be taken back.
    pub(in crate::engine) fn can_be_withdrawn(&self) -> bool {
        self.tasks.contains(&Task::PublishIdentity) && !self.done.contains(&Task::PublishIdentity)
    }

    /// The key with which it is done.
    pub(in crate::engine) fn recovery_key(&self) -> Secret {
        self.recovery_key.clone()
    }

    /// Does what is left to do, telling each task that is done.
    ///
    /// # Errors
    /// Why it stopped; calling it again goes on from there.
    pub(in crate::engine) async fn run(
        &mut self,
        context: &Context<'_>,
        given: &mut Given<'_>,
        tell: &impl Fn(Task),
    ) -> Result<(), Halt> {
        for task in self.tasks.clone() {
            if self.done.contains(&task) {
                continue;
            }
            match task {
                Task::CheckUnchanged => {
                    drop(inspect::check_unchanged(context.connection, context.seen()?).await?);
                }
                Task::StoreBackupKey => self.store_backup_key(context).await?,
                Task::StoreIdentity => Self::store_identity(context, &self.key).await?,
                Task::PublishIdentity => {
                    self.publish_identity(context, given).await?;
                    // From here on it cannot be taken back.
                    context.journal.forget();
                }
                Task::SignBackup => self.sign_backup(context).await?,
                Task::Announce => account_data::announce_backup(context.connection).await?,
                // Whoever ordered this tries the key again, and says what it opens now.
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
                | Task::RetireOldKey => return Err(Problem::OutOfOrder.into()),
            }
            self.done.push(task);
            tell(task);
        }
        Ok(())
    }

    /// Stores the backup key that was entered, or the one that was put aside, after what stood in its place was put
    /// aside.
    async fn store_backup_key(&self, context: &Context<'_>) -> Result<(), Halt> {
        let data = stored_backup_key::read(context.connection, &self.key).await?;
        let seen = context.inspection.and_then(|seen| seen.backup.as_ref());
        let backup_key = match &self.spare {
            Some(spare) if !self.puts_back => spare.clone(),
            _ => {
                let archived = seen.and_then(|backup| archive::backup_key_for(&data, &self.key, backup));
                Zeroizing::new(archived.ok_or(Problem::SomeoneElseIsWriting)?.to_base64())
            }
        };
        let version = seen.map(|backup| backup.facts.version.as_str());
        stored_backup_key::put_aside(context.connection, context.journal, &data, version, false).await?;
        stored_backup_key::store(context.connection, context.journal, &data, &self.key, &backup_key).await?;
        if self.puts_back {
            // A fresh backup that was begun is given up with it.
            let data = AccountData::read(&context.connection.server).await?;
            archive::rotation_is_complete(context.connection, &data).await?;
        }
        Ok(())
    }

    /// Stores the identity that an open app handed over, after what stood in its place was put aside.
    async fn store_identity(context: &Context<'_>, key: &SecretStorageKey) -> Result<(), Halt> {
        let now = Inspection::read_surely(context.connection, Some(key.key_id())).await?;
        require_strong(&now.account_data, key)?;
        let identity =
            received_secrets::identity(context.connection, &now.keys).await.ok_or(Problem::DoesNotFit)?;
        stored_identity::put_aside(context.connection, context.journal, &now.account_data).await?;
        Ok(stored_identity::store(context.connection, context.journal, &now.account_data, key, &identity)
            .await?)
    }

    async fn publish_identity(&self, context: &Context<'_>, given: &mut Given<'_>) -> Result<(), Halt> {
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
        // Signing says "trust this": only what the stored key opens may be signed.
        if !is_opened_by_stored_key(&now.account_data, &self.key, &backup) {
            return Err(Problem::SomeoneElseIsWriting.into());
        }
        Ok(backup::sign(&context.connection.server, &machine, &context.connection.user_id, &backup).await?)
    }
}

fn is_opened_by_stored_key(data: &AccountData, key: &SecretStorageKey, backup: &CurrentBackup) -> bool {
    let stored = backup_decryption_key(data, key.key_id(), key);
    let stored = stored.and_then(|text| BackupDecryptionKey::from_base64(&text).ok());
    stored.is_some_and(|stored| stored.backup_key_matches(&backup.info))
}
