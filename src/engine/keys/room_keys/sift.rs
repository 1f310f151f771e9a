//! Sifts room keys by what a version lacks: the others need not be written, and contradicting ones must not be.

use std::{
    cell::Cell,
    collections::{BTreeMap, HashMap},
};

use matrix_sdk::ruma::{OwnedRoomId, RoomId};

use super::{BackupKey, Downloaded, Interruption, KEYS_PER_BREATH, RoomKeys, breathe, room_key::RoomKey};

/// The standing of a key to what a version has for its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) enum Standing {
    /// The version's key opens everything that this one opens.
    Known,
    /// It opens everything that the version's key opens, and more.
    Better,
    /// The two are not the same session's key.
    Contradicting,
    /// The version's entry does not open.
    Opaque,
}

/// The standing of every key for whose session the version has an entry.
#[derive(Default)]
pub(in crate::engine) struct Sifted {
    /// The standings by room and session.
    standings: BTreeMap<OwnedRoomId, HashMap<Box<str>, Standing>>,
    /// The better keys, as they are to be written.
    better: Vec<(OwnedRoomId, Box<str>, RoomKey)>,
    /// The number of the version's entries.
    pub(in crate::engine) held: usize,
}

impl Sifted {
    /// The standing of a key; `None` if the version has no entry for its session.
    pub(in crate::engine) fn get(&self, room_id: &RoomId, session_id: &str) -> Option<Standing> {
        self.standings.get(room_id)?.get(session_id).copied()
    }

    /// Every key with its standing.
    pub(in crate::engine) fn iter(&self) -> impl Iterator<Item = (&OwnedRoomId, &str, Standing)> {
        self.standings.iter().flat_map(|(room_id, room)| {
            room.iter().map(move |(session_id, standing)| (room_id, &**session_id, *standing))
        })
    }
}

impl RoomKeys {
    /// Finds the standing of each key to what a version has; tells how many of how many entries were seen. Opens no
    /// entry but those of these keys' sessions.
    ///
    /// # Errors
    /// Stopped, or the problem of a malformed answer.
    pub(in crate::engine) async fn sift(
        &self,
        downloaded: &Downloaded,
        backup_key: &BackupKey,
        stop: &Cell<bool>,
        tell: &impl Fn(usize, usize),
    ) -> Result<Sifted, Interruption> {
        let listing = downloaded.list()?;
        let held = listing.len();
        let mut sifted = Sifted { held, ..Sifted::default() };
        let mut done = 0;
        for (room_id, entries) in listing.rooms {
            for entry in entries {
                if done % KEYS_PER_BREATH == 0 {
                    tell(done, held);
                    breathe(stop).await?;
                }
                done += 1;
                let Some(ours) = self.get(&room_id, &entry.session_id) else { continue };
                let room = sifted.standings.entry(room_id.clone()).or_default();
                // If an entry comes twice, the first counts.
                if room.contains_key(&*entry.session_id) {
                    continue;
                }
                let session_id: Box<str> = entry.session_id.into();
                let theirs = backup_key.open(&session_id, entry.data);
                let mut standing =
                    theirs.as_ref().map_or(Standing::Opaque, |theirs| ours.standing_to(theirs));
                if let (Standing::Better, Some(theirs)) = (standing, theirs) {
                    match ours.within(&session_id, &theirs) {
                        Some(key) => sifted.better.push((room_id.clone(), session_id.clone(), key)),
                        None => standing = Standing::Contradicting,
                    }
                }
                room.insert(session_id, standing);
            }
        }
        tell(held, held);
        Ok(sifted)
    }

    /// Keeps the keys that are worth writing, in a form that the server takes: those that the version lacks, and better
    /// ones. A better one takes all but the key itself from the version's entry. An entry that does not open is worth
    /// an attempt.
    pub(in crate::engine) fn keep_what_lacks(&mut self, sifted: &mut Sifted) {
        for (room_id, session_id, standing) in sifted.iter() {
            if let (Standing::Known | Standing::Contradicting, Some(room)) =
                (standing, self.room_mut(room_id))
            {
                room.remove(session_id);
            }
        }
        for (room_id, session_id, better) in sifted.better.drain(..) {
            if let Some(key) = self.room_mut(&room_id).and_then(|room| room.get_mut(&session_id)) {
                *key = better;
            }
        }
    }
}

impl RoomKey {
    fn standing_to(&self, theirs: &Self) -> Standing {
        if theirs.opens_all_of(self) {
            Standing::Known
        } else if self.opens_all_of(theirs) {
            Standing::Better
        } else {
            Standing::Contradicting
        }
    }
}
