//! The part of [`crate::fuzzing`] for rooms and messages.

use matrix_sdk::ruma::{
    api::{
        IncomingResponseExt as _,
        client::{message::get_message_events, sync::sync_events::v5},
    },
    room_id,
};
use matrix_sdk_crypto::{store::types::BackupDecryptionKey, vodozemac::megolm::MegolmMessage};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    entry::{Entry, SeenEntry},
    held::{Entries, entries, entries_of_all},
    message::Message,
    newest,
    room::{Look, Room},
    rooms::{self, MOST_ROOMS, NamedRoom},
};
use crate::{
    domain::{
        coverage::{Gap, RoomCoverage},
        line,
    },
    engine::keys::room_keys::BackupKey,
};

/// Reads the rooms of a person, the messages in one, and the entries in a backup, as a server may send them. All that
/// is shown of them fits a line, and each message is counted once, whether its key was there at first or came later.
pub fn coverage(data: &[u8]) {
    known(data);
    newest(data);
    let whole = entries_of_all(data).unwrap_or_default();
    let held = entries(data)
        .ok()
        .or_else(|| {
            whole
                .into_values()
                .next()
                .map(|room| room.iter().map(|(id, entry)| (id.clone(), entry.clone())).collect())
        })
        .unwrap_or_default();
    let answer = http::Response::new(data);
    let Ok(page) = get_message_events::v3::Response::try_from_http_response(answer) else { return };
    let messages = || page.chunk.iter().filter_map(Message::read);
    for message in messages() {
        assert!((1..=255).contains(&message.session_id.len()));
        assert_eq!(message.sender, line::cut(&message.sender, 100));
    }
    // One look with a real key, and one that takes entries at their word: no input can hold an entry that a real key
    // opens.
    let key = BackupKey::from(&BackupDecryptionKey::new());
    let really = |session_id: &str, known: &mut SeenEntry, message: Option<&MegolmMessage>| {
        look(&held, session_id, known, &key, message);
    };
    let says = |session_id: &str, known: &mut SeenEntry, message: Option<&MegolmMessage>| {
        really(session_id, known, message);
        if let Some(said) = held.get(session_id).and_then(|entry| said(entry)) {
            known.entry = said;
        }
    };
    for look in [&really as Look<'_>, &says] {
        let (without, with) = (seen(messages(), &|_, _, _| {}), seen(messages(), look));
        let reports = (without.report(), with.report());
        assert!(reports.0.is_some() && reports.1.is_some(), "nothing hides it");
        let (Some(before), Some(at_once)) = reports else { return };
        require_sound(&before, messages().count());
        require_sound(&at_once, messages().count());
        assert_eq!(before.covered + before.unopened, 0);
        let mut later = without;
        later.look_again(look);
        // If a later key divides a range, its times stay those of the whole.
        let untimed = |report: RoomCoverage| RoomCoverage {
            gap: report.gap.map(|gap| Gap { from_ms: 0, to_ms: 0, ..gap }),
            ..report
        };
        assert_eq!(later.report().map(untimed), Some(untimed(at_once)));
    }
}

fn look(
    held: &Entries,
    session_id: &str,
    known: &mut SeenEntry,
    key: &BackupKey,
    message: Option<&MegolmMessage>,
) {
    known.look(session_id, held.get(session_id).map(|entry| &**entry), key, message);
    assert!(!matches!(known.entry, Entry::Opens { .. }), "it was made up");
}

/// Reads what an entry would be worth if its key were from these messages on.
fn said(entry: &RawValue) -> Option<Entry> {
    #[derive(Deserialize)]
    struct Said {
        first_message_index: u32,
        #[serde(default)]
        forwarded_count: u32,
    }
    let Said { first_message_index: said, forwarded_count: from } = serde_json::from_str(entry.get()).ok()?;
    Some(Entry::Opens { from, said, is_whole: true, is_proved: true })
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
    for ((_, session_id), messages) in newest::sessions(answer) {
        assert!(matches!(session_id.len(), 43 | 44) && !messages.is_empty(), "{session_id}");
    }
}

fn seen(messages: impl Iterator<Item = Message>, look: Look<'_>) -> Room {
    let room_id = room_id!("!room:example.org").to_owned();
    let mut room = Room::new(NamedRoom { room_id, name: String::new(), is_direct: false, is_left: false });
    messages.for_each(|message| {
        room.see(message, look);
    });
    room
}

fn require_sound(report: &RoomCoverage, messages: usize) {
    assert_eq!(report.covered + report.missing + report.unopened + report.unknown, messages as u64);
    assert!(report.mendable <= report.unopened && report.keys <= report.covered);
    assert_eq!(report.gap.is_some(), report.missing > 0);
    let Some(gap) = &report.gap else { return };
    assert!(gap.from_ms <= gap.to_ms && (1..=3).contains(&gap.senders.len()));
    assert!(gap.senders.len() as u64 + gap.more_senders <= report.missing);
}
