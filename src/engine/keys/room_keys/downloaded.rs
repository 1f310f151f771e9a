//! A backup version's keys as they came from the server: listed, but not copied or opened.
//!
//! Source: specification, `GET /_matrix/client/v3/room_keys/keys`.

use std::{borrow::Cow, cell::Cell};

use matrix_sdk::ruma::{OwnedRoomId, api::client::backup::get_backup_keys};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    Interruption,
    pairs::{MOST_PAIRS, Pairs},
};
use crate::engine::net::{failure::Failure, homeserver::Homeserver, stop::unless_stopped};

/// A version's keys, as the server sent them.
pub(in crate::engine) struct Downloaded(Vec<u8>);

/// Reads all keys of one version. The server cannot send them in parts, and may take long.
///
/// # Errors
/// Stopped, which works at any time; or the request's problem.
pub(in crate::engine) async fn download(
    server: &Homeserver,
    version: &str,
    stop: &Cell<bool>,
) -> Result<Downloaded, Interruption> {
    let request = get_backup_keys::v3::Request::new(version.to_owned());
    let answer = unless_stopped(stop, server.fetch_whole_backup(request)).await;
    Ok(Downloaded(answer.ok_or(Interruption::Stopped)??))
}

/// The entries of a [`Downloaded`], room by room.
pub(super) struct Listing<'a> {
    /// Each room's entries; a room may come twice.
    pub(super) rooms: Vec<(OwnedRoomId, Vec<Entry<'a>>)>,
    /// Entries or whole rooms that are not what the specification says.
    pub(super) unreadable: u64,
}

/// One session's key, encrypted.
pub(super) struct Entry<'a> {
    /// The session's id.
    pub(super) session_id: Cow<'a, str>,
    /// The specification's `KeyBackupData`, unchecked.
    pub(super) data: &'a RawValue,
}

impl Listing<'_> {
    /// The number of entries.
    pub(super) fn len(&self) -> usize {
        self.rooms.iter().map(|(_, entries)| entries.len()).sum()
    }
}

impl Downloaded {
    /// Takes an answer's body.
    #[cfg(feature = "fuzzing")]
    pub(in crate::engine) fn new(body: Vec<u8>) -> Self {
        Self(body)
    }

    /// Lists the entries.
    ///
    /// # Errors
    /// [`Failure::Garbled`] if the body is not such an answer, or only a part of one, or too long. A single malformed
    /// room or entry is counted instead.
    pub(super) fn list(&self) -> Result<Listing<'_>, Failure> {
        let answer: Answer<'_> = serde_json::from_slice(&self.0).map_err(|_| Failure::Garbled)?;
        let mut listing = Listing { rooms: Vec::with_capacity(answer.rooms.0.len()), unreadable: 0 };
        let mut listed = 0;
        for (room_id, room) in answer.rooms.0 {
            let Ok(room) = serde_json::from_str::<Room<'_>>(room.get()) else {
                listing.unreadable += 1;
                continue;
            };
            let entries = room.sessions.0;
            listed += entries.len();
            if listed > MOST_PAIRS {
                return Err(Failure::Garbled);
            }
            match OwnedRoomId::try_from(&*room_id.0) {
                Ok(room_id) => {
                    let entries = entries.into_iter();
                    let entries = entries.map(|(id, data)| Entry { session_id: id.0, data }).collect();
                    listing.rooms.push((room_id, entries));
                }
                Err(_) => listing.unreadable += entries.len() as u64,
            }
        }
        Ok(listing)
    }
}

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    rooms: Pairs<'a>,
}

#[derive(Deserialize)]
struct Room<'a> {
    #[serde(borrow)]
    sessions: Pairs<'a>,
}
