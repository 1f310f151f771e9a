//! Mends keys that the backup holds in a form that other apps cannot read. Old apps left `sender_claimed_keys` out or
//! misspelt it, or left out the numbers beside the key. matrix-js-sdk judges what can be read.

use std::sync::{Arc, Mutex};

use matrixbackup::{
    domain::{
        coverage::Tally,
        key_file::{Imported, TakenHome},
        mended::Mended,
        plan::Action,
        rotation::Rotated,
    },
    protocol::messages::{Command, Event},
};
use serde_json::{Value, json};

use crate::support::{
    hostile_homeserver::{Answer, HostileHomeserver},
    key_files::{PASSPHRASE, exported_by_sdk, file_saying, other_client, read_by_js_sdk},
    made::MadeAccount,
    room_keys,
    verifier::ask,
    visit::Visit,
};

/// Sends ten messages in a room of their own; returns their key as an app exports it.
async fn conversation(made: &MadeAccount) -> (Value, Value) {
    let texts: Vec<_> = (0..10).map(|number| format!("message {number}")).collect();
    let texts: Vec<_> = texts.iter().map(String::as_str).collect();
    let (file, events) = exported_by_sdk(&made.account, &texts).await;
    let opened = other_client(json!({"do": "open", "file": file, "passphrase": PASSPHRASE}));
    let keys: Vec<Value> = serde_json::from_str(opened["text"].as_str().unwrap()).unwrap();
    let [key] = &keys[..] else { panic!("{} keys", keys.len()) };
    (key.clone(), events)
}

fn without_claimed_keys(key: &Value) -> Value {
    let mut key = key.clone();
    key.as_object_mut().unwrap().remove("sender_claimed_keys");
    key
}

fn with_misspelt_claimed_keys(key: &Value) -> Value {
    let mut misspelt = without_claimed_keys(key);
    misspelt["sender_clencaimed_keys"] = key["sender_claimed_keys"].clone();
    misspelt
}

/// The numbers that an app writes beside a key that its maker gave it.
fn plain() -> Value {
    json!({"first_message_index": 0, "forwarded_count": 0, "is_verified": false})
}

async fn put(made: &MadeAccount, key: &Value, beside: &Value) {
    let mut text = key.clone();
    for field in ["room_id", "session_id"] {
        text.as_object_mut().unwrap().remove(field);
    }
    let entry = room_keys::seal(&made.backup_key, &text, beside);
    let session = key["session_id"].as_str().unwrap();
    let body = json!({"rooms": {key["room_id"].as_str().unwrap(): {"sessions": {session: entry}}}});
    made.account.done("PUT", "room_keys/keys?version=1", body).await;
}

async fn open(made: &MadeAccount) -> Visit {
    let (mut visit, _) = Visit::sign_in(&made.account.homeserver, &made.account).await;
    assert!(visit.try_key(&made.key).await.is_all_right());
    visit
}

async fn mend(visit: &mut Visit) -> Mended {
    match visit.tell(Command::Mend).await.last() {
        Some(Event::Mended(mended)) => *mended,
        told => panic!("{told:?}"),
    }
}

/// Counts messages by coverage: covered, unopened, and mendable among the unopened.
async fn covered(visit: &mut Visit) -> (u64, u64, u64) {
    let told = visit.tell(Command::Cover { further: false }).await;
    let room = |event: Event| match event {
        Event::RoomCovered(room) => Some(room),
        _ => None,
    };
    let tally = Tally::of(&told.into_iter().filter_map(room).collect::<Vec<_>>());
    assert_eq!(tally.missing, 0);
    (tally.covered, tally.unopened, tally.mendable)
}

/// Counts the messages that matrix-js-sdk reads with nothing but the kept key, out of all.
fn readable(made: &MadeAccount) -> (u64, u64) {
    let account = &made.account;
    let counted = ask(
        "interop/readable.mjs",
        &json!({
            "homeserver": account.homeserver, "user": account.user_id, "password": account.password,
            "recovery_key": made.key,
        }),
    );
    (counted["readable"].as_u64().unwrap(), counted["all"].as_u64().unwrap())
}

/// Synapse keeps the older of two equal entries, whatever is in them. An entry that cannot honestly be replaced is
/// copied whole into a fresh backup, and into the exported file.
#[tokio::test]
async fn what_no_other_app_could_read_is_read_from_the_copy_and_from_a_fresh_backup() {
    let made = MadeAccount::all_right().await;
    let (first, events) = conversation(&made).await;
    let (second, _) = conversation(&made).await;
    put(&made, &without_claimed_keys(&first), &plain()).await;
    put(&made, &with_misspelt_claimed_keys(&second), &plain()).await;
    // An entry that nobody can read stays as it is.
    let garbage = &room_keys::make(1, 1)[0];
    let garbage = json!({"room_id": garbage.room_id, "session_id": garbage.session_id, "no": "key"});
    put(&made, &garbage, &plain()).await;
    assert_eq!(readable(&made), (0, 20), "what this is about");

    let mut visit = open(&made).await;
    assert_eq!(covered(&mut visit).await, (0, 20, 20), "as the judge says");
    let (file, told) = visit.take_home().await;
    assert!(
        matches!(told, Event::TakenHome(TakenHome { room_keys: 2, rooms: 2, unreadable: 1, .. })),
        "{told:?}"
    );
    assert_eq!(read_by_js_sdk(&made.account, &file, &events), (10, 10), "from the copy alone");

    let before = made.account.everything().await;
    assert_eq!(mend(&mut visit).await, Mended { mended: 0, kept: 2 });
    assert_eq!(made.account.everything().await, before, "nothing is called better than it is");

    let events = visit.write(Action::Rotate, None).await;
    let Some(Event::Rotated { rotated, .. }) = events.last() else { panic!("{events:?}") };
    let Rotated { rooms, room_keys, .. } = rotated;
    assert_eq!((*rooms, *room_keys, rotated.unreadable()), (2, 2, 1));
    assert_eq!(rotated.superseded().count(), 0, "the garbage stays in the version that has it");
    assert_eq!(readable(&made), (20, 20));
    assert_eq!(covered(&mut visit).await, (20, 0, 0));
    assert_eq!(mend(&mut visit).await, Mended::default(), "nothing is left to mend");
}

/// Synapse replaces an entry that claims less than its key opens by the whole one, in place, and nothing is deleted.
#[tokio::test]
async fn what_gives_way_to_the_whole_key_is_read_from_the_same_backup() {
    let made = MadeAccount::all_right().await;
    let (key, _) = conversation(&made).await;
    put(
        &made,
        &with_misspelt_claimed_keys(&key),
        &json!({
            "first_message_index": 4, "forwarded_count": 0, "is_verified": true,
        }),
    )
    .await;
    // Good entries, and one that the server cannot compare with anything.
    let good = room_keys::make(3, 2);
    made.account.put_room_keys("1", &made.backup_key.megolm_v1_public_key(), &good[..2]).await;
    let good = serde_json::to_value(&good[2]).unwrap();
    put(&made, &good, &json!({"first_message_index": null, "forwarded_count": null, "is_verified": false}))
        .await;
    assert_eq!(readable(&made), (0, 10));
    let mut visit = open(&made).await;
    assert_eq!(mend(&mut visit).await, Mended { mended: 1, kept: 1 });
    assert_eq!(readable(&made), (10, 10));
    assert_eq!(covered(&mut visit).await, (10, 0, 0));
    let path = format!(
        "room_keys/keys/{}/{}?version=1",
        key["room_id"].as_str().unwrap(),
        key["session_id"].as_str().unwrap().replace('/', "%2F").replace('+', "%2B")
    );
    let (_, entry) = made.account.ask("GET", &path, None).await;
    let beside = json!([entry["first_message_index"], entry["forwarded_count"], entry["is_verified"]]);
    assert_eq!(beside, json!([0, 0, true]), "what was said of its device stays");
    let backup = made.account.backup().await.unwrap();
    assert_eq!((&backup["version"], &backup["count"]), (&json!("1"), &json!(4)));
    assert_eq!(mend(&mut visit).await, Mended { mended: 0, kept: 1 });
    let (_, told) = visit.take_home().await;
    assert!(matches!(told, Event::TakenHome(TakenHome { room_keys: 4, unreadable: 0, .. })), "{told:?}");
}

/// Some servers overwrite whatever they are sent, without comparing: they take every key at once.
#[tokio::test]
async fn a_server_that_overwrites_has_them_all_whole_at_once() {
    let made = MadeAccount::all_right().await;
    let keys = room_keys::make(3, 1);
    for key in &keys {
        put(&made, &without_claimed_keys(&serde_json::to_value(key).unwrap()), &plain()).await;
    }
    let written = Arc::new(Mutex::new(Value::Null));
    let put_there = Arc::clone(&written);
    let server = HostileHomeserver::before(&made.account.homeserver, move |asked| {
        if asked.is("PUT", "/room_keys/keys") {
            *put_there.lock().unwrap() = asked.body["rooms"].clone();
        } else if asked.is("GET", "/room_keys/keys") {
            let written = put_there.lock().unwrap().clone();
            return Answer::changed(move |answer| {
                for (room_id, room) in written.as_object().into_iter().flatten() {
                    for (session_id, entry) in room["sessions"].as_object().unwrap() {
                        answer["rooms"][room_id]["sessions"][session_id] = entry.clone();
                    }
                }
            });
        }
        Answer::Pass
    })
    .await;
    let (mut visit, _) = Visit::sign_in(&server.url, &made.account).await;
    assert!(visit.try_key(&made.key).await.is_all_right());
    assert_eq!(mend(&mut visit).await, Mended { mended: 3, kept: 0 });
    for entry in written.lock().unwrap()[keys[0].room_id.as_str()]["sessions"].as_object().unwrap().values() {
        let beside = json!([entry["first_message_index"], entry["forwarded_count"], entry["is_verified"]]);
        assert_eq!(beside, json!([0, 0, false]), "what was said of it, and no more");
        let data = serde_json::from_value(entry["session_data"].clone()).unwrap();
        assert!(made.backup_key.decrypt_session_data(data).is_ok(), "the SDK itself reads it");
    }
    assert_eq!(server.writes().iter().filter(|asked| asked.method == "DELETE").count(), 0);
}

/// A key that an app has written since the backup was read may open more.
#[tokio::test]
async fn nothing_is_written_over_what_has_changed_since_it_was_read() {
    let made = MadeAccount::all_right().await;
    let key = serde_json::to_value(&room_keys::make(1, 1)[0]).unwrap();
    put(&made, &without_claimed_keys(&key), &plain()).await;
    let looks = Mutex::new(0);
    let server = HostileHomeserver::before(&made.account.homeserver, move |asked| {
        if !asked.is("GET", "/room_keys/version") {
            return Answer::Pass;
        }
        let look = {
            let mut looks = looks.lock().unwrap();
            *looks += 1;
            *looks
        };
        Answer::changed(move |version| version["etag"] = json!(look.to_string()))
    })
    .await;
    let (mut visit, _) = Visit::sign_in(&server.url, &made.account).await;
    assert!(visit.try_key(&made.key).await.is_all_right());
    assert_eq!(visit.tell(Command::Mend).await.last(), Some(&Event::Stopped), "it may be asked for again");
    assert!(!server.writes().iter().any(|asked| asked.path.contains("/room_keys/")));
}

/// The same, where it changes only as the keys are read.
#[tokio::test]
async fn nothing_is_written_over_what_has_changed_while_it_was_read() {
    let made = MadeAccount::all_right().await;
    let key = serde_json::to_value(&room_keys::make(1, 1)[0]).unwrap();
    put(&made, &without_claimed_keys(&key), &plain()).await;
    let reads = Mutex::new(0);
    let server = HostileHomeserver::before(&made.account.homeserver, move |asked| {
        let mut reads = reads.lock().unwrap();
        if asked.is("GET", "/room_keys/keys") {
            *reads += 1;
        }
        if !asked.is("GET", "/room_keys/version") {
            return Answer::Pass;
        }
        let etag = reads.to_string();
        Answer::changed(move |version| version["etag"] = json!(etag))
    })
    .await;
    let (mut visit, _) = Visit::sign_in(&server.url, &made.account).await;
    assert!(visit.try_key(&made.key).await.is_all_right());
    assert_eq!(visit.tell(Command::Mend).await.last(), Some(&Event::Stopped), "it may be asked for again");
    assert!(!server.writes().iter().any(|asked| asked.path.contains("/room_keys/")));
}

#[tokio::test]
async fn what_a_server_counts_and_withholds_is_not_called_copied() {
    let made = MadeAccount::all_right().await;
    let keys = room_keys::make(5, 1);
    made.account.put_room_keys("1", &made.backup_key.megolm_v1_public_key(), &keys).await;
    let room_id = keys[0].room_id.clone();
    let withheld = keys[0].session_id.clone();
    let server = HostileHomeserver::before(&made.account.homeserver, move |asked| {
        let (room_id, withheld) = (room_id.clone(), withheld.clone());
        if !asked.is("GET", "/room_keys/keys") {
            return Answer::Pass;
        }
        Answer::changed(move |answer| {
            answer["rooms"][room_id.as_str()]["sessions"].as_object_mut().unwrap().remove(&withheld);
        })
    })
    .await;
    let (mut visit, _) = Visit::sign_in(&server.url, &made.account).await;
    assert!(visit.try_key(&made.key).await.is_all_right());
    let (_, told) = visit.take_home().await;
    assert!(matches!(told, Event::TakenHome(TakenHome { room_keys: 4, unreadable: 1, .. })), "{told:?}");
}

#[tokio::test]
async fn a_file_whose_keys_lack_what_changes_nothing_is_brought_in_whole() {
    let made = MadeAccount::all_right().await;
    let (key, _) = conversation(&made).await;
    let others = room_keys::make(3, 1);
    let lacking = |number: usize, field: &str, value: Value| {
        let mut key = serde_json::to_value(&others[number]).unwrap();
        key[field] = value;
        key
    };
    let file = json!([
        with_misspelt_claimed_keys(&key),
        lacking(0, "sender_claimed_keys", Value::Null),
        lacking(1, "forwarding_curve25519_key_chain", Value::Null),
        lacking(2, "sender_key", Value::Null),
    ]);
    let mut visit = open(&made).await;
    let expected =
        Imported { in_file: 4, new: 3, unreadable: 1, rooms: 2, room_keys: 3, ..Imported::default() };
    assert_eq!(visit.import(&file_saying(&file.to_string())).await, [Event::Imported(expected)]);
    assert_eq!(readable(&made), (10, 10));
    assert_eq!(mend(&mut visit).await, Mended::default());
}
