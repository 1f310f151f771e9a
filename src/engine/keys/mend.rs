//! Putting back whole, into the current backup, the keys that other apps cannot read as they stand there.
//!
//! Nothing is deleted for it, and each whole entry says of itself what the old one said: from which message on, how
//! often passed on, and whether its device was verified. A server compares just that (specification, `PUT
//! /room_keys/keys`), and of equals Synapse keeps the one that is there: only an entry that called itself poorer than
//! it is gives way. To call the new one verified, or never passed on, would be a lie that every app then believes.
//! So what a server keeps is counted, and a fresh backup ([`crate::engine::write::rotate`]) carries it along whole. Servers that
//! overwrite whatever is sent take all of them at once.

use std::cell::Cell;

use crate::{
    domain::{mended::Mended, problem::Problem},
    engine::{
        account::our_backup::OurBackup,
        connection::Connection,
        keys::room_keys::{self, BackupKey, Course, Interruption, RoomKeys, Target, Uploaded},
    },
    protocol::messages::Event,
};

/// How often the backup is read anew because an app has written into it meanwhile. After that the person is told that
/// it was stopped, and may ask again.
const TRIES: u32 = 3;

/// Carries out [`Command::Mend`](crate::protocol::messages::Command::Mend).
///
/// # Errors
/// What went wrong; that it was stopped is told. It may be done again.
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
        let archive = room_keys::download(&connection.server, &version, stop).await?;
        let mut keys = RoomKeys::default();
        keys.open(&archive, &key, stop, &progress).await?;
        Ok::<_, Interruption>(keys)
    };
    let target = Target { server: &connection.server, version: &version, backup_key: &key, sifted: None };
    let mut tries = 0;
    let (all, keys) = loop {
        // Noted before the keys are read: a server that overwrites would give up what an app puts there meanwhile,
        // which may open more.
        let course = Course::default();
        course.begin(&backup);
        let mut keys = read().await?;
        keys.retain(|key| !key.was_whole());
        let all = keys.len() as u64;
        // Synapse cannot compare with an entry that has no numbers, and answers a request that asks for it with an
        // error.
        keys.retain(|key| !key.lacks_marks());
        if keys.len() == 0 {
            return Ok(Mended { mended: 0, kept: all });
        }
        match room_keys::upload(&target, &keys, &course, stop, &progress).await? {
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
    // What stands in a version that no app looks at is not called mended.
    if ours.current(&connection.server).await?.0.facts.version != version {
        return Err(Problem::BackupReplaced.into());
    }
    Ok(Mended { mended, kept: all.saturating_sub(mended) })
}
