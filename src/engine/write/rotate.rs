//! A fresh backup that holds every room key that any version gave, and the old ones left as they are.
//!
//! Everything is read and opened first; the old backup's key is put aside, the new one stored, and only
//! then the new version is created, filled, read back and compared. Storing and creating are one step: where no
//! version comes of it, the old key is put back before anything is said. Stopping anywhere loses nothing: the
//! older versions stay until the person has them deleted, and the next visit goes on.

use std::{cell::Cell, collections::BTreeMap, time::Duration};

use matrix_sdk_crypto::{secret_storage::SecretStorageKey, store::types::BackupDecryptionKey};
use zeroize::Zeroizing;

use crate::{
    domain::{
        diagnosis::Known,
        opening::Opening,
        plan::{Action, Task, tasks},
        problem::{Part, Problem},
        proved::Proved,
        rotation::{OlderVersion, Rotated, is_complete},
        secret::Secret,
    },
    engine::{
        account::{
            account_data::AccountData,
            archive,
            backup::{self, CurrentBackup},
            inspect::{Inspection, check_unchanged, to_be_sure_of},
            keyring::Keyring,
            secret_storage::{backup_decryption_key, require_strong},
            stranger,
        },
        connection::Connection,
        keys::room_keys::{self, BackupKey, Course, Interruption, RoomKeys, Target, Uploaded},
        net::{failure::Failure, timing},
        write::{context::Context, journal::Journal, stored_backup_key},
    },
    protocol::messages::Event,
};

/// How often the fresh version is read again while it is filled, since somebody else writes into it.
const MOST_READINGS: usize = 5;

/// A fresh backup that is under way, or done.
pub(in crate::engine) struct Rotation {
    key: SecretStorageKey,
    recovery_key: Secret,
    tasks: Vec<Task>,
    done: Vec<Task>,
    /// What was read and opened.
    room_keys: RoomKeys,
    older: Vec<OlderVersion>,
    /// Each older version's etag when it was read: whether it has changed since.
    etags: BTreeMap<String, String>,
    /// Whether there may be more versions than could be found.
    maybe_more: bool,
    /// Every backup key there is to open them with.
    keys: Vec<BackupDecryptionKey>,
    /// The fresh backup's key: a new one, or the one that an earlier attempt has stored.
    backup_key: BackupDecryptionKey,
    /// Whether that key is stored already.
    is_stored: bool,
    /// The version there was at the beginning.
    from: Option<String>,
    /// The fresh version, once it exists.
    version: Option<String>,
    /// How far the fresh version is filled.
    course: Course,
    /// Whether the server may still create it, though nothing is seen of it.
    may_come: bool,
    /// What it came to, once it is complete.
    complete: Option<(Proved, Rotated)>,
    /// Whether the person was told so.
    pub(in crate::engine) is_told: bool,
}

impl Rotation {
    /// Begins with the secret storage that was opened last.
    ///
    /// # Errors
    /// [`Problem::KeyNotProved`] if none was, or not the one that apps ask for; [`Problem::WeakKey`].
    pub(in crate::engine) fn new(
        inspection: &Inspection,
        keyring: &mut Keyring,
        journal: &Journal,
    ) -> Result<Self, Problem> {
        // The secret storage that apps ask for.
        let is_default = |opening: &Opening| matches!(opening, Opening::SecretStorage { .. });
        let opened = keyring.opened.as_ref().filter(|opened| is_default(&opened.opening));
        require_strong(&inspection.account_data, &opened.ok_or(Problem::KeyNotProved)?.key)?;
        let opened = keyring.opened.take().ok_or(Problem::KeyNotProved)?;
        journal.forget();
        Ok(Self {
            tasks: tasks(Action::Rotate, &inspection.account, &Known::default()),
            key: opened.key,
            recovery_key: opened.recovery_key,
            done: Vec::new(),
            room_keys: RoomKeys::default(),
            older: Vec::new(),
            backup_key: BackupDecryptionKey::new(),
            is_stored: false,
            from: None,
            version: None,
            may_come: false,
            etags: BTreeMap::new(),
            maybe_more: false,
            keys: Vec::new(),
            course: Course::default(),
            complete: None,
            is_told: false,
        })
    }

    /// The key with which it is done.
    pub(in crate::engine) fn recovery_key(&self) -> Secret {
        self.recovery_key.clone()
    }

    /// The fresh version with its key, once it is complete.
    pub(in crate::engine) fn backup(&self) -> Option<(String, BackupDecryptionKey)> {
        let (proved, _) = self.complete.as_ref()?;
        Some((proved.backup_version.clone(), self.backup_key.clone()))
    }

    /// Does what is left to do, telling each task that is done and how far the long ones have come.
    ///
    /// # Errors
    /// Why it stopped, [`Problem::OutOfOrder`] if it was asked to; calling it again goes on from there.
    pub(in crate::engine) async fn run(
        &mut self,
        context: &Context<'_>,
        stop: &Cell<bool>,
        tell: &impl Fn(Event),
    ) -> Result<(Proved, Rotated), Problem> {
        let progress = |done: usize, total: usize| {
            tell(Event::Progress { done: done as u64, total: total as u64 });
        };
        // Before the fresh version exists, other clients go on writing into the old one.
        if !self.done.contains(&Task::CreateBackup) {
            self.done.retain(|task| *task != Task::Download);
        }
        for task in self.tasks.clone() {
            if self.done.contains(&task) {
                continue;
            }
            // From storing the key to creating what it opens is one step: in between it would open nothing.
            if stop.get() && task != Task::CreateBackup {
                return Err(Problem::OutOfOrder);
            }
            match task {
                Task::CheckUnchanged => {
                    let now = check_unchanged(context.connection, context.seen()?).await?;
                    self.take_up(&now);
                }
                Task::Download => self.download(context, stop, &progress).await?,
                Task::Archive => self.archive(context).await?,
                Task::StoreBackupKey => {
                    let stored = self.store_backup_key(context).await;
                    self.or_take_back(context, stored, tell).await?;
                }
                Task::CreateBackup => {
                    let created = self.create_backup(context.connection).await;
                    self.or_take_back(context, created, tell).await?;
                    // Made: what was put aside stays so.
                    context.journal.forget();
                }
                Task::Upload => {
                    self.catch_up(context.connection, stop, &progress).await?;
                    self.fill(context.connection, stop, &progress).await?;
                }
                Task::Compare => self.compare(context.connection, stop, &progress).await?,
                Task::TryAsStranger => self.prove(context).await?,
                Task::StoreSecrets
                | Task::StoreIdentity
                | Task::PublishIdentity
                | Task::RemoveDehydrated
                | Task::SignBackup
                | Task::ReadBack
                | Task::Commit
                | Task::Announce
                | Task::RetireOldKey => return Err(Problem::OutOfOrder),
            }
            self.done.push(task);
            tell(Event::TaskDone(task));
        }
        self.complete.clone().ok_or(Problem::OutOfOrder)
    }

    /// Takes up what an earlier attempt has left: its key, and its version if that exists.
    fn take_up(&mut self, now: &Inspection) {
        let current = now.backup.as_ref();
        self.from = current.map(|backup| backup.facts.version.clone());
        if !archive::rotation_was_cut_short(&now.account_data) {
            return;
        }
        let stored = backup_decryption_key(&now.account_data, self.key.key_id(), &self.key);
        let Some(stored) = stored.and_then(|text| BackupDecryptionKey::from_base64(&text).ok()) else {
            return;
        };
        let opens_current = current.is_some_and(|backup| stored.backup_key_matches(&backup.info));
        if opens_current {
            self.version.clone_from(&self.from);
        }
        // The key of the version from which that attempt began was put aside, not this one; or this is
        // still that very key, and the attempt ended before it stored its own.
        let archived = archive::backup_keys(&now.account_data, &self.key);
        let is_old = archived.iter().any(|old| old.as_bytes() == stored.as_bytes());
        if is_old {
            self.version = None;
        } else {
            self.backup_key = stored;
            self.is_stored = true;
        }
    }

    /// Reads every version and opens what can be opened, with every backup key that is to be had.
    async fn download(
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
        self.keys.extend(archive::backup_keys(&data, &self.key));
        self.room_keys = RoomKeys::default();
        self.older.clear();
        for version in &versions.found {
            self.read(context.connection, version, stop, progress).await?;
        }
        Ok(())
    }

    /// Reads one version and opens what can be opened.
    async fn read(
        &mut self,
        connection: &Connection,
        CurrentBackup { facts, info }: &CurrentBackup,
        stop: &Cell<bool>,
        progress: &impl Fn(usize, usize),
    ) -> Result<(), Problem> {
        let mut opened = 0;
        let mut held = facts.count;
        let key = self.keys.iter().chain([&self.backup_key]).find(|key| key.backup_key_matches(info));
        // One that is called empty is looked into: nobody may be told so on the server's word alone.
        if key.is_some() || facts.count == 0 {
            let key = BackupKey::from(key.unwrap_or(&self.backup_key));
            let archive =
                room_keys::download(&connection.server, &facts.version, stop).await.map_err(problem)?;
            let reading = self.room_keys.open(&archive, &key, stop, progress).await.map_err(problem)?;
            // One that contradicts another stays where it is.
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

    /// Reads again what has changed since it was read. From here on nobody can: only the newest version is
    /// written to, and that is the fresh one.
    async fn catch_up(
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

    async fn read_to_store(&self, connection: &Connection) -> Result<AccountData, Problem> {
        let types = to_be_sure_of(Some(self.key.key_id()));
        AccountData::read_surely(&connection.server, &connection.user_id, types, |data| {
            self.check_default(data)
        })
        .await
    }

    /// Stops if the key with which this is done is not the one that apps ask for any more, or nothing may be stored
    /// under it.
    fn check_default(&self, data: &AccountData) -> Result<(), Problem> {
        if data.default_key() != Some(self.key.key_id()) {
            return Err(Problem::SomeoneElseIsWriting);
        }
        require_strong(data, &self.key)
    }

    /// Puts the old backup's key aside, still encrypted, with a note that a fresh backup has begun.
    async fn archive(&self, context: &Context<'_>) -> Result<(), Problem> {
        let data = self.read_to_store(context.connection).await?;
        if self.is_stored && archive::rotation_was_cut_short(&data) {
            return Ok(());
        }
        let from = self.from.as_deref();
        // A key that was entered by itself is nowhere else: without it the next visit could not go on.
        if let (Some(entered), Some(from)) = (context.keyring.loose_backup_key.text(), from) {
            archive::put_aside_by_itself(context.connection, &self.key, entered, Some(from)).await?;
        }
        stored_backup_key::put_aside(context.connection, context.journal, &data, from, true).await
    }

    async fn store_backup_key(&self, context: &Context<'_>) -> Result<(), Problem> {
        if self.is_stored {
            return Ok(());
        }
        let data = self.read_to_store(context.connection).await?;
        let text = Zeroizing::new(self.backup_key.to_base64());
        stored_backup_key::store(context.connection, context.journal, &data, &self.key, &text).await
    }

    /// Creates the fresh version, signed by the identity; takes over the one an earlier attempt created.
    async fn create_backup(&mut self, connection: &Connection) -> Result<(), Problem> {
        let now = Inspection::read(connection).await?;
        self.check_default(&now.account_data)?;
        if self.adopt(now.backup.as_ref())? {
            return Ok(());
        }
        let machine = stranger::machine_with_stored_identity(connection, &now, &self.key).await?;
        let mut info = self.backup_key.to_backup_info();
        backup::sign_by_identity(&machine, &connection.user_id, &mut info).await?;
        let created = backup::create(&connection.server, &info).await;
        self.may_come = !created.as_ref().is_err_and(Failure::is_refusal);
        // The response may have been lost, and one that came may name any version: what is there is looked at
        // before keys go into it; a little later again, since a server of several processes may answer from one
        // that does not know yet.
        for _ in 0..3 {
            if self.adopt(backup::current(&connection.server).await?.as_ref())? {
                return Ok(());
            }
            if created.is_err() {
                break;
            }
            timing::pause(Duration::from_secs(1)).await;
        }
        match backup::version_of(&connection.server, &created?, &self.backup_key).await? {
            None => Err(Problem::NotAsWritten { part: Part::Backup }),
            Some(unused) => {
                self.may_come = !backup::delete_empty(&connection.server, &unused).await?;
                Err(Problem::BackupNotUsed)
            }
        }
    }

    /// Where storing the key or creating its version failed, puts the old key back before that is said: apps ask for
    /// it. What was made nevertheless is used.
    async fn or_take_back(
        &mut self,
        context: &Context<'_>,
        outcome: Result<(), Problem>,
        tell: &impl Fn(Event),
    ) -> Result<(), Problem> {
        let problem = match outcome {
            Ok(()) => return Ok(()),
            // The same device comes in again, and goes on.
            Err(problem) if is_outside(&problem) => return Err(problem),
            Err(problem) => problem,
        };
        match self.take_back(context).await {
            Ok(true) => Ok(()),
            Ok(false) => {
                tell(Event::TakenBack(self.done.clone()));
                Err(problem)
            }
            Err(problem) if is_outside(&problem) => Err(problem),
            Err(_) => Err(Problem::KeyNotPutBack),
        }
    }

    /// Puts the stored key back to what it was, unless the fresh version is there after all; whether it is.
    async fn take_back(&mut self, context: &Context<'_>) -> Result<bool, Problem> {
        let current = backup::current(&context.connection.server).await?;
        if let Some(current) = &current
            && self.backup_key.backup_key_matches(&current.info)
        {
            self.version = Some(current.facts.version.clone());
            return Ok(true);
        }
        let fresh = Zeroizing::new(self.backup_key.to_base64());
        // Should the version come yet, the next visit opens it with this.
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
            return Ok(false);
        }
        self.is_stored = false;
        self.done.retain(|task| *task != Task::StoreBackupKey);
        // From here on the key opens what it opened before: that a fresh one was begun need not be known any more.
        let given_up = stored_backup_key::give_up_rotation(context.connection, context.journal).await;
        if given_up.is_ok() {
            context.journal.forget();
            self.done.retain(|task| *task != Task::Archive);
        }
        Ok(false)
    }

    /// Whether the newest version is the fresh one already.
    fn adopt(&mut self, current: Option<&CurrentBackup>) -> Result<bool, Problem> {
        match current {
            Some(current) if self.backup_key.backup_key_matches(&current.info) => {
                self.version = Some(current.facts.version.clone());
                // What an earlier attempt has left was read as well; of what has come since, nothing is known.
                if current.facts.count == 0 {
                    self.course.begin(&current.facts);
                }
                Ok(true)
            }
            current if current.map(|current| &current.facts.version) == self.from.as_ref() => Ok(false),
            Some(_) | None => Err(Problem::SomeoneElseIsWriting),
        }
    }

    fn target(&self) -> Result<(&str, BackupKey), Problem> {
        let version = self.version.as_deref().ok_or(Problem::OutOfOrder)?;
        Ok((version, BackupKey::from(&self.backup_key)))
    }

    /// Writes every key into the fresh version. What somebody else has written there meanwhile is read first, so that
    /// nothing better is replaced.
    async fn fill(
        &mut self,
        connection: &Connection,
        stop: &Cell<bool>,
        progress: &impl Fn(usize, usize),
    ) -> Result<(), Problem> {
        for _ in 0..MOST_READINGS {
            let (version, key) = self.target()?;
            let target = Target { server: &connection.server, version, backup_key: &key, sifted: None };
            self.course.restart();
            let uploaded = room_keys::upload(&target, &self.room_keys, &self.course, stop, progress);
            match uploaded.await.map_err(problem)? {
                Uploaded::All => return Ok(()),
                Uploaded::Changed => {
                    let now = backup::version(&connection.server, version).await?;
                    let now = now.ok_or(Problem::SomeoneElseIsWriting)?;
                    self.read(connection, &now, stop, progress).await?;
                    self.course.begin(&now.facts);
                }
            }
        }
        Err(Problem::SomeoneElseIsWriting)
    }

    /// Reads the fresh version back; what is missing is written once more before that is called a failure.
    async fn compare(
        &mut self,
        connection: &Connection,
        stop: &Cell<bool>,
        progress: &impl Fn(usize, usize),
    ) -> Result<(), Problem> {
        for _ in 0..2 {
            let (version, key) = self.target()?;
            let rooms =
                room_keys::compare(&connection.server, version, &key, &self.room_keys, stop, progress);
            if is_complete(&rooms.await.map_err(problem)?) {
                return Ok(());
            }
            self.fill(connection, stop, progress).await?;
        }
        Err(Problem::NotAsWritten { part: Part::Backup })
    }

    /// Opens everything as a stranger; only then the fresh backup counts as complete.
    async fn prove(&mut self, context: &Context<'_>) -> Result<(), Problem> {
        let proved = stranger::try_everything(
            context.connection,
            &context.keyring.derivations,
            &self.recovery_key,
            None,
        )
        .await?;
        if Some(&proved.backup_version) != self.version.as_ref() {
            return Err(Problem::SomeoneElseIsWriting);
        }
        let data = AccountData::read(&context.connection.server).await?;
        archive::rotation_is_complete(context.connection, &data).await?;
        // The keys themselves are not needed any more: wiped.
        let room_keys = std::mem::take(&mut self.room_keys);
        let rotated = Rotated {
            rooms: room_keys.rooms() as u64,
            room_keys: room_keys.len() as u64,
            older: std::mem::take(&mut self.older),
            maybe_more: self.maybe_more,
        };
        self.keys.clear();
        self.complete = Some((proved, rotated));
        Ok(())
    }

    /// Deletes older versions, after the person agreed: only those whose every key is in the fresh one,
    /// which is looked at once more before each.
    ///
    /// # Errors
    /// [`Problem::OutOfOrder`] for any other version; [`Problem::BackupReplaced`] if the fresh one is not
    /// the current one any more; the request's problem.
    pub(in crate::engine) async fn delete_older(
        &self,
        connection: &Connection,
        versions: &[String],
    ) -> Result<(), Problem> {
        let (fresh, key) = self.backup().ok_or(Problem::OutOfOrder)?;
        let (_, rotated) = self.complete.as_ref().ok_or(Problem::OutOfOrder)?;
        for version in versions {
            let superseded = rotated.superseded().find(|older| older.version == *version);
            let superseded = superseded.filter(|older| older.version != fresh).ok_or(Problem::OutOfOrder)?;
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

/// Whether the server does not let this device in any more, so that nothing could be put back either.
fn is_outside(problem: &Problem) -> bool {
    matches!(problem, Problem::SignedOut | Problem::Locked | Problem::Deactivated)
}

/// That it was asked to stop is told by the flag; what it was doing is left as it is.
fn problem(interruption: Interruption) -> Problem {
    match interruption {
        Interruption::Stopped => Problem::OutOfOrder,
        Interruption::Trouble(problem) => problem,
    }
}
