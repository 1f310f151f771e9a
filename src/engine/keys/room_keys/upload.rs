//! Writes room keys into a version, a chunk at a time.
//!
//! Source: specification, `PUT /_matrix/client/v3/room_keys/keys`.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    mem,
};

use futures_util::future::join;
use matrix_sdk::ruma::{
    OwnedRoomId, RoomId,
    api::client::backup::{KeyBackupData, RoomKeyBackup, add_backup_keys},
    serde::Raw,
};

use super::{BackupKey, Interruption, KEYS_PER_BREATH, RoomKey, RoomKeys, Sifted, breathe};
use crate::{
    domain::{account::Backup, problem::Problem},
    engine::{
        account::backup,
        net::{
            failure::{Failure, Limits, Repeat, cut},
            homeserver::Homeserver,
        },
    },
};

/// The most keys in one request.
const MOST_KEYS: usize = 1_000;
/// The most bytes of keys in one request: below a megabyte, which is nginx's default limit.
const MOST_BYTES: usize = 900 * 1_024;
/// The bytes that an entry's or a room's id costs beyond its text, at most: quotes, colon, braces, comma.
const PUNCTUATION: usize = 24;

/// How far an upload has come, and what the version was like when its keys were last read or written here. It
/// outlives an upload that fails or is stopped.
#[derive(Debug, Default)]
pub(in crate::engine) struct UploadState {
    /// The number of keys, in their order, that are known to be there.
    there: Cell<usize>,
    /// The number of keys that were sent, whether or not the answer came.
    sent: Cell<usize>,
    seen: RefCell<Option<Seen>>,
}

#[derive(Debug, PartialEq, Eq)]
struct Seen {
    etag: String,
    count: u64,
}

/// The end of an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) enum Uploaded {
    /// Every key was sent.
    All,
    /// Another client has written since the version was read. Not every server compares new keys with those it has, so
    /// the version has to be read again before more is sent.
    Changed,
}

/// The version into which keys are written.
pub(in crate::engine) struct Target<'a> {
    pub(in crate::engine) server: &'a Homeserver,
    /// The version's name; it must be the current one.
    pub(in crate::engine) version: &'a str,
    pub(in crate::engine) backup_key: &'a BackupKey,
    /// The standings of the keys, if they were found.
    pub(in crate::engine) sifted: Option<&'a Sifted>,
}

impl UploadState {
    /// Notes a version as it was described before its keys were read.
    pub(in crate::engine) fn begin(&self, version: &Backup) {
        *self.seen.borrow_mut() = Some(Seen { etag: version.etag.clone(), count: version.count });
    }

    /// Begins with other keys; the version is still as it was seen.
    pub(in crate::engine) fn restart(&self) {
        self.there.set(0);
        self.sent.set(0);
    }

    /// The state in which the first keys are there already.
    #[cfg(test)]
    pub(super) fn all_there(keys: usize) -> Self {
        Self { there: Cell::new(keys), ..Self::default() }
    }

    /// The number of keys that were sent, whether or not the answer came.
    pub(in crate::engine) fn sent(&self) -> usize {
        self.sent.get()
    }
}

/// Encrypts the keys and writes them into the current version; tells how many of how many are there. Skips those that
/// an earlier attempt has told as being there.
///
/// Compares the version's etag before each request, since some servers replace even a better key by the one they are
/// sent (continuwuity does). A write by another client during a request shows by the count in its answer.
///
/// # Errors
/// Stopped, between two requests; or a problem. Keys that are there stay.
pub(in crate::engine) async fn upload(
    target: &Target<'_>,
    keys: &RoomKeys,
    state: &UploadState,
    stop: &Cell<bool>,
    tell: &impl Fn(usize, usize),
) -> Result<Uploaded, Interruption> {
    let total = keys.len();
    let mut done = state.there.get();
    let mut sealer = Sealer { keys: keys.iter().skip(done), target, begun: Chunk::default() };
    tell(done, total);
    let mut next = sealer.next(stop).await?;
    while next.keys > 0 {
        breathe(stop).await?;
        let Some(before) = target.count_if_unchanged(state).await? else { return Ok(Uploaded::Changed) };
        let expected = target.sifted.map(|_| before.saturating_add(next.new as u64));
        let after = done + next.keys;
        state.sent.set(after);
        // The next chunk is encrypted while one is under way.
        let (put, following) = join(next.put(target), sealer.next(stop)).await;
        let seen = put?;
        done = after;
        state.there.set(done);
        let is_expected = expected.is_none_or(|expected| expected == seen.count);
        *state.seen.borrow_mut() = is_expected.then_some(seen);
        tell(done, total);
        next = following?;
    }
    Ok(Uploaded::All)
}

impl Target<'_> {
    /// The number of keys in the version, if nobody else has written since it was seen.
    async fn count_if_unchanged(&self, state: &UploadState) -> Result<Option<u64>, Problem> {
        // Without a description to compare with, the version counts as changed.
        if state.seen.borrow().is_none() {
            return Ok(None);
        }
        let now = backup::current(self.server).await?.filter(|now| now.facts.version == self.version);
        let facts = now.ok_or(Problem::SomeoneElseIsWriting)?.facts;
        let seen = state.seen.borrow();
        Ok(seen.as_ref().filter(|seen| seen.etag == facts.etag).map(|_| facts.count))
    }
}

/// Encrypts keys one after the other.
struct Sealer<'a, I> {
    keys: I,
    target: &'a Target<'a>,
    /// The chunk that is not full yet.
    begun: Chunk,
}

impl<'a, I: Iterator<Item = (&'a RoomId, &'a str, &'a RoomKey)>> Sealer<'a, I> {
    /// Returns the next chunk; an empty one if no key is left.
    async fn next(&mut self, stop: &Cell<bool>) -> Result<Chunk, Interruption> {
        for (at, (room_id, session_id, key)) in self.keys.by_ref().enumerate() {
            if at % KEYS_PER_BREATH == 0 {
                breathe(stop).await?;
            }
            let sealed = self.target.backup_key.seal(key).ok_or(Problem::engine_stopped())?;
            let sealed = Raw::new(&sealed).map_err(|_| Problem::engine_stopped())?;
            let full = self.begun.add(room_id, session_id, sealed);
            if self.target.sifted.is_some_and(|sifted| sifted.get(room_id, session_id).is_none()) {
                self.begun.new += 1;
            }
            if let Some(full) = full {
                return Ok(full);
            }
        }
        Ok(mem::take(&mut self.begun))
    }
}

/// The keys of one request.
#[derive(Default)]
pub(super) struct Chunk {
    rooms: BTreeMap<OwnedRoomId, RoomKeyBackup>,
    /// The number of keys.
    pub(super) keys: usize,
    /// The number of keys for whose sessions the version has no entry.
    new: usize,
    /// Their length as text in bytes, at most.
    pub(super) bytes: usize,
}

impl Chunk {
    /// Adds a key. If the chunk is full, returns it and begins the next one with the key.
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

    /// Writes the chunk; returns the version's state after it.
    async fn put(self, target: &Target<'_>) -> Result<Seen, Problem> {
        let request = add_backup_keys::v3::Request::new(target.version.to_owned(), self.into_rooms());
        match target.server.send_within(request, Repeat::Safe, Limits::ROOM_KEYS_UP).await {
            Ok(answer) => Ok(Seen { etag: cut(&answer.etag), count: answer.count.into() }),
            Err(failure) => Err(of_upload(failure)),
        }
    }
}

/// Reads a failed upload: if the version is gone or no longer current, another client did that.
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
    use crate::engine::net::failure::Refusal;

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
