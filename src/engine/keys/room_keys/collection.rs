//! Collects room keys from one or more versions, and keeps the best of each session.

use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet, HashMap, hash_map},
};

use matrix_sdk::ruma::{OwnedRoomId, RoomId};

use super::{BackupKey, Downloaded, Interruption, KEYS_PER_BREATH, breathe, room_key::RoomKey};
use crate::domain::rotation::Reading;

/// Unencrypted room keys, by room and session. Wiped when dropped.
#[derive(Default)]
pub(in crate::engine) struct RoomKeys(BTreeMap<OwnedRoomId, HashMap<Box<str>, RoomKey>>);

/// The outcome of adding a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) enum Added {
    /// It opens messages that no key here opened.
    Gained,
    /// It opens nothing more.
    Known,
    /// It contradicts the key that is here, which stays.
    Conflicting,
}

impl RoomKeys {
    /// The number of keys.
    pub(in crate::engine) fn len(&self) -> usize {
        self.0.values().map(HashMap::len).sum()
    }

    /// The number of rooms.
    pub(in crate::engine) fn rooms(&self) -> usize {
        self.0.len()
    }

    /// Adds a key; of two for one session the better stays.
    ///
    /// Both must be the same key at different messages. If they are not, one is forged, and the first one stays:
    /// versions are read from the newest, which the person's apps use.
    pub(in crate::engine) fn add(&mut self, room_id: &RoomId, session_id: &str, key: RoomKey) -> Added {
        let room = match self.0.get_mut(room_id) {
            Some(room) => room,
            None => self.0.entry(room_id.to_owned()).or_default(),
        };
        match room.entry(session_id.into()) {
            hash_map::Entry::Vacant(vacant) => {
                vacant.insert(key);
                Added::Gained
            }
            hash_map::Entry::Occupied(mut kept) => {
                let is_better = key.is_better_than(kept.get());
                let (better, other) = if is_better { (&key, kept.get()) } else { (kept.get(), &key) };
                if !better.opens_all_of(other) {
                    return Added::Conflicting;
                }
                let is_earlier = key.first_message_index() < kept.get().first_message_index();
                if is_better {
                    kept.insert(key);
                }
                if is_earlier { Added::Gained } else { Added::Known }
            }
        }
    }

    /// Opens every key of a version and adds it; tells how many of how many are done.
    ///
    /// # Errors
    /// Stopped, or the problem of a malformed answer; what was added until then stays.
    pub(in crate::engine) async fn open(
        &mut self,
        downloaded: &Downloaded,
        key: &BackupKey,
        stop: &Cell<bool>,
        tell: &impl Fn(usize, usize),
    ) -> Result<Reading, Interruption> {
        let listing = downloaded.list()?;
        let total = listing.len();
        let mut reading = Reading { unreadable: listing.unreadable, ..Reading::default() };
        let mut rooms = BTreeSet::new();
        let mut done = 0;
        for (room_id, entries) in listing.rooms {
            for entry in entries {
                if done % KEYS_PER_BREATH == 0 {
                    tell(done, total);
                    breathe(stop).await?;
                }
                done += 1;
                let Some(key) = key.open(&entry.session_id, entry.data) else {
                    reading.unreadable += 1;
                    continue;
                };
                reading.keys += 1;
                match self.add(&room_id, &entry.session_id, key) {
                    Added::Gained => reading.gained += 1,
                    Added::Known => {}
                    Added::Conflicting => reading.conflicting += 1,
                }
                if !rooms.contains(&room_id) {
                    rooms.insert(room_id.clone());
                }
            }
        }
        reading.rooms = rooms.len() as u64;
        tell(total, total);
        Ok(reading)
    }

    /// Keeps the keys that `is_wanted`, and forgets the others.
    pub(in crate::engine) fn retain(&mut self, is_wanted: impl Fn(&RoomKey) -> bool) {
        self.0.retain(|_, room| {
            room.retain(|_, key| is_wanted(key));
            !room.is_empty()
        });
    }

    /// The keys of a room, to be changed or removed.
    pub(super) fn room_mut(&mut self, room_id: &RoomId) -> Option<&mut HashMap<Box<str>, RoomKey>> {
        self.0.get_mut(room_id)
    }

    /// The key of a session.
    pub(in crate::engine) fn get(&self, room_id: &RoomId, session_id: &str) -> Option<&RoomKey> {
        self.0.get(room_id)?.get(session_id)
    }

    /// Every key with its room and session, room by room.
    pub(in crate::engine) fn iter(&self) -> impl Iterator<Item = (&RoomId, &str, &RoomKey)> {
        self.0.iter().flat_map(|(room_id, room)| {
            room.iter().map(move |(session_id, key)| (&**room_id, &**session_id, key))
        })
    }

    /// The number of keys in each room.
    pub(super) fn counts(&self) -> impl Iterator<Item = (&RoomId, usize)> {
        self.0.iter().map(|(room_id, room)| (&**room_id, room.len()))
    }
}
