//! A quick look: the newest messages of the rooms that were active last, in one request if the server supports it
//! (MSC4186).

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt as _, stream};
use matrix_sdk::ruma::{
    OwnedRoomId, UInt,
    api::client::{backup::get_backup_keys_for_session, sync::sync_events::v5},
    assign,
    events::StateEventType,
};
use matrix_sdk_crypto::{store::types::BackupDecryptionKey, vodozemac::megolm::MegolmMessage};

use super::{entry::SeenEntry, message::Message};
use crate::{
    domain::coverage::Coverage,
    engine::{
        account::public_key,
        keys::room_keys::BackupKey,
        net::{failure::Failure, homeserver::Homeserver, optional::optional},
    },
};

/// Rooms that are looked at: those that were active last.
const ROOMS: u32 = 20;
/// The newest events of each room that are looked at.
const EVENTS: u32 = 20;
/// The most sessions whose entries are asked for.
const MOST_SESSIONS: usize = 100;
/// Requests for entries under way at the same time.
const AT_A_TIME: usize = 8;

/// Looks at the newest messages; `None` if the server does not support that, or fails at one of them. Anybody in a room
/// can send a message at which it fails, so that this is no error.
pub(in crate::engine) async fn of_newest(
    server: &Homeserver,
    version: &str,
    key: &BackupDecryptionKey,
) -> Option<Coverage> {
    optional(cover(server, version, &BackupKey::from(key))).await
}

async fn cover(server: &Homeserver, version: &str, key: &BackupKey) -> Result<Coverage, Failure> {
    let messages = newest(server).await?;
    let looked_at =
        messages.into_iter().take(MOST_SESSIONS).map(|((room_id, session_id), messages)| async move {
            let known = look(server, version, &room_id, &session_id, key, &messages).await?;
            let indexes = messages.iter().map(MegolmMessage::message_index);
            let covered = indexes.map(|index| known.entry.count(index, index).covered).sum::<u64>();
            Ok::<_, Failure>((room_id, messages.len() as u64, covered))
        });
    let mut looked_at = stream::iter(looked_at).buffered(AT_A_TIME);
    let mut coverage = Coverage::default();
    let mut gaps = BTreeSet::new();
    while let Some(session) = looked_at.next().await {
        let (room_id, seen, covered) = session?;
        coverage.seen += u32::try_from(seen).unwrap_or(u32::MAX);
        coverage.covered += u32::try_from(covered).unwrap_or(u32::MAX);
        if covered < seen {
            gaps.insert(room_id);
        }
    }
    coverage.rooms_with_gaps = u32::try_from(gaps.len()).unwrap_or(u32::MAX);
    Ok(coverage)
}

/// Messages by room and session.
pub(in crate::engine) type BySession = BTreeMap<(OwnedRoomId, String), Vec<MegolmMessage>>;

async fn newest(server: &Homeserver) -> Result<BySession, Failure> {
    let list = assign!(v5::request::List::default(), {
        ranges: vec![(UInt::MIN, UInt::from(ROOMS - 1))],
        room_details: assign!(v5::request::RoomDetails::default(), {
            // Synapse requires this field; every one of these rooms has this state.
            required_state: vec![(StateEventType::RoomEncryption, String::new())],
            timeline_limit: UInt::from(EVENTS),
        }),
    });
    let request = assign!(v5::Request::new(), {
        conn_id: Some("coverage".to_owned()),
        lists: [("newest".to_owned(), list)].into(),
    });
    Ok(sessions(server.send(request).await?))
}

/// Sorts the messages in an answer by session.
pub(in crate::engine) fn sessions(answer: v5::Response) -> BySession {
    let mut sessions = BySession::new();
    for (room_id, room) in answer.rooms {
        for event in &room.timeline {
            // The session id becomes part of an address, so it has to be well-formed.
            if let Some(message) = Message::read(event)
                && public_key::ed25519(&message.session_id).is_some()
            {
                let session = (room_id.clone(), message.session_id);
                sessions.entry(session).or_default().push(message.sealed);
            }
        }
    }
    sessions
}

/// Reads a session's entry, and tries it on its messages.
async fn look(
    server: &Homeserver,
    version: &str,
    room_id: &OwnedRoomId,
    session_id: &str,
    key: &BackupKey,
    messages: &[MegolmMessage],
) -> Result<SeenEntry, Failure> {
    let mut known = SeenEntry::default();
    let request = get_backup_keys_for_session::v3::Request::new(
        version.to_owned(),
        room_id.clone(),
        session_id.to_owned(),
    );
    match server.send(request).await {
        Ok(response) => messages
            .iter()
            .for_each(|message| known.look(session_id, Some(response.key_data.json()), key, Some(message))),
        Err(failure) if failure.is("M_NOT_FOUND") => {}
        Err(failure) => return Err(failure),
    }
    Ok(known)
}
