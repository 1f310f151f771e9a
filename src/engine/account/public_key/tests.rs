//! Tries texts of every length at every place where the text of others reaches the SDK.

use std::{
    cell::Cell,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
};

use matrix_sdk::ruma::{
    OwnedUserId, UInt,
    api::{
        IncomingResponseExt as _,
        client::{backup::get_latest_backup_info, sync::sync_events::v5},
    },
    events::secret::request::SecretName,
    room_id, user_id,
};
use matrix_sdk_crypto::{
    OlmMachine,
    secret_storage::SecretStorageKey,
    store::types::BackupDecryptionKey,
    vodozemac::{
        base64_encode,
        megolm::{GroupSession, SessionConfig},
    },
};
use serde_json::{Value, json, value::to_raw_value};

use super::*;
use crate::{
    domain::secret::Secret,
    engine::{
        account::{
            account_data::AccountData,
            backup::BackupVersion,
            inspect::devices,
            published_identity::{self, identity},
            secret_storage::{Secrets, decrypt, open_undescribed, open_with_key},
        },
        coverage::sessions_of_newest,
        keys::{
            import,
            key_file::Contents,
            room_keys::{BackupKey, RoomKey},
        },
        write::identity::has_public_keys,
    },
};

/// Keys of 32, 33 and 31 bytes; the last two are written with as many characters as a valid key can have.
const KEY: &str = "MT4VbsBYLI4Csewth0ViOt1T2gh5A8iaOWlEjcI6ErQ";
const LONGER: &str = "MT4VbsBYLI4Csewth0ViOt1T2gh5A8iaOWlEjcI6ErQA";
const SHORTER: &str = "MT4VbsBYLI4Csewth0ViOt1T2gh5A8iaOWlEjcI6Eg==";

/// Base64 of 0 to 70 bytes (a signature has 64), with padding and without, and texts that are no base64.
fn texts() -> impl Iterator<Item = String> {
    let padded = |text: &str| [text, &"=".repeat((4 - text.len() % 4) % 4)].concat();
    let of_length = (0..=70).map(|length| base64_encode((0..length).collect::<Vec<u8>>()));
    let odd = [LONGER, SHORTER, "?", "A", "é".repeat(22).as_str(), &"A".repeat(43), &"_".repeat(43)]
        .map(str::to_owned);
    of_length.flat_map(move |text| [padded(&text), text]).chain(odd)
}

fn wait<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(work)
}

/// Calls `look` with every text; fails with the list of those at which it panicked.
fn each(look: impl Fn(&str)) {
    let panicked: Vec<_> =
        texts().filter(|text| catch_unwind(AssertUnwindSafe(|| look(text))).is_err()).collect();
    assert!(panicked.is_empty(), "{panicked:?}");
}

fn ada() -> OwnedUserId {
    user_id!("@ada:hs").to_owned()
}

fn answered(answer: &Value) -> get_keys::v3::Response {
    let answer = answer.to_string();
    get_keys::v3::Response::try_from_http_response(http::Response::new(answer.as_bytes())).unwrap()
}

#[test]
fn a_key_is_read_only_where_it_has_a_keys_length() {
    for text in texts() {
        let has_length = base64_decode(&text).is_ok_and(|bytes| bytes.len() == LENGTH);
        assert_eq!(ed25519_secret(&text).is_some(), has_length, "{text}");
        assert!(ed25519(&text).is_none() || has_length, "{text}");
    }
    assert_eq!(ed25519(KEY).map(|key| key.to_base64()), Some(KEY.to_owned()));
}

#[test]
fn a_room_key_that_claims_what_cannot_be_a_key_is_recognized() {
    let claims = |claimed: Value| are_claimed_in(claimed.to_string().as_bytes());
    assert!(claims(json!({ "sender_claimed_keys": { "ed25519": KEY } })));
    assert!(claims(json!({ "sender_claimed_keys": { "other": LONGER } })));
    assert!(claims(json!({ "session_key": 7 })));
    for key in [LONGER, SHORTER, "", "?"] {
        assert!(!claims(json!({ "sender_claimed_keys": { "ed25519": key } })), "{key}");
    }
    // The claim stands twice, or the room key is an array.
    let twice =
        format!(r#"{{"sender_claimed_keys": {{"ed25519": "{LONGER}"}}, "sender_claimed_keys": {{}}}}"#);
    assert!(!are_claimed_in(twice.as_bytes()));
    assert!(!claims(json!(["m.megolm.v1.aes-sha2", {}])));
}

#[test]
fn what_is_published_and_cannot_be_a_key_is_left_out() {
    let device = |key: &str| json!({ "keys": { "ed25519:D": key, "curve25519:D": KEY } });
    let identity = |key: &str| json!({ "@ada:hs": { "keys": { "ed25519:x": key } }});
    let answer = json!({
        "device_keys": { "@ada:hs": { "A": device(KEY), "B": device(LONGER), "C": device(SHORTER) } },
        "master_keys": identity(KEY),
        "self_signing_keys": identity(LONGER),
        "user_signing_keys": identity(SHORTER),
    });
    let left = readable(answered(&answer)).unwrap();
    let devices: Vec<_> = left.device_keys.values().flat_map(BTreeMap::keys).collect();
    assert_eq!(devices, ["A"]);
    assert_eq!((left.master_keys.len(), left.self_signing_keys.len()), (1, 0));
    assert!(left.user_signing_keys.is_empty());
}

/// An identity taken for none would be replaced by a new one without asking anybody.
#[test]
fn a_published_identity_that_cannot_be_read_is_not_none() {
    for master in [
        json!({ "keys": { "ed25519:x": LONGER } }),
        json!({ "keys": { "ed25519:x": SHORTER } }),
        json!({ "keys": { "ed25519:x": "?" } }),
        json!({ "keys": { "ed25519:x": 7 } }),
        json!({ "keys": [] }),
        json!({}),
        json!("a key"),
        json!(null),
    ] {
        let answer = answered(&json!({ "master_keys": { "@ada:hs": master } }));
        assert!(matches!(readable(answer), Err(Failure::Garbled)), "{master}");
    }
    let none = readable(answered(&json!({ "master_keys": {} }))).unwrap();
    assert!(matches!(identity(&none, &ada()), Ok(None)));
}

#[test]
fn published_keys_of_any_length_stop_nothing() {
    each(|text| {
        let device = json!({
            "user_id": "@ada:hs", "device_id": "PHONE", "algorithms": ["m.olm.v1.curve25519-aes-sha2"],
            "keys": { "ed25519:PHONE": text, "curve25519:PHONE": text },
            "signatures": { "@ada:hs": { "ed25519:PHONE": text } },
        });
        let curve = json!({
            "user_id": "@ada:hs", "device_id": "LAPTOP", "algorithms": [],
            "keys": { "ed25519:LAPTOP": KEY, "curve25519:LAPTOP": text, "other:LAPTOP": text },
            "signatures": { "@ada:hs": { "ed25519:x": text, "other:x": text } },
        });
        let key = |usage: &str, key: &str| {
            json!({ "@ada:hs": {
                "user_id": "@ada:hs", "usage": [usage], "keys": { format!("ed25519:{key}"): key },
                "signatures": { "@ada:hs": { "ed25519:x": text } },
            }})
        };
        let devices_of = json!({ "@ada:hs": { "PHONE": device, "LAPTOP": curve } });
        for masters in [key("master", text), key("master", KEY)] {
            let answer = answered(&json!({
                "device_keys": devices_of, "master_keys": masters,
                "self_signing_keys": key("self_signing", text), "user_signing_keys": key("user_signing", text),
            }));
            let Ok(keys) = readable(answer) else { continue };
            let _ = identity(&keys, &ada());
            devices(&keys, &ada(), "PAGE".into());
            let info = BackupDecryptionKey::from_bytes(&[1; 32]).to_backup_info();
            assert!(!wait(published_identity::is_signed_by_published(&ada(), &keys, &info)));
        }
    });
}

#[test]
fn stored_private_keys_of_any_length_stop_nothing() {
    let published = answered(&json!({}));
    each(|text| {
        for at in 0..3 {
            let key = |place| Some(if place == at { text.to_owned() } else { KEY.to_owned() });
            let export = || CrossSigningKeyExport {
                master_key: key(0),
                self_signing_key: key(1),
                user_signing_key: key(2),
            };
            assert_eq!(has_public_keys(&ada(), &export()), ed25519_secret(text).is_some());
            assert!(!wait(async {
                let machine = OlmMachine::new(&ada(), "PAGE".into()).await;
                published_identity::adopt_identity(&machine, &ada(), &published, export()).await
            }));
        }
        assert_eq!(BackupDecryptionKey::from_base64(text).is_ok(), ed25519_secret(text).is_some());
    });
}

#[test]
fn a_description_and_a_stored_secret_of_any_length_stop_nothing() {
    let key = SecretStorageKey::new();
    let entry = Secret::new(key.to_base58());
    each(|text| {
        let description =
            json!({ "algorithm": "m.secret_storage.v1.aes-hmac-sha2", "iv": text, "mac": text });
        let described = AccountData::of(json!({ "m.secret_storage.key.k": description })).unwrap();
        assert!(open_with_key(&described, "k", &entry).is_none());
        let stored = json!({ "iv": text, "mac": text, "ciphertext": text });
        assert!(decrypt(&key, &stored, &SecretName::RecoveryKey).is_none());
        let data =
            AccountData::of(json!({ "m.megolm_backup.v1": { "encrypted": { "k": stored } } })).unwrap();
        assert!(open_undescribed(&data, &entry).is_none());
        assert!(Secrets::read(&data, "k", &key).is_none());
    });
}

#[test]
fn a_backup_version_of_any_length_stops_nothing() {
    each(|text| {
        let answer = json!({
            "version": text, "etag": text, "count": 1, "algorithm": "m.megolm_backup.v1.curve25519-aes-sha2",
            "auth_data": { "public_key": text, "signatures": { "@ada:hs": { "ed25519:PHONE": text } } },
        });
        let answer = answer.to_string();
        let answer = http::Response::new(answer.as_bytes());
        let answer = get_latest_backup_info::v3::Response::try_from_http_response(answer).unwrap();
        let backup = BackupVersion::read("1", 1, "e", &answer.algorithm);
        let key = BackupDecryptionKey::from_bytes(&[1; 32]);
        assert!(!key.backup_key_matches(&backup.info));
        assert!(!wait(published_identity::is_signed_by_published(
            &ada(),
            &answered(&json!({})),
            &backup.info
        )));
    });
}

#[test]
fn a_room_key_of_any_length_stops_nothing() {
    let session = GroupSession::new(SessionConfig::version_1());
    let exported = matrix_sdk_crypto::vodozemac::megolm::InboundGroupSession::new(
        &session.session_key(),
        SessionConfig::version_1(),
    )
    .export_at(0)
    .unwrap()
    .to_base64();
    let good = json!({
        "algorithm": "m.megolm.v1.aes-sha2", "room_id": "!room:hs", "session_id": session.session_id(),
        "sender_key": KEY, "session_key": exported, "sender_claimed_keys": { "ed25519": KEY },
        "forwarding_curve25519_key_chain": [KEY],
    });
    let backup_key = BackupKey::from(&BackupDecryptionKey::from_bytes(&[1; 32]));
    let opened = |key: &Value| {
        let text = Zeroizing::new(key.to_string().into_bytes());
        RoomKey::new(&session.session_id(), text, UInt::MIN, true)
    };
    assert!(opened(&good).is_some());
    each(|text| {
        for (place, value) in [
            ("/sender_key", json!(text)),
            ("/session_key", json!(text)),
            ("/session_id", json!(text)),
            ("/sender_claimed_keys", json!({ "ed25519": text })),
            ("/sender_claimed_keys", json!({ "curve25519": text })),
            ("/forwarding_curve25519_key_chain", json!([text])),
        ] {
            let mut key = good.clone();
            *key.pointer_mut(place).unwrap() = value;
            if let Some(opened) = opened(&key) {
                drop(opened.export(room_id!("!room:hs").to_owned(), &session.session_id()));
            }
            let file = Contents::of(json!([key]).to_string().into_bytes());
            drop(wait(import::read(&[file], &Cell::new(false), &|_, _| ())));
        }
        let entry = json!({
            "first_message_index": 0, "forwarded_count": 0, "is_verified": false,
            "session_data": { "ephemeral": text, "ciphertext": text, "mac": text },
        });
        assert!(backup_key.open("id", &to_raw_value(&entry).unwrap()).is_none());
    });
}

#[test]
fn a_message_of_any_length_stops_nothing() {
    let good = GroupSession::new(SessionConfig::version_1()).encrypt("hello").to_base64();
    each(|text| {
        for (session_id, ciphertext) in [(text, good.as_str()), (KEY, text)] {
            let content = json!({
                "algorithm": "m.megolm.v1.aes-sha2", "session_id": session_id, "ciphertext": ciphertext,
            });
            let event = json!({ "type": "m.room.encrypted", "sender": "@bob:hs", "content": content });
            let answer = json!({ "pos": "1", "rooms": { "!room:hs": { "timeline": [event] } } });
            let answer = answer.to_string();
            let answer = http::Response::new(answer.as_bytes());
            let answer = v5::Response::try_from_http_response(answer).unwrap();
            let sessions = sessions_of_newest(answer);
            let is_right = ed25519(session_id).is_some() && ciphertext == good;
            assert_eq!(sessions.len(), usize::from(is_right), "{session_id}");
        }
    });
}
