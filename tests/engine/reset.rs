//! Makes a new identity for an account whose old one nobody holds any more.

use matrix_sdk_crypto::store::types::BackupDecryptionKey;
use matrixbackup::{
    domain::{
        diagnosis::{Diagnosis, KeyKnown, Known, diagnose},
        opening::StoredIdentity,
        plan::{Action, Task},
        problem::Problem,
        proof::Last,
        secret::Secret,
    },
    protocol::messages::{Command, Event},
};
use serde_json::json;

use crate::support::{
    account::Account,
    made::MadeAccount,
    proxy::{Fault, Proxy},
    room_keys,
    verifier::{Kept, verify_all_right},
    visit::{Visit, outcome, password_wanted, tasks_in},
};

/// Makes an identity whose private keys are stored nowhere, and a backup that nobody opens.
async fn orphaned() -> Account {
    let MadeAccount { account, .. } = MadeAccount::all_right().await;
    for secret in ["master", "self_signing", "user_signing"] {
        account.set_account_data(&format!("m.cross_signing.{secret}"), json!({})).await;
    }
    account
}

#[tokio::test]
async fn a_new_identity_takes_the_place_of_an_orphaned_one_after_the_password() {
    let account = orphaned().await;
    let old_secret = account.account_data("m.megolm_backup.v1").await.unwrap();
    let before = account.everything().await;
    let (mut visit, facts) = Visit::sign_in(&account.homeserver, &account).await;
    assert_eq!(diagnose(&facts, &Known::default()), Diagnosis::IdentityOrphaned);
    let key = visit.make_key(None).await;
    let events = visit.write(Action::Reset, Some(&key)).await;
    assert_eq!(events.last(), Some(&password_wanted(Last::None)));
    assert_eq!(account.master_key().await, Some(before["master_key"].clone()), "not before the password");
    assert_eq!(visit.give_password("wrong").await, [password_wanted(Last::Refused)]);
    assert_eq!(account.master_key().await, Some(before["master_key"].clone()));
    let events = visit.give_password(&account.password).await;
    let proved = outcome(&events).0.unwrap();
    visit.sign_out().await;

    assert_ne!(account.master_key().await, Some(before["master_key"].clone()));
    // The version made for the wrong password was removed while the server waited.
    assert_eq!(proved.backup_version, "3");
    for (version, status) in [("1", 200), ("2", 404)] {
        let got = account.ask("GET", &format!("room_keys/version/{version}"), None).await.0;
        assert_eq!(got, status, "{version}: the old backup stays, and nothing else");
    }
    let archives = account.archives().await;
    assert_eq!(archives.len(), 1);
    assert_eq!(archives[0]["m.megolm_backup.v1"], old_secret, "the old secrets were put aside");
    let merged = account.account_data("m.megolm_backup.v1").await.unwrap();
    let old_id = old_secret["encrypted"].as_object().unwrap().keys().next().unwrap();
    assert_eq!(merged["encrypted"][old_id], old_secret["encrypted"][old_id], "and are where they were");
    verify_all_right(&account, Kept::Key(key.expose()));
}

#[tokio::test]
async fn a_backup_that_the_entered_key_opens_stays_and_is_signed_anew() {
    let MadeAccount { account, key: old, .. } = MadeAccount::all_right().await;
    // The identity is replaced elsewhere; the stored secrets stay those of the old one.
    let other = MadeAccount::all_right().await;
    let opened = MadeAccount::open(&account, &old).await;
    let theirs = MadeAccount::open(&other.account, &other.key).await;
    for secret in ["master", "self_signing", "user_signing"] {
        let name = format!("m.cross_signing.{secret}");
        let secret = other.account.secret(&theirs, &name).await.unwrap();
        account.store_secret(&opened, &name, &secret).await;
    }
    let before = account.backup().await.unwrap();
    let (mut visit, _) = Visit::sign_in(&account.homeserver, &account).await;
    let opening = visit.try_key(&old).await;
    assert_eq!(opening.found().unwrap().identity, StoredIdentity::Differs);
    let new = visit.make_key(None).await;
    visit.write(Action::Reset, Some(&new)).await;
    let events = visit.give_password(&account.password).await;
    assert!(tasks_in(&events).contains(&Task::SignBackup), "{events:?}");
    outcome(&events).0.unwrap();
    let after = account.backup().await.unwrap();
    assert_eq!(after["version"], before["version"]);
    assert_eq!(after["auth_data"]["public_key"], before["auth_data"]["public_key"]);
    verify_all_right(&account, Kept::Key(new.expose()));
}

#[tokio::test]
async fn a_reset_is_not_for_accounts_without_an_identity_nor_after_another_took_its_place() {
    let fresh = Account::register().await;
    let (mut visit, _) = Visit::sign_in(&fresh.homeserver, &fresh).await;
    let key = visit.make_key(None).await;
    let events = visit.write(Action::Reset, Some(&key)).await;
    assert_eq!(events, [Event::Failed(Problem::SomeoneElseIsWriting)]);

    let account = orphaned().await;
    let (mut ours, _) = Visit::sign_in(&account.homeserver, &account).await;
    let our_key = ours.make_key(None).await;
    let events = ours.write(Action::Reset, Some(&our_key)).await;
    assert_eq!(events.last(), Some(&password_wanted(Last::None)));
    let (mut theirs, _) = Visit::sign_in(&account.homeserver, &account).await;
    let their_key = theirs.make_key(None).await;
    theirs.write(Action::Reset, Some(&their_key)).await;
    outcome(&theirs.give_password(&account.password).await).0.unwrap();
    let before = account.everything().await;
    let events = ours.give_password(&account.password).await;
    assert_eq!(events, [Event::Failed(Problem::SomeoneElseIsWriting)]);
    assert_eq!(account.everything().await, before);
    verify_all_right(&account, Kept::Key(their_key.expose()));
}

/// The writes of a reset: one archive, five stored events and a device, the identity twice (proof), version, commit,
/// two flags.
const WRITES: usize = 13;

#[tokio::test]
async fn after_a_tab_closed_at_any_write_the_next_visit_completes_the_reset() {
    for k in 0..WRITES {
        let account = orphaned().await;
        let proxy = Proxy::breaking(&account.homeserver, k, Fault::ClosedAfter).await;
        let (mut visit, _) = Visit::sign_in(&proxy.url, &account).await;
        let first = visit.make_key(None).await;
        let events = visit.write(Action::Reset, Some(&first)).await;
        if events.last() == Some(&password_wanted(Last::None)) {
            visit.give_password(&account.password).await;
        }
        let (mut visit, facts) = Visit::sign_in(&account.homeserver, &account).await;
        let opening = visit.try_key(first.expose()).await;
        let known = Known { key: KeyKnown::Tried(opening), ..Known::default() };
        let kept = match diagnose(&facts, &known) {
            // The identity is published and not committed: the kept key finishes it.
            Diagnosis::Unfinished => {
                visit.resume(first.expose()).await.unwrap_or_else(|problem| panic!("{k}: {problem:?}"));
                first
            }
            Diagnosis::AllGood => first,
            // Nothing that apps use was changed: the reset begins anew.
            diagnosis => {
                let key = visit.make_key(None).await;
                let kept_key = key.clone();
                visit.tell(Command::Write { action: Action::Reset, kept_key }).await;
                let events = visit.give_password(&account.password).await;
                outcome(&events).0.unwrap_or_else(|problem| panic!("{k}, {diagnosis:?}: {problem:?}"));
                key
            }
        };
        if k % 4 == 0 {
            verify_all_right(&account, Kept::Key(kept.expose()));
        }
        assert_eq!(account.ask("GET", "room_keys/version/1", None).await.0, 200, "{k}: the old backup stays");
    }
}

/// Makes an identity whose keys are nowhere, and nine versions.
async fn ninth() -> Account {
    let account = orphaned().await;
    for _ in 0..8 {
        account.create_version(&BackupDecryptionKey::new()).await;
    }
    account
}

#[tokio::test]
async fn no_identity_is_replaced_for_a_backup_that_the_server_does_not_use() {
    let account = ninth().await;
    let before = account.everything().await;
    let proxy = Proxy::sorting_as_text(&account.homeserver, "9").await;
    let (mut visit, _) = Visit::sign_in(&proxy.url, &account).await;
    let key = visit.make_key(None).await;
    let events = visit.write(Action::Reset, Some(&key)).await;
    assert_eq!(events.last(), Some(&password_wanted(Last::None)));
    let events = visit.give_password(&account.password).await;
    assert_eq!(events.last(), Some(&Event::Failed(Problem::BackupNotUsed)), "{events:?}");
    assert_eq!(account.master_key().await, Some(before["master_key"].clone()));
    assert_eq!(account.backup().await.unwrap(), before["backup"]);
    assert_eq!(account.ask("GET", "room_keys/version/10", None).await.0, 404);
    assert!(account.archives().await.iter().all(|archive| *archive == json!({})));
}

/// The account is as an earlier release left it, which published first.
#[tokio::test]
async fn what_was_published_before_that_was_seen_is_finished_all_the_same() {
    let account = ninth().await;
    // The writes so far: the archive, six that store something, the identity, the backup, and the identity with the
    // password.
    let closed = Proxy::breaking(&account.homeserver, 9, Fault::ClosedAfter).await;
    let (mut visit, _) = Visit::sign_in(&closed.url, &account).await;
    let key = visit.make_key(None).await;
    visit.write(Action::Reset, Some(&key)).await;
    visit.give_password(&account.password).await;
    assert_eq!(account.ask("DELETE", "room_keys/version/10", None).await.0, 200);
    let sorts = Proxy::sorting_as_text(&account.homeserver, "9").await;
    let (mut visit, _) = Visit::sign_in(&sorts.url, &account).await;
    assert_eq!(visit.resume(key.expose()).await, Err(Problem::BackupNotUsed));
    let (mut visit, facts) = Visit::sign_in(&sorts.url, &account).await;
    let opening = visit.try_key(key.expose()).await;
    assert_eq!(opening.found().unwrap().identity, StoredIdentity::Fits, "{opening:?}");
    let known = Known { key: KeyKnown::Tried(opening), ..Known::default() };
    // The devices that the visits before left over are no apps, which could open it.
    assert_eq!(diagnose(&facts, &known), Diagnosis::BackupNobodyOpens, "it is not half done any more");
}

/// A backup that no app can use must not exist while the page waits.
#[tokio::test]
async fn a_proof_that_is_not_given_leaves_the_backup_that_there_was() {
    for gives_up in [true, false] {
        let account = orphaned().await;
        let before = account.backup().await.unwrap();
        let (mut visit, _) = Visit::sign_in(&account.homeserver, &account).await;
        let key = visit.make_key(None).await;
        visit.write(Action::Reset, Some(&key)).await;
        assert_eq!(account.backup().await.unwrap(), before);
        if gives_up {
            let events = visit.tell(Command::Withdraw).await;
            assert_eq!(events.last(), Some(&Event::Withdrawn), "{events:?}");
        } else {
            for _ in 0..2 {
                assert_eq!(visit.give_password("wrong").await, [password_wanted(Last::Refused)]);
            }
            let events = visit.give_password("wrong").await;
            assert_eq!(events.last(), Some(&Event::Failed(Problem::ProofRefused)), "{events:?}");
        }
        assert_eq!(account.backup().await.unwrap(), before);
        assert_eq!(account.ask("GET", "room_keys/version/2", None).await.0, 404);
    }
}

/// A tab that was closed right after the version was made leaves it behind; the next reset that is completed removes
/// it.
#[tokio::test]
async fn an_empty_backup_that_no_identity_came_to_is_removed_by_the_next_one() {
    let account = orphaned().await;
    // Before the version come the archive, six writes that store something, and the request that asks for a password.
    let closed = Proxy::breaking(&account.homeserver, 8, Fault::ClosedAfter).await;
    let (mut visit, _) = Visit::sign_in(&closed.url, &account).await;
    let key = visit.make_key(None).await;
    visit.write(Action::Reset, Some(&key)).await;
    visit.give_password(&account.password).await;
    drop(visit);
    assert_eq!(account.backup().await.unwrap()["version"], "2");
    let (mut visit, _) = Visit::sign_in(&account.homeserver, &account).await;
    let key = visit.make_key(None).await;
    visit.write(Action::Reset, Some(&key)).await;
    assert_eq!(outcome(&visit.give_password(&account.password).await).0.unwrap().backup_version, "3");
    assert_eq!(account.ask("GET", "room_keys/version/2", None).await.0, 404);
    assert_eq!(account.ask("GET", "room_keys/version/1", None).await.0, 200, "somebody else's stays");
    verify_all_right(&account, Kept::Key(key.expose()));
}

#[tokio::test]
async fn a_wrong_key_is_not_written_under() {
    let account = orphaned().await;
    let before = account.everything().await;
    let (mut visit, _) = Visit::sign_in(&account.homeserver, &account).await;
    visit.make_key(None).await;
    let wrong = Secret::from("EsTcLW2KPGiFwKEA3As5g5c4BXwkqeeJZJV8Q9fugUMNUE4d");
    let events = visit.write(Action::Reset, Some(&wrong)).await;
    assert_eq!(events, [Event::Failed(Problem::KeyNotProved)]);
    assert_eq!(account.everything().await, before);
}

/// The old key is thought lost, a reset is begun and cut short, and then the key turns up.
#[tokio::test]
async fn a_reset_that_was_cut_short_leaves_a_fresh_backup_to_be_finished_with_the_old_key() {
    let MadeAccount { account, key: old, backup_key } = MadeAccount::all_right().await;
    account.put_room_keys("1", &backup_key.megolm_v1_public_key(), &room_keys::make(5, 2)).await;
    let rotation = Proxy::breaking(&account.homeserver, 2, Fault::ClosedAfter).await;
    let (mut visit, _) = Visit::sign_in(&rotation.url, &account).await;
    visit.try_key(&old).await;
    visit.write(Action::Rotate, None).await;
    // The archive and one stored secret are written; the identity is not.
    let reset = Proxy::breaking(&account.homeserver, 2, Fault::ClosedBefore).await;
    let (mut visit, _) = Visit::sign_in(&reset.url, &account).await;
    let new = visit.make_key(None).await;
    visit.write(Action::Reset, Some(&new)).await;

    let (mut visit, facts) = Visit::sign_in(&account.homeserver, &account).await;
    let known = Known { key: KeyKnown::Tried(visit.try_key(&old).await), ..Known::default() };
    assert_eq!(diagnose(&facts, &known), Diagnosis::RotationUnfinished);
    visit.write(Action::Rotate, None).await;
    assert_eq!(account.backup().await.unwrap()["count"], 5);
    verify_all_right(&account, Kept::Key(&old));
}
