//! Reads a version back, and compares it with the keys that were to be written.

use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
};

use matrix_sdk::ruma::RoomId;

use super::{BackupKey, Downloaded, Interruption, KEYS_PER_BREATH, RoomKeys, breathe, download};
use crate::{domain::rotation::RoomTally, engine::net::homeserver::Homeserver};

/// Reads a version from the server and opens it. Counts for each room how many of the meant keys it has: each must open
/// everything that the meant one opens. Tells how many of how many are done.
///
/// Another client may have written meanwhile: a key that was not meant does not count, and a better one than was meant
/// does.
///
/// # Errors
/// Stopped, or a problem. The next call begins anew.
pub(in crate::engine) async fn compare(
    server: &Homeserver,
    version: &str,
    backup_key: &BackupKey,
    meant: &RoomKeys,
    stop: &Cell<bool>,
    tell: &impl Fn(usize, usize),
) -> Result<Vec<RoomTally>, Interruption> {
    tally(&download(server, version, stop).await?, backup_key, meant, stop, tell).await
}

/// Compares as [`compare`] does, with an answer that was read already.
pub(super) async fn tally(
    downloaded: &Downloaded,
    backup_key: &BackupKey,
    meant: &RoomKeys,
    stop: &Cell<bool>,
    tell: &impl Fn(usize, usize),
) -> Result<Vec<RoomTally>, Interruption> {
    let listing = downloaded.list()?;
    let total = listing.len();
    // Sets and not counts, so that an entry that comes twice counts once.
    let mut found: BTreeMap<&RoomId, BTreeSet<&str>> = BTreeMap::new();
    let mut done = 0;
    for (room_id, entries) in &listing.rooms {
        for entry in entries {
            if done % KEYS_PER_BREATH == 0 {
                tell(done, total);
                breathe(stop).await?;
            }
            done += 1;
            let Some(meant) = meant.get(room_id, &entry.session_id) else { continue };
            let key = backup_key.open(&entry.session_id, entry.data);
            if key.is_some_and(|key| key.opens_all_of(meant)) {
                found.entry(room_id).or_default().insert(&entry.session_id);
            }
        }
    }
    tell(total, total);
    let tally = |(room_id, expected): (&RoomId, usize)| RoomTally {
        room_id: room_id.to_string(),
        expected: expected as u64,
        found: found.get(room_id).map_or(0, |sessions| sessions.len() as u64),
    };
    Ok(meant.counts().map(tally).collect())
}
