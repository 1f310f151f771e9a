//! Imports the keys of an exported file into the backup.

use std::cell::RefCell;

use crate::support::{
    account::Account,
    key_files::{PASSPHRASE, exported_by_js_sdk, exported_by_sdk, file_of, file_saying},
    made::MadeAccount,
    proxy::{Fault, Proxy},
    room_keys,
    verifier::{Kept, verify},
    visit::Visit,
};
use matrix_sdk_crypto::{encrypt_room_key_export, olm::ExportedRoomKey, store::types::BackupDecryptionKey};
use matrixbackup::{
    domain::{
        key_file::{Imported, KeyFileError},
        problem::Problem,
        secret::Secret,
    },
    protocol::messages::{Command, Event},
};
use serde_json::{Value, json};

/// Begins a visit that has opened the account's backup.
async fn open(url: &str, made: &MadeAccount) -> Visit {
    let (mut visit, _) = Visit::sign_in(url, &made.account).await;
    assert!(visit.try_key(&made.key).await.is_all_right());
    visit
}

async fn fill(made: &MadeAccount, keys: &[ExportedRoomKey]) {
    made.account.put_room_keys("1", &made.backup_key.megolm_v1_public_key(), keys).await;
}

/// Opens every key of the current version with the SDK: room, session, index, key, and the whole entry.
async fn held(made: &MadeAccount) -> Vec<(String, String, u32, Vec<u8>, Value)> {
    let version = made.account.backup().await.unwrap()["version"].as_str().unwrap().to_owned();
    let (_, answer) = made.account.ask("GET", &format!("room_keys/keys?version={version}"), None).await;
    let mut held = Vec::new();
    for (room_id, room) in answer["rooms"].as_object().unwrap() {
        for (session_id, entry) in room["sessions"].as_object().unwrap() {
            let data = serde_json::from_value(entry["session_data"].clone()).unwrap();
            let Ok(key) = made.backup_key.decrypt_session_data(data) else { continue };
            let bytes = key.session_key.to_bytes();
            let index = u32::from_be_bytes(bytes[1..5].try_into().unwrap());
            assert_eq!(entry["first_message_index"], index);
            held.push((room_id.clone(), session_id.clone(), index, bytes, entry.clone()));
        }
    }
    held
}

/// Returns the key that the current version holds for a session.
async fn held_for(made: &MadeAccount, key: &ExportedRoomKey) -> (u32, Vec<u8>, Value) {
    let held = held(made).await;
    let (.., index, bytes, entry) = held
        .into_iter()
        .find(|(room, session, ..)| *room == key.room_id && *session == key.session_id)
        .unwrap();
    (index, bytes, entry)
}

fn forged(key: &ExportedRoomKey) -> ExportedRoomKey {
    let mut bytes = key.session_key.to_bytes();
    bytes[40] ^= 1;
    let mut forged = room_keys::at(key, 0);
    forged.session_key = bytes.as_slice().try_into().unwrap();
    forged
}

#[tokio::test]
async fn every_export_in_a_file_is_read_and_one_with_another_passphrase_is_told_of() {
    let made = MadeAccount::all_right().await;
    let keys = room_keys::make(9, 2);
    let (one, two, other) = (&keys[..3], &keys[3..5], &keys[5..]);
    let another = encrypt_room_key_export(other, "another passphrase", 10).unwrap();
    let quoted: String = file_of(one).lines().map(|line| format!("> {line}\u{a0}\r\n")).collect();
    let file = [quoted, another, file_of(two)].join("\n");
    let mut visit = open(&made.account.homeserver, &made).await;
    let expected = Imported { in_file: 5, new: 5, locked: 1, rooms: 2, room_keys: 5, ..Imported::default() };
    assert_eq!(visit.import(&file).await, [Event::Imported(expected)]);
    assert_eq!(held(&made).await.len(), 5);
    // Chosen again, with the other passphrase.
    let events = visit.import_with(&file, "another passphrase").await;
    let expected = Imported { in_file: 4, new: 4, locked: 2, rooms: 2, room_keys: 9, ..Imported::default() };
    assert_eq!(events, [Event::Imported(expected)]);
    let events = visit.import_with(&file, "neither of them").await;
    assert_eq!(events, [Event::Failed(Problem::KeyFile(KeyFileError::WrongPassphrase))]);
    assert_eq!(held(&made).await.len(), 9);
}

#[tokio::test]
async fn every_key_of_a_file_is_compared_written_and_read_back() {
    let made = MadeAccount::all_right().await;
    let keys = room_keys::make(12, 3);
    let at = |number: usize, index: u32| room_keys::at(&keys[number], index);
    // In the backup, 0 to 5 are missing, 6 is the same, 7 better, 8 and 9 worse, and 10 contradicts.
    fill(&made, &[at(6, 2), at(7, 0), at(8, 5), at(9, 5), at(10, 0)]).await;
    let mut file: Vec<_> = (0..6).map(|number| at(number, 1)).collect();
    file.extend([at(6, 2), at(7, 3), at(8, 1), at(9, 0), forged(&keys[10])]);
    // These come twice in the file, once better.
    file.extend([at(0, 4), at(1, 0)]);
    let mut visit = open(&made.account.homeserver, &made).await;
    let expected = Imported {
        in_file: 13,
        new: 6,
        better: 2,
        already_there: 4,
        unreadable: 1,
        locked: 0,
        rooms: 3,
        room_keys: 11,
    };
    assert_eq!(visit.import(&file_of(&file)).await, [Event::Imported(expected)]);
    assert_eq!(held(&made).await.len(), 11);
    for (number, index) in [(0, 1), (1, 0), (5, 1), (6, 2), (7, 0), (8, 1), (9, 0), (10, 0)] {
        let (found, bytes, _) = held_for(&made, &keys[number]).await;
        assert_eq!((found, bytes), (index, at(number, index).session_key.to_bytes()), "{number}");
    }

    // A second import has nothing left to do.
    let before = made.account.everything().await;
    let again = Imported { new: 0, better: 0, already_there: 12, ..expected };
    assert_eq!(visit.import(&file_of(&file)).await, [Event::Imported(again)]);
    assert_eq!(made.account.everything().await, before);
    let report = verify(&made.account, Kept::Key(&made.key));
    assert_eq!((&report["ok"], &report["room_keys_restored"]), (&json!(true), &json!(11)), "{report:#}");
}

/// A server prefers a verified key that opens less. The same session's better key keeps the mark, and the sender that
/// goes with it: the file's word for a sender proves nothing.
#[tokio::test]
async fn a_better_key_takes_the_place_of_a_verified_one() {
    let made = MadeAccount::all_right().await;
    let keys = room_keys::make(2, 1);
    let mut body =
        room_keys::encrypt(&made.backup_key.megolm_v1_public_key(), &[room_keys::at(&keys[0], 7)]).await;
    let room = keys[0].room_id.as_str();
    body["rooms"][room]["sessions"][&keys[0].session_id]["is_verified"] = json!(true);
    let (status, _) = made.account.ask("PUT", "room_keys/keys?version=1", Some(body)).await;
    assert_eq!(status, 200);
    let mut visit = open(&made.account.homeserver, &made).await;
    let expected = Imported { in_file: 2, new: 1, better: 1, rooms: 1, room_keys: 2, ..Imported::default() };
    let mut file = [room_keys::at(&keys[0], 0), room_keys::at(&keys[1], 0)];
    file[0].sender_key = room_keys::make(1, 1)[0].sender_key;
    assert_eq!(visit.import(&file_of(&file)).await, [Event::Imported(expected)]);
    let (index, _, entry) = held_for(&made, &keys[0]).await;
    assert_eq!((index, &entry["is_verified"]), (0, &json!(true)));
    let data = serde_json::from_value(entry["session_data"].clone()).unwrap();
    assert_eq!(made.backup_key.decrypt_session_data(data).unwrap().sender_key, keys[0].sender_key);
    let (_, _, entry) = held_for(&made, &keys[1]).await;
    assert_eq!((&entry["is_verified"], &entry["forwarded_count"]), (&json!(false), &json!(0)));
}

/// An app that got a session's key late uploads it as never forwarded, which servers prefer.
#[tokio::test]
async fn an_apps_own_key_that_opens_less_does_not_take_an_imported_ones_place() {
    let made = MadeAccount::all_right().await;
    let keys = room_keys::make(2, 1);
    // One key is new to the backup, and one opens more than the backup's.
    fill(&made, &[room_keys::at(&keys[1], 9)]).await;
    let mut visit = open(&made.account.homeserver, &made).await;
    let expected = Imported { in_file: 2, new: 1, better: 1, rooms: 1, room_keys: 2, ..Imported::default() };
    assert_eq!(visit.import(&file_of(&keys)).await, [Event::Imported(expected)]);
    let public = made.backup_key.megolm_v1_public_key();
    let late: Vec<_> = keys.iter().map(|key| room_keys::at(key, 5)).collect();
    let mut body = room_keys::encrypt(&public, &late).await;
    for key in &keys {
        let entry = &mut body["rooms"][key.room_id.as_str()]["sessions"][&key.session_id];
        entry["forwarded_count"] = json!(0);
        entry["is_verified"] = json!(false);
    }
    assert_eq!(made.account.ask("PUT", "room_keys/keys?version=1", Some(body)).await.0, 200);
    for key in &keys {
        let (index, bytes, _) = held_for(&made, key).await;
        assert_eq!((index, bytes), (0, key.session_key.to_bytes()));
    }
}

/// A key counts as imported only if the server did not keep another one in its place.
#[tokio::test]
async fn what_the_server_keeps_instead_is_counted_as_unreadable() {
    let made = MadeAccount::all_right().await;
    let keys = room_keys::make(3, 1);
    // Encrypted for another backup, and called verified from the first message on.
    let theirs = BackupDecryptionKey::new().megolm_v1_public_key();
    let mut body = room_keys::encrypt(&theirs, &keys[..1]).await;
    let room = keys[0].room_id.as_str();
    let entry = &mut body["rooms"][room]["sessions"][&keys[0].session_id];
    entry["is_verified"] = json!(true);
    entry["forwarded_count"] = json!(0);
    assert_eq!(made.account.ask("PUT", "room_keys/keys?version=1", Some(body)).await.0, 200);
    let mut visit = open(&made.account.homeserver, &made).await;
    let expected =
        Imported { in_file: 3, new: 2, unreadable: 1, rooms: 1, room_keys: 3, ..Imported::default() };
    assert_eq!(visit.import(&file_of(&keys)).await, [Event::Imported(expected)]);
    assert_eq!(held(&made).await.len(), 2);
}

#[tokio::test]
async fn bad_entries_are_counted_and_spoil_nothing_else() {
    let made = MadeAccount::all_right().await;
    let keys = room_keys::make(3, 2);
    let good: Vec<_> = keys.iter().map(|key| serde_json::to_value(key).unwrap()).collect();
    let with = |field: &str, value: Value| {
        let mut entry = good[0].clone();
        entry[field] = value;
        entry
    };
    let bad = [
        json!(null),
        json!(7),
        json!({}),
        json!([[]]),
        with("session_key", json!("AAAA")),
        with("session_key", json!("")),
        with("session_id", good[1]["session_id"].clone()),
        with("room_id", json!("no room")),
        with("sender_key", json!("short")),
        with("algorithm", json!("m.olm.v1.curve25519-aes-sha2")),
        with("algorithm", json!("org.example.rot13")),
        with("sender_claimed_keys", json!({"ed25519": "short"})),
    ];
    let mut entries = bad.to_vec();
    entries.extend([good[1].clone(), good[2].clone()]);
    // An entry without optional fields, and with an unknown one.
    let mut sparse = good[0].clone();
    sparse.as_object_mut().unwrap().remove("sender_claimed_keys");
    sparse.as_object_mut().unwrap().remove("forwarding_curve25519_key_chain");
    sparse["of the future"] = json!(1);
    entries.push(sparse);
    let mut visit = open(&made.account.homeserver, &made).await;
    let unreadable = bad.len() as u64;
    let expected = Imported {
        in_file: 3 + unreadable,
        new: 3,
        unreadable,
        rooms: 2,
        room_keys: 3,
        ..Imported::default()
    };
    let file = file_saying(&Value::Array(entries).to_string());
    assert_eq!(visit.import(&file).await, [Event::Imported(expected)]);
    assert_eq!(held(&made).await.len(), 3);
}

#[tokio::test]
async fn a_file_that_cannot_be_used_changes_nothing_and_says_why() {
    let made = MadeAccount::all_right().await;
    let mut visit = open(&made.account.homeserver, &made).await;
    let before = made.account.everything().await;
    let file = file_of(&room_keys::make(3, 2));
    let base64 = |bytes: &[u8]| {
        let text = matrix_sdk_crypto::vodozemac::base64_encode(bytes);
        format!("-----BEGIN MEGOLM SESSION DATA-----\n{text}\n-----END MEGOLM SESSION DATA-----")
    };
    let header = |version: u8, rounds: u32| [&[version][..], &[7; 32], &rounds.to_be_bytes()].concat();
    let mut short = header(1, 10);
    short.extend([0; 20]);
    let mut hostile = header(1, u32::MAX);
    hostile.extend([0; 200]);
    let mut newer = header(2, 10);
    newer.extend([0; 200]);
    for (file, error) in [
        (String::new(), KeyFileError::NotAnExport),
        ("EsTc LW2K PGiF wKEA".to_owned(), KeyFileError::NotAnExport),
        (file[..file.len() / 2].to_owned(), KeyFileError::Damaged),
        (base64(&short), KeyFileError::Damaged),
        (file_saying("{\"keys\":[]}"), KeyFileError::Damaged),
        (base64(&hostile), KeyFileError::TooManyRounds { rounds: u32::MAX }),
        (base64(&newer), KeyFileError::UnknownVersion { version: 2 }),
        (file_saying("[]"), KeyFileError::Empty),
    ] {
        let start = std::time::Instant::now();
        assert_eq!(visit.import(&file).await, [Event::Failed(Problem::KeyFile(error))]);
        assert!(start.elapsed().as_secs() < 1);
    }
    visit.send_file(&file).await;
    let wrong = visit.tell(Command::Import { passphrase: Secret::from("another") }).await;
    assert_eq!(wrong, [Event::Failed(Problem::KeyFile(KeyFileError::WrongPassphrase))]);
    assert_eq!(made.account.everything().await, before);

    // The file is still there: only the right passphrase is missing.
    let expected = Imported { in_file: 3, new: 3, rooms: 2, room_keys: 3, ..Imported::default() };
    assert_eq!(visit.import_again().await, [Event::Imported(expected)]);
    assert_eq!(visit.import_again().await, [Event::Failed(Problem::out_of_order())], "it was used up");
}

#[tokio::test]
async fn only_the_backup_that_this_visit_opened_is_written_to() {
    let made = MadeAccount::all_right().await;
    let file = file_of(&room_keys::make(3, 2));
    let (mut visit, _) = Visit::sign_in(&made.account.homeserver, &made.account).await;
    assert_eq!(visit.import(&file).await, [Event::Failed(Problem::out_of_order())]);
    visit.try_key(&made.key).await;
    made.account.create_version(&BackupDecryptionKey::new()).await;
    let before = made.account.everything().await;
    assert_eq!(visit.import(&file).await, [Event::Failed(Problem::BackupReplaced)]);
    assert_eq!(visit.take_home().await.1, Event::Failed(Problem::BackupReplaced));
    assert_eq!(made.account.everything().await, before);
}

#[tokio::test]
async fn a_backup_replaced_in_the_middle_stops_it() {
    let made = MadeAccount::all_right().await;
    let proxy = Proxy::breaking(&made.account.homeserver, 0, Fault::TooLongAWait).await;
    let mut visit = open(&proxy.url, &made).await;
    let file = file_of(&room_keys::make(3, 2));
    let waits = visit.import(&file).await;
    assert!(matches!(waits[..], [Event::Failed(Problem::RateLimited { .. })]), "{waits:?}");
    made.account.create_version(&BackupDecryptionKey::new()).await;
    assert_eq!(visit.import_again().await, [Event::Failed(Problem::BackupReplaced)]);
    assert_eq!(made.account.ask("GET", "room_keys/version/2", None).await.1["count"], 0);
}

#[tokio::test]
async fn a_fault_at_any_upload_is_survived_and_what_is_there_counts_as_new() {
    let keys = room_keys::make(2_500, 5);
    let file = file_of(&keys);
    for fault in [Fault::AnswerLost, Fault::RequestLost, Fault::BadGateway, Fault::TooLongAWait] {
        for (k, sent_again) in [(0, false), (2, true), (2, false)] {
            let made = MadeAccount::all_right().await;
            let proxy = Proxy::breaking(&made.account.homeserver, k, fault).await;
            let mut visit = open(&proxy.url, &made).await;
            let mut events = visit.import(&file).await;
            if let [Event::Failed(problem)] = &events[..] {
                assert!(problem.may_pass(), "{fault:?} at {k}: {problem:?}");
                let uploads = proxy.writes().len();
                events = if sent_again { visit.import(&file).await } else { visit.import_again().await };
                // Keys that were told as being there are not sent again.
                assert!(proxy.writes().len() - uploads <= 3 - k, "{fault:?} at {k}");
            }
            let expected =
                Imported { in_file: 2_500, new: 2_500, rooms: 5, room_keys: 2_500, ..Imported::default() };
            assert_eq!(events, [Event::Imported(expected)], "{fault:?} at {k}");
        }
    }
}

#[tokio::test]
async fn it_can_be_stopped_anywhere_and_goes_on_from_there() {
    let made = MadeAccount::all_right().await;
    let keys = room_keys::make(2_500, 5);
    fill(&made, &keys[..200]).await;
    let file = file_of(&keys);
    let mut visit = open(&made.account.homeserver, &made).await;
    let stop = visit.engine.stop();
    // Stopped at the beginning, and while entries are read, compared, and written.
    for stop_at in [(0, 2_500), (2_400, 2_500), (0, 200), (2_000, 2_300)] {
        visit.send_file(&file).await;
        let events = RefCell::new(Vec::new());
        let tell = |event| {
            let Event::Progress { done, total } = event else { return events.borrow_mut().push(event) };
            assert!(done <= total);
            // A chunk ends where it is full, so the progress need not meet the number exactly.
            if total == stop_at.1 && done >= stop_at.0.min(900) {
                stop.set(true);
            }
        };
        let command = Command::Import { passphrase: Secret::from(PASSPHRASE) };
        visit.engine.handle(command, &tell).await;
        assert_eq!(events.into_inner(), [Event::Stopped], "{stop_at:?}");
    }
    let there = made.account.backup().await.unwrap()["count"].as_u64().unwrap();
    assert!((200 + 900..2_500).contains(&there), "{there}");
    let expected = Imported {
        in_file: 2_500,
        new: 2_300,
        already_there: 200,
        rooms: 5,
        room_keys: 2_500,
        ..Imported::default()
    };
    assert_eq!(visit.import(&file).await, [Event::Imported(expected)]);
}

#[tokio::test]
async fn progress_never_goes_back_within_a_stage() {
    let made = MadeAccount::all_right().await;
    let mut visit = open(&made.account.homeserver, &made).await;
    let keys = room_keys::make(1_500, 5);
    fill(&made, &keys[..300]).await;
    visit.import(&file_of(&keys)).await;
    let progress = |event: &Event| match event {
        Event::Progress { done, total } => Some((*done, *total)),
        _ => None,
    };
    let told: Vec<_> = visit.told.iter().filter_map(progress).collect();
    let ends: Vec<_> = told.iter().filter(|(done, total)| done == total).map(|(done, _)| *done).collect();
    // The stages: read, compared, written, read back.
    assert_eq!(ends, [1_500, 300, 1_200, 1_500]);
    for pair in told.windows(2) {
        assert!(pair[0].0 <= pair[1].0 || pair[0].0 == pair[0].1, "{pair:?}");
    }
}

#[tokio::test]
async fn what_other_clients_export_is_readable_with_the_kept_key_alone() {
    let texts = ["one", "two", "three"];
    for by_js in [true, false] {
        let made = MadeAccount::all_right().await;
        let (file, events) = if by_js {
            exported_by_js_sdk(&made.account, &texts)
        } else {
            exported_by_sdk(&made.account, &texts).await
        };
        let mut visit = open(&made.account.homeserver, &made).await;
        let events_told = visit.import(&file).await;
        assert!(
            matches!(events_told[..], [Event::Imported(Imported { new: 1.., unreadable: 0, .. })]),
            "{events_told:?}"
        );
        for event in events.as_array().unwrap() {
            let report = verify_event(&made.account, &made.key, event);
            assert_eq!(report["ok"], true, "{report:#}");
            assert_eq!(report["event_decrypted"], true);
        }
    }
}

/// Has the verifier look at an account, with one message that must become readable.
fn verify_event(account: &Account, key: &str, event: &Value) -> Value {
    let kept = Kept::KeyAndMessage {
        key,
        room_id: event["roomId"].as_str().unwrap(),
        event_id: event["eventId"].as_str().unwrap(),
        text: event["text"].as_str().unwrap(),
    };
    verify(account, kept)
}
