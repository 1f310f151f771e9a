//! Key files that are damaged, or made to do harm. Unit tests refuse files above the size limit and endless lists:
//! `src/engine/keys/key_file/tests.rs`.

use std::time::{Duration, Instant};

use matrix_sdk_crypto::vodozemac::{base64_decode, base64_encode};
use matrixbackup::{
    domain::{
        key_file::{Imported, KeyFileError},
        problem::Problem,
    },
    protocol::messages::Event,
};
use serde_json::json;

use crate::support::{
    hostile_homeserver::{Answer, HostileHomeserver},
    key_files::{file_of, file_saying},
    made::MadeAccount,
    room_keys,
    visit::Visit,
};

const BEGIN: &str = "-----BEGIN MEGOLM SESSION DATA-----";
const END: &str = "-----END MEGOLM SESSION DATA-----";

/// Begins a visit that has opened the account's backup.
async fn open(made: &MadeAccount) -> (HostileHomeserver, Visit) {
    let server = HostileHomeserver::before(&made.account.homeserver, |_| Answer::Pass).await;
    let (mut visit, _) = Visit::sign_in(&server.url, &made.account).await;
    assert!(visit.try_key(&made.key).await.is_all_right());
    (server, visit)
}

fn failed(error: KeyFileError) -> [Event; 1] {
    [Event::Failed(Problem::KeyFile(error))]
}

#[tokio::test]
async fn a_file_that_is_cut_anywhere_or_changed_anywhere_changes_nothing() {
    let made = MadeAccount::all_right().await;
    let (server, mut visit) = open(&made).await;
    let file = file_of(&room_keys::make(2, 1));
    let end = file.find(END).unwrap();
    for length in (0..file.len()).filter(|length| *length < end + END.len()) {
        let expected = if length < BEGIN.len() { KeyFileError::NotAnExport } else { KeyFileError::Damaged };
        assert_eq!(visit.import(&file[..length]).await, failed(expected), "{length}");
    }
    let text: String = file[BEGIN.len()..end].split_whitespace().collect();
    let payload = base64_decode(text).unwrap();
    // The HMAC covers salt, initialization vector, rounds, text and itself: a change of any byte is noticed.
    for at in (1..payload.len()).filter(|at| !(33..36).contains(at)).step_by(7).chain([payload.len() - 1]) {
        let mut changed = payload.clone();
        changed[at] ^= 1;
        let changed = format!("{BEGIN}\n{}\n{END}\n", base64_encode(changed));
        assert_eq!(visit.import(&changed).await, failed(KeyFileError::WrongPassphrase), "{at}");
    }
    assert!(server.writes().is_empty());
}

#[tokio::test]
async fn rounds_without_end_are_refused_before_anything_is_derived() {
    let made = MadeAccount::all_right().await;
    let (server, mut visit) = open(&made).await;
    let file = |rounds: u32| {
        let bytes = [&[1][..], &[7; 32], &rounds.to_be_bytes(), &[0; 64]].concat();
        format!("{BEGIN}\n{}\n{END}\n", base64_encode(bytes))
    };
    for (rounds, error) in [
        (u32::MAX, KeyFileError::TooManyRounds { rounds: u32::MAX }),
        (10_000_001, KeyFileError::TooManyRounds { rounds: 10_000_001 }),
        (0, KeyFileError::Damaged),
        (1, KeyFileError::WrongPassphrase),
    ] {
        let begin = Instant::now();
        assert_eq!(visit.import(&file(rounds)).await, failed(error), "{rounds}");
        assert!(begin.elapsed() < Duration::from_secs(1), "{rounds}: {:?}", begin.elapsed());
    }
    assert!(server.writes().is_empty());
}

#[tokio::test]
async fn entries_that_are_bombs_are_counted_and_spoil_no_other() {
    let made = MadeAccount::all_right().await;
    let (_, mut visit) = open(&made).await;
    let keys = room_keys::make(2, 1);
    let good = serde_json::to_string(&keys[0]).unwrap();
    let deep = |open: &str, close: &str| format!("{}0{}", open.repeat(20_000), close.repeat(20_000));
    let with = |field: &str, value: &str| {
        let mut entry = serde_json::to_value(&keys[1]).unwrap();
        entry[field] = json!("HERE");
        entry.to_string().replace("\"HERE\"", value)
    };
    let huge = format!("\"{}\"", "A".repeat(200_000));
    let bad = [
        deep("[", "]"),
        deep("{\"a\":", "}"),
        with("session_key", &huge),
        with("session_id", &huge),
        with("room_id", &huge),
        with("sender_claimed_keys", &deep("{\"ed25519\":", "}")),
        with("forwarding_curve25519_key_chain", &deep("[", "]")),
        with("session_key", "1e999"),
        with("session_id", "\"\\ud800\""),
        with("algorithm", "null"),
        // The same field comes twice.
        good.replacen('{', "{\"session_id\":\"another\",", 1),
    ];
    let mut entries = bad.to_vec();
    // An unknown field does no harm, however deep it is nested.
    entries.push(good.replacen('{', &format!("{{\"of the future\":{},", deep("[", "]")), 1));
    let file = file_saying(&format!("[{}]", entries.join(",")));
    let begin = Instant::now();
    let events = visit.import(&file).await;
    assert!(begin.elapsed() < Duration::from_secs(30), "{:?}", begin.elapsed());
    let unreadable = bad.len() as u64;
    let expected = Imported {
        in_file: unreadable + 1,
        new: 1,
        unreadable,
        rooms: 1,
        room_keys: 1,
        ..Imported::default()
    };
    assert_eq!(events, [Event::Imported(expected)]);
}
