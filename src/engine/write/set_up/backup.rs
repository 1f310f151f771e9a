//! The backup version of a set-up: signed if it stays, made if there is none, and removed if nobody needs it.

use matrix_sdk_crypto::types::RoomKeyBackupInfo;

use super::{version::Version, writer::Writer};
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
            published_identity,
        },
        connection::Connection,
        sign_in::halt::Halt,
    },
};

impl Writer {
    /// Removes the empty version while the server waits for a proof, which may never come. Apps would find it in place
    /// of the backup that they use. It is made again when the proof is given.
    pub(super) async fn leave_no_backup(&mut self, connection: &Connection) {
        if !self.version.is_asked_for() {
            return;
        }
        // If removing fails, it is found again before another one is made.
        self.order.progress.redo(Task::CreateBackup);
        if let Ok(current) = backup::current(&connection.server).await {
            let _ = self.remove_backup(connection, current.as_ref()).await;
        }
    }

    /// Signs the backup that stays, by the new identity.
    pub(super) async fn sign_backup(&mut self, connection: &Connection) -> Result<(), Halt> {
        match backup::current(&connection.server).await? {
            Some(current) if self.made.backup_key.backup_key_matches(&current.info) => {
                backup::sign(&connection.server, &connection.machine, &connection.user_id, &current).await?;
                self.version.see(current.facts.version);
                Ok(())
            }
            Some(_) | None => Err(Problem::SomeoneElseIsWriting.into()),
        }
    }

    /// Creates the version whose private key is already stored, or takes over the one that an earlier attempt created.
    pub(super) async fn create_backup(&mut self, connection: &Connection) -> Result<(), Halt> {
        let mut info = self.made.backup_key.to_backup_info();
        let machine = connection.machine.backup_machine();
        machine.sign_backup(&mut info).await.map_err(|_| Problem::engine_stopped())?;
        if !is_signed_twice(&info) {
            return Err(Problem::engine_stopped().into());
        }
        if !matches!(self.version, Version::Absent) && self.adopt_backup(connection).await? {
            return Ok(());
        }
        self.version.ask();
        let created = backup::create(&connection.server, &info).await;
        // The server may use another version than the one it made: look before anything is repeated or relied on.
        if backup::comes_into_use(&created, async || self.adopt_backup(connection).await).await? {
            return Ok(());
        }
        let version = created?;
        if backup::version_of(&connection.server, &version, &self.made.backup_key).await?.is_none() {
            return Err(Problem::NotAsWritten { part: Part::Backup }.into());
        }
        // Until the identity is published, the caller can take everything back.
        if self.order.can_be_withdrawn() {
            self.version.see(version);
            return Err(Problem::BackupNotUsed.into());
        }
        self.version = Version::Unused(version);
        Ok(())
    }

    /// Takes over the version that an earlier attempt created; returns whether it did.
    pub(super) async fn adopt_backup(&mut self, connection: &Connection) -> Result<bool, Halt> {
        match backup::current(&connection.server).await? {
            Some(current) if self.made.backup_key.backup_key_matches(&current.info) => {
                // A backup that stays may have been found before its new identity signed it.
                if !published_identity::is_signed_by_identity(&connection.machine, &current.info).await {
                    backup::sign(&connection.server, &connection.machine, &connection.user_id, &current)
                        .await?;
                }
                self.version.see(current.facts.version);
                Ok(true)
            }
            // The new version will supersede this one.
            Some(current) if Some(current.facts.version.as_str()) == self.order.before.backup_version() => {
                Ok(false)
            }
            Some(_) => Err(Problem::SomeoneElseIsWriting.into()),
            None => Ok(false),
        }
    }

    /// Deletes the version that this visit made, if it is empty. Without the identity that signed it no app relies on
    /// it, and none would go on using the one before.
    ///
    /// # Errors
    /// The request's problem.
    pub(super) async fn remove_backup(
        &mut self,
        connection: &Connection,
        current: Option<&BackupVersion>,
    ) -> Result<(), Problem> {
        // Once the identity is published it is the account's backup, empty or not.
        if !self.version.is_asked_for() || !self.order.can_be_withdrawn() {
            return Ok(());
        }
        let named = match self.version.name() {
            Some(name) => backup::version_of(&connection.server, name, &self.made.backup_key).await?,
            None => None,
        };
        let is_ours = |version: &&BackupVersion| self.made.backup_key.backup_key_matches(&version.info);
        let current = current.filter(is_ours).filter(|current| {
            named.as_ref().is_none_or(|named| named.facts.version != current.facts.version)
        });
        for version in current.into_iter().chain(&named) {
            if !backup::delete_empty(&connection.server, version).await? {
                return Ok(());
            }
        }
        self.version = Version::Absent;
        self.order.progress.redo(Task::CreateBackup);
        Ok(())
    }

    /// Removes an empty version that an earlier attempt at a new identity made and never used.
    pub(super) async fn remove_left_over(
        &self,
        connection: &Connection,
        data: &AccountData,
    ) -> Result<(), Problem> {
        let Some(before) = self.order.before.backup_version() else { return Ok(()) };
        if Some(before) == self.version.name() {
            return Ok(());
        }
        if let Some(version) = backup::version(&connection.server, before).await?
            && archive::was_made_for_reset(data, &version)
        {
            backup::delete_empty(&connection.server, &version).await?;
        }
        Ok(())
    }
}

/// Tells whether the identity's signature is there, beside the device's: it makes other clients trust the version.
/// Without the private key the SDK leaves it out and returns no error.
fn is_signed_twice(info: &RoomKeyBackupInfo) -> bool {
    match info {
        RoomKeyBackupInfo::MegolmBackupV1Curve25519AesSha2(data) => data.signatures.signature_count() == 2,
        RoomKeyBackupInfo::Other { .. } => false,
    }
}
