//! Tests opening, merging, sealing and comparing, without a server.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
};

use matrix_sdk::ruma::{OwnedRoomId, UInt, api::client::backup::KeyBackupData, serde::Raw};
use matrix_sdk_crypto::{olm::ExportedRoomKey, store::types::BackupDecryptionKey};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::{collection::Added, compare::tally, made, room_key::RoomKey, upload::Chunk, *};
use crate::domain::rotation::{Reading, is_complete};

fn downloaded(answer: &Value) -> Downloaded {
    Downloaded::new(answer.to_string().into_bytes())
}

async fn encrypted(key: &BackupDecryptionKey, keys: &[ExportedRoomKey]) -> Value {
    made::encrypt(&key.megolm_v1_public_key(), keys).await
}

/// Opens a version; returns the reading.
async fn read(keys: &mut RoomKeys, key: &BackupDecryptionKey, answer: &Value) -> Reading {
    keys.open(&downloaded(answer), &BackupKey::from(key), &Cell::new(false), &|_, _| ()).await.unwrap()
}

/// Seals every key, in the form of the server's answer.
fn sealed(key: &BackupDecryptionKey, keys: &RoomKeys) -> Value {
    let key = BackupKey::from(key);
    let mut rooms = json!({});
    for (room_id, session_id, room_key) in keys.iter() {
        let data = serde_json::to_value(key.seal(room_key).unwrap()).unwrap();
        rooms[room_id.as_str()]["sessions"][session_id] = data;
    }
    json!({"rooms": rooms})
}

fn added(keys: &mut RoomKeys, key: &ExportedRoomKey) -> Added {
    let (room_id, session_id) = (key.room_id.clone(), key.session_id.clone());
    keys.add(&room_id, &session_id, RoomKey::from_export(made::at(key, index(key))).unwrap())
}

fn index(key: &ExportedRoomKey) -> u32 {
    u32::from_be_bytes(key.session_key.to_bytes()[1..5].try_into().unwrap())
}

mod comparing;
mod damaged;

#[tokio::test]
async fn what_the_sdk_encrypted_is_moved_to_another_key_and_is_still_the_same_to_the_sdk() {
    let (old, new) = (BackupDecryptionKey::new(), BackupDecryptionKey::new());
    let made = made::make(7, 3);
    let mut keys = RoomKeys::default();
    let reading = read(&mut keys, &old, &encrypted(&old, &made).await).await;
    assert_eq!(reading, Reading { rooms: 3, keys: 7, gained: 7, unreadable: 0, conflicting: 0 });
    assert_eq!((keys.len(), keys.rooms()), (7, 3));

    let answer = sealed(&new, &keys);
    for key in &made {
        let entry = &answer["rooms"][key.room_id.as_str()]["sessions"][&key.session_id];
        assert_eq!((&entry["first_message_index"], &entry["forwarded_count"]), (&json!(0), &json!(1)));
        let data: KeyBackupData = serde_json::from_value(entry.clone()).unwrap();
        assert!(old.decrypt_session_data(data.session_data.clone()).is_err());
        let opened = new.decrypt_session_data(data.session_data).unwrap();
        assert_eq!(opened.session_key.to_bytes(), key.session_key.to_bytes());
        assert_eq!(opened.sender_key, key.sender_key);
        let kept = keys.get(&key.room_id, &key.session_id).unwrap();
        let exported = kept.export(key.room_id.clone(), &key.session_id).unwrap();
        assert_eq!(exported.session_key.to_bytes(), key.session_key.to_bytes());
    }
}

#[tokio::test]
async fn what_is_not_understood_in_a_key_is_moved_too_and_its_marks_stay() {
    let (old, new) = (BackupDecryptionKey::new(), BackupDecryptionKey::new());
    let made = made::at(&made::make(1, 1)[0], 5);
    let plain = json!({
        "algorithm": "m.megolm.v1.aes-sha2", "sender_key": made.sender_key.to_base64(),
        "session_key": made.session_key.to_base64(), "sender_claimed_keys": {},
        "forwarding_curve25519_key_chain": [made.sender_key.to_base64()], "of the future": 1,
    });
    let text = Zeroizing::new(plain.to_string().into_bytes());
    let key = RoomKey::new(&made.session_id, text, UInt::from(3_u8), true).unwrap();
    let mut keys = RoomKeys::default();
    keys.add(&made.room_id, &made.session_id, key);
    let mut answer = sealed(&old, &keys);
    let entry = &mut answer["rooms"][made.room_id.as_str()]["sessions"][&made.session_id];
    // The key's own, not what the server says.
    entry["first_message_index"] = json!(0);

    let mut keys = RoomKeys::default();
    read(&mut keys, &old, &answer).await;
    let answer = sealed(&new, &keys);
    let entry = &answer["rooms"][made.room_id.as_str()]["sessions"][&made.session_id];
    assert_eq!(entry["first_message_index"], 5);
    assert_eq!((&entry["forwarded_count"], &entry["is_verified"]), (&json!(3), &json!(true)));
    let text = |field: &str| entry["session_data"][field].as_str().unwrap().to_owned();
    let opened = new.decrypt_v1(&text("ephemeral"), &text("mac"), &text("ciphertext")).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&opened).unwrap(), plain);
}

#[tokio::test]
async fn what_does_not_open_is_counted_and_spoils_nothing_else() {
    let (key, other) = (BackupDecryptionKey::new(), BackupDecryptionKey::new());
    let made = made::make(4, 1);
    let room = made[0].room_id.as_str();
    let mut answer = encrypted(&key, &made).await;
    let foreign = encrypted(&other, &made[1..2]).await;
    let sessions = &mut answer["rooms"][room]["sessions"];
    // An entry of another key, one of another session, and malformed ones.
    sessions[&made[1].session_id] = foreign["rooms"][room]["sessions"][&made[1].session_id].clone();
    sessions[&made[2].session_id] = sessions[&made[3].session_id].clone();
    let good = sessions[&made[0].session_id].clone();
    let odd = |field: &str, value: Value| {
        let mut entry = good.clone();
        entry["session_data"][field] = value;
        entry
    };
    let odd = [
        json!(null),
        json!(7),
        json!([]),
        json!({}),
        json!({"session_data": {}}),
        odd("ephemeral", json!("AAAA")),
        odd("ephemeral", json!("A".repeat(43))),
        odd("ciphertext", json!("")),
        odd("ciphertext", json!("AAAA")),
        odd("ciphertext", json!("not base64!")),
        odd("mac", json!("")),
        odd("mac", json!("A".repeat(400))),
    ];
    for (number, entry) in odd.iter().enumerate() {
        sessions[format!("odd{number}")] = entry.clone();
    }
    answer["rooms"]["!odd:example.org"] = json!(["sessions"]);
    answer["rooms"]["no room id"] = json!({"sessions": {"a": good}});
    let mut keys = RoomKeys::default();
    let reading = read(&mut keys, &key, &answer).await;
    let unreadable = 2 + odd.len() as u64 + 2;
    assert_eq!(reading, Reading { rooms: 1, keys: 2, gained: 2, unreadable, conflicting: 0 });

    let mut none = RoomKeys::default();
    let reading = read(&mut none, &BackupDecryptionKey::new(), &encrypted(&key, &made).await).await;
    assert_eq!((reading.keys, reading.rooms, reading.unreadable, none.len()), (0, 0, 4, 0));
}

#[tokio::test]
async fn half_an_answer_counts_as_none() {
    let key = BackupDecryptionKey::new();
    let whole = encrypted(&key, &made::make(2, 2)).await.to_string();
    let half = &whole[..whole.len() - 1];
    for body in ["", "null", "[]", "{}", "{\"rooms\":3}", "<html>", half] {
        let mut keys = RoomKeys::default();
        let downloaded = Downloaded::new(body.as_bytes().to_vec());
        let read = keys.open(&downloaded, &BackupKey::from(&key), &Cell::new(false), &|_, _| ()).await;
        assert_eq!(read, Err(Interruption::Trouble(Problem::Garbled)), "{body}");
    }
    let escaped = whole.replace("!room", "\\u0021room").replace('/', "\\/");
    let mut keys = RoomKeys::default();
    let reading = keys
        .open(&Downloaded::new(escaped.into_bytes()), &BackupKey::from(&key), &Cell::new(false), &|_, _| ())
        .await;
    assert_eq!(reading.unwrap().keys, 2);
}

/// At five letters a field, the largest answer that is read would have a hundred million of them.
#[test]
fn an_answer_without_end_counts_as_none() {
    let fields = |count: usize| ["{", &vec![r#""":0"#; count].join(","), "}"].concat();
    let room = |count: usize| format!(r#"{{"sessions":{}}}"#, fields(count));
    let rooms = |rooms: &[String]| {
        let rooms = rooms.iter().map(|room| format!(r#""!a:b":{room}"#)).collect::<Vec<_>>().join(",");
        Downloaded::new(format!(r#"{{"rooms":{{{rooms}}}}}"#).into_bytes())
    };
    let half = room(500_000);
    assert_eq!(rooms(&[half.clone(), half.clone()]).list().unwrap().len(), 1_000_000);
    assert!(rooms(&[half.clone(), half, room(1)]).list().is_err());
    // A room that is too large by itself counts as unreadable.
    let listing =
        rooms(&[room(1_000_001)]).list().map(|listing| (listing.len(), listing.unreadable)).unwrap();
    assert_eq!(listing, (0, 1));
    assert!(Downloaded::new(format!(r#"{{"rooms":{}}}"#, fields(1_000_001)).into_bytes()).list().is_err());
}

#[test]
fn chunks_hold_everything_and_stay_within_their_limits() {
    let sealed = |length: usize| {
        let filler = "x".repeat(length);
        Raw::<KeyBackupData>::from_json_string(format!("\"{filler}\"")).unwrap()
    };
    for (count, rooms, length, chunks) in [
        (0, 1, 10, 1),
        (1, 1, 3_000_000, 1),
        (1_000, 7, 10, 1),
        (1_001, 7, 10, 2),
        (3, 3, 2_000_000, 3),
        (2_500, 2_500, 800, 3),
        (2_000, 1, 3_000, 7),
    ] {
        let mut all = Vec::new();
        let mut chunk = Chunk::default();
        for number in 0..count {
            let room_id: OwnedRoomId = format!("!room{}:example.org", number % rooms).try_into().unwrap();
            all.extend(chunk.add(&room_id, &format!("session{number}"), sealed(length)));
        }
        all.push(chunk);
        assert_eq!(all.len(), chunks, "{count} {length}");
        let mut sessions = BTreeMap::new();
        for chunk in all {
            let (keys, bytes) = (chunk.keys, chunk.bytes);
            assert!(keys <= 1_000);
            assert!(keys <= 1 || bytes <= 900 * 1_024);
            let rooms = chunk.into_rooms();
            let text = serde_json::to_string(&json!({"rooms": rooms})).unwrap();
            assert!(text.len() <= bytes + 16, "{} {bytes}", text.len());
            assert_eq!(rooms.values().map(|room| room.sessions.len()).sum::<usize>(), keys);
            for (room_id, room) in rooms {
                sessions.extend(room.sessions.into_keys().map(|session| (session, room_id.clone())));
            }
        }
        assert_eq!(sessions.len(), count);
    }
}

#[tokio::test]
async fn work_tells_how_far_it_is_and_stops_when_asked_to() {
    let key = BackupDecryptionKey::new();
    let answer = encrypted(&key, &made::make(600, 4)).await;
    let backup_key = BackupKey::from(&key);
    let told = RefCell::new(Vec::new());
    let stop = Cell::new(false);
    let mut keys = RoomKeys::default();
    let tell = |done, total| told.borrow_mut().push((done, total));
    keys.open(&downloaded(&answer), &backup_key, &stop, &tell).await.unwrap();
    assert_eq!(told.take(), [(0, 600), (250, 600), (500, 600), (600, 600)]);

    let tell = |done, _| stop.set(done >= 250);
    let mut part = RoomKeys::default();
    let stopped = part.open(&downloaded(&answer), &backup_key, &stop, &tell).await;
    assert_eq!((stopped, part.len()), (Err(Interruption::Stopped), 250));
    let stopped = tally(&downloaded(&answer), &backup_key, &keys, &stop, &tell).await;
    assert_eq!(stopped, Err(Interruption::Stopped));
}

#[tokio::test]
async fn what_is_there_already_is_passed_over() {
    use crate::engine::net::homeserver::{Homeserver, TokenNews};

    let server = Homeserver::new("http://127.0.0.1:1".to_owned(), TokenNews::default());
    let mut keys = RoomKeys::default();
    made::make(3, 1).iter().for_each(|key| {
        added(&mut keys, key);
    });
    let backup_key = BackupKey::from(&BackupDecryptionKey::new());
    let told = RefCell::new(Vec::new());
    let tell = |done, total| told.borrow_mut().push((done, total));
    // No key is left to send.
    let target = Target { server: &server, version: "1", backup_key: &backup_key, sifted: None };
    let uploaded =
        upload(&target, &keys, &UploadState::all_there(3), &Cell::new(false), &tell).await.unwrap();
    assert_eq!((uploaded, told.into_inner()), (Uploaded::All, vec![(3, 3)]));
}
