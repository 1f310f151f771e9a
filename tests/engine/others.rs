//! Looks after accounts as other clients, older ones and broken servers have left them.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use matrix_sdk_crypto::store::types::BackupDecryptionKey;
use matrixbackup::{
    domain::{
        diagnosis::{Diagnosis, KeyKnown, Known, diagnose},
        opening::{Likeness, NotOpened, Opening, StoredBackupKey},
        plan::{Action, Task, plan},
        problem::Problem,
    },
    protocol::messages::{Command, Event},
};
use serde_json::{Value, json};

use crate::support::{
    account::Account,
    hostile_homeserver::{Answer, HostileHomeserver},
    made::MadeAccount,
    others, room_keys,
    verifier::{Kept, verify_all_right},
    visit::{Visit, outcome},
};

const PHRASE: &str = "glass otter fifty moons";

/// Fills the account's backup with twelve keys.
async fn filled() -> MadeAccount {
    let made = MadeAccount::all_right().await;
    let keys = room_keys::make(12, 3);
    made.account.put_room_keys("1", &made.backup_key.megolm_v1_public_key(), &keys).await;
    made
}

/// Says what the page concludes once the key was entered.
async fn concluded(visit: &mut Visit, key: &str) -> (Diagnosis, Action) {
    let events = visit.tell(Command::TryKey { entry: key.into() }).await;
    let [Event::Looked(account), Event::Tried(opening)] = &events[..] else { panic!("{events:?}") };
    let known = Known { key: KeyKnown::Tried(opening.clone()), ..Known::default() };
    let diagnosis = diagnose(account, &known);
    (diagnosis, plan(diagnosis, account, &known).recommended)
}

#[tokio::test]
async fn a_newest_version_that_no_client_can_use_is_a_finding_and_a_fresh_backup_takes_the_older_keys_along()
{
    let algorithm = "m.megolm_backup.v1.curve25519-aes-sha2";
    let key = "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo";
    for (algorithm, auth_data) in [
        (algorithm, json!({"public_key": "REHKz5u94yy7cM3CsEO8qsd6RieW68OgoAf6cY1Mfj84Vus/oVV3shxKSSuA"})),
        (algorithm, json!({"public_key": 7, "signatures": {}})),
        (algorithm, json!({"public_key": "", "signatures": null})),
        (algorithm, json!({})),
        (algorithm, json!({"public_key": key, "signatures": "none"})),
        ("org.example.rot13", json!({"public_key": key})),
    ] {
        let MadeAccount { account, key, .. } = filled().await;
        let version = json!({"algorithm": algorithm, "auth_data": auth_data});
        assert_eq!(account.ask("POST", "room_keys/version", Some(version)).await.0, 200, "{auth_data}");
        let (mut visit, seen) = Visit::sign_in(&account.homeserver, &account).await;
        assert!(seen.has_unusable_backup(), "{auth_data}");
        let found = concluded(&mut visit, &key).await;
        assert_eq!(found, (Diagnosis::BackupUnusable, Action::Rotate), "{auth_data}");
        let events = visit.write(Action::Rotate, None).await;
        let Some(Event::Rotated { rotated, .. }) = events.last() else { panic!("{auth_data}: {events:?}") };
        assert_eq!((rotated.room_keys, rotated.maybe_more), (12, true), "{auth_data}");
        visit.sign_out().await;
        verify_all_right(&account, Kept::Key(&key));
    }
}

#[tokio::test]
async fn a_version_that_only_lacks_its_signatures_is_used_and_signed() {
    for signatures in [Value::Null, json!({})] {
        let MadeAccount { account, key, .. } = filled().await;
        let mut version = account.backup().await.unwrap();
        version["auth_data"]["signatures"] = signatures;
        let path = format!("room_keys/version/{}", version["version"].as_str().unwrap());
        assert_eq!(account.ask("PUT", &path, Some(version)).await.0, 200);
        let (mut visit, seen) = Visit::sign_in(&account.homeserver, &account).await;
        assert!(!seen.has_unusable_backup());
        assert_eq!(concluded(&mut visit, &key).await, (Diagnosis::BackupUnsigned, Action::Repair));
        let events = visit.write(Action::Repair, None).await;
        assert!(matches!(events.last(), Some(Event::Tried(opening)) if opening.is_all_right()), "{events:?}");
        visit.sign_out().await;
        verify_all_right(&account, Kept::Key(&key));
    }
}

#[tokio::test]
async fn an_account_that_nheko_set_up_is_written_anew_for_every_client_under_the_same_key() {
    let MadeAccount { account, key, .. } = filled().await;
    let opened = MadeAccount::open(&account, &key).await;
    others::lengthen_every_iv(&account, &opened).await;
    others::encode_public_key_twice(&account).await;
    let (mut visit, seen) = Visit::sign_in(&account.homeserver, &account).await;
    assert!(seen.usable_backup().is_some_and(|backup| !backup.signed));
    assert_eq!(concluded(&mut visit, &key).await, (Diagnosis::BackupUnsigned, Action::Repair));
    let events = visit.write(Action::Repair, None).await;
    assert!(events.contains(&Event::TaskDone(Task::Rewrite)), "{events:?}");
    assert!(matches!(events.last(), Some(Event::Tried(opening)) if opening.is_all_right()), "{events:?}");
    visit.sign_out().await;
    verify_all_right(&account, Kept::Key(&key));
}

/// Answers the question for the newest version with an error, until somebody makes one.
async fn not_telling(account: &Account, status: u16, body: &'static str) -> HostileHomeserver {
    let is_made = Arc::new(AtomicBool::new(false));
    HostileHomeserver::before(&account.homeserver, move |asked| {
        if asked.is("POST", "/room_keys/version") {
            is_made.store(true, Ordering::Relaxed);
        }
        let is_newest = asked.method == "GET" && asked.path.ends_with("/room_keys/version");
        if is_newest && !is_made.load(Ordering::Relaxed) {
            return Answer::Instead(status, body.to_owned());
        }
        Answer::Pass
    })
    .await
}

#[tokio::test]
async fn a_server_that_cannot_tell_the_newest_version_keeps_nobody_from_the_rest() {
    for (status, body) in [
        (500, r#"{"errcode":"M_UNKNOWN","error":"missing field `algorithm`"}"#),
        (404, r#"{"errcode":"M_UNRECOGNIZED"}"#),
        (404, "<html>not here</html>"),
        (400, "{}"),
        (200, "{}"),
        (200, r#"{"version":7,"etag":null}"#),
    ] {
        let MadeAccount { account, key, .. } = filled().await;
        let server = not_telling(&account, status, body).await;
        let (mut visit, seen) = Visit::sign_in(&server.url, &account).await;
        assert!(seen.backup.is_none() && seen.backup_untold, "{status} {body}");
        assert_eq!(
            concluded(&mut visit, &key).await,
            (Diagnosis::BackupUnusable, Action::Rotate),
            "{status} {body}"
        );
        let events = visit.write(Action::Rotate, None).await;
        let Some(Event::Rotated { rotated, .. }) = events.last() else {
            panic!("{status} {body}: {events:?}")
        };
        // The older version was found by its number.
        assert_eq!((rotated.room_keys, rotated.maybe_more), (12, true), "{status} {body}");
        visit.sign_out().await;
        verify_all_right(&account, Kept::Key(&key));
    }
}

#[tokio::test]
async fn a_phrase_that_is_the_account_password_opens_what_it_opens_and_is_told_apart() {
    let account = Account::register_with(Some(PHRASE)).await;
    let made = MadeAccount::of(account).await;
    made.weaken(PHRASE, 100_000).await;
    let (mut visit, _) = Visit::sign_in(&made.account.homeserver, &made.account).await;
    let opening = visit.try_key(PHRASE).await;
    assert!(opening.is_all_right(), "{opening:?}");
    assert!(opening.found().is_some_and(|found| found.password == Likeness::Same));
    // The homeserver still gets it as what it is.
    let key = visit.make_key(None).await;
    let mut events = visit.write(Action::Reset, Some(&key)).await;
    assert!(matches!(events.last(), Some(Event::ProofNeeded(_))), "{events:?}");
    events = visit.give_password(PHRASE).await;
    assert!(matches!(events.last(), Some(Event::SetUpDone(_))), "{events:?}");
    verify_all_right(&made.account, Kept::Key(key.expose()));
}

/// Makes the newest version one whose key comes from [`PHRASE`], as clients of 2018 to 2020 did, with five room keys.
async fn backup_of_the_phrase(account: &Account) -> BackupDecryptionKey {
    let (key, version) = others::create_version_of(account, PHRASE, 500_000).await;
    account.put_room_keys(&version, &key.megolm_v1_public_key(), &room_keys::make(5, 2)).await;
    key
}

#[tokio::test]
async fn a_phrase_that_is_nearly_the_account_password_is_told_apart_reads_and_is_never_a_password() {
    let password = "Glass-Otter fifty moons";
    let made = MadeAccount::of(Account::register_with(Some(password)).await).await;
    let (mut visit, _) = Visit::sign_in(&made.account.homeserver, &made.account).await;
    assert_eq!(visit.try_key(PHRASE).await, Opening::Nothing(NotOpened::NearlyAccountPassword));
    visit.sign_out().await;
    backup_of_the_phrase(&made.account).await;
    made.account.create_version(&made.backup_key).await;
    let (mut visit, _) = Visit::sign_in(&made.account.homeserver, &made.account).await;
    assert_eq!(visit.try_key(PHRASE).await, Opening::Nothing(NotOpened::OlderBackup));
    visit.sign_out().await;
    backup_of_the_phrase(&made.account).await;
    let (mut visit, _) = Visit::sign_in(&made.account.homeserver, &made.account).await;
    assert_eq!(visit.try_key(PHRASE).await, Opening::BackupDirectly { room_keys: 5, by_phrase: true });
    assert_eq!(visit.try_key(password).await, Opening::Nothing(NotOpened::AccountPassword));
    let key = visit.make_key(None).await;
    let events = visit.write(Action::Reset, Some(&key)).await;
    assert!(matches!(events.last(), Some(Event::ProofNeeded(_))), "{events:?}");
    assert_eq!(visit.give_password(PHRASE).await, [Event::Failed(Problem::KeyAsPassword)]);
    let events = visit.give_password(password).await;
    // The new backup has what it opened, of both versions: nothing else that the person holds does.
    let Some(Event::SetUpDone(proved)) = events.last() else { panic!("{events:?}") };
    assert_eq!(proved.room_keys, 10);
}

#[tokio::test]
async fn a_storage_that_nearly_the_account_password_opens_gets_a_new_key() {
    let made = MadeAccount::of(Account::register_with(Some("Glass-Otter fifty moons")).await).await;
    made.weaken(PHRASE, 100_000).await;
    let (mut visit, _) = Visit::sign_in(&made.account.homeserver, &made.account).await;
    assert_eq!(concluded(&mut visit, PHRASE).await, (Diagnosis::StoredForFewClients, Action::ChangeKey));
    let opening = visit.try_key(PHRASE).await;
    assert!(opening.found().is_some_and(|found| found.password == Likeness::Alike), "{opening:?}");
    assert_eq!(visit.write(Action::Rotate, None).await, [Event::Failed(Problem::WeakKey)]);
}

#[tokio::test]
async fn a_passphrase_of_the_first_years_opens_the_backup_whose_key_it_led_to() {
    let account = Account::register().await;
    backup_of_the_phrase(&account).await;
    let (mut visit, _) = Visit::sign_in(&account.homeserver, &account).await;
    assert_eq!(visit.try_key("glass otter fifty moon").await, Opening::Nothing(NotOpened::AnotherPhrase));
    assert_eq!(visit.try_key(PHRASE).await, Opening::BackupDirectly { room_keys: 5, by_phrase: true });
    let key = visit.make_key(None).await;
    let events = visit.write(Action::SetUp, Some(&key)).await;
    let (proved, tasks) = outcome(&events);
    let list = [Task::CheckUnchanged, Task::Download, Task::StoreSecrets, Task::CreateBackup];
    assert_eq!(tasks[..4], list);
    assert_eq!(tasks[7..], [Task::Announce, Task::Upload, Task::Compare, Task::TryAsStranger]);
    assert_eq!(proved.unwrap().room_keys, 5);
    assert!(account.ask("GET", "room_keys/version/1", None).await.1["count"] == 5, "the old one stays");
    visit.sign_out().await;
    verify_all_right(&account, Kept::Key(key.expose()));
}

#[tokio::test]
async fn a_set_up_that_is_cut_while_it_takes_older_keys_along_goes_on_there() {
    let account = Account::register().await;
    backup_of_the_phrase(&account).await;
    let is_open = Arc::new(AtomicBool::new(false));
    let opened = Arc::clone(&is_open);
    let server = HostileHomeserver::before(&account.homeserver, move |asked| {
        if asked.is("PUT", "/room_keys/keys") && !opened.load(Ordering::Relaxed) {
            return Answer::Instead(403, r#"{"errcode":"M_FORBIDDEN"}"#.to_owned());
        }
        Answer::Pass
    })
    .await;
    let (mut visit, _) = Visit::sign_in(&server.url, &account).await;
    visit.try_key(PHRASE).await;
    let key = visit.make_key(None).await;
    let (failed, tasks) = outcome(&visit.write(Action::SetUp, Some(&key)).await);
    assert!(failed.is_err());
    assert_eq!(tasks.last(), Some(&Task::Announce), "the new key is in use already");
    is_open.store(true, Ordering::Relaxed);
    let (proved, tasks) = outcome(&visit.write(Action::SetUp, Some(&key)).await);
    assert_eq!(tasks, [Task::Upload, Task::Compare, Task::TryAsStranger]);
    assert_eq!(proved.unwrap().room_keys, 5);
    visit.sign_out().await;
    verify_all_right(&account, Kept::Key(key.expose()));
}

#[tokio::test]
async fn the_key_of_an_older_version_is_kept_and_a_fresh_backup_takes_its_keys_along() {
    let MadeAccount { account, key, .. } = filled().await;
    // An app began another backup, and stored its key; the old one's is on paper.
    let older = BackupDecryptionKey::new();
    let version = account.create_version(&older).await;
    account.put_room_keys(&version, &older.megolm_v1_public_key(), &room_keys::make(5, 2)).await;
    let opened = MadeAccount::open(&account, &key).await;
    let newest = BackupDecryptionKey::new();
    account.create_version(&newest).await;
    account.store_secret(&opened, "m.megolm_backup.v1", &newest.to_base64()).await;
    let (mut visit, _) = Visit::sign_in(&account.homeserver, &account).await;
    assert_eq!(visit.try_key(&older.to_base58()).await, Opening::Nothing(NotOpened::OlderBackup));
    assert!(visit.try_key(&key).await.found().is_some());
    let events = visit.write(Action::Rotate, None).await;
    let Some(Event::Rotated { rotated, .. }) = events.last() else { panic!("{events:?}") };
    assert_eq!(rotated.room_keys, 5);
    let held = rotated.older.iter().find(|held| held.version == version).unwrap();
    assert_eq!((held.room_keys, held.opened), (5, 5));
}

#[tokio::test]
async fn a_phrase_by_an_algorithm_that_nobody_knows_is_not_called_wrong_and_the_key_is_tried() {
    let MadeAccount { account, key, .. } = filled().await;
    let opened = MadeAccount::open(&account, &key).await;
    for phrase in [
        json!({"algorithm": "m.argon2id", "salt": "x", "cost": 3}),
        json!({"algorithm": "m.pbkdf2", "salt": "x"}),
        json!({"algorithm": "m.pbkdf2", "salt": 7, "iterations": "many"}),
    ] {
        others::describe(&account, &opened, |key| key["passphrase"] = phrase.clone()).await;
        let (mut visit, _) = Visit::sign_in(&account.homeserver, &account).await;
        assert_eq!(visit.try_key(PHRASE).await, Opening::Nothing(NotOpened::UnknownPhrase), "{phrase}");
        let found = concluded(&mut visit, &key).await;
        assert_eq!(found, (Diagnosis::StoredForFewClients, Action::ChangeKey), "{phrase}");
        visit.sign_out().await;
    }
}

#[tokio::test]
async fn a_description_without_a_check_is_opened_by_the_right_phrase_alone() {
    let made = MadeAccount::all_right().await;
    let weak = made.weaken(PHRASE, 100_000).await;
    let without_check = |key: &mut Value| {
        *key = json!({"algorithm": key["algorithm"], "passphrase": key["passphrase"]});
    };
    others::describe(&made.account, &weak, without_check).await;
    let (mut visit, _) = Visit::sign_in(&made.account.homeserver, &made.account).await;
    let another = BackupDecryptionKey::new().to_base58();
    assert_eq!(visit.try_key("glass otter fifty moon").await, Opening::Nothing(NotOpened::AnotherPhrase));
    assert_eq!(visit.try_key(&another).await, Opening::Nothing(NotOpened::AnotherKey));
    assert!(matches!(visit.try_key(&made.key).await, Opening::OlderSecretStorage { .. }));
    for entry in [PHRASE, &weak.recovery_key()] {
        assert!(visit.try_key(entry).await.is_all_right(), "{entry}");
    }
    // What is mended is stored under it: the right key was told by what lies under it.
    made.account.set_account_data("m.megolm_backup.v1", json!({})).await;
    assert_eq!(
        visit.try_key(&made.backup_key.to_base58()).await,
        Opening::BackupDirectly { room_keys: 0, by_phrase: false }
    );
    let opening = visit.try_key(PHRASE).await;
    assert!(opening.found().is_some_and(|found| found.backup == StoredBackupKey::Missing), "{opening:?}");
    let events = visit.write(Action::Repair, None).await;
    assert!(matches!(events.last(), Some(Event::Tried(opening)) if opening.is_all_right()), "{events:?}");
}
