//! Makes a fresh backup with every key of the older ones, which stay until the person has them deleted.

use std::{
    cell::RefCell,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use matrix_sdk_crypto::store::types::BackupDecryptionKey;
use matrixbackup::{
    domain::{
        diagnosis::{Diagnosis, KeyKnown, Known, diagnose},
        opening::{Opening, StoredBackupKey},
        plan::{Action, Task},
        problem::Problem,
        proved::Proved,
        rotation::Rotated,
        secret::Secret,
    },
    protocol::messages::{Command, Event},
};
use serde_json::{Value, json};

use crate::support::{
    account::Account,
    hostile_homeserver::{Answer, Asked, HostileHomeserver},
    made::MadeAccount,
    proxy::{Fault, Proxy, Reply},
    room_keys,
    verifier::{Kept, verify, verify_all_right},
    visit::{Visit, tasks_in},
};

/// Makes an account with this many room keys in its backup.
async fn filled(keys: usize) -> MadeAccount {
    let made = MadeAccount::all_right().await;
    let public = made.backup_key.megolm_v1_public_key();
    made.account.put_room_keys("1", &public, &room_keys::make(keys, 7)).await;
    made
}

async fn begin(url: &str, account: &Account, key: &str) -> (Visit, Vec<Event>) {
    let (mut visit, _) = Visit::sign_in(url, account).await;
    visit.try_key(key).await;
    let events = visit.write(Action::Rotate, None).await;
    (visit, events)
}

fn rotated(events: &[Event]) -> (Proved, Rotated) {
    match events.last() {
        Some(Event::Rotated { proved, rotated }) => (proved.clone(), rotated.clone()),
        _ => panic!("{events:?}"),
    }
}

/// Counts the room keys that matrix-js-sdk restores with the key alone; everything must be right.
fn restored(account: &Account, key: &str) -> u64 {
    let report = verify(account, Kept::Key(key));
    assert_eq!(report["ok"], true, "{report:#}");
    report["room_keys_restored"].as_u64().unwrap()
}

#[tokio::test]
async fn every_key_is_in_the_fresh_backup_and_the_old_one_goes_only_when_told_to() {
    let MadeAccount { account, key, .. } = filled(40).await;
    let (mut visit, events) = begin(&account.homeserver, &account, &key).await;
    use Task::*;
    let all =
        [CheckUnchanged, Download, Archive, StoreBackupKey, CreateBackup, Upload, Compare, TryAsStranger];
    assert_eq!(tasks_in(&events), all);
    assert!(events.contains(&Event::Progress { done: 40, total: 40 }));
    let (proved, rotated) = rotated(&events);
    assert_eq!((proved.backup_version.as_str(), proved.room_keys), ("2", 40));
    assert_eq!((rotated.rooms, rotated.room_keys, rotated.unreadable()), (7, 40, 0));
    assert_eq!(rotated.superseded().map(|older| older.version.as_str()).collect::<Vec<_>>(), ["1"]);
    assert_eq!(restored(&account, &key), 40);
    assert_eq!(visit.count().await, 40);
    assert_eq!(account.ask("GET", "room_keys/version/1", None).await.0, 200, "nothing is deleted unasked");

    let versions = vec!["2".to_owned()];
    let refused = visit.tell(Command::DeleteOlder { versions }).await;
    assert_eq!(refused, [Event::Failed(Problem::out_of_order())], "the fresh one is not an older one");
    let versions = vec!["1".to_owned()];
    assert_eq!(visit.tell(Command::DeleteOlder { versions }).await, [Event::Deleted]);
    assert_eq!(account.ask("GET", "room_keys/version/1", None).await.0, 404);
    assert_eq!(restored(&account, &key), 40);
    visit.sign_out().await;
}

/// State 10: the stored key is an older version's, and the current one is another client's.
#[tokio::test]
async fn what_nothing_opens_is_named_and_never_deleted() {
    let MadeAccount { account, key, .. } = filled(20).await;
    let theirs = BackupDecryptionKey::new();
    assert_eq!(account.create_version(&theirs).await, "2");
    account.put_room_keys("2", &theirs.megolm_v1_public_key(), &room_keys::make(5, 2)).await;

    let (mut visit, facts) = Visit::sign_in(&account.homeserver, &account).await;
    let opening = visit.try_key(&key).await;
    assert_eq!(opening.found().unwrap().backup, StoredBackupKey::Differs { opens_older: true });
    let known = Known { key: KeyKnown::Tried(opening), ..Known::default() };
    assert_eq!(diagnose(&facts, &known), Diagnosis::BackupKeyStale);
    let (proved, rotated) = rotated(&visit.write(Action::Rotate, None).await);
    assert_eq!((proved.backup_version.as_str(), rotated.room_keys, rotated.unreadable()), ("3", 20, 5));
    assert_eq!(rotated.superseded().map(|older| older.version.as_str()).collect::<Vec<_>>(), ["1"]);
    let versions = vec!["2".to_owned()];
    let refused = visit.tell(Command::DeleteOlder { versions }).await;
    assert_eq!(refused, [Event::Failed(Problem::out_of_order())]);
    assert_eq!(account.ask("GET", "room_keys/version/2", None).await.1["count"], 5);
    assert_eq!(restored(&account, &key), 20);
}

/// State 11: a backup whose key is nowhere.
#[tokio::test]
async fn a_backup_that_nobody_opens_stays_below_a_fresh_one() {
    let MadeAccount { account, key, .. } = filled(3).await;
    account.set_account_data("m.megolm_backup.v1", json!({})).await;
    let (_, events) = begin(&account.homeserver, &account, &key).await;
    let (_, rotated) = rotated(&events);
    assert_eq!((rotated.room_keys, rotated.unreadable(), rotated.superseded().count()), (0, 3, 0));
    assert_eq!(account.ask("GET", "room_keys/version/1", None).await.1["count"], 3);
    verify_all_right(&account, Kept::Key(&key));
}

#[tokio::test]
async fn a_key_beside_the_backup_makes_a_first_one() {
    let MadeAccount { account, key, .. } = MadeAccount::all_right().await;
    assert_eq!(account.ask("DELETE", "room_keys/version/1", None).await.0, 200);
    let (_, events) = begin(&account.homeserver, &account, &key).await;
    let (_, rotated) = rotated(&events);
    assert_eq!((rotated.room_keys, rotated.older.len()), (0, 0));
    verify_all_right(&account, Kept::Key(&key));
}

/// The writes of a fresh backup: the archive, the stored key, the version, the room keys, and the mark that it is
/// complete.
const WRITES: usize = 5;

#[tokio::test]
async fn a_passing_fault_at_any_write_is_survived() {
    for fault in [Fault::AnswerLost, Fault::RequestLost, Fault::BadGateway] {
        for k in 0..WRITES {
            let MadeAccount { account, key, .. } = filled(10).await;
            let proxy = Proxy::breaking(&account.homeserver, k, fault).await;
            let (mut visit, mut events) = begin(&proxy.url, &account, &key).await;
            if let Some(Event::Failed(problem)) = events.last() {
                assert!(problem.may_pass(), "{fault:?} at {k}: {problem:?}");
                events = visit.write(Action::Rotate, None).await;
            }
            let (proved, rotated) = rotated(&events);
            assert_eq!((proved.backup_version.as_str(), rotated.room_keys), ("2", 10), "{fault:?} at {k}");
            assert_eq!(account.ask("GET", "room_keys/version/3", None).await.0, 404, "{fault:?} at {k}");
        }
    }
}

#[tokio::test]
async fn a_tab_closed_at_any_write_loses_nothing_and_the_next_visit_finishes() {
    for fault in [Fault::ClosedBefore, Fault::ClosedAfter] {
        for k in 0..WRITES {
            let MadeAccount { account, key, .. } = filled(10).await;
            let proxy = Proxy::breaking(&account.homeserver, k, fault).await;
            begin(&proxy.url, &account, &key).await;
            assert_eq!(account.ask("GET", "room_keys/version/1", None).await.1["count"], 10);

            let (mut visit, facts) = Visit::sign_in(&account.homeserver, &account).await;
            let opening = visit.try_key(&key).await;
            let known = Known { key: KeyKnown::Tried(opening), ..Known::default() };
            let untouched = k == 0 && fault == Fault::ClosedBefore;
            let complete = k == WRITES - 1 && fault == Fault::ClosedAfter;
            // The fresh key is stored, and its version does not exist: the old key can be put back.
            let in_between = (k, fault) == (1, Fault::ClosedAfter) || (k, fault) == (2, Fault::ClosedBefore);
            let expected = match (untouched || complete, in_between) {
                (true, _) => Diagnosis::AllGood,
                (false, true) => Diagnosis::BackupKeyPutAside,
                (false, false) => Diagnosis::RotationUnfinished,
            };
            assert_eq!(diagnose(&facts, &known), expected, "{fault:?} at {k}");
            if expected != Diagnosis::AllGood {
                let (proved, rotated) = rotated(&visit.write(Action::Rotate, None).await);
                assert_eq!(
                    (proved.backup_version.as_str(), rotated.room_keys),
                    ("2", 10),
                    "{fault:?} at {k}"
                );
            }
            visit.sign_out().await;
            assert_eq!(restored(&account, &key), 10, "{fault:?} at {k}");
        }
    }
}

#[tokio::test]
async fn it_can_be_stopped_anywhere_and_finished_later() {
    let MadeAccount { account, key, .. } = filled(250).await;
    for stop_at in [Task::CheckUnchanged, Task::Download, Task::StoreBackupKey, Task::CreateBackup] {
        let (mut visit, _) = Visit::sign_in(&account.homeserver, &account).await;
        visit.try_key(&key).await;
        let stop = visit.engine.stop();
        let events = RefCell::new(Vec::new());
        let command = Command::Write { action: Action::Rotate, kept_key: Secret::default() };
        let tell = |event| {
            if event == Event::TaskDone(stop_at) {
                stop.set(true);
            }
            events.borrow_mut().push(event);
        };
        visit.engine.handle(command, &tell).await;
        let events = events.into_inner();
        // Storing the fresh key and creating its version are one step.
        let last = if stop_at == Task::StoreBackupKey { Task::CreateBackup } else { stop_at };
        assert_eq!(tasks_in(&events).last(), Some(&last));
        assert!(matches!(events[..], [.., Event::Looked(_), Event::Tried(_)]), "{events:?}");
        assert!(opens_current(&account, &key).await, "{stop_at:?}");
        visit.sign_out().await;
        assert_eq!(account.ask("GET", "room_keys/version/1", None).await.1["count"], 250);
    }
    let (_, events) = begin(&account.homeserver, &account, &key).await;
    let (proved, rotated) = rotated(&events);
    assert_eq!((proved.backup_version.as_str(), rotated.room_keys), ("2", 250));
    assert_eq!(restored(&account, &key), 250);
}

#[tokio::test]
async fn another_backup_made_meanwhile_stops_a_fresh_one() {
    let MadeAccount { account, key, .. } = filled(10).await;
    let (mut visit, _) = Visit::sign_in(&account.homeserver, &account).await;
    visit.try_key(&key).await;
    account.create_version(&BackupDecryptionKey::new()).await;
    let before = account.everything().await;
    let events = visit.write(Action::Rotate, None).await;
    assert_eq!(events, [Event::Failed(Problem::SomeoneElseIsWriting)]);
    assert_eq!(account.everything().await, before);
}

#[tokio::test]
async fn a_fresh_backup_needs_the_key_that_apps_ask_for() {
    let MadeAccount { account, key, .. } = MadeAccount::all_right().await;
    let (mut visit, _) = Visit::sign_in(&account.homeserver, &account).await;
    assert_eq!(visit.write(Action::Rotate, None).await, [Event::Failed(Problem::KeyNotProved)]);
    account.set_account_data("m.secret_storage.default_key", json!({"key": "another"})).await;
    assert!(matches!(visit.try_key(&key).await, Opening::OlderSecretStorage { .. }));
    assert_eq!(visit.write(Action::Rotate, None).await, [Event::Failed(Problem::KeyNotProved)]);
}

/// Tells whether the backup key that apps find with this recovery key is the current version's.
async fn opens_current(account: &Account, key: &str) -> bool {
    let opened = MadeAccount::open(account, key).await;
    let Some(stored) = account.secret(&opened, "m.megolm_backup.v1").await else { return false };
    let stored = BackupDecryptionKey::from_base64(&stored).unwrap().megolm_v1_public_key().to_base64();
    account.backup().await.unwrap()["auth_data"]["public_key"] == stored
}

/// Reads all account data; an empty event counts as deleted.
async fn account_data(account: &Account) -> Vec<Value> {
    let everything = account.everything().await;
    let events = everything["account_data"].as_array().unwrap().iter();
    events.filter(|event| event["content"] != json!({})).cloned().collect()
}

/// Begins the next visit; returns its diagnosis with the key entered.
async fn found(account: &Account, key: &str) -> (Visit, Diagnosis) {
    let (mut visit, facts) = Visit::sign_in(&account.homeserver, account).await;
    let known = Known { key: KeyKnown::Tried(visit.try_key(key).await), ..Known::default() };
    (visit, diagnose(&facts, &known))
}

fn is_creation(asked: &Asked) -> bool {
    asked.is("POST", "/room_keys/version")
}

fn forbidden() -> Answer {
    Answer::json(403, json!({"errcode": "M_FORBIDDEN", "error": "no"}))
}

#[tokio::test]
async fn a_fresh_backup_that_the_server_refuses_leaves_the_old_one_open_to_its_key() {
    let MadeAccount { account, key, .. } = filled(10).await;
    let before = account_data(&account).await;
    let server = HostileHomeserver::before(&account.homeserver, |asked| {
        if is_creation(asked) && asked.before == 0 { forbidden() } else { Answer::Pass }
    })
    .await;
    let (mut visit, events) = begin(&server.url, &account, &key).await;
    let stands = Event::TakenBack(vec![Task::CheckUnchanged, Task::Download]);
    let refused = Event::Failed(Problem::Refused { status: 403, errcode: "M_FORBIDDEN".into() });
    assert!(events.ends_with(&[stands, refused]), "{events:?}");
    assert_eq!(account_data(&account).await, before);
    assert_eq!(restored(&account, &key), 10);
    assert_eq!(found(&account, &key).await.1, Diagnosis::AllGood);
    // The same order can go on.
    let (proved, rotated) = rotated(&visit.write(Action::Rotate, None).await);
    assert_eq!((proved.backup_version.as_str(), rotated.room_keys), ("2", 10));
    assert!(opens_current(&account, &key).await);
}

#[tokio::test]
async fn a_key_that_could_not_be_put_back_is_by_the_next_visit() {
    let MadeAccount { account, key, .. } = filled(10).await;
    let server = HostileHomeserver::before(&account.homeserver, |asked| {
        let puts_back = asked.is("PUT", "/m.megolm_backup.v1") && asked.before > 0;
        if is_creation(asked) || puts_back { forbidden() } else { Answer::Pass }
    })
    .await;
    let (_, events) = begin(&server.url, &account, &key).await;
    assert_eq!(events.last(), Some(&Event::Failed(Problem::KeyNotPutBack)), "{events:?}");
    assert!(!opens_current(&account, &key).await);
    let (mut visit, diagnosis) = found(&account, &key).await;
    assert_eq!(diagnosis, Diagnosis::BackupKeyPutAside);
    let events = visit.write(Action::Repair, None).await;
    assert!(matches!(events.last(), Some(Event::Tried(opening)) if opening.is_all_right()), "{events:?}");
    assert_eq!(restored(&account, &key), 10);
    assert_eq!(found(&account, &key).await.1, Diagnosis::AllGood, "nothing is left to be finished");
}

#[tokio::test]
async fn a_fresh_backup_that_comes_late_can_be_opened_with_what_was_put_aside() {
    let MadeAccount { account, key, .. } = filled(10).await;
    let server = HostileHomeserver::before(&account.homeserver, |asked| {
        if is_creation(asked) { Answer::Instead(502, String::new()) } else { Answer::Pass }
    })
    .await;
    let (_, events) = begin(&server.url, &account, &key).await;
    assert_eq!(events.last(), Some(&Event::Failed(Problem::Passing { status: Some(502) })), "{events:?}");
    assert!(opens_current(&account, &key).await, "so far the old one is the current");
    let request = server.writes().into_iter().find(is_creation).unwrap();
    assert_eq!(account.ask("POST", "room_keys/version", Some(request.body)).await.1["version"], "2");
    let (mut visit, diagnosis) = found(&account, &key).await;
    assert_eq!(diagnosis, Diagnosis::BackupKeyPutAside);
    visit.write(Action::Repair, None).await;
    verify_all_right(&account, Kept::Key(&key));
}

/// Another client adds an entry in between: it stays, and only ours is removed.
#[tokio::test]
async fn only_what_is_ours_is_put_back() {
    let MadeAccount { account, key, .. } = filled(10).await;
    let is_held = Arc::new(AtomicBool::new(true));
    let held = is_held.clone();
    let proxy = Proxy::ruled(&account.homeserver, move |method, path| {
        if method != "POST" || !path.ends_with("/room_keys/version") {
            return Reply::Pass;
        }
        if held.load(Relaxed) { Reply::Later } else { Reply::Instead(403, "{}".into()) }
    })
    .await;
    let (mut visit, _) = Visit::sign_in(&proxy.url, &account).await;
    visit.try_key(&key).await;
    let theirs = json!({"iv": "a", "ciphertext": "b", "mac": "c"});
    let meanwhile = async {
        while !proxy.writes().iter().any(|(method, path)| method == "POST" && path.ends_with("/version")) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        account.add_entry("m.megolm_backup.v1", "theirs", theirs.clone()).await;
        is_held.store(false, Relaxed);
    };
    let (events, ()) = tokio::join!(visit.write(Action::Rotate, None), meanwhile);
    assert!(matches!(events.last(), Some(Event::Failed(Problem::Refused { status: 403, .. }))), "{events:?}");
    let stored = account.account_data("m.megolm_backup.v1").await.unwrap();
    assert_eq!(stored["encrypted"]["theirs"], theirs);
    assert!(opens_current(&account, &key).await);
}

/// Makes nine versions, the newest of them this account's.
async fn ninth() -> MadeAccount {
    let made = MadeAccount::all_right().await;
    for _ in 0..8 {
        made.account.create_version(&made.backup_key).await;
    }
    let mut visit = Visit::sign_in(&made.account.homeserver, &made.account).await.0;
    visit.try_key(&made.key).await;
    let events = visit.write(Action::Repair, None).await;
    assert!(matches!(events.last(), Some(Event::Tried(opening)) if opening.is_all_right()), "{events:?}");
    made
}

#[tokio::test]
async fn a_server_that_sorts_the_names_of_versions_as_text_is_called_by_that_and_breaks_nothing() {
    let MadeAccount { account, key, .. } = ninth().await;
    let before = account_data(&account).await;
    let proxy = Proxy::sorting_as_text(&account.homeserver, "9").await;
    let (_, events) = begin(&proxy.url, &account, &key).await;
    assert_eq!(events.last(), Some(&Event::Failed(Problem::BackupNotUsed)), "{events:?}");
    assert_eq!(account_data(&account).await, before);
    assert_eq!(account.ask("GET", "room_keys/version/10", None).await.0, 404, "what nobody uses is gone");
    verify_all_right(&account, Kept::Key(&key));
}

/// Lists the first message index of each key of a version.
async fn indexes(account: &Account, version: &str) -> Vec<u64> {
    let (_, keys) = account.ask("GET", &format!("room_keys/keys?version={version}"), None).await;
    let rooms = keys["rooms"].as_object().unwrap().values();
    let sessions = rooms.flat_map(|room| room["sessions"].as_object().unwrap().values());
    sessions.map(|session| session["first_message_index"].as_u64().unwrap()).collect()
}

/// Other clients go on writing into the old version while a fresh one is held up; their keys are copied, too.
#[tokio::test]
async fn keys_that_arrive_meanwhile_are_not_left_behind() {
    for k in 0..3 {
        let MadeAccount { account, key, backup_key } = MadeAccount::all_right().await;
        let public = backup_key.megolm_v1_public_key();
        let keys = room_keys::make(5, 1);
        let late: Vec<_> = keys.iter().map(|key| room_keys::at(key, 5)).collect();
        account.put_room_keys("1", &public, &late).await;
        let proxy = Proxy::breaking(&account.homeserver, k, Fault::TooLongAWait).await;
        let (mut visit, events) = begin(&proxy.url, &account, &key).await;
        assert!(matches!(events.last(), Some(Event::Failed(Problem::RateLimited { .. }))), "{k}: {events:?}");
        // Better keys for the same sessions, and new ones.
        account.put_room_keys("1", &public, &keys).await;
        account.put_room_keys("1", &public, &room_keys::make(10, 3)).await;
        let (_, rotated) = rotated(&visit.write(Action::Rotate, None).await);
        assert_eq!((rotated.room_keys, rotated.unreadable()), (15, 0), "{k}");
        assert_eq!(indexes(&account, "2").await, [0; 15], "{k}");
        let versions = vec!["1".to_owned()];
        assert_eq!(visit.tell(Command::DeleteOlder { versions }).await, [Event::Deleted], "{k}");
        assert_eq!(restored(&account, &key), 15);
    }
}

/// Some servers number the versions of all users together.
#[tokio::test]
async fn an_older_version_far_below_is_found_again_after_a_closed_tab() {
    let MadeAccount { account, key, .. } = filled(20).await;
    for _ in 0..205 {
        let version = account.create_version(&BackupDecryptionKey::new()).await;
        assert_eq!(account.ask("DELETE", &format!("room_keys/version/{version}"), None).await.0, 200);
    }
    let proxy = Proxy::breaking(&account.homeserver, 2, Fault::ClosedAfter).await;
    begin(&proxy.url, &account, &key).await;
    assert_eq!(account.backup().await.unwrap()["version"], "207");
    let (_, events) = begin(&account.homeserver, &account, &key).await;
    let (_, rotated) = rotated(&events);
    assert_eq!((rotated.room_keys, rotated.maybe_more), (20, true));
    assert_eq!(rotated.superseded().map(|older| older.version.as_str()).collect::<Vec<_>>(), ["1"]);
    assert_eq!(restored(&account, &key), 20);
}

#[tokio::test]
async fn a_backup_key_that_was_entered_on_its_own_is_not_forgotten_by_the_next_visit() {
    for k in 0..5 {
        let MadeAccount { account, key, backup_key } = filled(20).await;
        account.set_account_data("m.megolm_backup.v1", json!({})).await;
        let proxy = Proxy::breaking(&account.homeserver, k, Fault::ClosedAfter).await;
        let (mut visit, _) = Visit::sign_in(&proxy.url, &account).await;
        visit.try_key(&backup_key.to_base58()).await;
        visit.try_key(&key).await;
        visit.write(Action::Rotate, None).await;
        let (mut visit, _) = Visit::sign_in(&account.homeserver, &account).await;
        visit.try_key(&key).await;
        let (_, rotated) = rotated(&visit.write(Action::Rotate, None).await);
        assert_eq!((rotated.room_keys, rotated.unreadable()), (20, 0), "{k}");
        assert_eq!(restored(&account, &key), 20, "{k}");
    }
}

#[tokio::test]
async fn a_recovery_key_that_was_changed_meanwhile_stops_a_fresh_backup() {
    for k in 0..2 {
        let MadeAccount { account, key, .. } = filled(10).await;
        let proxy = Proxy::breaking(&account.homeserver, k, Fault::TooLongAWait).await;
        let (mut visit, _) = begin(&proxy.url, &account, &key).await;
        let (mut theirs, _) = Visit::sign_in(&account.homeserver, &account).await;
        theirs.try_key(&key).await;
        let new = theirs.make_key(None).await;
        let events = theirs.write(Action::ChangeKey, Some(&new)).await;
        assert!(matches!(events.last(), Some(Event::Tried(_))), "{k}: {events:?}");
        let before = account.everything().await;
        let events = visit.write(Action::Rotate, None).await;
        assert_eq!(events.last(), Some(&Event::Failed(Problem::SomeoneElseIsWriting)), "{k}: {events:?}");
        assert_eq!(account.everything().await, before);
        assert!(theirs.try_key(new.expose()).await.is_all_right(), "{k}");
    }
}
