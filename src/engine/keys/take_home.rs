//! Exports the whole backup as one file that every client can read.
//!
//! Each stage frees what the one before it needed: the server's answer is dropped once its keys are open. The file
//! exists only encrypted, and the page gets no piece of it before all of it was read back.

use std::{
    cell::Cell,
    collections::{HashSet, VecDeque},
};

use futures_util::future::try_join;
use matrix_sdk::ruma::{MilliSecondsSinceUnixEpoch, RoomId};
use matrix_sdk_crypto::olm::ExportedRoomKey;
use zeroize::Zeroizing;

use crate::{
    domain::{key_file::TakenHome, problem::Problem, secret::Secret},
    engine::{
        account::our_backup::OurBackup,
        connection::Connection,
        keys::{
            key_file::{ENTRIES_PER_BREATH, Receiving, Sealing},
            room_keys::{self, BackupKey, Interruption, RoomKey, RoomKeys, breathe},
        },
    },
    protocol::{bytes::Bytes, messages::Event},
};

/// A capacity that no entry exceeds, in bytes: a growing buffer would leave copies of the key.
const ENTRY: usize = 4_096;

/// Carries out [`Command::TakeHome`](crate::protocol::messages::Command::TakeHome).
///
/// # Errors
/// The problem; a stop is told as [`Event::Stopped`].
pub(in crate::engine) async fn take_home(
    connection: &Connection,
    ours: &OurBackup,
    passphrase: &Secret,
    stop: &Cell<bool>,
    tell: &impl Fn(Event),
) -> Result<(), Problem> {
    match make(connection, ours, passphrase, stop, tell).await {
        Ok((mut pieces, taken_home)) => {
            while let Some(piece) = pieces.pop_front() {
                tell(Event::FilePart(Bytes::from(piece)));
            }
            tell(Event::TakenHome(taken_home));
        }
        Err(Interruption::Stopped) => tell(Event::Stopped),
        Err(Interruption::Trouble(problem)) => return Err(problem),
    }
    Ok(())
}

/// Makes the file and reads it back.
async fn make(
    connection: &Connection,
    ours: &OurBackup,
    passphrase: &Secret,
    stop: &Cell<bool>,
    tell: &impl Fn(Event),
) -> Result<(VecDeque<Vec<u8>>, TakenHome), Interruption> {
    if passphrase.is_blank() {
        return Err(Problem::out_of_order().into());
    }
    let progress = |done: usize, total: usize| {
        tell(Event::Progress { done: done as u64, total: total as u64 });
    };
    let (backup, key) = ours.current(&connection.server).await?;
    let mut keys = RoomKeys::default();
    let read = async {
        let downloaded = room_keys::download(&connection.server, &backup.facts.version, stop).await?;
        keys.open(&downloaded, &BackupKey::from(&key), stop, &progress).await
    };
    let begin = async { Sealing::new(passphrase).await.ok_or(Interruption::from(Problem::engine_stopped())) };
    // A browser derives the file's keys without blocking the worker.
    let (file, reading) = try_join(begin, read).await?;
    let pieces = write(&keys, file, stop, &progress).await?;
    read_back(&pieces, &keys, passphrase, stop, &progress).await?;
    let room_keys = keys.len() as u64;
    // Entries that the server counts but did not send are missing in the file, too.
    let withheld = backup.facts.count.saturating_sub(reading.keys + reading.unreadable);
    let taken_home = TakenHome {
        room_keys,
        rooms: keys.rooms() as u64,
        unreadable: reading.unreadable + reading.conflicting + withheld,
        bytes: pieces.iter().map(|piece| piece.len() as u64).sum(),
        at_ms: MilliSecondsSinceUnixEpoch::now().get().into(),
    };
    Ok((pieces, taken_home))
}

async fn write(
    keys: &RoomKeys,
    mut file: Sealing,
    stop: &Cell<bool>,
    tell: &impl Fn(usize, usize),
) -> Result<VecDeque<Vec<u8>>, Interruption> {
    for (at, (room_id, session_id, key)) in keys.iter().enumerate() {
        if at % ENTRIES_PER_BREATH == 0 {
            tell(at, keys.len());
            breathe(stop).await?;
        }
        file.add(&entry(room_id, session_id, key).ok_or(Problem::engine_stopped())?);
    }
    tell(keys.len(), keys.len());
    Ok(file.finish())
}

/// Writes a key as an entry of the file.
fn entry(room_id: &RoomId, session_id: &str, key: &RoomKey) -> Option<Zeroizing<Vec<u8>>> {
    let mut text = Zeroizing::new(Vec::with_capacity(ENTRY));
    serde_json::to_writer(&mut *text, &key.export(room_id.to_owned(), session_id)?).ok()?;
    Some(text)
}

/// Opens the file as anybody would who has it and its passphrase; it has to hold exactly these keys.
async fn read_back(
    pieces: &VecDeque<Vec<u8>>,
    keys: &RoomKeys,
    passphrase: &Secret,
    stop: &Cell<bool>,
    tell: &impl Fn(usize, usize),
) -> Result<(), Interruption> {
    let mut file = Receiving::default();
    for piece in pieces {
        breathe(stop).await?;
        file.add(piece);
    }
    let exports = file.finish().map_err(|_| broken())?;
    let [export] = exports.as_slice() else { return Err(broken()) };
    let contents = match export.open(passphrase, stop).await {
        Err(Interruption::Trouble(_)) => return Err(broken()),
        opened => opened?.ok_or_else(|| broken())?,
    };
    let entries = contents.entries().map_err(|_| broken())?;
    let mut seen = HashSet::with_capacity(entries.len());
    for (at, written) in entries.iter().enumerate() {
        if at % ENTRIES_PER_BREATH == 0 {
            tell(at, entries.len());
            breathe(stop).await?;
        }
        let read: ExportedRoomKey = serde_json::from_str(written.get()).map_err(|_| broken())?;
        let (room_id, session_id) = (read.room_id.clone(), read.session_id.clone());
        let key = keys.get(&room_id, &session_id).ok_or_else(|| broken())?;
        let read = RoomKey::from_export(read).ok_or_else(|| broken())?;
        // A client may have written the key into the backup with other spacing or fields; the file has the SDK's form.
        let meant = || entry(&room_id, &session_id, key);
        let is_same =
            read.says_the_same_as(key) || meant().is_some_and(|meant| *meant == written.get().as_bytes());
        if !is_same || !seen.insert((room_id, session_id)) {
            return Err(broken());
        }
    }
    tell(entries.len(), entries.len());
    if seen.len() == keys.len() { Ok(()) } else { Err(broken()) }
}

/// The file is not what was written: a defect of this page.
#[track_caller]
fn broken() -> Interruption {
    Interruption::Trouble(Problem::engine_stopped())
}

#[cfg(test)]
#[cfg(feature = "native")]
mod tests {
    use matrix_sdk::ruma::UInt;
    use serde_json::{Value, json};

    use super::*;
    use crate::engine::keys::room_keys::made;

    const PASSPHRASE: &str = "the file's own passphrase";

    fn collected(keys: &[ExportedRoomKey]) -> RoomKeys {
        let mut collected = RoomKeys::default();
        for key in keys {
            let (room_id, session_id) = (key.room_id.clone(), key.session_id.clone());
            collected.add(&room_id, &session_id, RoomKey::from_export(made::at(key, 0)).unwrap());
        }
        collected
    }

    async fn written(keys: &RoomKeys) -> VecDeque<Vec<u8>> {
        let file = Sealing::with_rounds(&Secret::from(PASSPHRASE), 10).await.unwrap();
        write(keys, file, &Cell::new(false), &|_, _| ()).await.unwrap()
    }

    #[tokio::test]
    async fn a_file_that_is_not_exactly_what_was_meant_is_never_given_out() {
        let made = made::make(5, 2);
        let (all, fewer) = (collected(&made), collected(&made[1..]));
        let later: Vec<_> = made.iter().map(|key| made::at(key, 1)).collect();
        let mut others = RoomKeys::default();
        for key in &later {
            let copy = RoomKey::from_export(made::at(key, 1)).unwrap();
            others.add(&key.room_id, &key.session_id, copy);
        }
        let broken = Err(Interruption::Trouble(Problem::engine_stopped()));
        for (file, meant, passphrase, expected) in [
            (written(&all).await, &all, PASSPHRASE, Ok(())),
            (written(&all).await, &all, "another", broken.clone()),
            (written(&fewer).await, &all, PASSPHRASE, broken.clone()),
            (written(&all).await, &fewer, PASSPHRASE, broken.clone()),
            (written(&others).await, &all, PASSPHRASE, broken.clone()),
            (written(&RoomKeys::default()).await, &all, PASSPHRASE, broken.clone()),
            (VecDeque::new(), &all, PASSPHRASE, broken),
        ] {
            let passphrase = Secret::from(passphrase);
            let read = read_back(&file, meant, &passphrase, &Cell::new(false), &|_, _| ()).await;
            assert_eq!(read, expected);
        }
    }

    #[test]
    fn an_entry_says_by_whom_a_key_was_made_and_passed_on() {
        let made = made::make(1, 1).remove(0);
        let sender = made.sender_key.to_base64();
        let text = json!({
            "algorithm": "m.megolm.v1.aes-sha2", "sender_key": sender,
            "session_key": made.session_key.to_base64(),
            "sender_claimed_keys": serde_json::to_value(&made.sender_claimed_keys).unwrap(),
            "forwarding_curve25519_key_chain": [sender], "org.matrix.msc3061.shared_history": true,
            "room_id": "!another:example.org", "of the future": 1,
        });
        let text = Zeroizing::new(text.to_string().into_bytes());
        let key = RoomKey::new(&made.session_id, text, UInt::from(1_u8), false).unwrap();
        let entry = entry(&made.room_id, &made.session_id, &key).unwrap();
        let mut meant = serde_json::to_value(&made).unwrap();
        meant["forwarding_curve25519_key_chain"] = json!([sender]);
        meant["m.shared_history"] = json!(true);
        assert_eq!(serde_json::from_slice::<Value>(&entry).unwrap(), meant);
    }
}
