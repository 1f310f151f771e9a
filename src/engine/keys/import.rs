//! Imports the keys of an exported file into the backup.
//!
//! Everything that can be wrong with the file is found before anything is sent. Each key is then compared with what the
//! backup has for its session. A key that the backup knows or that contradicts it is not sent; only what was read back
//! afterwards is reported. If another client writes meanwhile, the keys left to send are compared again: not every
//! server keeps the better of two keys. A second call after a failure goes on from there, whether the same file is sent
//! again or not.

use std::{cell::Cell, time::Duration};

use matrix_sdk_crypto::{olm::ExportedRoomKey, types::EventEncryptionAlgorithm};

use crate::{
    domain::{
        account::Backup,
        key_file::{Imported, KeyFileError},
        problem::{Part, Problem},
        secret::Secret,
    },
    engine::{
        account::our_backup::OurBackup,
        connection::Connection,
        keys::{
            key_file::{Contents, ENTRIES_PER_BREATH, Locked, MOST_ENTRIES, Receiving},
            room_keys::{
                self, Added, BackupKey, Interruption, RoomKey, RoomKeys, Sifted, Standing, Target,
                UploadState, Uploaded, breathe, read_text,
            },
        },
        net::timing,
    },
    protocol::{bytes::Bytes, messages::Event},
};

/// The times that keys are written and read back before a missing one is a failure.
const ATTEMPTS: usize = 2;
/// The most changes in a row by other clients without a single key sent in between.
const MOST_IN_VAIN: u64 = 4;
/// The most changes by other clients in all; a server that stores nothing would otherwise have the page go on for ever.
const MOST_CHANGES: usize = 50;

/// The file that is being sent or was sent, and how far its import has come.
#[derive(Default)]
pub(in crate::engine) struct Import {
    file: File,
    /// The keys of the file that was opened last, until all of them are in the backup.
    opened: Option<Opened>,
}

/// A file that was not opened yet.
#[derive(Default)]
enum File {
    /// There is none.
    #[default]
    Nothing,
    /// It is being received.
    Coming(Receiving),
    /// The exports of a whole file; mostly one.
    Whole(Vec<Locked>),
}

/// The keys of a file.
struct Opened {
    /// The HMAC of each export, by which the same file is recognized.
    codes: Vec<[u8; 32]>,
    /// The counts so far.
    found: Imported,
    keys: RoomKeys,
    compared: Option<Compared>,
}

/// The keys compared with what a version had.
struct Compared {
    version: String,
    /// The standings of the keys that are to be written, before any was.
    before: Sifted,
    /// How far writing them has come.
    upload: UploadState,
}

impl Import {
    /// Takes a piece of a file. The first piece forgets the file before it, but not how far an import has come.
    pub(in crate::engine) fn receive(&mut self, first: bool, bytes: &Bytes) {
        if first {
            self.file = File::Coming(Receiving::default());
        }
        if let File::Coming(receiving) = &mut self.file {
            receiving.add(bytes.as_slice());
        }
    }

    /// Writes those of the file's keys into the backup that it lacks.
    ///
    /// # Errors
    /// Stopped, or a problem; the next call goes on.
    async fn run(
        &mut self,
        connection: &Connection,
        ours: &OurBackup,
        passphrase: &Secret,
        stop: &Cell<bool>,
        tell: &impl Fn(Event),
    ) -> Result<Imported, Interruption> {
        let progress = |done: usize, total: usize| {
            tell(Event::Progress { done: done as u64, total: total as u64 });
        };
        self.file = std::mem::take(&mut self.file).finish()?;
        if matches!(self.file, File::Nothing) && self.opened.is_none() {
            return Err(Problem::out_of_order().into());
        }
        let (backup, key) = ours.current(&connection.server).await?;
        let described = backup.facts;
        let key = BackupKey::from(&key);
        // Keys that another version had already were dropped: the file has to be opened again.
        self.opened = self.opened.take().filter(|opened| opened.is_for(&described.version));
        if let File::Whole(exports) = &self.file {
            let (codes, contents) = open(exports, passphrase, stop).await?;
            let locked = (exports.len() - contents.len()) as u64;
            // If these are the same exports, what is done already stays done.
            if self.opened.as_ref().is_none_or(|opened| opened.codes != codes) {
                self.opened = None;
                let (keys, found) = read(&contents, stop, &progress).await?;
                let found = Imported { locked, ..found };
                self.opened = Some(Opened { codes, found, keys, compared: None });
            }
            self.file = File::Nothing;
        }
        let opened = self.opened.as_mut().ok_or(Problem::out_of_order())?;
        let imported = opened.write(connection, ours, &described, &key, stop, &progress).await?;
        // Keys in a version that is no longer current do not count as imported.
        if ours.current(&connection.server).await?.0.facts.version != described.version {
            return Err(Problem::BackupReplaced.into());
        }
        self.opened = None;
        Ok(imported)
    }
}

impl File {
    /// Notes that the last piece has come.
    ///
    /// # Errors
    /// [`Problem::KeyFile`]; the file is forgotten then.
    fn finish(self) -> Result<Self, Problem> {
        let Self::Coming(receiving) = self else { return Ok(self) };
        let exports = receiving.finish().map_err(Problem::KeyFile)?;
        Ok(if exports.is_empty() { Self::Nothing } else { Self::Whole(exports) })
    }
}

/// Opens the exports that have this passphrase; returns their codes and contents. The others may have been saved with
/// another one.
///
/// # Errors
/// Stopped; [`KeyFileError::of_passphrase`] if none has it.
async fn open(
    exports: &[Locked],
    passphrase: &Secret,
    stop: &Cell<bool>,
) -> Result<(Vec<[u8; 32]>, Vec<Contents>), Interruption> {
    let (mut codes, mut contents) = (Vec::new(), Vec::new());
    for locked in exports {
        if let Some(opened) = locked.open(passphrase, stop).await? {
            codes.push(locked.code());
            contents.push(opened);
        }
    }
    if contents.is_empty() {
        return Err(Problem::KeyFile(KeyFileError::of_passphrase(passphrase)).into());
    }
    Ok((codes, contents))
}

/// Reads the entries of all exports in a file; counts those that are no room keys, and those that come twice.
pub(in crate::engine) async fn read(
    contents: &[Contents],
    stop: &Cell<bool>,
    tell: &impl Fn(usize, usize),
) -> Result<(RoomKeys, Imported), Interruption> {
    let mut entries = Vec::new();
    for contents in contents {
        entries.extend(contents.entries().map_err(Problem::KeyFile)?);
        if entries.len() > MOST_ENTRIES {
            return Err(Problem::KeyFile(KeyFileError::TooLarge).into());
        }
    }
    if entries.is_empty() {
        return Err(Problem::KeyFile(KeyFileError::Empty).into());
    }
    let mut keys = RoomKeys::default();
    let mut found = Imported { in_file: entries.len() as u64, ..Imported::default() };
    let mut repeated = 0;
    for (at, entry) in entries.iter().enumerate() {
        if at % ENTRIES_PER_BREATH == 0 {
            tell(at, entries.len());
            breathe(stop).await?;
        }
        let key = read_text::<ExportedRoomKey>(entry.get().as_bytes())
            .map(|(key, _)| key)
            .filter(|key| key.algorithm == EventEncryptionAlgorithm::MegolmV1AesSha2)
            .and_then(|mut key| {
                // Some apps pad what is base64 in it; a message names its session without.
                key.session_id.truncate(key.session_id.trim_end_matches('=').len());
                Some((key.room_id.clone(), key.session_id.clone(), RoomKey::from_export(key)?))
            });
        let Some((room_id, session_id, key)) = key else {
            found.unreadable += 1;
            continue;
        };
        let is_first = keys.get(&room_id, &session_id).is_none();
        match keys.add(&room_id, &session_id, key) {
            Added::Conflicting => found.unreadable += 1,
            Added::Gained | Added::Known if is_first => {}
            Added::Gained | Added::Known => repeated += 1,
        }
    }
    tell(entries.len(), entries.len());
    found.rooms = keys.rooms() as u64;
    found.new = keys.len() as u64;
    found.already_there = repeated;
    Ok((keys, found))
}

impl Opened {
    /// Tells whether the keys were compared with this version, or with none yet.
    fn is_for(&self, version: &str) -> bool {
        self.compared.as_ref().is_none_or(|compared| compared.version == version)
    }

    async fn write(
        &mut self,
        connection: &Connection,
        ours: &OurBackup,
        described: &Backup,
        key: &BackupKey,
        stop: &Cell<bool>,
        tell: &impl Fn(usize, usize),
    ) -> Result<Imported, Interruption> {
        let (server, version) = (&connection.server, described.version.as_str());
        if self.compared.is_none() {
            self.compare(connection, described, key, stop, tell).await?;
        }
        let mut attempts = 0;
        let (mut changes, mut in_vain) = (0, 0);
        while self.keys.len() > 0 && attempts < ATTEMPTS {
            let Compared { before, upload, .. } = self.compared.as_ref().ok_or(Problem::out_of_order())?;
            let sent_before = upload.sent();
            let target = Target { server, version, backup_key: key, sifted: Some(before) };
            match room_keys::upload(&target, &self.keys, upload, stop, tell).await.map_err(of_upload)? {
                Uploaded::All => {
                    attempts += 1;
                    let downloaded = room_keys::download(server, version, stop).await?;
                    let now = self.keys.sift(&downloaded, key, stop, tell).await?;
                    self.take_stock(now)?;
                }
                Uploaded::Changed => {
                    changes += 1;
                    in_vain = if upload.sent() > sent_before { 0 } else { in_vain + 1 };
                    if in_vain > MOST_IN_VAIN || changes > MOST_CHANGES {
                        return Err(Problem::SomeoneElseIsWriting.into());
                    }
                    // The other client may finish writing.
                    timing::pause(Duration::from_secs(in_vain)).await;
                    let (now, _) = ours.current(&connection.server).await?;
                    self.compare(connection, &now.facts, key, stop, tell).await?;
                }
            }
        }
        let Some(Compared { before, .. }) = &self.compared else {
            return Err(Problem::out_of_order().into());
        };
        let mut found = self.found;
        for (room_id, session_id, _) in self.keys.iter() {
            // The server keeps something else for these keys, and the import may not remove it.
            match before.get(room_id, session_id) {
                None => return Err(Problem::NotAsWritten { part: Part::Backup }.into()),
                Some(Standing::Better) => found.better -= 1,
                Some(_) => found.new -= 1,
            }
            found.unreadable += 1;
        }
        found.room_keys = before.held as u64;
        Ok(found)
    }

    /// Compares the keys with what the version has now, and keeps those worth writing. `described` was read just
    /// before, so that a change in between is noticed.
    async fn compare(
        &mut self,
        connection: &Connection,
        described: &Backup,
        key: &BackupKey,
        stop: &Cell<bool>,
        tell: &impl Fn(usize, usize),
    ) -> Result<(), Interruption> {
        let downloaded = room_keys::download(&connection.server, &described.version, stop).await?;
        let sifted = self.keys.sift(&downloaded, key, stop, tell).await?;
        let compared = self.compared.get_or_insert_with(|| Compared {
            version: described.version.clone(),
            before: Sifted::default(),
            upload: UploadState::default(),
        });
        compared.upload.begin(described);
        Ok(self.take_stock(sifted)?)
    }

    /// Counts the keys by their new standings, and drops those that need not or must not be written.
    fn take_stock(&mut self, mut now: Sifted) -> Result<(), Problem> {
        let Compared { before, upload, .. } = self.compared.as_mut().ok_or(Problem::out_of_order())?;
        let found = &mut self.found;
        for (at, (room_id, session_id, _)) in self.keys.iter().enumerate() {
            let was_better = before.get(room_id, session_id) == Some(Standing::Better);
            let becomes = match now.get(room_id, session_id) {
                // Written by this import, or by another client meanwhile.
                Some(Standing::Known) if at < upload.sent() => continue,
                Some(Standing::Known) => &mut found.already_there,
                Some(Standing::Contradicting) => &mut found.unreadable,
                Some(Standing::Better) if !was_better => &mut found.better,
                Some(Standing::Better | Standing::Opaque) | None => continue,
            };
            *becomes += 1;
            *(if was_better { &mut found.better } else { &mut found.new }) -= 1;
        }
        self.keys.keep_what_lacks(&mut now);
        upload.restart();
        *before = now;
        Ok(())
    }
}

/// Carries out [`Command::Import`](crate::protocol::messages::Command::Import).
///
/// # Errors
/// The problem; a stop is told as [`Event::Stopped`].
pub(in crate::engine) async fn import(
    connection: &Connection,
    ours: &OurBackup,
    import: &mut Import,
    passphrase: &Secret,
    stop: &Cell<bool>,
    tell: &impl Fn(Event),
) -> Result<(), Problem> {
    match import.run(connection, ours, passphrase, stop, tell).await {
        Ok(imported) => tell(Event::Imported(imported)),
        Err(Interruption::Stopped) => tell(Event::Stopped),
        Err(Interruption::Trouble(problem)) => return Err(problem),
    }
    Ok(())
}

/// The version was current before: if it no longer is, the backup was replaced.
fn of_upload(interruption: Interruption) -> Interruption {
    match interruption {
        Interruption::Trouble(Problem::SomeoneElseIsWriting) => Problem::BackupReplaced.into(),
        other => other,
    }
}
