//! The fresh version and its key: stored and created in one step, or put back.

use zeroize::Zeroizing;

use super::Rotation;
use crate::{
    domain::{
        plan::Task,
        problem::{Part, Problem},
    },
    engine::{
        account::{
            account_data::AccountData,
            archive,
            backup::{self, BackupVersion},
            inspect::{Inspection, to_be_sure_of},
            secret_storage::require_strong,
            stranger,
        },
        connection::Connection,
        net::failure::Failure,
        write::{context::Context, stored_backup_key},
    },
    protocol::messages::Event,
};

/// What became of the old backup key after storing the fresh one, or creating its version, failed.
pub(super) enum OldKey {
    /// The fresh version exists after all, so its key stays stored.
    VersionExists,
    /// There is no fresh version. The old key is stored again, unless neither the journal nor an archive has
    /// it.
    PutBack,
}

impl Rotation {
    /// Puts aside the old backup key, still encrypted, with a note that a fresh backup has begun.
    pub(super) async fn archive(&self, context: &Context<'_>) -> Result<(), Problem> {
        let data = self.read_to_store(context.connection).await?;
        if self.is_stored && archive::rotation_was_cut_short(&data) {
            return Ok(());
        }
        let from = self.from.as_deref();
        // A key that was entered by itself is stored nowhere: without it the next visit could not go on.
        if let Some(entered) = context.keyring.loose_backup_key.text() {
            archive::put_aside_by_itself(context.connection, &self.key, entered, from).await?;
        }
        stored_backup_key::put_aside(context.connection, context.journal, &data, from, true).await
    }

    pub(super) async fn store_backup_key(&self, context: &Context<'_>) -> Result<(), Problem> {
        if self.is_stored {
            return Ok(());
        }
        let data = self.read_to_store(context.connection).await?;
        let text = Zeroizing::new(self.backup_key.to_base64());
        stored_backup_key::store(context.connection, context.journal, &data, &self.key, &text).await
    }

    pub(super) async fn read_to_store(&self, connection: &Connection) -> Result<AccountData, Problem> {
        let types = to_be_sure_of(Some(self.key.key_id()));
        AccountData::read_surely(&connection.server, &connection.user_id, types, |data| {
            self.check_default(data)
        })
        .await
    }

    /// Stops if the key of this order is no longer the default key, or nothing may be stored under it.
    pub(super) fn check_default(&self, data: &AccountData) -> Result<(), Problem> {
        if data.default_key() != Some(self.key.key_id()) {
            return Err(Problem::SomeoneElseIsWriting);
        }
        require_strong(data, &self.key)
    }

    /// Creates the fresh version, signed by the identity, or takes over the one that an earlier attempt created.
    pub(super) async fn create_backup(&mut self, connection: &Connection) -> Result<(), Problem> {
        let now = Inspection::read(connection).await?;
        self.check_default(&now.account_data)?;
        if self.adopt(now.backup.as_ref())? {
            return Ok(());
        }
        let machine = stranger::machine_with_stored_identity(connection, &now, &self.key).await?;
        let mut info = self.backup_key.to_backup_info();
        backup::sign_by_identity(&machine, &connection.user_id, &mut info).await?;
        let created = backup::create(&connection.server, &info).await;
        self.may_come = !created.as_ref().is_err_and(Failure::is_client_error);
        // An answer may name any version: look at the current one before keys go into it.
        let look = async || self.adopt(backup::current(&connection.server).await?.as_ref());
        if backup::comes_into_use(&created, look).await? {
            return Ok(());
        }
        match backup::version_of(&connection.server, &created?, &self.backup_key).await? {
            None => Err(Problem::NotAsWritten { part: Part::Backup }),
            Some(unused) => {
                self.may_come = !backup::delete_empty(&connection.server, &unused).await?;
                Err(Problem::BackupNotUsed)
            }
        }
    }

    /// If storing the key or creating its version failed, puts the old key back before the person is told: apps ask for
    /// it. A version that exists nevertheless is used.
    pub(super) async fn or_put_old_key_back(
        &mut self,
        context: &Context<'_>,
        outcome: Result<(), Problem>,
        tell: &impl Fn(Event),
    ) -> Result<(), Problem> {
        let problem = match outcome {
            Ok(()) => return Ok(()),
            // The person signs in again as the same device, and the order goes on.
            Err(problem) if is_outside(&problem) => return Err(problem),
            Err(problem) => problem,
        };
        match self.put_old_key_back(context).await {
            Ok(OldKey::VersionExists) => Ok(()),
            Ok(OldKey::PutBack) => {
                tell(Event::TakenBack(self.progress.done().to_vec()));
                Err(problem)
            }
            Err(problem) if is_outside(&problem) => Err(problem),
            Err(_) => Err(Problem::KeyNotPutBack),
        }
    }

    /// Puts the stored key back to what it was, unless the fresh version exists after all.
    pub(super) async fn put_old_key_back(&mut self, context: &Context<'_>) -> Result<OldKey, Problem> {
        let current = backup::current(&context.connection.server).await?;
        if let Some(current) = &current
            && self.backup_key.backup_key_matches(&current.info)
        {
            self.version = Some(current.facts.version.clone());
            return Ok(OldKey::VersionExists);
        }
        let fresh = Zeroizing::new(self.backup_key.to_base64());
        // If the version comes after all, the next visit opens it with this key.
        if std::mem::take(&mut self.may_come) {
            archive::put_aside_by_itself(context.connection, &self.key, &fresh, None).await?;
        }
        if !stored_backup_key::put_back(
            context.connection,
            context.journal,
            &self.key,
            &fresh,
            current.as_ref(),
        )
        .await?
        {
            return Ok(OldKey::PutBack);
        }
        self.is_stored = false;
        self.progress.redo(Task::StoreBackupKey);
        // The stored key is the old one again: the note of a fresh backup is no longer needed.
        let given_up = stored_backup_key::give_up_rotation(context.connection, context.journal).await;
        if given_up.is_ok() {
            context.journal.forget();
            self.progress.redo(Task::Archive);
        }
        Ok(OldKey::PutBack)
    }

    /// Tells whether the current version is the fresh one already, and takes it over.
    pub(super) fn adopt(&mut self, current: Option<&BackupVersion>) -> Result<bool, Problem> {
        match current {
            Some(current) if self.backup_key.backup_key_matches(&current.info) => {
                self.version = Some(current.facts.version.clone());
                self.older_keys.begin(current);
                Ok(true)
            }
            current if current.map(|current| &current.facts.version) == self.from.as_ref() => Ok(false),
            Some(_) | None => Err(Problem::SomeoneElseIsWriting),
        }
    }
}

/// Tells whether the server does not let this device in any more, so that nothing could be put back.
fn is_outside(problem: &Problem) -> bool {
    matches!(problem, Problem::SignedOut | Problem::Locked | Problem::Deactivated)
}
