//! The room keys of older backup versions, on their way into a fresh one: read and opened, written, and read back.

use std::{cell::Cell, collections::BTreeMap};

use matrix_sdk_crypto::store::types::BackupDecryptionKey;

use crate::{
    domain::{
        problem::{Part, Problem},
        rotation::{OlderVersion, Rotated, is_complete},
    },
    engine::{
        account::{
            account_data::AccountData,
            archive,
            backup::{self, BackupVersion},
        },
        connection::Connection,
        keys::room_keys::{self, BackupKey, Interruption, RoomKeys, Target, UploadState, Uploaded},
    },
};

/// The most times that the fresh version is read again because another client writes into it.
const MOST_READINGS: usize = 5;

/// What was read of the older versions, and how far it has come into the fresh one.
#[derive(Default)]
pub(in crate::engine) struct OlderKeys {
    /// Every backup key that may open them.
    keys: Vec<BackupDecryptionKey>,
    /// The room keys that were read and opened.
    room_keys: RoomKeys,
    older: Vec<OlderVersion>,
    /// Each older version's etag when it was read, by which a later change is seen.
    etags: BTreeMap<String, String>,
    /// Set if there may be more versions than could be found.
    maybe_more: bool,
    /// How far filling the fresh version has come.
    upload: UploadState,
}

/// One run that fills the fresh version.
#[derive(Clone, Copy)]
pub(in crate::engine) struct Filling<'a> {
    pub(in crate::engine) connection: &'a Connection,
    /// The fresh version's name, once it exists.
    pub(in crate::engine) version: Option<&'a str>,
    /// The fresh version's key.
    pub(in crate::engine) key: &'a BackupDecryptionKey,
    /// Set from outside to end the run.
    pub(in crate::engine) stop: &'a Cell<bool>,
    /// Is told how many are done, and of how many.
    pub(in crate::engine) progress: &'a dyn Fn(usize, usize),
}

impl Filling<'_> {
    fn target(&self) -> Result<(&str, BackupKey), Problem> {
        Ok((self.version.ok_or(Problem::out_of_order())?, BackupKey::from(self.key)))
    }
}

impl OlderKeys {
    /// Reads every version and opens what one of these keys opens. Forgets what was read before.
    pub(in crate::engine) async fn download(
        &mut self,
        data: &AccountData,
        keys: Vec<BackupDecryptionKey>,
        run: Filling<'_>,
    ) -> Result<(), Problem> {
        let versions = room_keys::versions(&run.connection.server, &archive::named_versions(data)).await?;
        self.maybe_more = versions.maybe_more || !versions.garbled.is_empty();
        self.keys = keys;
        self.room_keys = RoomKeys::default();
        self.older.clear();
        for version in &versions.found {
            self.read(version, run).await?;
        }
        Ok(())
    }

    /// Reads one version and opens what can be opened.
    async fn read(
        &mut self,
        BackupVersion { facts, info }: &BackupVersion,
        run: Filling<'_>,
    ) -> Result<(), Problem> {
        let mut opened = 0;
        let mut held = facts.count;
        let key = self.keys.iter().chain([run.key]).find(|key| key.backup_key_matches(info));
        // The server's word that a version is empty is not enough to tell the person so.
        if key.is_some() || facts.count == 0 {
            let key = BackupKey::from(key.unwrap_or(run.key));
            let downloaded = room_keys::download(&run.connection.server, &facts.version, run.stop)
                .await
                .map_err(problem)?;
            let reading =
                self.room_keys.open(&downloaded, &key, run.stop, &run.progress).await.map_err(problem)?;
            // A key that contradicts another one is not copied.
            opened = reading.keys.saturating_sub(reading.conflicting);
            held = held.max(reading.keys + reading.unreadable);
        }
        self.etags.insert(facts.version.clone(), facts.etag.clone());
        self.older.retain(|older| older.version != facts.version);
        if run.version != Some(facts.version.as_str()) {
            self.older.push(OlderVersion { version: facts.version.clone(), room_keys: held, opened });
        }
        Ok(())
    }

    /// Notes that the fresh version is there and empty. Only then may it be written to without being read first.
    pub(in crate::engine) fn begin(&self, fresh: &BackupVersion) {
        if fresh.facts.count == 0 {
            self.upload.begin(&fresh.facts);
        }
    }

    /// Reads again the versions that have changed since they were read. They change no more: apps write to the newest
    /// version only, and that is the fresh one. Then writes every key into that.
    pub(in crate::engine) async fn upload(&mut self, run: Filling<'_>) -> Result<(), Problem> {
        for OlderVersion { version, .. } in self.older.clone() {
            if let Some(now) = backup::version(&run.connection.server, &version).await?
                && self.etags.get(&version) != Some(&now.facts.etag)
            {
                self.read(&now, run).await?;
            }
        }
        self.fill(run).await
    }

    /// Writes every key into the fresh version. First reads what other clients have written there meanwhile, so that no
    /// better key is replaced.
    async fn fill(&mut self, run: Filling<'_>) -> Result<(), Problem> {
        for _ in 0..MOST_READINGS {
            let (version, key) = run.target()?;
            let target = Target { server: &run.connection.server, version, backup_key: &key, sifted: None };
            self.upload.restart();
            let uploaded = room_keys::upload(&target, &self.room_keys, &self.upload, run.stop, &run.progress);
            match uploaded.await.map_err(problem)? {
                Uploaded::All => return Ok(()),
                Uploaded::Changed => {
                    let now = backup::version(&run.connection.server, version).await?;
                    let now = now.ok_or(Problem::SomeoneElseIsWriting)?;
                    self.read(&now, run).await?;
                    self.upload.begin(&now.facts);
                }
            }
        }
        Err(Problem::SomeoneElseIsWriting)
    }

    /// Reads the fresh version back. Writes what is missing once more before it fails.
    pub(in crate::engine) async fn compare(&mut self, run: Filling<'_>) -> Result<(), Problem> {
        for _ in 0..2 {
            let (version, key) = run.target()?;
            let rooms = room_keys::compare(
                &run.connection.server,
                version,
                &key,
                &self.room_keys,
                run.stop,
                &run.progress,
            );
            if is_complete(&rooms.await.map_err(problem)?) {
                return Ok(());
            }
            self.fill(run).await?;
        }
        Err(Problem::NotAsWritten { part: Part::Backup })
    }

    /// Forgets the keys, which are in the fresh version by now; tells what came of each version.
    pub(in crate::engine) fn finish(&mut self) -> Rotated {
        // Taken out, to be wiped.
        let room_keys = std::mem::take(&mut self.room_keys);
        self.keys.clear();
        Rotated {
            rooms: room_keys.rooms() as u64,
            room_keys: room_keys.len() as u64,
            older: std::mem::take(&mut self.older),
            maybe_more: self.maybe_more,
        }
    }

    /// Tells whether a version is still as it was when it was read.
    pub(in crate::engine) fn is_as_read(&self, version: &BackupVersion) -> bool {
        self.etags.get(&version.facts.version) == Some(&version.facts.etag)
    }
}

/// Turns an interruption into a problem; the caller tells a stop by its flag.
fn problem(interruption: Interruption) -> Problem {
    match interruption {
        Interruption::Stopped => Problem::out_of_order(),
        Interruption::Trouble(problem) => problem,
    }
}
