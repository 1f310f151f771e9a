//! Replaces the recovery key, under which the same secrets are stored.

use matrix_sdk_crypto::store::types::BackupDecryptionKey;
use matrixbackup::{
    domain::{
        opening::Opening,
        plan::{Action, Task},
        problem::Problem,
        secret::Secret,
    },
    protocol::messages::Event,
};
use serde_json::{Value, json};

use crate::support::{
    account::Account,
    made::MadeAccount,
    proxy::{Fault, Proxy},
    verifier::{Kept, verify_all_right},
    visit::{Visit, tasks_in},
};

/// Opens with the old key, makes a new one and orders the change.
async fn change(
    url: &str,
    account: &Account,
    old: &str,
    phrase: Option<&str>,
) -> (Visit, Secret, Vec<Event>) {
    let (mut visit, _) = Visit::sign_in(url, account).await;
    visit.try_key(old).await;
    let new = visit.make_key(phrase).await;
    let events = visit.write(Action::ChangeKey, Some(&new)).await;
    (visit, new, events)
}

#[tokio::test]
async fn the_new_key_opens_everything_and_the_old_one_nothing() {
    let MadeAccount { account, key: old, .. } = MadeAccount::all_right().await;
    // A secret that this page does not know, and one under another client's key.
    let old_key = MadeAccount::open(&account, &old).await;
    account.store_secret(&old_key, "org.example.unknown", "something of another app").await;
    account.store_secret(&old_key, "org.matrix.msc3814", "the dehydrated device's key").await;
    let theirs = json!({"iv": "a", "ciphertext": "b", "mac": "c"});
    account.add_entry("m.cross_signing.master", "theirs", theirs.clone()).await;
    let before = account.everything().await;

    let phrase = "glass otter fifty moons";
    let (mut visit, new, events) = change(&account.homeserver, &account, &old, Some(phrase)).await;
    use Task::*;
    let expected = [CheckUnchanged, StoreSecrets, ReadBack, Commit, TryAsStranger, RetireOldKey];
    assert_eq!(tasks_in(&events), expected);
    let Some(Event::Tried(opening)) = events.last() else { panic!("{events:?}") };
    assert!(opening.is_all_right(), "{opening:?}");
    assert!(matches!(visit.try_key(&old).await, Opening::Nothing(_)));
    visit.sign_out().await;

    verify_all_right(&account, Kept::Key(new.expose()));
    verify_all_right(&account, Kept::Phrase(phrase));
    let new_key = MadeAccount::open(&account, new.expose()).await;
    for (name, secret) in [
        ("org.example.unknown", "something of another app"),
        ("org.matrix.msc3814", "the dehydrated device's key"),
    ] {
        assert_eq!(account.secret(&new_key, name).await.as_deref(), Some(secret));
    }
    let after = account.everything().await;
    assert_eq!(after["backup"], before["backup"]);
    assert_eq!(after["master_key"], before["master_key"]);
    let master = account.account_data("m.cross_signing.master").await.unwrap();
    assert_eq!(master["encrypted"]["theirs"], theirs, "what the old key did not open stays");
    assert_eq!(master["encrypted"].as_object().unwrap().len(), 2, "the old key's entry is gone");
}

#[tokio::test]
async fn a_change_of_key_needs_the_old_key_and_the_shown_new_one() {
    let MadeAccount { account, key: old, .. } = MadeAccount::all_right().await;
    let before = account.everything().await;
    let (mut visit, _) = Visit::sign_in(&account.homeserver, &account).await;
    let new = visit.make_key(None).await;
    let events = visit.write(Action::ChangeKey, Some(&new)).await;
    assert_eq!(events, [Event::Failed(Problem::SomeoneElseIsWriting)], "the old key was not entered");
    visit.try_key(&old).await;
    let new = visit.make_key(None).await;
    let events = visit.write(Action::ChangeKey, Some(&Secret::from(old.as_str()))).await;
    assert_eq!(events, [Event::Failed(Problem::KeyNotProved)], "the new key was not shown");
    assert_eq!(account.everything().await, before);
    let events = visit.write(Action::ChangeKey, Some(&new)).await;
    assert!(matches!(events.last(), Some(Event::Tried(_))), "{events:?}");
}

#[tokio::test]
async fn another_client_that_changes_the_key_meanwhile_stops_the_change() {
    let MadeAccount { account, key: old, .. } = MadeAccount::all_right().await;
    let (mut visit, _) = Visit::sign_in(&account.homeserver, &account).await;
    visit.try_key(&old).await;
    let new = visit.make_key(None).await;
    account.set_account_data("m.secret_storage.default_key", json!({"key": "theirs"})).await;
    let before = account.everything().await;
    let events = visit.write(Action::ChangeKey, Some(&new)).await;
    assert_eq!(events, [Event::Failed(Problem::SomeoneElseIsWriting)]);
    assert_eq!(account.everything().await, before);
}

/// The writes of a change: five stored events, the commit, four entries and a description that are removed.
const WRITES: usize = 11;

#[tokio::test]
async fn a_passing_fault_at_any_write_is_survived() {
    for fault in [Fault::AnswerLost, Fault::ServerError] {
        for k in 0..WRITES {
            let MadeAccount { account, key: old, .. } = MadeAccount::all_right().await;
            let proxy = Proxy::breaking(&account.homeserver, k, fault).await;
            let (mut visit, new, mut events) = change(&proxy.url, &account, &old, None).await;
            if let Some(Event::Failed(problem)) = events.last() {
                assert!(problem.may_pass(), "{fault:?} at {k}: {problem:?}");
                events = visit.write(Action::ChangeKey, Some(&new)).await;
            }
            let Some(Event::Tried(opening)) = events.last() else { panic!("{fault:?} at {k}: {events:?}") };
            assert!(opening.is_all_right(), "{fault:?} at {k}");
            assert!(matches!(visit.try_key(&old).await, Opening::Nothing(_)), "{fault:?} at {k}");
        }
    }
}

#[tokio::test]
async fn a_tab_closed_at_any_write_leaves_a_key_that_opens_everything() {
    for k in 0..WRITES {
        let MadeAccount { account, key: old, .. } = MadeAccount::all_right().await;
        let proxy = Proxy::breaking(&account.homeserver, k, Fault::ClosedAfter).await;
        let (_, new, _) = change(&proxy.url, &account, &old, None).await;
        let (mut visit, _) = Visit::sign_in(&account.homeserver, &account).await;
        let opens = [visit.try_key(&old).await, visit.try_key(new.expose()).await];
        assert!(opens.iter().any(Opening::is_all_right), "after write {k}: {opens:?}");
        // The change can be made again, from the key that opens everything.
        let key = if opens[0].is_all_right() { old.clone() } else { new.expose().to_owned() };
        visit.try_key(&key).await;
        let newest = visit.make_key(None).await;
        let events = visit.write(Action::ChangeKey, Some(&newest)).await;
        assert!(matches!(events.last(), Some(Event::Tried(opening)) if opening.is_all_right()), "{events:?}");
        if k % 5 == 0 {
            verify_all_right(&account, Kept::Key(newest.expose()));
        }
    }
}

#[tokio::test]
async fn secrets_under_another_key_than_the_default_move_to_a_new_one() {
    let MadeAccount { account, key, .. } = MadeAccount::all_right().await;
    let other = Account::describe_new_key();
    account.set_account_data(&format!("m.secret_storage.key.{}", other.key_id()), other.event()).await;
    account.set_account_data("m.secret_storage.default_key", json!({"key": other.key_id()})).await;
    let (mut visit, _) = Visit::sign_in(&account.homeserver, &account).await;
    let opening = visit.try_key(&key).await;
    assert!(matches!(&opening, Opening::OlderSecretStorage { found } if found.is_all_right()), "{opening:?}");
    let new = visit.make_key(None).await;
    let events = visit.write(Action::ChangeKey, Some(&new)).await;
    assert!(matches!(events.last(), Some(Event::Tried(opening)) if opening.is_all_right()), "{events:?}");
    verify_all_right(&account, Kept::Key(new.expose()));
    let description = account.account_data(&format!("m.secret_storage.key.{}", other.key_id())).await;
    assert_ne!(description, Some(Value::Object(serde_json::Map::new())), "theirs stays described");
}

#[tokio::test]
async fn what_was_put_aside_moves_to_the_new_key_as_well() {
    let MadeAccount { account, key: old, backup_key } = MadeAccount::all_right().await;
    let opened = MadeAccount::open(&account, &old).await;
    let another = BackupDecryptionKey::new().to_base64();
    account.store_secret(&opened, "m.megolm_backup.v1", &another).await;
    let (mut visit, _) = Visit::sign_in(&account.homeserver, &account).await;
    visit.try_key(&backup_key.to_base58()).await;
    visit.try_key(&old).await;
    visit.write(Action::Repair, None).await;
    assert_eq!(account.archives().await.len(), 1);
    let new = visit.make_key(None).await;
    let events = visit.write(Action::ChangeKey, Some(&new)).await;
    assert!(matches!(events.last(), Some(Event::Tried(opening)) if opening.is_all_right()), "{events:?}");
    let new_key = MadeAccount::open(&account, new.expose()).await;
    let archives = account.archives().await;
    let entries = archives[0]["m.megolm_backup.v1"]["encrypted"].as_object().unwrap();
    assert_eq!(entries.keys().collect::<Vec<_>>(), [new_key.key_id()]);
    assert_eq!(new_key.decrypt("m.megolm_backup.v1", &entries[new_key.key_id()]).as_deref(), Some(&*another));
}

/// A room member sends a message that the server cannot be asked about, and the connection fails at the very end.
#[tokio::test]
async fn a_finished_change_is_never_called_unfinished() {
    let MadeAccount { account, key: old, .. } = MadeAccount::all_right().await;
    let proxy = Proxy::breaking(&account.homeserver, WRITES - 1, Fault::ClosedAfter).await;
    let (mut visit, _) = Visit::sign_in(&proxy.url, &account).await;
    visit.try_key(&old).await;
    let new = visit.make_key(None).await;
    for _ in 0..2 {
        let events = visit.write(Action::ChangeKey, Some(&new)).await;
        assert!(matches!(events.last(), Some(Event::Failed(Problem::Passing { .. }))), "{events:?}");
    }
    let (mut visit, _) = Visit::sign_in(&account.homeserver, &account).await;
    assert!(visit.try_key(new.expose()).await.is_all_right());
}
