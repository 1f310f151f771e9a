//! The part of [`crate::fuzzing`] that needs the engine.

mod account;

use std::{cell::Cell, time::Duration};

use matrix_sdk::ruma::{
    UInt,
    api::{IncomingResponseExt as _, client::backup::get_latest_backup_info},
    events::{
        EventContentFromType as _, secret::request::SecretName,
        secret_storage::key::SecretStorageKeyEventContent,
    },
};
use matrix_sdk_crypto::{
    secret_storage::SecretStorageKey, store::types::BackupDecryptionKey, types::RoomKeyBackupInfo,
};
use serde_json::{Value, json, value::to_raw_value};
use zeroize::Zeroizing;

use crate::{
    domain::{
        key_file::KeyFileError,
        line,
        recovery_key::{self, RecoveryKey},
        secret::Secret,
        web_address::WebAddress,
    },
    engine::{
        account::{
            account_data::AccountData,
            backup::{BackupVersion, understood},
            derivation::{Budget, Derivations, MOST_ROUNDS},
            event_types::{DEFAULT_KEY, KEY_PREFIX},
            secret_storage::{
                LEAST_ROUNDS, check_of, open_undescribed, open_with_key, open_with_phrase, require_rounds,
                require_strong,
            },
        },
        keys::{
            import,
            key_file::{Contents, Locked, MOST_ROUNDS as MOST_FILE_ROUNDS, Receiving, Sealing},
            room_keys::{BackupKey, Downloaded, RoomKey, RoomKeys, Standing},
        },
        net::failure::{Failure, Refusal, Repeat},
    },
    fuzzing::require_showable,
};

pub use self::account::account;
pub use crate::engine::coverage::fuzzing::coverage;

/// The key that opens the seeds: 32 bytes of 1.
const KEY: &str = "EsT1 Gyab 8UED Lb3C dHnA JevA r3ng 6Z7c MHqN NWD5 cySd b3Rb";
/// A key that does not: 32 bytes of 2.
const OTHER_KEY: &str = "EsT1 aGpF mZSp iw5C LTp5 y8RP L9Mx bCy8 mZbH Qxq4 YGuz rKzZ";
/// The phrase of the seeds.
const PHRASE: &str = "glass otter, fifty moons";
const KEY_ID: &str = "k";
/// The most rounds that a target derives: more would only slow the fuzzer down.
const FEW_ROUNDS: u64 = 1_000;

/// Reads an entry as a recovery key: everybody reads the same key of it, however it was written.
pub fn recovery_key(data: &[u8]) {
    let entered = Secret::new(String::from_utf8_lossy(data).into_owned());
    let Ok(key) = RecoveryKey::parse(entered.expose()) else { return };
    let text = key.text();
    assert_eq!(text.expose().len(), recovery_key::LENGTH);
    assert!(RecoveryKey::parse(text.expose()).is_ok_and(|again| again == key));
    // The key was not made up: its characters stand in what was entered, in this order.
    let mut there = entered.expose().chars().map(recovery_key::plain);
    assert!(text.expose().chars().all(|c| there.any(|other| other == c)));
    let groups: Vec<_> = recovery_key::in_fours(&text);
    // The SDK reads the same key, and it opens what the engine opens with the entry.
    let theirs = undescribed(text.expose());
    assert!(theirs.is_some(), "the SDK does not read it");
    let Some(theirs) = theirs else { return };
    assert!(theirs.to_base58().split(' ').eq(groups.iter().map(Secret::expose)));
    let check = check_of(&theirs).unwrap_or_default();
    let description =
        json!({ "algorithm": "m.secret_storage.v1.aes-hmac-sha2", "iv": check["iv"], "mac": check["mac"] });
    let described = AccountData::of(json!({ [KEY_PREFIX, KEY_ID].concat(): description }));
    assert!(described.is_some_and(|data| open_with_key(&data, KEY_ID, &entered).is_some()), "described");
    let secret = theirs.encrypt(b"secret".to_vec(), &SecretName::RecoveryKey);
    let account = json!({ "m.megolm_backup.v1": { "encrypted": { KEY_ID: secret } } });
    assert!(AccountData::of(account).is_some_and(|data| open_undescribed(&data, &entered).is_some()));
}

/// Reads a key's description in account data. Nothing is derived with rounds out of range. Nothing is stored under a
/// key that is weak or that the description does not prove.
pub async fn key_description(data: &[u8]) {
    let Ok(description) = serde_json::from_slice::<Value>(data) else { return };
    let (key, other) = (Secret::from(KEY), Secret::from(OTHER_KEY));
    let Some(account) = AccountData::of(json!({
        DEFAULT_KEY: { "key": KEY_ID },
        [KEY_PREFIX, KEY_ID].concat(): description,
    })) else {
        return;
    };
    let opened = open_with_key(&account, KEY_ID, &key);
    // A description proves one key only.
    assert!(opened.is_none() || open_with_key(&account, KEY_ID, &other).is_none());
    let rounds = description.pointer("/passphrase/iterations").and_then(Value::as_u64);
    let may_be_derived = rounds.is_some_and(|rounds| (1..=MOST_ROUNDS).contains(&rounds));
    // More rounds take the same way, only slowly.
    let by_phrase = if may_be_derived && rounds.is_none_or(|rounds| rounds > FEW_ROUNDS) {
        None
    } else {
        let derivations = Derivations::default();
        let budget = Budget::new(&derivations);
        open_with_phrase(&account, KEY_ID, &Secret::from(PHRASE), &budget).await
    };
    assert!(by_phrase.is_none() || may_be_derived, "{rounds:?}");
    // A key as it is found by what it decrypts, without any check.
    let unproved = undescribed(KEY);
    for key in opened.iter().chain(&by_phrase).chain(&unproved) {
        assert_eq!(key.key_id(), KEY_ID);
        let is_strong = match &description["passphrase"] {
            Value::Null => true,
            phrase => phrase["iterations"].as_u64().is_some_and(|rounds| rounds >= LEAST_ROUNDS),
        };
        assert_eq!(require_rounds(&account, key).is_ok(), is_strong);
        let has = |field: &str| description[field].as_str().is_some_and(|text| !text.is_empty());
        assert_eq!(require_strong(&account, key).is_ok(), is_strong && has("iv") && has("mac"));
    }
}

/// Reads an exported file, or the contents of one. Its form is checked before anything is derived, and it may come in
/// any pieces. Every entry is counted once, and what is written is read again.
pub async fn key_file(data: &[u8]) {
    let (whole, pieces) = (received([data]), received(data.chunks(7)));
    assert_eq!(whole.as_ref().err(), pieces.as_ref().err());
    let Ok(locked) = whole else { return entries(data).await };
    assert_eq!(pieces.ok().map(|locked| locked.code()), Some(locked.code()));
    assert!((1..=MOST_FILE_ROUNDS).contains(&locked.rounds()));
    if u64::from(locked.rounds()) <= FEW_ROUNDS
        && let Ok(Some(contents)) = locked.open(&Secret::from(PHRASE), &Cell::new(false)).await
    {
        read(&contents).await;
    }
}

/// Reads what an app may have put into its file.
async fn entries(text: &[u8]) {
    let contents = Contents::of(text.to_vec());
    let Some(entries) = read(&contents).await else { return };
    let phrase = Secret::from(PHRASE);
    let Some(mut sealing) = Sealing::with_rounds(&phrase, 1).await else { return };
    entries.iter().for_each(|entry| sealing.add(entry.as_bytes()));
    let pieces = sealing.finish();
    let locked = received(pieces.iter().map(Vec::as_slice));
    assert!(locked.is_ok(), "{:?}", locked.err());
    let Ok(locked) = locked else { return };
    let other = locked.open(&Secret::from("glass otter, fifty moon"), &Cell::new(false)).await;
    assert!(matches!(other, Ok(None)));
    let opened = locked.open(&phrase, &Cell::new(false)).await.ok().flatten();
    let again = opened.as_ref().and_then(|contents| texts(contents).ok());
    assert_eq!(again, Some(entries));
}

/// Reads the contents of a file as an import does; returns its entries if it is a list at all.
async fn read(contents: &Contents) -> Option<Vec<String>> {
    let entries = texts(contents).ok()?;
    // Each entry is also read as one of a backup.
    let text = |entry: &String| Zeroizing::new(entry.clone().into_bytes());
    entries.iter().for_each(|entry| drop(RoomKey::new("", text(entry), UInt::MIN, true)));
    let read = import::read(std::slice::from_ref(contents), &Cell::new(false), &|_, _| ()).await;
    assert_eq!(read.is_ok(), !entries.is_empty());
    if let Ok((keys, found)) = read {
        assert_eq!(found.in_file, entries.len() as u64);
        assert_eq!(found.in_file, found.new + found.already_there + found.unreadable);
        assert_eq!((keys.len() as u64, keys.rooms() as u64), (found.new, found.rooms));
        for (room_id, session_id, key) in keys.iter() {
            // Each key is exported under its own room and session.
            let out = key.export(room_id.to_owned(), session_id);
            assert!(out.is_some_and(|out| out.session_id == session_id && out.room_id == room_id));
        }
    }
    Some(entries)
}

fn texts(contents: &Contents) -> Result<Vec<String>, KeyFileError> {
    Ok(contents.entries()?.iter().map(|entry| entry.get().to_owned()).collect())
}

/// The first export in a file.
fn received<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Result<Locked, KeyFileError> {
    let mut file = Receiving::default();
    pieces.into_iter().for_each(|piece| file.add(piece));
    file.finish()?.into_iter().next().ok_or(KeyFileError::NotAnExport)
}

/// Reads a backup version. One of another algorithm is never taken for ours, and in ours only fields of the
/// specification are signed.
pub fn version(data: &[u8]) {
    let response = http::Response::new(data);
    let Ok(response) = get_latest_backup_info::v3::Response::try_from_http_response(response) else { return };
    let count = response.count.into();
    let backup = BackupVersion::read(&response.version, count, &response.etag, &response.algorithm);
    for text in [&backup.facts.version, &backup.facts.etag] {
        assert_eq!(*text, line::cut(text, 100));
    }
    assert!(!backup.facts.signed);
    assert_eq!(
        backup.facts.usable,
        matches!(backup.info, RoomKeyBackupInfo::MegolmBackupV1Curve25519AesSha2(_))
    );
    let is_ours = matches!(backup.info, RoomKeyBackupInfo::MegolmBackupV1Curve25519AesSha2(_));
    let said = serde_json::to_value(&backup.info).unwrap_or_default();
    assert_eq!(is_ours, said["algorithm"] == "m.megolm_backup.v1.curve25519-aes-sha2");
    let is_opened = BackupDecryptionKey::from_bytes(&[1; 32]).backup_key_matches(&backup.info);
    assert!(is_ours || !is_opened);
    let understood = understood(&backup.info);
    assert_eq!(understood.is_ok(), is_ours);
    let Ok(signed) = understood.and_then(|info| serde_json::to_value(info).map_err(|_| Failure::Garbled))
    else {
        return;
    };
    assert_eq!(signed["auth_data"]["public_key"], said["auth_data"]["public_key"]);
    for (name, value) in signed["auth_data"].as_object().into_iter().flatten() {
        let known = ["public_key", "private_key_salt", "private_key_iterations", "private_key_bits"];
        let is_plain = known.contains(&name.as_str()) && !value.is_object() && !value.is_array();
        assert!(is_plain || name == "signatures", "{name}");
    }
}

/// Reads the body of a server's "no": what is kept of it fits a line, and waits are short.
pub fn error_body(data: &[u8]) {
    for status in [301, 400, 401, 403, 404, 413, 429, 500, 502, 599] {
        let refusal = Refusal::read(status, data);
        assert_eq!(refusal.status, status);
        assert_eq!(refusal.errcode, line::cut(&refusal.errcode, 100));
        assert_eq!(refusal.error, line::cut(&refusal.error, 100));
        assert!(refusal.challenge.is_none() || status == 401);
        if let Some(challenge) = &refusal.challenge {
            let stages = challenge.flows.iter().flatten();
            assert!(challenge.flows.len() <= 16 && challenge.flows.iter().all(|flow| flow.len() <= 8));
            assert!(challenge.completed.len() <= 8);
            stages.chain(&challenge.completed).for_each(|stage| assert_eq!(*stage, line::cut(stage, 100)));
            let is_safe = |page: &WebAddress| WebAddress::of_server(page.as_str()).as_ref() == Some(page);
            assert!(challenge.pages.iter().all(|(_, page)| is_safe(page)));
            // The session goes back as it came.
            let body: Value = serde_json::from_slice(data).unwrap_or_default();
            let session = challenge.session.as_deref();
            assert!(session.is_none_or(|session| session.len() <= 1_024 && body["session"] == session));
        }
        let failure = Failure::Refused(refusal);
        for repeat in [Repeat::Safe, Repeat::SafeButShowWaits, Repeat::Unsafe] {
            let wait = failure.wait_before_next(repeat, Duration::from_secs(1));
            assert!(wait.is_none_or(|wait| wait <= Duration::from_secs(10)), "{wait:?}");
            // A request that the server may have carried out is not repeated.
            assert!(wait.is_none() || repeat != Repeat::Unsafe || status == 429);
        }
        require_showable(failure.into());
    }
}

/// Reads all keys of a version: each is opened or counted, and an opened one is the same under another key.
pub async fn room_keys(data: &[u8]) {
    let [key, other] = [1, 2].map(|byte| BackupKey::from(&BackupDecryptionKey::from_bytes(&[byte; 32])));
    let stop = Cell::new(false);
    let total = Cell::new(0);
    let (mut keys, mut again) = (RoomKeys::default(), RoomKeys::default());
    let downloaded = Downloaded::new(data.to_vec());
    let Ok(reading) = keys.open(&downloaded, &key, &stop, &|_, all| total.set(all)).await else { return };
    // The entries of a malformed room are counted.
    assert!(reading.keys <= total.get() as u64 && reading.keys + reading.unreadable >= total.get() as u64);
    assert!(reading.gained + reading.conflicting <= reading.keys && reading.gained >= keys.len() as u64);
    assert!(keys.rooms() as u64 == reading.rooms);
    let mut rooms = json!({});
    for (room_id, session_id, room_key) in keys.iter() {
        let sealed = other.seal(room_key).and_then(|sealed| serde_json::to_value(sealed).ok());
        assert!(sealed.is_some());
        rooms[room_id.as_str()]["sessions"][session_id] = sealed.unwrap_or_default();
    }
    let downloaded = Downloaded::new(json!({ "rooms": rooms }).to_string().into_bytes());
    let moved = again.open(&downloaded, &other, &stop, &|_, _| ()).await;
    assert!(moved.is_ok_and(|moved| moved.keys == keys.len() as u64 && moved.unreadable == 0));
    for (room_id, session_id, room_key) in keys.iter() {
        let moved = again.get(room_id, session_id);
        // What is written is whole, however the entry was, and stays as it is.
        assert!(moved.is_some_and(|moved| moved.says_the_same_as(room_key) && moved.was_whole()));
    }
    let sifted = keys.sift(&downloaded, &other, &stop, &|_, _| ()).await;
    assert!(
        sifted.is_ok_and(|sifted| sifted
            .iter()
            .filter(|(_, _, standing)| *standing == Standing::Known)
            .count()
            == keys.len())
    );
}

/// Reads a text as a key, without any check.
fn undescribed(text: &str) -> Option<SecretStorageKey> {
    let raw = to_raw_value(&json!({ "algorithm": "m.secret_storage.v1.aes-hmac-sha2" })).ok()?;
    let content = SecretStorageKeyEventContent::from_parts(&[KEY_PREFIX, KEY_ID].concat(), &raw).ok()?;
    SecretStorageKey::from_account_data(text, content).ok()
}
