//! Looks room by room which messages have their keys in the backup; an independent count must agree.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use matrix_sdk_crypto::{
    olm::{BackedUpRoomKey, ExportedRoomKey},
    store::types::BackupDecryptionKey,
    vodozemac::{
        Curve25519PublicKey, base64_encode, megolm::ExportedSessionKey, pk_encryption::PkEncryption,
    },
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

/// Takes the rooms out of events, of which the last has to say that all were looked at.
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

/// Every room must be looked at to its beginning, and be as another implementation finds by decrypting.
fn expect_as_counted(account: &Account, key: &str, rooms: &[RoomCoverage]) {
    let counted = count_coverage(account, key);
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
                "missing": room.missing, "unopened": room.unopened, "unknown": room.unknown, "gap": gap,
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

/// Makes rooms of every kind, with messages of the account, of Bob and of Eve. Returns the keys for the backup.
async fn make_rooms(account: &Account, bob: &Account, eve: &Account) -> Vec<ExportedRoomKey> {
    // Two senders, several sessions, of which the backup has some, some only from a later message on.
    let mixed = account.make_room(json!({"name": "Mixed"})).await;
    account.bring(&mixed, bob).await;
    account.bring(&mixed, eve).await;
    let mut held = Vec::new();
    for (number, sender) in [account, bob, eve, bob, bob].into_iter().enumerate() {
        let mut sending = Sending::new(&mixed);
        sending.say(sender, 4).await;
        match number {
            0 | 1 => held.push(room_keys::at(&sending.key, 0)),
            2 => held.push(room_keys::at(&sending.key, 3)),
            _ => {}
        }
    }
    // Events that no key could open: a redacted one, an unencrypted one, and a malformed one.
    let redacted = Sending::new(&mixed).say(bob, 1).await.remove(0);
    bob.done("PUT", &format!("rooms/{mixed}/redact/{redacted}/r1"), json!({})).await;
    bob.send(&mixed, "m.room.message", json!({"msgtype": "m.text", "body": "in the clear"})).await;
    bob.send(&mixed, "m.room.encrypted", json!({"algorithm": "m.megolm.v1.aes-sha2", "session_id": "x"}))
        .await;

    // Messages sent before the account joined do not count as theirs, unless the key is there all the same.
    let late = bob.make_room(json!({"name": "Late"})).await;
    let (mut before, mut given) = (Sending::new(&late), Sending::new(&late));
    before.say(bob, 3).await;
    given.say(bob, 2).await;
    held.push(room_keys::at(&given.key, 0));
    bob.bring(&late, account).await;
    before.say(bob, 2).await;

    // A room that was left, a conversation with one person, a room without a message, and one that is not encrypted.
    let left = bob.make_room(json!({"name": "Left"})).await;
    bob.bring(&left, account).await;
    Sending::new(&left).say(bob, 2).await;
    account.done("POST", &format!("rooms/{left}/leave"), json!({})).await;
    Sending::new(&left).say(bob, 2).await;
    let direct = account.make_room(json!({})).await;
    account.bring(&direct, bob).await;
    account.set_account_data("m.direct", json!({&bob.user_id: [direct]})).await;
    let mut sending = Sending::new(&direct);
    sending.say(bob, 2).await;
    held.push(room_keys::at(&sending.key, 0));
    account.make_room(json!({"name": "Empty"})).await;
    let clear = account.done("POST", "createRoom", json!({"name": "In the clear"})).await;
    Sending::new(clear["room_id"].as_str().unwrap()).say(account, 1).await;
    held
}

#[tokio::test]
async fn every_encrypted_room_is_as_an_independent_count_says() {
    let MadeAccount { account, key, backup_key } = MadeAccount::all_right().await;
    let (bob, eve) = (Account::register().await, Account::register().await);
    let key_of = backup_key.megolm_v1_public_key();
    bob.done("PUT", &format!("profile/{}/displayname", bob.user_id), json!({"displayname": "Bob"})).await;
    let held = make_rooms(&account, &bob, &eve).await;
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
    expect_as_counted(&account, &key, &rooms);
    let progress = |event: &Event| match event {
        Event::Progress { done, total } => Some((*done, *total)),
        _ => None,
    };
    let progress: Vec<_> = events.iter().filter_map(progress).collect();
    assert_eq!(progress, (0..=5).map(|done| (done, 5)).collect::<Vec<_>>());
    visit.sign_out().await;
}

/// The backup has the keys of all messages; later messages come in every way there is.
#[tokio::test]
async fn what_came_since_an_earlier_look_is_looked_at_with_the_backup_as_it_is_now() {
    let MadeAccount { account, key, backup_key } = MadeAccount::all_right().await;
    let key_of = backup_key.megolm_v1_public_key();
    let room = account.make_room(json!({"name": "First"})).await;
    let quiet = account.make_room(json!({"name": "Quiet"})).await;
    let mut sending = Sending::new(&room);
    sending.say(&account, 3).await;
    account.put_room_keys("1", &key_of, &[room_keys::at(&sending.key, 0)]).await;
    let (mut visit, _) = Visit::sign_in(&account.homeserver, &account).await;
    visit.try_key(&key).await;
    expect_as_counted(&account, &key, &rooms_in(&cover(&mut visit, false).await));

    // Messages of the same session, of another one, in a room that had none, and in a new room.
    sending.say(&account, 1).await;
    let other = account.make_room(json!({"name": "Second"})).await;
    let mut held = Vec::new();
    for room in [&room, &quiet, &other] {
        let mut sending = Sending::new(room);
        sending.say(&account, 2).await;
        held.push(room_keys::at(&sending.key, 0));
    }
    account.put_room_keys("1", &key_of, &held).await;
    let rooms = rooms_in(&cover(&mut visit, true).await);
    expect_as_counted(&account, &key, &rooms);
    assert_eq!(rooms.iter().map(|room| room.covered).collect::<Vec<_>>().iter().sum::<u64>(), 10);
    expect_as_counted(&account, &key, &rooms_in(&cover(&mut visit, false).await));
}

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

/// Tells whether a request asks for this room's messages.
fn asks_for_messages(path: &str, room_id: &str) -> bool {
    path.contains("/messages") && path.contains(room_id.trim_start_matches('!'))
}

/// Looks further back once; returns the rooms that were told, whether there is more, and the problem.
async fn go_further(visit: &mut Visit) -> (Vec<RoomCoverage>, bool, Option<Problem>) {
    let events = visit.tell(Command::GoFurther).await;
    let Some(Event::WentFurther { more, trouble }) = events.last() else { panic!("{events:?}") };
    (rooms_told(&events), *more, trouble.clone())
}

/// Looks further back, and rings the bell after a second as another command would.
async fn go_further_until_interrupted(visit: &mut Visit) -> (Vec<RoomCoverage>, bool, Option<Problem>) {
    let bell = visit.engine.bell();
    let other = async {
        tokio::time::sleep(Duration::from_millis(1_000)).await;
        bell.ring();
        Instant::now()
    };
    let (told, raised) = futures_util::join!(go_further(visit), other);
    assert!(raised.elapsed() < Duration::from_secs(1), "{:?}", raised.elapsed());
    bell.reset();
    told
}

/// Has the server send fewer events than it is asked for, and hold one page back until it is told not to.
async fn in_small_pages(account: &Account, is_slow: Arc<AtomicBool>) -> Proxy {
    let page = AtomicU32::new(0);
    Proxy::ruled(&account.homeserver, move |_, path| {
        if path.contains("limit=200")
            && path.contains("dir=b")
            && page.fetch_add(1, Ordering::Relaxed) >= 1
            && is_slow.load(Ordering::Relaxed)
        {
            Reply::Later
        } else if path.contains("/messages") {
            Reply::AsIf(path.replace("limit=100", "limit=7").replace("limit=200", "limit=60"))
        } else {
            Reply::Pass
        }
    })
    .await
}

#[tokio::test]
async fn a_long_room_is_looked_at_from_the_newest_message_back_and_then_to_its_beginning() {
    let made = MadeAccount::all_right().await;
    let (account, key_of) = (&made.account, made.backup_key.megolm_v1_public_key());
    let is_slow = Arc::new(AtomicBool::new(true));
    let proxy = in_small_pages(account, is_slow.clone()).await;
    let room = account.make_room(json!({"name": "Long"})).await;
    account.make_room(json!({"name": "Short"})).await;
    let (mut old, mut middle, mut new) = (Sending::new(&room), Sending::new(&room), Sending::new(&room));
    old.say(account, 60).await;
    middle.say(account, 120).await;
    new.say(account, 70).await;
    let mut visit = visit_through(&proxy, &made).await;
    assert_eq!(go_further(&mut visit).await, (Vec::new(), false, None), "nothing was looked at");

    let rooms = rooms_in(&cover(&mut visit, false).await);
    let long = named("Long", &rooms);
    assert_eq!((long.covered, long.missing, long.is_whole, long.trouble), (0, 100, false, false));
    assert_eq!(rooms.len(), 2);
    assert_eq!(rooms_in(&cover(&mut visit, true).await), [], "nothing has changed");

    // Meanwhile keys arrive, also for messages that were seen already.
    account.put_room_keys("1", &key_of, &[room_keys::at(&new.key, 0), room_keys::at(&old.key, 30)]).await;
    let rooms = rooms_in(&cover(&mut visit, true).await);
    let long = named("Long", &rooms);
    assert_eq!((rooms.len(), long.covered, long.missing, long.is_whole), (2, 70, 30, false));

    // Another command comes while a page is waited for; the messages seen before stay.
    let (rooms, more, trouble) = go_further_until_interrupted(&mut visit).await;
    assert_eq!((rooms.len(), more, trouble), (1, true, None));
    assert_eq!((rooms[0].covered, rooms[0].missing, rooms[0].is_whole), (70, 90, false));
    is_slow.store(false, Ordering::Relaxed);
    let before = proxy.lines().len();
    let (rooms, more, trouble) = go_further(&mut visit).await;
    assert_eq!((rooms.len(), more, trouble), (1, false, None));
    assert_eq!((rooms[0].covered, rooms[0].missing, rooms[0].is_whole), (100, 150, true));
    assert!(
        !proxy.lines()[before..].iter().any(|(_, path)| path.contains("room_keys")),
        "keys are read once"
    );
    expect_as_counted(account, &made.key, &[rooms[0].clone(), named("Short", &rooms_told(&visit.told))]);
    assert_eq!(go_further(&mut visit).await, (Vec::new(), false, None), "the beginning is reached");

    // A room that was looked at to its beginning is only asked for newer messages, and its entries are looked at again.
    account.put_room_keys("1", &key_of, &[room_keys::at(&middle.key, 0)]).await;
    let before = proxy.lines().len();
    let long = named("Long", &rooms_in(&cover(&mut visit, true).await));
    assert_eq!((long.covered, long.missing), (220, 30));
    let pages = proxy.lines()[before..].iter().filter(|(_, path)| path.contains("/messages")).count();
    assert_eq!(pages, 2, "one for each room");
    account.put_room_keys("1", &key_of, &[room_keys::at(&old.key, 0)]).await;
    assert_eq!(named("Long", &rooms_in(&cover(&mut visit, true).await)).gap, None);

    let rooms = rooms_in(&cover(&mut visit, false).await);
    assert_eq!(rooms.iter().map(|room| room.covered).sum::<u64>(), 100, "anew from the newest");
    visit.sign_out().await;
}

fn named(name: &str, rooms: &[RoomCoverage]) -> RoomCoverage {
    rooms.iter().find(|room| room.name == name).unwrap().clone()
}

#[tokio::test]
async fn a_look_further_back_bears_with_a_server_and_leaves_alone_what_it_cannot_read() {
    let made = MadeAccount::all_right().await;
    let (long, bad) = (made.account.make_room(json!({})).await, made.account.make_room(json!({})).await);
    for room in [&long, &bad] {
        Sending::new(room).say(&made.account, 110).await;
    }
    let limited =
        || Reply::Instead(429, json!({"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 11_000}).to_string());
    let answers = Arc::new(Mutex::new("limited"));
    let (now, bad_too) = (answers.clone(), bad.clone());
    let proxy = Proxy::ruled(&made.account.homeserver, move |_, path| {
        if !path.contains("/messages") || !path.contains("limit=200") {
            return Reply::Pass;
        }
        match *now.lock().unwrap() {
            "limited" => limited(),
            "lost" => Reply::Lost,
            _ if asks_for_messages(path, &bad_too) => Reply::Instead(200, "{}".to_owned()),
            _ => Reply::Pass,
        }
    })
    .await;
    let mut visit = visit_through(&proxy, &made).await;
    rooms_in(&cover(&mut visit, false).await);

    // The server asks to wait: that is no trouble, and it is not asked before.
    assert_eq!(go_further(&mut visit).await, (Vec::new(), true, None));
    let before = proxy.lines().len();
    let since = Instant::now();
    assert_eq!(go_further_until_interrupted(&mut visit).await, (Vec::new(), true, None));
    assert_eq!(proxy.lines().len(), before);
    *answers.lock().unwrap() = "lost";
    let (told, more, trouble) = go_further(&mut visit).await;
    assert!(since.elapsed() > Duration::from_secs(9));
    assert_eq!((told, more, trouble), (Vec::new(), true, Some(Problem::Passing { status: None })));

    // One room answers garbage: its report stays, and the other one is looked at to its beginning.
    *answers.lock().unwrap() = "garbage";
    let (told, more, trouble) = go_further(&mut visit).await;
    assert_eq!((more, trouble), (false, None));
    for room in told {
        let expected = if room.room_id == bad { (100, false, false) } else { (110, true, false) };
        assert_eq!((room.missing, room.is_whole, room.trouble), expected);
    }
    visit.sign_out().await;
}

/// The entries that a backup may have, each with the counts of four messages: covered, missing, unopened.
const ENTRIES: [(&str, [u64; 3]); 14] = [
    ("the key", [4, 0, 0]),
    ("nothing", [0, 4, 0]),
    ("noise", [0, 0, 4]),
    ("another MAC", [0, 0, 4]),
    ("no ciphertext", [0, 0, 4]),
    ("the key, under another backup's", [0, 0, 4]),
    ("another session's key", [0, 0, 4]),
    ("a made-up key with the session's name", [0, 0, 4]),
    ("a made-up key from the third message on, and says so", [0, 2, 2]),
    ("no key at all", [0, 0, 4]),
    ("no one who made it", [0, 0, 4]),
    ("the key from the third message on, and says so", [2, 2, 0]),
    ("the key from the fourth message on, and says from the first", [1, 0, 3]),
    ("the key, and says from the last", [4, 0, 0]),
];

/// The text that a client would encrypt.
fn clear(key: &ExportedRoomKey) -> Value {
    serde_json::to_value(BackedUpRoomKey::from(room_keys::at(key, 0))).unwrap()
}

/// Makes an entry with any text in it, for the backup with this public key.
fn sealed(backup_key: &BackupDecryptionKey, text: &str, said: u32) -> Value {
    let public_key = backup_key.megolm_v1_public_key().to_base64();
    let public_key = Curve25519PublicKey::from_base64(&public_key).unwrap();
    let message = PkEncryption::from_key(public_key).encrypt(text.as_bytes()).unwrap();
    json!({
        "first_message_index": said, "forwarded_count": 0, "is_verified": false,
        "session_data": {
            "ephemeral": message.ephemeral_key.to_base64(), "ciphertext": base64_encode(message.ciphertext),
            "mac": base64_encode(message.mac),
        },
    })
}

/// Forges a key as anybody can who knows a session: with its id, and another secret.
fn made_up(key: &ExportedRoomKey, index: u32) -> String {
    let key = room_keys::at(key, index);
    let mut bytes = key.session_key.to_bytes();
    bytes[5..133].fill(7);
    let session_key = ExportedSessionKey::from_bytes(&bytes).unwrap();
    let key = ExportedRoomKey { session_key, ..key };
    serde_json::to_string(&BackedUpRoomKey::from(key)).unwrap()
}

fn entry(what: &str, key: &ExportedRoomKey, backup_key: &BackupDecryptionKey) -> Option<Value> {
    let text = clear(key).to_string();
    let from = |index| serde_json::to_string(&BackedUpRoomKey::from(room_keys::at(key, index))).unwrap();
    let mut entry = sealed(backup_key, &text, 0);
    let data = &mut entry["session_data"];
    match what {
        "the key" => {}
        "nothing" => return None,
        "noise" => *data = json!({"ephemeral": "AAAA", "ciphertext": "noise", "mac": "AAAA"}),
        "another MAC" => data["mac"] = "AAAAAAAAAAA".into(),
        "no ciphertext" => *data = json!({}),
        "the key, under another backup's" => entry = sealed(&BackupDecryptionKey::new(), &text, 0),
        "another session's key" => {
            let other = Sending::new(key.room_id.as_str());
            entry = sealed(backup_key, &clear(&other.key).to_string(), 0);
        }
        "a made-up key with the session's name" => entry = sealed(backup_key, &made_up(key, 0), 0),
        "a made-up key from the third message on, and says so" => {
            entry = sealed(backup_key, &made_up(key, 2), 2);
        }
        "no key at all" => entry = sealed(backup_key, "{}", 0),
        "no one who made it" => {
            let mut clear = clear(key);
            clear.as_object_mut().unwrap().remove("sender_claimed_keys");
            entry = sealed(backup_key, &clear.to_string(), 0);
        }
        "the key from the third message on, and says so" => entry = sealed(backup_key, &from(2), 2),
        "the key from the fourth message on, and says from the first" => {
            entry = sealed(backup_key, &from(3), 0)
        }
        "the key, and says from the last" => entry["first_message_index"] = 3.into(),
        what => panic!("{what}"),
    }
    Some(entry)
}

/// Every room has to be told as [`ENTRIES`] says; the one beside them has entries of which none opens.
fn expect_entries(told: &[RoomCoverage]) {
    assert_eq!(told.len(), ENTRIES.len() + 1);
    for room in told {
        let entry = ENTRIES.iter().find(|(what, _)| *what == room.name);
        let figures = [room.covered, room.missing, room.unopened];
        assert_eq!(figures, entry.map_or([0, 0, 4], |(_, figures)| *figures), "{}", room.name);
        let mendable = if room.name == "no one who made it" { 4 } else { 0 };
        assert_eq!(room.mendable, mendable, "{}", room.name);
        assert_eq!(room.keys, u64::from(room.covered > 0), "{}", room.name);
    }
}

/// Has the server say that the backup is large, and refuse to send it whole.
async fn as_if_large(account: &Account) -> Proxy {
    let mut version = account.backup().await.unwrap();
    version["count"] = 20_000.into();
    Proxy::ruled(&account.homeserver, move |method, path| match path {
        "/_matrix/client/v3/room_keys/version" if method == "GET" => Reply::Instead(200, version.to_string()),
        "/_matrix/client/v3/room_keys/keys?version=1" => Reply::Instead(500, "{}".to_owned()),
        _ => Reply::Pass,
    })
    .await
}

#[tokio::test]
async fn what_is_in_the_backup_counts_only_as_far_as_it_opens() {
    let made = MadeAccount::all_right().await;
    let (account, backup_key) = (&made.account, &made.backup_key);
    let (mut rooms, mut sessions) = (json!({}), Vec::new());
    for (what, _) in ENTRIES {
        let room_id = account.make_room(json!({"name": what})).await;
        let mut sending = Sending::new(&room_id);
        sending.say(account, 4).await;
        if let Some(entry) = entry(what, &sending.key, backup_key) {
            rooms[&room_id] = json!({"sessions": {&sending.key.session_id: entry}});
        }
        sessions.push(sending);
    }
    // Two sessions of one room with each other's entries.
    let exchanged = account.make_room(json!({"name": "exchanged"})).await;
    let (mut one, mut other) = (Sending::new(&exchanged), Sending::new(&exchanged));
    one.say(account, 2).await;
    other.say(account, 2).await;
    rooms[&exchanged] = json!({"sessions": {
        &one.key.session_id: entry("the key", &other.key, backup_key),
        &other.key.session_id: entry("the key", &one.key, backup_key),
    }});
    account.done("PUT", "room_keys/keys?version=1", json!({"rooms": rooms})).await;
    // Once the whole backup is read at once, and once room by room as if it were large.
    let many = as_if_large(account).await;
    for homeserver in [&account.homeserver, &many.url] {
        let (mut visit, _) = Visit::sign_in(homeserver, account).await;
        let opening = visit.try_key(&made.key).await;
        // The quick look at the newest messages claims no more than the long one.
        let quick = opening.found().unwrap().coverage.unwrap();
        assert_eq!((quick.seen, quick.covered), (60, 11));
        let told = rooms_in(&cover(&mut visit, false).await);
        expect_entries(&told);
        expect_as_counted(account, &made.key, &told);
        visit.sign_out().await;
    }

    // The entries are put right, and one good entry is damaged: the seen messages need not be read again for that.
    let (mut visit, _) = Visit::sign_in(&account.homeserver, account).await;
    visit.try_key(&made.key).await;
    expect_entries(&rooms_in(&cover(&mut visit, false).await));
    account.done("DELETE", "room_keys/keys?version=1", json!({})).await;
    let mut rooms = json!({});
    for sending in sessions.iter().chain([&one, &other]) {
        let session_id = &sending.key.session_id;
        let room_id = sending.key.room_id.as_str();
        let what = if rooms.as_object().unwrap().is_empty() { "noise" } else { "the key" };
        rooms[room_id]["sessions"][session_id] = entry(what, &sending.key, backup_key).unwrap();
    }
    account.done("PUT", "room_keys/keys?version=1", json!({"rooms": rooms})).await;
    let told = rooms_in(&cover(&mut visit, true).await);
    for room in &told {
        let expected = if room.name == "the key" { [0, 0, 4] } else { [4, 0, 0] };
        assert_eq!([room.covered, room.missing, room.unopened], expected, "{}", room.name);
    }
    expect_as_counted(account, &made.key, &told);
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
    expect_as_counted(&made.account, &made.key, &rooms);
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
    let mut rooms = rooms_in(&cover(&mut visit, true).await);
    assert_eq!(rooms.len(), 1, "only what was not looked at");
    rooms.extend(rooms_told(&events));
    expect_as_counted(&made.account, &made.key, &rooms);
    visit.sign_out().await;
}

#[tokio::test]
async fn a_server_that_asks_to_wait_is_left_alone_and_the_rooms_are_looked_at_later() {
    let made = MadeAccount::all_right().await;
    rooms_with_messages(&made.account, 12).await;
    // Of every three requests for messages, one has to be repeated at once, but none twice. Later all are refused for
    // long.
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

    // A later look asks only about the rooms that were not looked at.
    is_busy.store(false, Ordering::Relaxed);
    let mut rooms = rooms_in(&cover(&mut visit, true).await);
    rooms.extend(
        fine.into_iter()
            .filter(|fine| rooms.iter().all(|room| room.room_id != fine.room_id))
            .cloned()
            .collect::<Vec<_>>(),
    );
    expect_as_counted(&made.account, &made.key, &rooms);
    visit.sign_out().await;
}

/// Holds for any number of rooms and any slow server, in a first look and further back.
#[tokio::test]
async fn no_more_than_four_rooms_are_asked_about_at_a_time() {
    let made = MadeAccount::all_right().await;
    let long = async |_| Sending::new(&made.account.make_room(json!({})).await).say(&made.account, 110).await;
    join_all((0..6).map(long)).await;
    // Every request for messages is held so long that the others would arrive, too. The map has the requests that wait,
    // and how often each was asked after.
    let waiting = Mutex::new(HashMap::<String, u32>::new());
    let most = Arc::new(AtomicUsize::new(0));
    let seen = most.clone();
    let proxy = Proxy::ruled(&made.account.homeserver, move |_, path| {
        if !path.contains("/messages") {
            return Reply::Pass;
        }
        let mut waiting = waiting.lock().unwrap();
        let asks = waiting.entry(path.to_owned()).or_default();
        *asks += 1;
        let is_over = *asks == 10;
        seen.fetch_max(waiting.len(), Ordering::Relaxed);
        if !is_over {
            return Reply::Later;
        }
        waiting.remove(path);
        Reply::Pass
    })
    .await;
    let mut visit = visit_through(&proxy, &made).await;
    let rooms = rooms_in(&cover(&mut visit, false).await);
    assert!(rooms.len() == 6 && rooms.iter().all(|room| !room.is_whole), "{rooms:?}");
    assert_eq!(most.swap(0, Ordering::Relaxed), 4);
    while go_further(&mut visit).await.1 {}
    assert_eq!(most.load(Ordering::Relaxed), 4);
    let last: HashMap<_, _> =
        rooms_told(&visit.told).into_iter().map(|room| (room.room_id.clone(), room)).collect();
    assert!(last.values().all(|room| room.is_whole && room.missing == 110), "{last:?}");
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

    // Empty pages without end, and malformed events.
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
    assert_eq!(
        cover(&mut visit, false).await,
        [Event::Failed(Problem::out_of_order())],
        "no key was entered"
    );
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

    // The key, entered again, opens the newer backup: that one is looked at, and from the beginning.
    visit.try_key(&made.key).await;
    expect_as_counted(&made.account, &made.key, &rooms_in(&cover(&mut visit, true).await));
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

/// Real clients of another implementation, with their messages, their keys and their upload.
#[tokio::test]
async fn what_real_clients_said_is_covered_until_nobody_is_there_to_save_the_keys() {
    let (ada, bob) = (Account::register().await, Account::register().await);
    let person = |account: &Account| json!({"user": account.user_id, "password": account.password});
    let talk = json!({"homeserver": ada.homeserver, "ada": person(&ada), "bob": person(&bob)});
    let talk = ask("support/clients/talk.mjs", &talk);
    let (mut visit, _) = Visit::sign_in(&ada.homeserver, &ada).await;
    let recovery_key = talk["recovery_key"].as_str().unwrap();
    visit.try_key(recovery_key).await;
    let rooms = rooms_in(&cover(&mut visit, false).await);
    let room = rooms.iter().find(|room| room.room_id == talk["room_id"].as_str().unwrap()).unwrap();
    let said = |when: &str| talk[when].as_u64().unwrap();
    assert_eq!((room.covered, room.missing, room.unknown), (said("together"), said("alone"), said("before")));
    assert_eq!(room.gap.as_ref().unwrap().senders, std::slice::from_ref(&bob.user_id));
    expect_as_counted(&ada, recovery_key, &rooms);
    visit.sign_out().await;
}
