//! The part of [`crate::fuzzing`] that knows rooms and messages.

use matrix_sdk::ruma::{
    api::{
        IncomingResponseExt as _,
        client::{message::get_message_events, sync::sync_events::v5},
    },
    room_id,
};

use super::{
    held::{FirstIndexes, first_indexes, first_indexes_of_all},
    message::Message,
    newest,
    room::Room,
    rooms::{self, Known, MOST_ROOMS},
};
use crate::domain::{coverage::RoomCoverage, line};

/// What a server says of somebody's rooms, of the messages in one and of the sessions in a backup: what is shown of it
/// fits a line, and each message is counted once, whether its key was there at first or came later.
pub fn coverage(data: &[u8]) {
    known(data);
    newest(data);
    let whole = first_indexes_of_all(data).unwrap_or_default();
    let held = first_indexes(data).or_else(|_| whole.into_values().next().ok_or(())).unwrap_or_default();
    let answer = http::Response::new(data);
    let Ok(page) = get_message_events::v3::Response::try_from_http_response(answer) else { return };
    let messages = || page.chunk.iter().filter_map(Message::read);
    for message in messages() {
        assert!((1..=255).contains(&message.session_id.len()));
        assert_eq!(message.sender, line::cut(&message.sender, 100));
    }
    let (without, with) = (seen(messages(), &FirstIndexes::new()), seen(messages(), &held));
    let reports = (without.report(), with.report());
    assert!(reports.0.is_some() && reports.1.is_some(), "nothing hides it");
    let (Some(before), Some(at_once)) = reports else { return };
    require_sound(&before, messages().count());
    require_sound(&at_once, messages().count());
    assert_eq!(before.covered, 0);
    let mut later = without;
    later.look_again(&held);
    assert_eq!(later.report(), Some(at_once));
}

fn known(data: &[u8]) {
    let Ok(rooms) = rooms::read(data) else { return };
    assert!(rooms.len() <= MOST_ROOMS);
    for room in rooms {
        assert_eq!(room.name, line::cut(&room.name, 100), "{room:?}");
        assert!(room.room_id.as_str().starts_with('!'), "{room:?}");
    }
}

fn newest(data: &[u8]) {
    let Ok(answer) = v5::Response::try_from_http_response(http::Response::new(data)) else { return };
    for ((_, session_id), indexes) in newest::sessions(answer) {
        assert!(matches!(session_id.len(), 43 | 44) && !indexes.is_empty(), "{session_id}");
    }
}

fn seen(messages: impl Iterator<Item = Message>, held: &FirstIndexes) -> Room {
    let room_id = room_id!("!room:example.org").to_owned();
    let mut room = Room::new(Known { room_id, name: String::new(), is_direct: false, is_left: false });
    messages.for_each(|message| room.see(message, held));
    room
}

fn require_sound(report: &RoomCoverage, messages: usize) {
    assert_eq!(report.covered + report.missing + report.unknown, messages as u64);
    assert_eq!(report.gap.is_some(), report.missing > 0);
    let Some(gap) = &report.gap else { return };
    assert!(gap.from_ms <= gap.to_ms && (1..=3).contains(&gap.senders.len()));
    assert!(gap.senders.len() as u64 + gap.more_senders <= report.missing);
}
