//! Taking the keys of an exported file into the backup.
//!
//! Everything that can be wrong with the file is found before anything is sent. Each key is then compared with
//! what the backup has for its session: what is known there is not sent, what contradicts it is not sent either,
//! and only what was read back afterwards is reported. If somebody else writes meanwhile, what is still to be sent is
//! compared anew: not every server keeps the better of two keys. What was done stays done: asked again after a failure,
//! with the same file sent again or not, it goes on from there.

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
            key_file::{Contents, ENTRIES_PER_BREATH, Locked, Receiving},
            room_keys::{
                self, Added, BackupKey, Course, Interruption, RoomKey, RoomKeys, Sifted, Standing, Target,
                Uploaded, breathe, read_text,
            },
        },
        net::timing,
    },
    protocol::{bytes::Bytes, messages::Event},
};

/// How often keys are written and read back before what is missing is called a failure.
const ATTEMPTS: usize = 2;
/// How often in a row somebody else may have written before a single key was sent.
const MOST_IN_VAIN: u64 = 4;
/// How often somebody else may have written in all; a server that stores nothing would have us go on for ever.
const MOST_CHANGES: usize = 50;

/// The file that is sent or was sent, and how far its import has come.
#[derive(Default)]
pub(in crate::engine) struct Import {
    /// A file that comes in.
    receiving: Option<Receiving>,
    /// A file that is here and was not opened yet.
    locked: Option<Locked>,
    /// What was in the file that was opened last, until all of it is in the backup.
    opened: Option<Opened>,
}

/// The keys of a file.
struct Opened {
    /// By which the same file is known again.
    code: [u8; 32],
    /// What was found so far.
    found: Imported,
    keys: RoomKeys,
    compared: Option<Compared>,
}

/// What came of comparing the keys with what a version had.
struct Compared {
    version: String,
    /// How the keys that are to be written stand to what was there before them.
    before: Sifted,
    /// How far they are written.
    course: Course,
}

impl Import {
    /// Takes a piece of a file; the first forgets what came before, except how far an import has come.
    pub(in crate::engine) fn receive(&mut self, first: bool, bytes: &Bytes) {
        if first {
            self.locked = None;
            self.receiving = Some(Receiving::default());
        }
        if let Some(receiving) = &mut self.receiving {
            receiving.add(bytes.as_slice());
        }
    }

    /// Takes the file's keys into the backup, as far as they are not there.
    ///
    /// # Errors
    /// When stopped, or what went wrong. It may be done again.
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
        if let Some(receiving) = self.receiving.take() {
            self.locked = Some(receiving.finish().map_err(Problem::KeyFile)?);
        }
        if self.locked.is_none() && self.opened.is_none() {
            return Err(Problem::OutOfOrder.into());
        }
        let (backup, key) = ours.current(&connection.server).await?;
        let described = backup.facts;
        let key = BackupKey::from(&key);
        // What another version had already was taken out: the file has to be opened again.
        self.opened = self.opened.take().filter(|opened| opened.is_for(&described.version));
        if let Some(locked) = &self.locked {
            let contents = locked.open(passphrase, stop).await?;
            // The same file once more: what is done needs not be done again.
            if self.opened.as_ref().is_none_or(|opened| opened.code != locked.code()) {
                self.opened = None;
                let (keys, found) = read(&contents, stop, &progress).await?;
                self.opened = Some(Opened { code: locked.code(), found, keys, compared: None });
            }
            self.locked = None;
        }
        let opened = self.opened.as_mut().ok_or(Problem::OutOfOrder)?;
        let imported = opened.write(connection, ours, &described, &key, stop, &progress).await?;
        // What another key opens by now is not called brought in.
        if ours.current(&connection.server).await?.0.facts.version != described.version {
            return Err(Problem::BackupReplaced.into());
        }
        self.opened = None;
        Ok(imported)
    }
}

/// Reads the entries of a file; counts what is no room key, and what is there twice.
pub(in crate::engine) async fn read(
    contents: &Contents,
    stop: &Cell<bool>,
    tell: &impl Fn(usize, usize),
) -> Result<(RoomKeys, Imported), Interruption> {
    let entries = contents.entries().map_err(Problem::KeyFile)?;
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
            .and_then(|key| Some((key.room_id.clone(), key.session_id.clone(), RoomKey::from_export(key)?)));
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
    /// Whether it was compared with this version, or with none yet.
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
            let Compared { before, course, .. } = self.compared.as_ref().ok_or(Problem::OutOfOrder)?;
            let sent_before = course.sent();
            let target = Target { server, version, backup_key: key, sifted: Some(before) };
            match room_keys::upload(&target, &self.keys, course, stop, tell).await.map_err(of_upload)? {
                Uploaded::All => {
                    attempts += 1;
                    let archive = room_keys::download(server, version, stop).await?;
                    let now = self.keys.sift(&archive, key, stop, tell).await?;
                    self.take_stock(now)?;
                }
                Uploaded::Changed => {
                    changes += 1;
                    in_vain = if course.sent() > sent_before { 0 } else { in_vain + 1 };
                    if in_vain > MOST_IN_VAIN || changes > MOST_CHANGES {
                        return Err(Problem::SomeoneElseIsWriting.into());
                    }
                    // Somebody else's writing may come to its end.
                    timing::pause(Duration::from_secs(in_vain)).await;
                    let (now, _) = ours.current(&connection.server).await?;
                    self.compare(connection, &now.facts, key, stop, tell).await?;
                }
            }
        }
        let Some(Compared { before, .. }) = &self.compared else { return Err(Problem::OutOfOrder.into()) };
        let mut found = self.found;
        for (room_id, session_id, _) in self.keys.iter() {
            // The server keeps something else for these, and nothing here may remove it.
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

    /// Compares with what the version has now; only what is worth writing stays. It was described just before, so that
    /// what comes in between is noticed.
    async fn compare(
        &mut self,
        connection: &Connection,
        described: &Backup,
        key: &BackupKey,
        stop: &Cell<bool>,
        tell: &impl Fn(usize, usize),
    ) -> Result<(), Interruption> {
        let archive = room_keys::download(&connection.server, &described.version, stop).await?;
        let sifted = self.keys.sift(&archive, key, stop, tell).await?;
        let compared = self.compared.get_or_insert_with(|| Compared {
            version: described.version.clone(),
            before: Sifted::default(),
            course: Course::default(),
        });
        compared.course.begin(described);
        Ok(self.take_stock(sifted)?)
    }

    /// Counts what has become of the keys since they were last compared; those that need not be written any more, or
    /// must not be, are let go.
    fn take_stock(&mut self, mut now: Sifted) -> Result<(), Problem> {
        let Compared { before, course, .. } = self.compared.as_mut().ok_or(Problem::OutOfOrder)?;
        let found = &mut self.found;
        for (at, (room_id, session_id, _)) in self.keys.iter().enumerate() {
            let was_better = before.get(room_id, session_id) == Some(Standing::Better);
            let becomes = match now.get(room_id, session_id) {
                // Written here, or brought by somebody else meanwhile.
                Some(Standing::Known) if at < course.sent() => continue,
                Some(Standing::Known) => &mut found.already_there,
                Some(Standing::Contradicting) => &mut found.unreadable,
                Some(Standing::Better) if !was_better => &mut found.better,
                Some(Standing::Better | Standing::Opaque) | None => continue,
            };
            *becomes += 1;
            *(if was_better { &mut found.better } else { &mut found.new }) -= 1;
        }
        self.keys.keep_what_lacks(&mut now);
        course.restart();
        *before = now;
        Ok(())
    }
}

/// Carries out [`Command::Import`](crate::protocol::messages::Command::Import).
///
/// # Errors
/// What went wrong; that it was stopped is told.
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

/// That the version is no longer the current one is known here to be this.
fn of_upload(interruption: Interruption) -> Interruption {
    match interruption {
        Interruption::Trouble(Problem::SomeoneElseIsWriting) => Problem::BackupReplaced.into(),
        other => other,
    }
}
