//! Mends in place: what the key reaches is put right, and nothing else is changed.

use matrixbackup::{
    domain::{
        account::Place,
        diagnosis::{Diagnosis, KeyKnown, Known, diagnose},
        opening::{Opening, StoredBackupKey, StoredIdentity},
        plan::{Action, Task},
        problem::Problem,
    },
    protocol::messages::Event,
};
use serde_json::{Value, json};

use crate::support::{
    account::Account,
    made::MadeAccount,
    verifier::{Kept, verify_all_right},
    visit::{Visit, tasks_in},
};

/// Opens with the key, orders the repair, and returns its tasks and what the key opens then.
async fn repair(account: &Account, key: &str) -> (Vec<Task>, Opening) {
    let (mut visit, _) = Visit::sign_in(&account.homeserver, account).await;
    visit.try_key(key).await;
    let events = visit.write(Action::Repair, None).await;
    visit.sign_out().await;
    match events.last() {
        Some(Event::Tried(opening)) => (tasks_in(&events), opening.clone()),
        _ => panic!("{events:?}"),
    }
}

async fn unsign(account: &Account) -> Value {
    let mut version = account.backup().await.unwrap();
    version["auth_data"]["signatures"] = json!({});
    let path = format!("room_keys/version/{}", version["version"].as_str().unwrap());
    let body = json!({"algorithm": version["algorithm"], "auth_data": version["auth_data"], "version": version["version"]});
    assert_eq!(account.ask("PUT", &path, Some(body)).await.0, 200);
    version
}

#[tokio::test]
async fn an_unsigned_backup_is_signed_in_place() {
    let MadeAccount { account, key, .. } = MadeAccount::all_right().await;
    let before = unsign(&account).await;
    let (tasks, opening) = repair(&account, &key).await;
    assert_eq!(tasks, [Task::CheckUnchanged, Task::SignBackup, Task::TryAsStranger]);
    assert!(opening.is_all_right(), "{opening:?}");
    let after = account.backup().await.unwrap();
    for same in ["version", "count", "algorithm"] {
        assert_eq!(after[same], before[same]);
    }
    assert_eq!(after["auth_data"]["public_key"], before["auth_data"]["public_key"]);
    let signatures = after["auth_data"]["signatures"][&account.user_id].as_object().unwrap();
    assert_eq!(signatures.len(), 1, "the identity's alone: {signatures:?}");
    verify_all_right(&account, Kept::Key(&key));
}

#[tokio::test]
async fn a_backup_key_that_was_entered_on_its_own_is_stored() {
    for stored in [json!({}), json!("damaged"), json!("another")] {
        let MadeAccount { account, key, backup_key } = MadeAccount::all_right().await;
        let opened = MadeAccount::open(&account, &key).await;
        if stored == "damaged" {
            account.store_secret(&opened, "m.megolm_backup.v1", "not a key").await;
        } else if stored == "another" {
            let another = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
            account.store_secret(&opened, "m.megolm_backup.v1", another).await;
        } else {
            account.set_account_data("m.megolm_backup.v1", json!({})).await;
        }
        let before = account.account_data("m.megolm_backup.v1").await.unwrap();
        let (mut visit, _) = Visit::sign_in(&account.homeserver, &account).await;
        let opening = visit.try_key(&key).await;
        assert!(!opening.is_all_right(), "{stored}");
        let direct = visit.try_key(&backup_key.to_base58()).await;
        assert_eq!(direct, Opening::BackupDirectly { room_keys: 0, by_phrase: false });
        let opening = visit.try_key(&key).await;
        assert!(opening.found().unwrap().loose_backup_key, "{opening:?}");
        let events = visit.write(Action::Repair, None).await;
        assert_eq!(
            tasks_in(&events),
            [Task::CheckUnchanged, Task::StoreBackupKey, Task::SignBackup, Task::TryAsStranger]
        );
        let Some(Event::Tried(opening)) = events.last() else { panic!("{events:?}") };
        assert!(opening.is_all_right(), "{stored}: {opening:?}");
        let archive = account.archives().await;
        if before == json!({}) {
            assert!(archive.is_empty(), "{archive:?}");
        } else {
            let expected = json!({"m.megolm_backup.v1": before, "came_from": "1"});
            assert_eq!(archive, [expected], "what stood there was put aside");
        }
        verify_all_right(&account, Kept::Key(&key));
    }
}

#[tokio::test]
async fn an_identity_that_was_never_published_is_published_from_the_stored_keys() {
    let (account, key) = MadeAccount::unpublished().await;
    let (mut visit, facts) = Visit::sign_in(&account.homeserver, &account).await;
    assert_eq!(diagnose(&facts, &Known::default()), Diagnosis::IdentityUnpublished);
    let opening = visit.try_key(&key).await;
    assert_eq!(opening.found().unwrap().identity, StoredIdentity::Unpublished);
    visit.sign_out().await;
    let (tasks, opening) = repair(&account, &key).await;
    assert_eq!(tasks, [Task::CheckUnchanged, Task::PublishIdentity, Task::SignBackup, Task::TryAsStranger]);
    assert!(opening.is_all_right(), "{opening:?}");
    verify_all_right(&account, Kept::Key(&key));
}

#[tokio::test]
async fn switched_off_is_switched_on_only_when_ordered() {
    let MadeAccount { account, key, .. } = MadeAccount::all_right().await;
    account.set_account_data("m.key_backup", json!({"enabled": false})).await;
    account.set_account_data("m.org.matrix.custom.backup_disabled", json!({"disabled": true})).await;
    let (mut visit, facts) = Visit::sign_in(&account.homeserver, &account).await;
    assert_eq!(diagnose(&facts, &Known::default()), Diagnosis::SwitchedOff);
    let opening = visit.try_key(&key).await;
    let known = Known { key: KeyKnown::Tried(opening), wants_backup: true, ..Known::default() };
    assert_eq!(diagnose(&facts, &known), Diagnosis::SwitchedOff);
    visit.sign_out().await;
    assert_eq!(account.account_data("m.key_backup").await, Some(json!({"enabled": false})));
    let (tasks, _) = repair(&account, &key).await;
    assert_eq!(tasks, [Task::CheckUnchanged, Task::Announce, Task::TryAsStranger]);
    let (mut visit, facts) = Visit::sign_in(&account.homeserver, &account).await;
    assert!(!facts.backup_switched_off);
    visit.sign_out().await;
}

#[tokio::test]
async fn nothing_is_mended_without_the_key_or_after_somebody_else_wrote() {
    let MadeAccount { account, key, .. } = MadeAccount::all_right().await;
    unsign(&account).await;
    let (mut visit, facts) = Visit::sign_in(&account.homeserver, &account).await;
    assert_eq!((facts.identity_keys, facts.backup_key), (Place::UnderDefault, Place::UnderDefault));
    assert!(!facts.backup.unwrap().signed);
    assert_eq!(visit.write(Action::Repair, None).await, [Event::Failed(Problem::KeyNotProved)]);
    let opening = visit.try_key(&key).await;
    assert!(matches!(opening.found().unwrap().backup, StoredBackupKey::Fits { signed: false, .. }));
    // Another backup replaces the one that was to be signed.
    let mut theirs = account.backup().await.unwrap();
    theirs["auth_data"]["public_key"] = json!("hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo");
    let create = json!({"algorithm": theirs["algorithm"], "auth_data": theirs["auth_data"]});
    assert_eq!(account.ask("POST", "room_keys/version", Some(create)).await.0, 200);
    let before = account.everything().await;
    assert_eq!(visit.write(Action::Repair, None).await, [Event::Failed(Problem::SomeoneElseIsWriting)]);
    assert_eq!(account.everything().await, before);
}

/// If a server adds the right fields beside the backup's public key, the master key would sign a self-signing key.
#[tokio::test]
async fn the_identity_never_signs_what_a_server_has_added() {
    let MadeAccount { account, key, .. } = MadeAccount::all_right().await;
    let mut version = unsign(&account).await;
    let theirs = "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo";
    let mut auth_data = version["auth_data"].take();
    auth_data["private_key_iterations"] = json!(500_000);
    auth_data["user_id"] = json!(account.user_id);
    auth_data["usage"] = json!(["self_signing"]);
    auth_data["keys"] = json!({ format!("ed25519:{theirs}"): theirs });
    let body = json!({"algorithm": version["algorithm"], "auth_data": auth_data, "version": "1"});
    assert_eq!(account.ask("PUT", "room_keys/version/1", Some(body)).await.0, 200);
    let (_, opening) = repair(&account, &key).await;
    assert!(opening.is_all_right(), "{opening:?}");
    let signed = account.backup().await.unwrap()["auth_data"].clone();
    let fields: Vec<_> = signed.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(fields, ["private_key_iterations", "public_key", "signatures"]);
    verify_all_right(&account, Kept::Key(&key));
}
