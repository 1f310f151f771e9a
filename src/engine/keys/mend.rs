//! Makes entries whole, in the current backup, that other apps cannot read as they stand there.
//!
//! Nothing is deleted for it. Each whole entry repeats what the old one said: its first message index, how often it was
//! forwarded, and whether its device was verified. A server compares just these (specification, `PUT /room_keys/keys`).
//! Among equals Synapse keeps the old entry, so it takes the new one only if the old one claimed less than its key
//! opens. To call the new entry verified, or never forwarded, would be a lie that every app then believes. So entries
//! that a server keeps are counted, and a fresh backup ([`crate::engine::write::rotate`]) copies them whole. A server
//! that overwrites whatever it is sent takes all of them at once.

use std::cell::Cell;

use crate::{
    domain::{mended::Mended, problem::Problem},
    engine::{
        account::our_backup::OurBackup,
        connection::Connection,
        keys::room_keys::{self, BackupKey, Interruption, RoomKeys, Target, UploadState, Uploaded},
    },
    protocol::messages::Event,
};

/// The times that the backup is read again because an app has written into it. Then the person is told that it was
/// stopped, and may ask again.
const TRIES: u32 = 3;

/// Carries out [`Command::Mend`](crate::protocol::messages::Command::Mend).
///
/// # Errors
/// The problem; a stop is told as [`Event::Stopped`]. The next call may go on.
pub(in crate::engine) async fn mend(
    connection: &Connection,
    ours: &OurBackup,
    stop: &Cell<bool>,
    tell: &impl Fn(Event),
) -> Result<(), Problem> {
    match run(connection, ours, stop, tell).await {
        Ok(mended) => tell(Event::Mended(mended)),
        Err(Interruption::Stopped) => tell(Event::Stopped),
        Err(Interruption::Trouble(problem)) => return Err(problem),
    }
    Ok(())
}

async fn run(
    connection: &Connection,
    ours: &OurBackup,
    stop: &Cell<bool>,
    tell: &impl Fn(Event),
) -> Result<Mended, Interruption> {
    let progress = |done: usize, total: usize| {
        tell(Event::Progress { done: done as u64, total: total as u64 });
    };
    let (backup, key) = ours.current(&connection.server).await?;
    let (mut backup, key) = (backup.facts, BackupKey::from(&key));
    let version = backup.version.clone();
    let read = async || {
        let downloaded = room_keys::download(&connection.server, &version, stop).await?;
        let mut keys = RoomKeys::default();
        keys.open(&downloaded, &key, stop, &progress).await?;
        Ok::<_, Interruption>(keys)
    };
    let target = Target { server: &connection.server, version: &version, backup_key: &key, sifted: None };
    let mut tries = 0;
    let (all, keys) = loop {
        // Noted before the keys are read: a server that overwrites would lose what an app writes meanwhile, which may
        // open more.
        let state = UploadState::default();
        state.begin(&backup);
        let mut keys = read().await?;
        keys.retain(|key| !key.was_whole());
        let all = keys.len() as u64;
        // Synapse answers with an error if the entry to be compared has no counts.
        keys.retain(|key| !key.lacks_marks());
        if keys.len() == 0 {
            return Ok(Mended { mended: 0, kept: all });
        }
        match room_keys::upload(&target, &keys, &state, stop, &progress).await? {
            Uploaded::All => break (all, keys),
            Uploaded::Changed => tries += 1,
        }
        if tries == TRIES {
            return Err(Interruption::Stopped);
        }
        backup = ours.current(&connection.server).await?.0.facts;
    };
    let now = read().await?;
    let stands_whole = keys.iter().filter(|(room_id, session_id, key)| {
        now.get(room_id, session_id).is_some_and(|now| now.was_whole() && now.opens_all_of(key))
    });
    let mended = stands_whole.count() as u64;
    // An entry in a version that is no longer current does not count as mended.
    if ours.current(&connection.server).await?.0.facts.version != version {
        return Err(Problem::BackupReplaced.into());
    }
    Ok(Mended { mended, kept: all.saturating_sub(mended) })
}
