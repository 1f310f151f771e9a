//! Which messages have their keys in the backup, room by room: always as an independent count says.

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use matrixbackup::{
    domain::{coverage::RoomCoverage, problem::Problem},
    protocol::messages::{Command, Event},
};
use serde_json::{Value, json};

use crate::support::{
    account::Account,
    conversation::Sending,
    made::MadeAccount,
    proxy::{Proxy, Reply},
    room_keys,
    verifier::{ask, count_coverage},
    visit::Visit,
};

/// The rooms that some events tell of; the last event says that all were looked at.
fn rooms_in(events: &[Event]) -> Vec<RoomCoverage> {
    assert!(
        matches!(events.last(), Some(Event::Covered { at_ms, .. }) if *at_ms > 1_700_000_000_000),
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

/// An account whose backup holds no key yet, signed in through a proxy, with the key entered.
async fn visit_through(proxy: &Proxy, made: &MadeAccount) -> Visit {
    let (mut visit, _) = Visit::sign_in(&proxy.url, &made.account).await;
    visit.try_key(&made.key).await;
    visit
}

/// Makes rooms with a few messages each, none of which has its key in the backup.
async fn rooms_with_messages(account: &Account, rooms: usize) -> Vec<String> {
    let mut made = Vec::new();
    for _ in 0..rooms {
        let room = account.make_room(json!({})).await;
        Sending::new(&room).say(account, 2).await;
        made.push(room);
    }
    made
}

/// Whether a request asks for this room's messages.
fn asks_for_messages(path: &str, room_id: &str) -> bool {
    path.contains("/messages") && path.contains(room_id.trim_start_matches('!'))
}

#[tokio::test]
async fn a_long_room_is_looked_at_from_the_newest_message_back_and_further_when_asked() {
    let made = MadeAccount::all_right().await;
    let (account, key_of) = (&made.account, made.backup_key.megolm_v1_public_key());
    // A server that gives fewer than it is asked for.
    let proxy = Proxy::ruled(&account.homeserver, |_, path| {
        if path.contains("/messages") {
            Reply::AsIf(path.replace("limit=100", "limit=7").replace("limit=200", "limit=60"))
        } else {
            Reply::Pass
        }
    })
    .await;
    let room = account.make_room(json!({"name": "Long"})).await;
    account.make_room(json!({"name": "Short"})).await;
    let (mut old, mut middle, mut new) = (Sending::new(&room), Sending::new(&room), Sending::new(&room));
    old.say(account, 60).await;
    middle.say(account, 120).await;
    new.say(account, 70).await;
    let mut visit = visit_through(&proxy, &made).await;

    let rooms = rooms_in(&cover(&mut visit, false).await);
    let long = rooms.iter().find(|room| room.name == "Long").unwrap().clone();
    assert_eq!((long.covered, long.missing, long.is_whole, long.trouble), (0, 100, false, false));
    assert_eq!(rooms.len(), 2);

    // Meanwhile keys arrive: one for messages that were seen already.
    account.put_room_keys("1", &key_of, &[room_keys::at(&new.key, 0), room_keys::at(&old.key, 30)]).await;
    let rooms = rooms_in(&cover(&mut visit, true).await);
    assert_eq!((rooms[0].covered, rooms[0].missing, rooms[0].is_whole), (100, 150, true));
    assert_eq!(rooms.len(), 1, "there is nothing more to tell of the other");
    assert_eq!(rooms[0].missing, count_coverage(account)[&room]["missing"].as_u64().unwrap());

    // At the beginning, only the keys are looked at again.
    account.put_room_keys("1", &key_of, &[room_keys::at(&middle.key, 0)]).await;
    let before = proxy.lines().len();
    let rooms = rooms_in(&cover(&mut visit, true).await);
    assert_eq!((rooms[0].covered, rooms[0].missing), (220, 30));
    assert!(!proxy.lines()[before..].iter().any(|(_, path)| path.ends_with("/messages")));
    account.put_room_keys("1", &key_of, &[room_keys::at(&old.key, 0)]).await;
    assert_eq!(rooms_in(&cover(&mut visit, true).await)[0].gap, None);
    assert_eq!(rooms_in(&cover(&mut visit, true).await), [], "everything is covered");

    let rooms = rooms_in(&cover(&mut visit, false).await);
    assert_eq!(rooms.iter().map(|room| room.covered).sum::<u64>(), 100, "anew from the newest");
    visit.sign_out().await;
}

#[tokio::test]
async fn a_larger_backup_is_asked_about_room_by_room_with_the_same_result() {
    let made = MadeAccount::all_right().await;
    let proxy = Proxy::ruled(&made.account.homeserver, |_, path| match path {
        "/_matrix/client/v3/room_keys/keys?version=1" => Reply::Instead(500, "{}".to_owned()),
        _ => Reply::Pass,
    })
    .await;
    let rooms = rooms_with_messages(&made.account, 3).await;
    let mut sending = Sending::new(&rooms[0]);
    sending.say(&made.account, 2).await;
    let key_of = made.backup_key.megolm_v1_public_key();
    let mut keys = room_keys::make(10_001, 50);
    keys.push(room_keys::at(&sending.key, 1));
    made.account.put_room_keys("1", &key_of, &keys).await;
    let mut visit = visit_through(&proxy, &made).await;
    let rooms = rooms_in(&cover(&mut visit, false).await);
    assert_eq!(rooms.iter().map(|room| room.covered).sum::<u64>(), 1);
    expect_as_counted(&made.account, &rooms);
    visit.sign_out().await;
}

#[tokio::test]
async fn a_look_that_is_stopped_ends_at_once_and_goes_on_later() {
    let made = MadeAccount::all_right().await;
    let rooms = rooms_with_messages(&made.account, 3).await;
    let (slow, is_slow) = (rooms[1].clone(), Arc::new(AtomicBool::new(true)));
    let still = is_slow.clone();
    let proxy = Proxy::ruled(&made.account.homeserver, move |_, path| {
        let waits = asks_for_messages(path, &slow) && still.load(Ordering::Relaxed);
        if waits { Reply::Later } else { Reply::Pass }
    })
    .await;
    let mut visit = visit_through(&proxy, &made).await;
    let stop = visit.engine.stop();
    let asked = async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        stop.set(true);
        Instant::now()
    };
    let (events, asked) = futures_util::join!(cover(&mut visit, false), asked);
    assert!(asked.elapsed() < Duration::from_millis(500), "{:?}", asked.elapsed());
    assert_eq!(events.last(), Some(&Event::Stopped));
    assert_eq!(rooms_told(&events).len(), 2, "the others were looked at");

    is_slow.store(false, Ordering::Relaxed);
    let events = cover(&mut visit, true).await;
    expect_as_counted(&made.account, &rooms_in(&events));
    visit.sign_out().await;
}

#[tokio::test]
async fn a_server_that_wants_to_be_left_alone_is_and_the_rooms_are_looked_at_another_time() {
    let made = MadeAccount::all_right().await;
    rooms_with_messages(&made.account, 12).await;
    // Of every three questions about messages, one is to be repeated at once, but none twice: there is an end to
    // repeating. Later all are refused for long.
    let repeated = Mutex::new(HashSet::new());
    let asked = Arc::new(AtomicU32::new(0));
    let is_busy = Arc::new(AtomicBool::new(true));
    let (count, busy) = (asked.clone(), is_busy.clone());
    let proxy = Proxy::ruled(&made.account.homeserver, move |_, path| {
        if !path.contains("/messages") {
            return Reply::Pass;
        }
        let number = count.fetch_add(1, Ordering::Relaxed);
        let limited = |wait| {
            Reply::Instead(429, json!({"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": wait}).to_string())
        };
        match number {
            12.. if busy.load(Ordering::Relaxed) => limited(600_000),
            _ if number % 3 == 0 && repeated.lock().unwrap().insert(path.to_owned()) => limited(30),
            _ => Reply::Pass,
        }
    })
    .await;
    let mut visit = visit_through(&proxy, &made).await;
    let told = rooms_in(&cover(&mut visit, false).await);
    let (troubled, fine): (Vec<_>, Vec<_>) = told.iter().partition(|room| room.trouble);
    assert_eq!(told.len(), 12);
    assert!(fine.len() >= 2 && troubled.len() >= 6, "{} and {}", fine.len(), troubled.len());
    assert!(asked.load(Ordering::Relaxed) <= 12 + 4, "once told, nobody else asks");

    // Another time, only those are asked about that were not looked at.
    is_busy.store(false, Ordering::Relaxed);
    let mut rooms = rooms_in(&cover(&mut visit, true).await);
    rooms.extend(
        fine.into_iter()
            .filter(|fine| rooms.iter().all(|room| room.room_id != fine.room_id))
            .cloned()
            .collect::<Vec<_>>(),
    );
    expect_as_counted(&made.account, &rooms);
    visit.sign_out().await;
}

#[tokio::test]
async fn a_room_that_answers_garbage_is_told_and_hides_no_other() {
    let made = MadeAccount::all_right().await;
    let rooms = rooms_with_messages(&made.account, 3).await;
    for garbage in
        ["", "[]", "<html>502</html>", "{}", r#"{"start": 7, "chunk": []}"#, r#"{"start": "s", "chunk": {}}"#]
    {
        let bad = rooms[1].clone();
        let proxy = Proxy::ruled(&made.account.homeserver, move |_, path| {
            if asks_for_messages(path, &bad) { Reply::Instead(200, garbage.to_owned()) } else { Reply::Pass }
        })
        .await;
        let mut visit = visit_through(&proxy, &made).await;
        let told = rooms_in(&cover(&mut visit, false).await);
        assert_eq!(told.len(), 3);
        for room in told {
            let is_bad = room.room_id == rooms[1];
            let figures = (room.trouble, room.is_whole, room.missing);
            assert_eq!(figures, if is_bad { (true, false, 0) } else { (false, true, 2) }, "{garbage}");
        }
        visit.sign_out().await;
    }

    // Pages without end, and events that are none.
    let (bad, page) = (rooms[1].clone(), AtomicU32::new(0));
    let proxy = Proxy::ruled(&made.account.homeserver, move |_, path| {
        if !asks_for_messages(path, &bad) {
            return Reply::Pass;
        }
        let end = page.fetch_add(1, Ordering::Relaxed).to_string();
        Reply::Instead(200, json!({"start": "s", "end": end, "chunk": if end == "0" { json!([7, null, {}]) } else { json!([]) }}).to_string())
    })
    .await;
    let mut visit = visit_through(&proxy, &made).await;
    let told = rooms_in(&cover(&mut visit, false).await);
    let bad = told.iter().find(|room| room.room_id == rooms[1]).unwrap();
    assert_eq!((bad.trouble, bad.is_whole, bad.covered + bad.missing + bad.unknown), (false, false, 0));
    let asked = proxy.lines().iter().filter(|(_, path)| asks_for_messages(path, &rooms[1])).count();
    assert!(asked <= 64, "{asked}");
    visit.sign_out().await;
}

#[tokio::test]
async fn only_this_visits_backup_is_looked_at_and_only_while_it_is_the_current_one() {
    let made = MadeAccount::all_right().await;
    let rooms = rooms_with_messages(&made.account, 2).await;
    let (last, is_held) = (rooms[1].clone(), Arc::new(AtomicBool::new(true)));
    let still = is_held.clone();
    let proxy = Proxy::ruled(&made.account.homeserver, move |_, path| {
        let waits = asks_for_messages(path, &last) && still.load(Ordering::Relaxed);
        if waits { Reply::Later } else { Reply::Pass }
    })
    .await;
    let (mut visit, _) = Visit::sign_in(&proxy.url, &made.account).await;
    assert_eq!(cover(&mut visit, false).await, [Event::Failed(Problem::OutOfOrder)], "no key was entered");
    visit.try_key(&made.key).await;
    let replaced = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let version = made.account.backup().await.unwrap();
        let create = json!({"algorithm": version["algorithm"], "auth_data": version["auth_data"]});
        made.account.done("POST", "room_keys/version", create).await;
        is_held.store(false, Ordering::Relaxed);
    };
    let (events, ()) = futures_util::join!(cover(&mut visit, false), replaced);
    assert_eq!(events.last(), Some(&Event::Failed(Problem::BackupReplaced)));
    assert_eq!(cover(&mut visit, true).await, [Event::Failed(Problem::BackupReplaced)]);

    // Entered again, the key opens the newer one: that is looked at, and from the beginning.
    visit.try_key(&made.key).await;
    expect_as_counted(&made.account, &rooms_in(&cover(&mut visit, true).await));
    visit.sign_out().await;
}

#[tokio::test]
async fn being_signed_out_or_offline_ends_the_whole_look() {
    let made = MadeAccount::all_right().await;
    rooms_with_messages(&made.account, 6).await;
    for (reply, expected) in [
        (None, Problem::Passing { status: None }),
        (Some(r#"{"errcode": "M_UNKNOWN_TOKEN"}"#), Problem::SignedOut),
    ] {
        let proxy = Proxy::ruled(&made.account.homeserver, move |_, path| match reply {
            _ if !path.contains("/messages") => Reply::Pass,
            Some(body) => Reply::Instead(401, body.to_owned()),
            None => Reply::Lost,
        })
        .await;
        let mut visit = visit_through(&proxy, &made).await;
        let events = cover(&mut visit, false).await;
        assert_eq!(events.last(), Some(&Event::Failed(expected)));
        assert!(rooms_told(&events).iter().all(|room| room.trouble && !room.is_whole));
    }
}

/// Real clients, of another implementation: their messages, their keys, their upload.
#[tokio::test]
async fn what_real_clients_said_is_covered_until_nobody_is_there_to_save_the_keys() {
    let (ada, bob) = (Account::register().await, Account::register().await);
    let person = |account: &Account| json!({"user": account.user_id, "password": account.password});
    let talk = json!({"homeserver": ada.homeserver, "ada": person(&ada), "bob": person(&bob)});
    let talk = ask("support/talk.mjs", &talk);
    let (mut visit, _) = Visit::sign_in(&ada.homeserver, &ada).await;
    visit.try_key(talk["recovery_key"].as_str().unwrap()).await;
    let rooms = rooms_in(&cover(&mut visit, false).await);
    let room = rooms.iter().find(|room| room.room_id == talk["room_id"].as_str().unwrap()).unwrap();
    let said = |when: &str| talk[when].as_u64().unwrap();
    assert_eq!((room.covered, room.missing, room.unknown), (said("together"), said("alone"), said("before")));
    assert_eq!(room.gap.as_ref().unwrap().senders, std::slice::from_ref(&bob.user_id));
    expect_as_counted(&ada, &rooms);
    visit.sign_out().await;
}
