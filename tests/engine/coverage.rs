//! Which messages have their keys in the backup, room by room: always as an independent count says.

use matrixbackup::{
    domain::coverage::RoomCoverage,
    protocol::messages::{Command, Event},
};
use serde_json::{Value, json};

use crate::support::{
    account::Account, conversation::Sending, made::MadeAccount, room_keys, verifier::count_coverage,
    visit::Visit,
};

/// The rooms that some events tell of; the last event says that all were looked at.
fn rooms_in(events: &[Event]) -> Vec<RoomCoverage> {
    assert!(
        matches!(events.last(), Some(Event::Covered { at_ms }) if *at_ms > 1_700_000_000_000),
        "{events:?}"
    );
    rooms_told(events)
}

fn rooms_told(events: &[Event]) -> Vec<RoomCoverage> {
    let room = |event: &Event| match event {
        Event::RoomCovered(room) => Some(room.clone()),
        _ => None,
    };
    events.iter().filter_map(room).collect()
}

/// Every room must be as the independent count says, to its beginning.
fn expect_as_counted(account: &Account, rooms: &[RoomCoverage]) {
    let counted = count_coverage(account);
    let told: Value = rooms
        .iter()
        .map(|room| {
            assert!(room.is_whole && !room.trouble, "{room:?}");
            let counted = &counted[&room.room_id]["gap"]["senders"];
            let counts = room.gap.iter().flat_map(|gap| &gap.senders);
            let counts: Vec<_> = counts.map(|sender| counted[sender].as_u64().unwrap()).collect();
            assert!(counts.is_sorted_by(|more, less| more >= less), "most first: {room:?}");
            let gap = room.gap.as_ref().map(|gap| {
                json!({"from_ms": gap.from_ms, "to_ms": gap.to_ms, "all": gap.senders.len() as u64 + gap.more_senders})
            });
            let figures = json!({
                "name": room.name, "is_direct": room.is_direct, "is_left": room.is_left, "covered": room.covered,
                "missing": room.missing, "unknown": room.unknown, "gap": gap,
            });
            (room.room_id.clone(), figures)
        })
        .collect::<serde_json::Map<_, _>>()
        .into();
    let mut expected = counted.clone();
    for room in expected.as_object_mut().unwrap().values_mut() {
        if let Some(gap) = room["gap"].as_object_mut() {
            let senders = gap.remove("senders").unwrap();
            gap.insert("all".to_owned(), senders.as_object().unwrap().len().into());
        }
    }
    assert_eq!(told, expected);
}

async fn cover(visit: &mut Visit, further: bool) -> Vec<Event> {
    visit.tell(Command::Cover { further }).await
}

#[tokio::test]
async fn every_encrypted_room_is_as_an_independent_count_says() {
    let MadeAccount { account, key, backup_key } = MadeAccount::all_right().await;
    let (bob, eve) = (Account::register().await, Account::register().await);
    let key_of = backup_key.megolm_v1_public_key();
    bob.done("PUT", &format!("profile/{}/displayname", bob.user_id), json!({"displayname": "Bob"})).await;

    // Two senders, several sessions, of which the backup has some, some only from a later message on.
    let mixed = account.make_room(json!({"name": "Mixed"})).await;
    account.bring(&mixed, &bob).await;
    account.bring(&mixed, &eve).await;
    let mut held = Vec::new();
    for (number, sender) in [&account, &bob, &eve, &bob, &bob].into_iter().enumerate() {
        let mut sending = Sending::new(&mixed);
        sending.say(sender, 4).await;
        match number {
            0 | 1 => held.push(room_keys::at(&sending.key, 0)),
            2 => held.push(room_keys::at(&sending.key, 3)),
            _ => {}
        }
    }
    // What no key could open: redacted, in the clear, and of no message's form.
    let redacted = Sending::new(&mixed).say(&bob, 1).await.remove(0);
    bob.done("PUT", &format!("rooms/{mixed}/redact/{redacted}/r1"), json!({})).await;
    bob.send(&mixed, "m.room.message", json!({"msgtype": "m.text", "body": "in the clear"})).await;
    bob.send(&mixed, "m.room.encrypted", json!({"algorithm": "m.megolm.v1.aes-sha2", "session_id": "x"}))
        .await;

    // Sent before the account joined: never theirs, unless the key is there all the same.
    let late = bob.make_room(json!({"name": "Late"})).await;
    let (mut before, mut given) = (Sending::new(&late), Sending::new(&late));
    before.say(&bob, 3).await;
    given.say(&bob, 2).await;
    held.push(room_keys::at(&given.key, 0));
    bob.bring(&late, &account).await;
    before.say(&bob, 2).await;

    // Left again; a conversation with one person; one without a message; one that is not encrypted.
    let left = bob.make_room(json!({"name": "Left"})).await;
    bob.bring(&left, &account).await;
    Sending::new(&left).say(&bob, 2).await;
    account.done("POST", &format!("rooms/{left}/leave"), json!({})).await;
    Sending::new(&left).say(&bob, 2).await;
    let direct = account.make_room(json!({})).await;
    account.bring(&direct, &bob).await;
    account.set_account_data("m.direct", json!({&bob.user_id: [direct]})).await;
    let mut sending = Sending::new(&direct);
    sending.say(&bob, 2).await;
    held.push(room_keys::at(&sending.key, 0));
    account.make_room(json!({"name": "Empty"})).await;
    let clear = account.done("POST", "createRoom", json!({"name": "In the clear"})).await;
    Sending::new(clear["room_id"].as_str().unwrap()).say(&account, 1).await;

    account.put_room_keys("1", &key_of, &held).await;
    let (mut visit, _) = Visit::sign_in(&account.homeserver, &account).await;
    visit.try_key(&key).await;
    let events = cover(&mut visit, false).await;
    let rooms = rooms_in(&events);
    let figures = |name: &str| {
        let room =
            rooms.iter().find(|room| room.name == name).unwrap_or_else(|| panic!("{name}: {rooms:#?}"));
        (room.covered, room.missing, room.unknown)
    };
    assert_eq!(figures("Mixed"), (9, 11, 0));
    assert_eq!(figures("Late"), (2, 2, 3));
    assert_eq!(figures("Left"), (0, 2, 0));
    assert_eq!(figures("Bob"), (2, 0, 0));
    assert_eq!(figures("Empty"), (0, 0, 0));
    assert_eq!(rooms.len(), 5);
    expect_as_counted(&account, &rooms);
    let progress = |event: &Event| match event {
        Event::Progress { done, total } => Some((*done, *total)),
        _ => None,
    };
    let progress: Vec<_> = events.iter().filter_map(progress).collect();
    assert_eq!(progress, (0..=5).map(|done| (done, 5)).collect::<Vec<_>>());
    visit.sign_out().await;
}
