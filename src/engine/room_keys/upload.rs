//! Writing room keys into a version, a chunk at a time.
//!
//! Source: specification, `PUT /_matrix/client/v3/room_keys/keys`.

use std::{cell::Cell, collections::BTreeMap, mem};

use futures_util::future::join;
use matrix_sdk::ruma::{
    OwnedRoomId, RoomId,
    api::client::backup::{KeyBackupData, RoomKeyBackup, add_backup_keys},
    serde::Raw,
};

use super::{BackupKey, Interruption, KEYS_PER_BREATH, RoomKey, RoomKeys, breathe};
use crate::{
    domain::problem::Problem,
    engine::http::{Failure, Homeserver, Limits, Repeat},
};

/// The most keys that go in one request.
const MOST_KEYS: usize = 1_000;
/// The most bytes of keys that go in one request: below a megabyte, which is what nginx lets through
/// unless told otherwise.
const MOST_BYTES: usize = 900 * 1_024;
/// What an entry's id or a room's costs beyond its text, generously: quotes, colon, braces, comma.
const PUNCTUATION: usize = 24;

/// Seals the keys and writes them into the current version, telling how many of how many are there; those that
/// an earlier attempt told as being there are passed over.
///
/// Doing it again, or over what another client has written, loses nothing: the server keeps the better
/// of two keys.
///
/// # Errors
/// When stopped, between two requests; or what went wrong. What is there until then stays.
pub(in crate::engine) async fn upload(
    server: &Homeserver,
    version: &str,
    backup_key: &BackupKey,
    keys: &RoomKeys,
    there: usize,
    stop: &Cell<bool>,
    tell: &impl Fn(usize, usize),
) -> Result<(), Interruption> {
    let total = keys.len();
    let mut sealer = Sealer { keys: keys.iter().skip(there), backup_key, begun: Chunk::default() };
    let mut done = there;
    tell(done, total);
    let mut next = sealer.next(stop).await?;
    while next.keys > 0 {
        breathe(stop).await?;
        // While one chunk is under way, the next is sealed.
        let (put, following) = join(next.put(server, version), sealer.next(stop)).await;
        done += put?;
        tell(done, total);
        next = following?;
    }
    Ok(())
}

/// Seals keys one after the other.
struct Sealer<'a, I> {
    keys: I,
    backup_key: &'a BackupKey,
    /// The chunk that is not full yet.
    begun: Chunk,
}

impl<'a, I: Iterator<Item = (&'a RoomId, &'a str, &'a RoomKey)>> Sealer<'a, I> {
    /// The next chunk; an empty one if no key is left.
    async fn next(&mut self, stop: &Cell<bool>) -> Result<Chunk, Interruption> {
        for (at, (room_id, session_id, key)) in self.keys.by_ref().enumerate() {
            if at % KEYS_PER_BREATH == 0 {
                breathe(stop).await?;
            }
            let sealed = self.backup_key.seal(key).ok_or(Problem::EngineStopped)?;
            let sealed = Raw::new(&sealed).map_err(|_| Problem::EngineStopped)?;
            if let Some(full) = self.begun.add(room_id, session_id, sealed) {
                return Ok(full);
            }
        }
        Ok(mem::take(&mut self.begun))
    }
}

/// What goes in one request.
#[derive(Default)]
pub(super) struct Chunk {
    rooms: BTreeMap<OwnedRoomId, RoomKeyBackup>,
    /// How many keys there are.
    pub(super) keys: usize,
    /// How long they are as text, at most.
    pub(super) bytes: usize,
}

impl Chunk {
    /// Adds a key. If there is no place for it, it begins the next chunk, and the full one is returned.
    pub(super) fn add(
        &mut self,
        room_id: &RoomId,
        session_id: &str,
        key: Raw<KeyBackupData>,
    ) -> Option<Self> {
        let new_room = room_id.as_str().len() + 2 * PUNCTUATION;
        let bytes = key.json().get().len() + session_id.len() + PUNCTUATION;
        let known = self.rooms.contains_key(room_id);
        let bytes_here = if known { bytes } else { bytes + new_room };
        let is_full = self.keys > 0 && (self.keys == MOST_KEYS || self.bytes + bytes_here > MOST_BYTES);
        let full = is_full.then(|| mem::take(self));
        if full.is_some() || !known {
            self.rooms.insert(room_id.to_owned(), RoomKeyBackup::new(BTreeMap::new()));
        }
        if let Some(room) = self.rooms.get_mut(room_id) {
            room.sessions.insert(session_id.to_owned(), key);
        }
        self.keys += 1;
        self.bytes += if full.is_some() { bytes + new_room } else { bytes_here };
        full
    }

    /// The rooms and their keys.
    pub(super) fn into_rooms(self) -> BTreeMap<OwnedRoomId, RoomKeyBackup> {
        self.rooms
    }

    /// Writes it; how many keys that were.
    async fn put(self, server: &Homeserver, version: &str) -> Result<usize, Problem> {
        let keys = self.keys;
        let request = add_backup_keys::v3::Request::new(version.to_owned(), self.into_rooms());
        match server.send_within(request, Repeat::Safe, Limits::ROOM_KEYS_UP).await {
            Ok(_) => Ok(keys),
            Err(failure) => Err(of_upload(failure)),
        }
    }
}

/// A failed upload: that the version is no longer the current one, or is gone, is somebody's doing.
fn of_upload(failure: Failure) -> Problem {
    if failure.is("M_WRONG_ROOM_KEYS_VERSION") || failure.is("M_NOT_FOUND") {
        Problem::SomeoneElseIsWriting
    } else {
        failure.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::http::Refusal;

    #[test]
    fn a_version_that_is_no_longer_current_is_somebody_elses_doing() {
        for (errcode, expected) in [
            ("M_WRONG_ROOM_KEYS_VERSION", Problem::SomeoneElseIsWriting),
            ("M_NOT_FOUND", Problem::SomeoneElseIsWriting),
            ("M_TOO_LARGE", Problem::Refused { status: 403, errcode: "M_TOO_LARGE".to_owned() }),
        ] {
            let refusal = Refusal { status: 403, errcode: errcode.to_owned(), ..Refusal::default() };
            assert_eq!(of_upload(Failure::Refused(refusal)), expected);
        }
    }
}
