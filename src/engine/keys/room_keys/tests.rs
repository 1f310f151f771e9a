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

fn archive(answer: &Value) -> Archive {
    Archive::new(answer.to_string().into_bytes())
}

async fn encrypted(key: &BackupDecryptionKey, keys: &[ExportedRoomKey]) -> Value {
    made::encrypt(&key.megolm_v1_public_key(), keys).await
}

/// Opens a version; returns the reading.
async fn read(keys: &mut RoomKeys, key: &BackupDecryptionKey, answer: &Value) -> Reading {
    keys.open(&archive(answer), &BackupKey::from(key), &Cell::new(false), &|_, _| ()).await.unwrap()
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

/// Old apps wrote such entries: the key is right, and no other app reads it.
#[tokio::test]
async fn an_entry_that_lacks_only_what_changes_nothing_is_moved_whole_and_told_apart() {
    let (old, new) = (BackupDecryptionKey::new(), BackupDecryptionKey::new());
    let (old_key, new_key) = (BackupKey::from(&old), BackupKey::from(&new));
    let made = made::at(&made::make(1, 1)[0], 5);
    let whole = json!({
        "algorithm": "m.megolm.v1.aes-sha2", "sender_key": made.sender_key.to_base64(),
        "session_key": made.session_key.to_base64(), "sender_claimed_keys": {},
        "forwarding_curve25519_key_chain": [], "of the future": 1,
    });
    let beside = json!({"first_message_index": 5, "forwarded_count": 3, "is_verified": true});
    let without = |object: &Value, field: &str| {
        let mut object = object.clone();
        object.as_object_mut().unwrap().remove(field);
        object
    };
    let with = |object: &Value, field: &str, value: Value| {
        let mut object = object.clone();
        object[field] = value;
        object
    };
    let null = |object: &Value, field: &str| with(object, field, Value::Null);
    let mut misspelt = without(&whole, "sender_claimed_keys");
    misspelt["sender_clencaimed_keys"] = json!({});
    let mut damaged = vec![misspelt];
    for field in ["sender_claimed_keys", "forwarding_curve25519_key_chain"] {
        damaged.push(null(&whole, field));
    }
    damaged.push(without(&whole, "sender_claimed_keys"));
    let mut cases: Vec<_> = damaged.iter().map(|text| (text.clone(), beside.clone(), false)).collect();
    for field in ["first_message_index", "forwarded_count", "is_verified"] {
        cases.push((whole.clone(), null(&beside, field), true));
        cases.push((whole.clone(), without(&beside, field), true));
    }
    let open = |key: &BackupKey, entry: &Value| {
        key.open(&made.session_id, &serde_json::value::to_raw_value(entry).unwrap())
    };
    let good = open(&old_key, &made::seal(&old, &whole, &beside)).unwrap();
    assert!(good.was_whole() && !good.lacks_marks());
    for (text, beside, lacks_marks) in cases {
        let what = format!("{text} {beside}");
        let damaged = made::seal(&old, &text, &beside);
        let key = open(&old_key, &damaged).expect(&what);
        assert!(!key.was_whole(), "{what}");
        assert_eq!(key.lacks_marks(), lacks_marks, "{what}");
        assert_eq!(key.first_message_index(), 5, "the key's own");
        let marks = (u64::from(key.forwarded_count()), key.is_verified());
        let said = (beside["forwarded_count"].as_u64().unwrap_or(0), beside["is_verified"] == true);
        assert_eq!(marks, said, "{what}");
        assert!(key.opens_all_of(&good) && good.opens_all_of(&key), "{what}");
        // The new entry is read by every app, and says what the old one said.
        let moved = serde_json::to_value(new_key.seal(&key).unwrap()).unwrap();
        let again = open(&new_key, &moved).expect(&what);
        assert!(again.was_whole() && again.says_the_same_as(&key), "{what}");
        let data: KeyBackupData = serde_json::from_value(moved).unwrap();
        let theirs = new.decrypt_session_data(data.session_data).expect(&what);
        assert_eq!(theirs.session_key.to_bytes(), made.session_key.to_bytes());
        let mut text = text;
        for field in ["sender_claimed_keys", "forwarding_curve25519_key_chain"] {
            text[field] = whole[field].clone();
        }
        assert_eq!(serde_json::from_slice::<Value>(again.text()).unwrap(), text, "nothing else was changed");
        // Of two equal keys the whole one stays, whichever comes first.
        let both = |first: &Value, second: &Value| {
            let mut keys = RoomKeys::default();
            for entry in [first, second] {
                keys.add(&made.room_id, &made.session_id, open(&old_key, entry).unwrap());
            }
            assert!(keys.get(&made.room_id, &made.session_id).unwrap().was_whole(), "{what}");
        };
        let like = json!({"first_message_index": 5, "forwarded_count": marks.0, "is_verified": marks.1});
        let whole = made::seal(&old, &whole, &like);
        both(&whole, &damaged);
        both(&damaged, &whole);
    }
    // A missing field that changes something, or a wrong value, is not guessed.
    for (text, beside) in [
        (without(&whole, "sender_key"), beside.clone()),
        (null(&whole, "session_key"), beside.clone()),
        (with(&whole, "algorithm", json!("m.megolm.v9")), beside.clone()),
        (whole.clone(), json!({"first_message_index": "5", "forwarded_count": 0, "is_verified": false})),
        (whole.clone(), json!({"first_message_index": -1, "forwarded_count": 0, "is_verified": false})),
        (whole.clone(), json!({"first_message_index": 5, "forwarded_count": 0, "is_verified": "no"})),
    ] {
        assert!(open(&old_key, &made::seal(&old, &text, &beside)).is_none(), "{text} {beside}");
    }
}

#[tokio::test]
async fn half_an_answer_counts_as_none() {
    let key = BackupDecryptionKey::new();
    let whole = encrypted(&key, &made::make(2, 2)).await.to_string();
    let half = &whole[..whole.len() - 1];
    for body in ["", "null", "[]", "{}", "{\"rooms\":3}", "<html>", half] {
        let mut keys = RoomKeys::default();
        let archive = Archive::new(body.as_bytes().to_vec());
        let read = keys.open(&archive, &BackupKey::from(&key), &Cell::new(false), &|_, _| ()).await;
        assert_eq!(read, Err(Interruption::Trouble(Problem::Garbled)), "{body}");
    }
    let escaped = whole.replace("!room", "\\u0021room").replace('/', "\\/");
    let mut keys = RoomKeys::default();
    let reading = keys
        .open(&Archive::new(escaped.into_bytes()), &BackupKey::from(&key), &Cell::new(false), &|_, _| ())
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
        Archive::new(format!(r#"{{"rooms":{{{rooms}}}}}"#).into_bytes())
    };
    let half = room(500_000);
    assert_eq!(rooms(&[half.clone(), half.clone()]).list().unwrap().len(), 1_000_000);
    assert!(rooms(&[half.clone(), half, room(1)]).list().is_err());
    // A room that is too large by itself counts as unreadable.
    let listing =
        rooms(&[room(1_000_001)]).list().map(|listing| (listing.len(), listing.unreadable)).unwrap();
    assert_eq!(listing, (0, 1));
    assert!(Archive::new(format!(r#"{{"rooms":{}}}"#, fields(1_000_001)).into_bytes()).list().is_err());
}

#[test]
fn the_key_that_opens_more_stays_whatever_the_order() {
    let made = &made::make(1, 1)[0];
    let at = |index| made::at(made, index);
    for (indexes, outcomes) in [
        ([0, 9], [Added::Gained, Added::Known]),
        ([9, 0], [Added::Gained, Added::Gained]),
        ([9, 9], [Added::Gained, Added::Known]),
        ([70_000, 300], [Added::Gained, Added::Gained]),
    ] {
        let mut keys = RoomKeys::default();
        assert_eq!(indexes.map(|index| added(&mut keys, &at(index))), outcomes, "{indexes:?}");
        let least = indexes.into_iter().min().unwrap();
        let kept = keys.get(&made.room_id, &made.session_id).unwrap();
        assert_eq!((keys.len(), kept.first_message_index()), (1, least));
    }
}

#[test]
fn of_equal_keys_the_verified_one_stays_and_then_the_one_passed_on_less() {
    let made = &made::make(1, 1)[0];
    let key = |forwarded: u8, is_verified, index| {
        let key = RoomKey::from_export(made::at(made, index)).unwrap();
        let text = Zeroizing::new(key.text().to_vec());
        RoomKey::new(&made.session_id, text, UInt::from(forwarded), is_verified).unwrap()
    };
    for ((forwarded, is_verified, index), is_better) in [
        ((1, false, 5), false),
        ((0, false, 5), true),
        ((9, true, 5), true),
        ((0, true, 6), false),
        ((9, false, 4), true),
    ] {
        let mut keys = RoomKeys::default();
        keys.add(&made.room_id, &made.session_id, key(1, false, 5));
        keys.add(&made.room_id, &made.session_id, key(forwarded, is_verified, index));
        let kept = keys.get(&made.room_id, &made.session_id).unwrap();
        let kept = (u64::from(kept.forwarded_count()), kept.is_verified(), kept.first_message_index());
        let expected = if is_better { (u64::from(forwarded), is_verified, index) } else { (1, false, 5) };
        assert_eq!(kept, expected);
    }
}

#[test]
fn a_forged_key_does_not_displace_a_true_one() {
    let made = &made::make(1, 1)[0];
    let mut bytes = made.session_key.to_bytes();
    bytes[40] ^= 1;
    let mut forged = made::at(made, 0);
    forged.session_key = bytes.as_slice().try_into().unwrap();
    for index in [0, 3] {
        let mut keys = RoomKeys::default();
        assert_eq!(added(&mut keys, &made::at(made, index)), Added::Gained);
        assert_eq!(added(&mut keys, &forged), Added::Conflicting);
        let kept = keys.get(&made.room_id, &made.session_id).unwrap();
        let kept = kept.export(made.room_id.clone(), &made.session_id).unwrap();
        assert_eq!(kept.session_key.to_bytes(), made::at(made, index).session_key.to_bytes());
    }
    // Another session's key under this session's id is refused.
    let mut other = made::make(1, 1).remove(0);
    other.session_id = made.session_id.clone();
    assert!(RoomKey::from_export(other).is_none());
}

#[tokio::test]
async fn a_version_that_was_read_back_is_compared_key_by_key() {
    let key = BackupDecryptionKey::new();
    let made = made::make(6, 2);
    let mut meant = RoomKeys::default();
    made.iter().for_each(|key| {
        added(&mut meant, &made::at(key, 2));
    });
    let compared = async |answer: &Value| {
        let key = BackupKey::from(&key);
        let rooms = tally(&archive(answer), &key, &meant, &Cell::new(false), &|_, _| ()).await.unwrap();
        assert!(rooms.iter().all(|room| room.expected == 3));
        let found = rooms.iter().map(|room| room.found).collect::<Vec<_>>();
        assert_eq!(is_complete(&rooms), found == [3, 3]);
        found
    };
    let whole = sealed(&key, &meant);
    assert_eq!(compared(&whole).await, [3, 3]);

    // One key is gone, one opens less, one opens more, one is another key's, and one was not meant.
    let place = |key: &ExportedRoomKey| {
        format!("/rooms/{}/sessions/{}", key.room_id, key.session_id.replace('~', "~0").replace('/', "~1"))
    };
    let with = async |key: &BackupDecryptionKey, made: &ExportedRoomKey, index| {
        encrypted(key, &[made::at(made, index)]).await.pointer(&place(made)).unwrap().clone()
    };
    let mut answer = whole.clone();
    let sessions = answer["rooms"][made[0].room_id.as_str()]["sessions"].as_object_mut().unwrap();
    sessions.remove(&made[0].session_id);
    assert_eq!(compared(&answer).await, [2, 3]);
    for (index, found) in [(1, [3, 3]), (2, [3, 3]), (3, [3, 2])] {
        let mut answer = whole.clone();
        *answer.pointer_mut(&place(&made[1])).unwrap() = with(&key, &made[1], index).await;
        assert_eq!(compared(&answer).await, found, "{index}");
    }
    let mut answer = whole.clone();
    *answer.pointer_mut(&place(&made[2])).unwrap() = with(&BackupDecryptionKey::new(), &made[2], 2).await;
    answer["rooms"]["!new:b"]["sessions"]["new"] = json!(7);
    assert_eq!(compared(&answer).await, [2, 3]);
    assert_eq!(compared(&json!({"rooms": {}})).await, [0, 0]);

    // An entry that comes twice counts once.
    let twice = |answer: &Value| {
        let text = answer["rooms"][made[0].room_id.as_str()].to_string();
        format!("{{\"rooms\":{{\"{0}\":{text},\"{0}\":{text}}}}}", made[0].room_id)
    };
    let archive = Archive::new(twice(&whole).into_bytes());
    let rooms = tally(&archive, &BackupKey::from(&key), &meant, &Cell::new(false), &|_, _| ()).await;
    assert_eq!(rooms.unwrap().iter().map(|room| room.found).collect::<Vec<_>>(), [3, 0]);
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
    keys.open(&archive(&answer), &backup_key, &stop, &tell).await.unwrap();
    assert_eq!(told.take(), [(0, 600), (250, 600), (500, 600), (600, 600)]);

    let tell = |done, _| stop.set(done >= 250);
    let mut part = RoomKeys::default();
    let stopped = part.open(&archive(&answer), &backup_key, &stop, &tell).await;
    assert_eq!((stopped, part.len()), (Err(Interruption::Stopped), 250));
    let stopped = tally(&archive(&answer), &backup_key, &keys, &stop, &tell).await;
    assert_eq!(stopped, Err(Interruption::Stopped));
}

#[tokio::test]
async fn of_what_a_version_has_only_what_it_lacks_is_kept() {
    let key = BackupDecryptionKey::new();
    let made = made::make(6, 2);
    let mut keys = RoomKeys::default();
    made.iter().for_each(|key| {
        added(&mut keys, &made::at(key, 3));
    });
    // Of the version's entries, 0 is missing, 1 is the same, 2 is better, 3 is worse, 4 contradicts, and 5 is another
    // backup's.
    let mut forged = made::at(&made[4], 0);
    let mut bytes = forged.session_key.to_bytes();
    bytes[40] ^= 1;
    forged.session_key = bytes.as_slice().try_into().unwrap();
    let theirs = [made::at(&made[1], 3), made::at(&made[2], 0), made::at(&made[3], 5), forged];
    let mut answer = encrypted(&key, &theirs).await;
    let entry = |answer: &Value, key: &ExportedRoomKey| {
        answer["rooms"][key.room_id.as_str()]["sessions"][&key.session_id].clone()
    };
    let foreign = encrypted(&BackupDecryptionKey::new(), &made[5..]).await;
    answer["rooms"][made[5].room_id.as_str()]["sessions"][&made[5].session_id] = entry(&foreign, &made[5]);
    let verified = &mut answer["rooms"][made[3].room_id.as_str()]["sessions"][&made[3].session_id];
    verified["is_verified"] = json!(true);

    let backup_key = BackupKey::from(&key);
    let mut sifted = keys.sift(&archive(&answer), &backup_key, &Cell::new(false), &|_, _| ()).await.unwrap();
    let standings: Vec<_> = made.iter().map(|key| sifted.get(&key.room_id, &key.session_id)).collect();
    use Standing::*;
    let expected = [None, Some(Known), Some(Known), Some(Better), Some(Contradicting), Some(Opaque)];
    assert_eq!((standings.as_slice(), sifted.held), (&expected[..], 5));
    keys.keep_what_lacks(&mut sifted);
    let kept: Vec<_> = made.iter().map(|made| keys.get(&made.room_id, &made.session_id)).collect();
    let kept: Vec<_> = kept.iter().map(|key| key.map(|key| key.is_verified())).collect();
    assert_eq!(kept, [Some(false), None, None, Some(true), None, Some(false)]);
}

/// A file proves nothing about who made a key: its claims must not count as a verified device's.
#[tokio::test]
async fn of_a_better_key_only_the_key_itself_is_taken() {
    let key = BackupDecryptionKey::new();
    let backup_key = BackupKey::from(&key);
    let (made, stranger) = (made::make(1, 1).remove(0), made::make(1, 1).remove(0));
    // The version's entry, with a field that this page does not know.
    let theirs = made::at(&made, 5);
    let mut plain = serde_json::to_value(&theirs).unwrap();
    plain["of the future"] = json!({"b": 1.50, "a": "ü\n\""});
    plain["forwarding_curve25519_key_chain"] = json!([made.sender_key.to_base64()]);
    let text = Zeroizing::new(plain.to_string().into_bytes());
    let theirs = RoomKey::new(&made.session_id, text, UInt::from(3_u8), true).unwrap();
    let mut version = RoomKeys::default();
    version.add(&made.room_id, &made.session_id, theirs);
    // The file's entry: the same key from its first message on, of another device.
    let mut file = made::at(&made, 0);
    file.sender_key = stranger.sender_key;
    file.sender_claimed_keys = stranger.sender_claimed_keys;
    let mut keys = RoomKeys::default();
    added(&mut keys, &file);

    let stop = Cell::new(false);
    let archive = archive(&sealed(&key, &version));
    let mut sifted = keys.sift(&archive, &backup_key, &stop, &|_, _| ()).await.unwrap();
    keys.keep_what_lacks(&mut sifted);
    let kept = keys.get(&made.room_id, &made.session_id).unwrap();
    plain["session_key"] = json!(made.session_key.to_base64());
    assert_eq!(serde_json::from_slice::<Value>(kept.text()).unwrap(), plain);
    let marks = (kept.first_message_index(), u64::from(kept.forwarded_count()), kept.is_verified());
    assert_eq!(marks, (0, 0, true));
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
    let uploaded = upload(&target, &keys, &Course::all_there(3), &Cell::new(false), &tell).await.unwrap();
    assert_eq!((uploaded, told.into_inner()), (Uploaded::All, vec![(3, 3)]));
}
