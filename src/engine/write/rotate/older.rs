//! The older versions beside a fresh backup: opened before it with every key there is, and deleted after it if the person
//! agrees.

use std::cell::Cell;

use matrix_sdk_crypto::store::types::BackupDecryptionKey;

use super::Rotation;
use crate::{
    domain::problem::Problem,
    engine::{
        account::{account_data::AccountData, archive, backup, secret_storage::backup_decryption_key},
        connection::Connection,
        write::{context::Context, older_keys::Filling},
    },
};

impl Rotation {
    /// Reads every version and opens what can be opened, with every backup key of this visit and of the archives.
    pub(super) async fn download(
        &mut self,
        context: &Context<'_>,
        stop: &Cell<bool>,
        progress: &impl Fn(usize, usize),
    ) -> Result<(), Problem> {
        let data = AccountData::read(&context.connection.server).await?;
        let stored = backup_decryption_key(&data, self.key.key_id(), &self.key);
        let stored = stored.and_then(|text| BackupDecryptionKey::from_base64(&text).ok());
        let keys = stored.into_iter().chain(context.keyring.for_older_backups());
        let keys = keys.chain(archive::backup_keys(&data, &self.key)).collect();
        let run = Filling {
            connection: context.connection,
            version: self.version.as_deref(),
            key: &self.backup_key,
            stop,
            progress,
        };
        self.older_keys.download(&data, keys, run).await
    }

    /// Deletes older versions, after the person agreed. Only those whose every key is in the fresh version, which is
    /// looked at again before each.
    ///
    /// # Errors
    /// [`Problem::OutOfOrder`] for any other version; [`Problem::BackupReplaced`] if the fresh one is no longer
    /// current; [`Problem::SomeoneElseIsWriting`] if an older one has changed; a request's problem.
    pub(in crate::engine) async fn delete_older(
        &self,
        connection: &Connection,
        versions: &[String],
    ) -> Result<(), Problem> {
        let (fresh, key) = self.backup().ok_or(Problem::out_of_order())?;
        let (_, rotated) = self.complete.as_ref().ok_or(Problem::out_of_order())?;
        for version in versions {
            let superseded = rotated.superseded().find(|older| older.version == *version);
            let superseded =
                superseded.filter(|older| older.version != fresh).ok_or(Problem::out_of_order())?;
            match backup::current(&connection.server).await? {
                Some(current)
                    if current.facts.version == fresh
                        && key.backup_key_matches(&current.info)
                        && current.facts.count >= rotated.room_keys => {}
                Some(_) | None => return Err(Problem::BackupReplaced),
            }
            match backup::version(&connection.server, version).await? {
                Some(older)
                    if older.facts.count <= superseded.room_keys && self.older_keys.is_as_read(&older) =>
                {
                    backup::delete(&connection.server, version).await?;
                }
                Some(_) => return Err(Problem::SomeoneElseIsWriting),
                None => {}
            }
        }
        Ok(())
    }
}
