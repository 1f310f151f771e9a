//! What a version lacks of some room keys: the rest need not be written, and what contradicts must not be.

use std::{
    cell::Cell,
    collections::{BTreeMap, HashMap},
};

use matrix_sdk::ruma::{OwnedRoomId, RoomId};

use super::{Archive, BackupKey, Interruption, KEYS_PER_BREATH, RoomKeys, breathe, room_key::RoomKey};

/// How a key stands to what a version has for its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) enum Standing {
    /// The version's opens everything that this one opens.
    Known,
    /// It opens everything that the version's opens, and more; whether that one is verified.
    Better {
        /// Whether it is.
        is_verified: bool,
    },
    /// The two are not the same session's.
    Contradicting,
    /// What the version has does not open.
    Opaque,
}

/// The standing of every key for whose session a version has anything.
#[derive(Default)]
pub(in crate::engine) struct Sifted {
    /// By room and session.
    standings: BTreeMap<OwnedRoomId, HashMap<Box<str>, Standing>>,
    /// How many entries the version has.
    pub(in crate::engine) held: usize,
}

impl Sifted {
    /// How many keys stand so.
    pub(in crate::engine) fn count(&self, is: impl Fn(Standing) -> bool) -> usize {
        self.standings.values().flat_map(HashMap::values).filter(|standing| is(**standing)).count()
    }

    /// How a key stands; `None` if the version has nothing for its session.
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
    /// Sees how each key stands to what a version has, telling how many entries of how many were seen. Of what
    /// is not asked about nothing is opened.
    ///
    /// # Errors
    /// When stopped, or when the answer is none.
    pub(in crate::engine) async fn sift(
        &self,
        archive: &Archive,
        backup_key: &BackupKey,
        stop: &Cell<bool>,
        tell: &impl Fn(usize, usize),
    ) -> Result<Sifted, Interruption> {
        let listing = archive.list()?;
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
                let standing = match backup_key.open(&entry.session_id, entry.data) {
                    Some(theirs) => ours.standing_to(&theirs),
                    None => Standing::Opaque,
                };
                let room = sifted.standings.entry(room_id.clone()).or_default();
                room.entry(entry.session_id.into()).or_insert(standing);
            }
        }
        tell(held, held);
        Ok(sifted)
    }

    /// Keeps what is worth writing, made such that the server takes it: what the version has not, and what is
    /// better. What does not open there is worth an attempt.
    pub(in crate::engine) fn keep_what_lacks(&mut self, sifted: &Sifted) {
        for (room_id, session_id, standing) in sifted.iter() {
            let Some(room) = self.room_mut(room_id) else { continue };
            match standing {
                Standing::Known | Standing::Contradicting => {
                    room.remove(session_id);
                }
                Standing::Better { is_verified } => {
                    if let Some(key) = room.get_mut(session_id) {
                        key.vouch(is_verified);
                    }
                }
                Standing::Opaque => {}
            }
        }
    }
}

impl RoomKey {
    fn standing_to(&self, theirs: &Self) -> Standing {
        if theirs.opens_all_of(self) {
            Standing::Known
        } else if self.opens_all_of(theirs) {
            Standing::Better { is_verified: theirs.is_verified() }
        } else {
            Standing::Contradicting
        }
    }
}
