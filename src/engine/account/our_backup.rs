//! The backup that this visit made or opened.

use matrix_sdk_crypto::store::types::BackupDecryptionKey;

use crate::{
    domain::problem::Problem,
    engine::{
        account::backup::{self, BackupVersion},
        net::homeserver::Homeserver,
    },
};

/// The version that this visit made or opened, with its key; empty until there is one. The page counts its room keys.
#[derive(Default)]
pub(in crate::engine) struct OurBackup(Option<(String, BackupDecryptionKey)>);

impl OurBackup {
    /// Replaces it by another one, or by none.
    pub(in crate::engine) fn set(&mut self, ours: Option<(String, BackupDecryptionKey)>) {
        self.0 = ours;
    }

    /// The name of the version, and its key.
    pub(in crate::engine) fn get(&self) -> Option<&(String, BackupDecryptionKey)> {
        self.0.as_ref()
    }

    /// The backup key.
    pub(in crate::engine) fn key(&self) -> Option<&BackupDecryptionKey> {
        self.0.as_ref().map(|(_, key)| key)
    }

    /// Reads the backup as it is now; returns it with its key.
    ///
    /// # Errors
    /// [`Problem::OutOfOrder`] if there is none; [`Problem::BackupReplaced`] if it is not the current one any
    /// more, or not under that key; the request's problem.
    pub(in crate::engine) async fn current(
        &self,
        server: &Homeserver,
    ) -> Result<(BackupVersion, BackupDecryptionKey), Problem> {
        let (version, key) = self.0.as_ref().ok_or(Problem::out_of_order())?;
        match backup::current(server).await? {
            Some(backup) if backup.facts.version == *version && key.backup_key_matches(&backup.info) => {
                Ok((backup, key.clone()))
            }
            Some(_) | None => Err(Problem::BackupReplaced),
        }
    }
}
