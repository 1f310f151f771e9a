//! Tries what a person kept: the engine tells what it opens, and changes nothing.

use matrix_sdk_crypto::vodozemac::megolm::{GroupSession, SessionConfig};
use matrixbackup::{
    domain::{
        opening::{NotOpened, Opening, StoredBackupKey, StoredIdentity},
        proved::Proved,
        secret::Secret,
    },
    protocol::messages::{Command, Event},
};
use serde_json::json;

use crate::support::{account::Account, visit::Visit};

/// Tries one entry in a visit of its own; trying must change nothing.
async fn tried(account: &Account, entry: &str) -> Opening {
    let before = account.everything().await;
    let (mut visit, _) = Visit::sign_in(&account.homeserver, account).await;
    let events = visit.tell(Command::TryKey { entry: Secret::from(entry) }).await;
    visit.sign_out().await;
    assert_eq!(account.everything().await, before, "trying changes nothing");
    match &events[..] {
        [Event::Looked(_), Event::Tried(opening)] => opening.clone(),
        events => panic!("{events:?}"),
    }
}

const PHRASE: &str = "glass otter fifty moons";

async fn set_up_with_phrase() -> (Account, String) {
    let account = Account::register().await;
    let key = set_up(&account, PHRASE).await;
    (account, key)
}

/// Sets the account up; returns the recovery key.
async fn set_up(account: &Account, phrase: &str) -> String {
    let (mut visit, _) = Visit::sign_in(&account.homeserver, account).await;
    let key = visit.make_key(Some(phrase)).await;
    visit.set_up(&key).await.0.unwrap();
    visit.sign_out().await;
    key.expose().to_owned()
}

#[tokio::test]
async fn what_was_kept_is_tried_and_told_apart_from_everything_else_one_might_enter() {
    let (account, key) = set_up_with_phrase().await;
    for (entry, by_phrase) in [(key.as_str(), false), (PHRASE, true)] {
        let opening = tried(&account, entry).await;
        assert!(opening.is_all_right(), "{opening:?}");
        assert!(matches!(opening, Opening::SecretStorage { by_phrase: found, .. } if found == by_phrase));
    }
    let mistyped = key.replacen(&key[10..12], "11", 1);
    for (entry, why) in [
        (account.password.as_str(), NotOpened::AccountPassword),
        (mistyped.as_str(), NotOpened::Mistyped),
        (&key[..40], NotOpened::Mistyped),
        ("EsTcLW2KPGiFwKEA3As5g5c4BXwkqeeJZJV8Q9fugUMNUE4d", NotOpened::AnotherKey),
        ("glass otter fifty moon", NotOpened::AnotherPhrase),
    ] {
        assert_eq!(tried(&account, entry).await, Opening::Nothing(why), "{entry}");
    }
}

/// Both begin with E and have a digit, as a key with a typing mistake would.
#[tokio::test]
async fn a_phrase_or_a_password_that_looks_like_a_mistyped_key_is_taken_for_what_it_is() {
    let (password, phrase) = ("EuropeanCarp77", "Eight moths over the harbour 88");
    let account = Account::register_with(Some(password)).await;
    set_up(&account, phrase).await;
    assert_eq!(tried(&account, password).await, Opening::Nothing(NotOpened::AccountPassword));
    let opening = tried(&account, phrase).await;
    assert!(opening.is_all_right(), "{opening:?}");
    assert_eq!(
        tried(&account, "Eight moths over the harbour 99").await,
        Opening::Nothing(NotOpened::Mistyped)
    );
}

#[tokio::test]
async fn what_an_opened_secret_storage_lacks_is_named() {
    use StoredIdentity as Identity;
    let (account, key) = set_up_with_phrase().await;
    let key_id = account.account_data("m.secret_storage.default_key").await.unwrap();
    let key_id = key_id["key"].as_str().unwrap().to_owned();
    let proved = |version: &str| Proved {
        key_id: key_id.clone(),
        phrase_opens: false,
        backup_version: version.into(),
        room_keys: 0,
    };
    let expect = async |identity: StoredIdentity, backup: StoredBackupKey| {
        let opening = tried(&account, &key).await;
        let found = opening.found().unwrap();
        assert_eq!((found.identity, &found.backup), (identity, &backup));
        let fits = matches!(backup, StoredBackupKey::Fits { signed: true, .. });
        assert_eq!(opening.is_all_right(), fits && identity == StoredIdentity::Fits);
    };
    let fits = StoredBackupKey::Fits { proved: proved("1"), signed: true };
    expect(Identity::Fits, fits.clone()).await;

    let good = account.account_data("m.megolm_backup.v1").await.unwrap();
    account.set_account_data("m.megolm_backup.v1", json!({})).await;
    expect(Identity::Fits, StoredBackupKey::Missing).await;
    // An entry that is not ours under our key's id: its check fails, so it counts as missing.
    let mut damaged = good.clone();
    damaged["encrypted"][&key_id]["ciphertext"] = json!("AAAA");
    account.set_account_data("m.megolm_backup.v1", damaged).await;
    expect(Identity::Fits, StoredBackupKey::Missing).await;
    account.set_account_data("m.megolm_backup.v1", good.clone()).await;

    // A version that the identity did not sign, with the same public key; then one with another public key.
    let mut version = account.backup().await.unwrap();
    version["auth_data"]["signatures"] = json!({});
    let create = json!({"algorithm": version["algorithm"], "auth_data": version["auth_data"]});
    assert_eq!(account.ask("POST", "room_keys/version", Some(create.clone())).await.0, 200);
    expect(Identity::Fits, StoredBackupKey::Fits { proved: proved("2"), signed: false }).await;
    let mut other = create;
    other["auth_data"]["public_key"] = json!("hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo");
    assert_eq!(account.ask("POST", "room_keys/version", Some(other)).await.0, 200);
    expect(Identity::Fits, StoredBackupKey::Differs { opens_older: true }).await;
    for version in ["1", "2", "3"] {
        assert_eq!(account.ask("DELETE", &format!("room_keys/version/{version}"), None).await.0, 200);
    }
    expect(Identity::Fits, StoredBackupKey::NoBackup).await;

    account.set_account_data("m.cross_signing.user_signing", json!({})).await;
    expect(Identity::Missing, StoredBackupKey::NoBackup).await;
    account.set_account_data("m.secret_storage.default_key", json!({"key": "another"})).await;
    assert!(matches!(tried(&account, &key).await, Opening::OlderSecretStorage { .. }));
}

#[tokio::test]
async fn a_description_nothing_can_be_checked_with_is_not_relied_on() {
    let (account, key) = set_up_with_phrase().await;
    // Nothing lies under the key that could tell it from another.
    for secret in ["m.cross_signing.master", "m.cross_signing.self_signing", "m.cross_signing.user_signing"] {
        account.set_account_data(secret, json!({})).await;
    }
    account.set_account_data("m.megolm_backup.v1", json!({})).await;
    let key_id = account.account_data("m.secret_storage.default_key").await.unwrap()["key"].clone();
    let event_type = format!("m.secret_storage.key.{}", key_id.as_str().unwrap());
    let good = account.account_data(&event_type).await.unwrap();
    for (field, entry) in [("iv", key.as_str()), ("mac", key.as_str()), ("mac", PHRASE)] {
        let mut weak = good.clone();
        weak.as_object_mut().unwrap().remove(field);
        account.set_account_data(&event_type, weak).await;
        assert_eq!(tried(&account, entry).await, Opening::Nothing(NotOpened::Uncheckable), "{field}");
    }
    let mut hostile = good;
    hostile["passphrase"]["iterations"] = json!(4_000_000_000_u32);
    account.set_account_data(&event_type, hostile).await;
    assert_eq!(tried(&account, PHRASE).await, Opening::Nothing(NotOpened::Uncheckable));
    let opening = tried(&account, &key).await;
    assert!(matches!(opening, Opening::SecretStorage { .. }), "the key needs no rounds");
}

#[tokio::test]
async fn a_message_that_a_server_stumbles_over_does_not_keep_a_key_from_being_tried() {
    let (account, key) = set_up_with_phrase().await;
    let (_, room) = account.ask("POST", "createRoom", Some(json!({}))).await;
    let room = room["room_id"].as_str().unwrap();
    for (number, session_id) in [json!(null), json!(".."), json!("a/b")].into_iter().enumerate() {
        let ciphertext = GroupSession::new(SessionConfig::version_1()).encrypt("x").to_base64();
        let content = json!({
            "algorithm": "m.megolm.v1.aes-sha2", "ciphertext": ciphertext, "session_id": session_id,
        });
        let path = format!("rooms/{room}/send/m.room.encrypted/{number}");
        assert_eq!(account.ask("PUT", &path, Some(content)).await.0, 200);
        let (mut visit, _) = Visit::sign_in(&account.homeserver, &account).await;
        assert!(visit.try_key(&key).await.is_all_right());
        visit.sign_out().await;
    }
}
