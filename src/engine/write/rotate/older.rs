//! The older versions beside a fresh backup: read and opened before it, and deleted after it if the person agrees.

use std::cell::Cell;

use matrix_sdk_crypto::store::types::BackupDecryptionKey;

use super::{Rotation, problem};
use crate::{
    domain::{problem::Problem, rotation::OlderVersion},
    engine::{
        account::{
            account_data::AccountData,
            archive,
            backup::{self, CurrentBackup},
            secret_storage::backup_decryption_key,
        },
        connection::Connection,
        keys::room_keys::{self, BackupKey, RoomKeys},
        write::context::Context,
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
        let named = archive::named_versions(&data);
        let versions = room_keys::versions(&context.connection.server, &named).await?;
        self.maybe_more = versions.maybe_more || !versions.garbled.is_empty();
        let stored = backup_decryption_key(&data, self.key.key_id(), &self.key);
        let texts = stored.into_iter();
        self.keys = texts.filter_map(|text| BackupDecryptionKey::from_base64(&text).ok()).collect();
        self.keys.extend(context.keyring.loose_backup_key.key());
        self.keys.extend(context.keyring.reading_keys.iter().cloned());
        self.keys.extend(archive::backup_keys(&data, &self.key));
        self.room_keys = RoomKeys::default();
        self.older.clear();
        for version in &versions.found {
            self.read(context.connection, version, stop, progress).await?;
        }
        Ok(())
    }

    /// Reads one version and opens what can be opened.
    pub(super) async fn read(
        &mut self,
        connection: &Connection,
        CurrentBackup { facts, info }: &CurrentBackup,
        stop: &Cell<bool>,
        progress: &impl Fn(usize, usize),
    ) -> Result<(), Problem> {
        let mut opened = 0;
        let mut held = facts.count;
        let key = self.keys.iter().chain([&self.backup_key]).find(|key| key.backup_key_matches(info));
        // The server's word that a version is empty is not enough to tell the person so.
        if key.is_some() || facts.count == 0 {
            let key = BackupKey::from(key.unwrap_or(&self.backup_key));
            let archive =
                room_keys::download(&connection.server, &facts.version, stop).await.map_err(problem)?;
            let reading = self.room_keys.open(&archive, &key, stop, progress).await.map_err(problem)?;
            // A key that contradicts another one is not copied.
            opened = reading.keys.saturating_sub(reading.conflicting);
            held = held.max(reading.keys + reading.unreadable);
        }
        self.etags.insert(facts.version.clone(), facts.etag.clone());
        self.older.retain(|older| older.version != facts.version);
        if self.version.as_ref() != Some(&facts.version) {
            self.older.push(OlderVersion { version: facts.version.clone(), room_keys: held, opened });
        }
        Ok(())
    }

    /// Reads again the versions that have changed since they were read. They change no more: apps write to the newest
    /// version only, and that is the fresh one.
    pub(super) async fn catch_up(
        &mut self,
        connection: &Connection,
        stop: &Cell<bool>,
        progress: &impl Fn(usize, usize),
    ) -> Result<(), Problem> {
        for OlderVersion { version, .. } in self.older.clone() {
            if let Some(now) = backup::version(&connection.server, &version).await?
                && self.etags.get(&version) != Some(&now.facts.etag)
            {
                self.read(connection, &now, stop, progress).await?;
            }
        }
        Ok(())
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
                    if older.facts.count <= superseded.room_keys
                        && self.etags.get(version) == Some(&older.facts.etag) =>
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
