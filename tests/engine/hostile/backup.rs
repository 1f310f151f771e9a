//! Backups that lie: another key's, another algorithm's, hidden ones, and forged answers to writes.

use matrix_sdk_crypto::store::types::BackupDecryptionKey;
use matrixbackup::{
    domain::{
        opening::StoredBackupKey,
        plan::Action,
        problem::{Part, Problem},
    },
    protocol::messages::{Command, Event},
};
use serde_json::{Value, json};

use crate::support::{
    hostile_homeserver::{Answer, Asked, HostileHomeserver, not_found},
    key_files::file_of,
    made::MadeAccount,
    room_keys,
    verifier::{Kept, verify_all_right},
    visit::Visit,
};

/// Makes an account with some keys in its backup.
async fn filled() -> MadeAccount {
    let made = MadeAccount::all_right().await;
    made.account.put_room_keys("1", &made.backup_key.megolm_v1_public_key(), &room_keys::make(20, 3)).await;
    made
}

/// Returns the current version's description.
fn is_look(asked: &Asked) -> bool {
    asked.is("GET", "/room_keys/version")
}

fn with_their_key(version: &mut Value) {
    version["auth_data"]["public_key"] = json!("hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo");
}

/// Checks that every room key that was sent opens with one of these keys; returns their number.
fn assert_sealed_for(server: &HostileHomeserver, keys: &[&BackupDecryptionKey]) -> usize {
    let mut sent = 0;
    for asked in server.writes().iter().filter(|asked| asked.is("PUT", "/room_keys/keys")) {
        for room in asked.body["rooms"].as_object().unwrap().values() {
            for entry in room["sessions"].as_object().unwrap().values() {
                let open = |key: &&BackupDecryptionKey| {
                    let data = serde_json::from_value(entry["session_data"].clone()).unwrap();
                    key.decrypt_session_data(data).is_ok()
                };
                assert!(keys.iter().any(open), "a key went out sealed for somebody else");
                sent += 1;
            }
        }
    }
    sent
}

/// Returns the backup key that is stored now.
async fn stored(made: &MadeAccount) -> BackupDecryptionKey {
    let opened = MadeAccount::open(&made.account, &made.key).await;
    let text = made.account.secret(&opened, "m.megolm_backup.v1").await.unwrap();
    BackupDecryptionKey::from_base64(&text).unwrap()
}

#[tokio::test]
async fn a_foreign_public_key_is_seen_and_nothing_is_sealed_for_it() {
    let made = filled().await;
    let server = HostileHomeserver::before(&made.account.homeserver, |asked| {
        if is_look(asked) { Answer::changed(with_their_key) } else { Answer::Pass }
    })
    .await;
    let (mut visit, _) = Visit::sign_in(&server.url, &made.account).await;
    let opening = visit.try_key(&made.key).await;
    assert!(matches!(opening.found().unwrap().backup, StoredBackupKey::Differs { .. }), "{opening:?}");
    assert_eq!(
        visit.import(&file_of(&room_keys::make(3, 1))).await,
        [Event::Failed(Problem::out_of_order())]
    );
    visit.write(Action::Repair, None).await;
    assert!(server.writes().is_empty(), "it was not even signed: {:#?}", server.writes());
}

#[tokio::test]
async fn a_backup_whose_key_is_swapped_after_it_was_opened_gets_nothing() {
    let made = filled().await;
    let server = HostileHomeserver::before(&made.account.homeserver, |asked| {
        let swapped = is_look(asked) && asked.before >= 2;
        if swapped { Answer::changed(with_their_key) } else { Answer::Pass }
    })
    .await;
    let (mut visit, _) = Visit::sign_in(&server.url, &made.account).await;
    assert!(visit.try_key(&made.key).await.is_all_right());
    let replaced = [Event::Failed(Problem::BackupReplaced)];
    assert_eq!(visit.import(&file_of(&room_keys::make(3, 1))).await, replaced);
    assert_eq!(visit.tell(Command::Count).await, replaced);
    assert_eq!(visit.tell(Command::Check).await, replaced);
    assert_eq!([visit.take_home().await.1], replaced);
    assert!(server.writes().is_empty());
}

#[tokio::test]
async fn a_backup_whose_key_is_swapped_between_the_look_and_the_upload_gets_only_what_ours_opens() {
    let made = filled().await;
    // Read when signing in, when trying the key, and before the import.
    let server = HostileHomeserver::before(&made.account.homeserver, |asked| {
        let swapped = is_look(asked) && asked.before >= 3;
        if swapped { Answer::changed(with_their_key) } else { Answer::Pass }
    })
    .await;
    let (mut visit, _) = Visit::sign_in(&server.url, &made.account).await;
    visit.try_key(&made.key).await;
    let events = visit.import(&file_of(&room_keys::make(3, 1))).await;
    assert_eq!(events, [Event::Failed(Problem::BackupReplaced)], "nobody is told that they are safe there");
    assert_eq!(assert_sealed_for(&server, &[&made.backup_key]), 3);
}

#[tokio::test]
async fn an_unknown_algorithm_is_left_alone_and_a_fresh_backup_of_ours_is_made_beside_it() {
    let made = filled().await;
    let before = made.account.account_data("m.megolm_backup.v1").await.unwrap();
    let server = HostileHomeserver::before(&made.account.homeserver, |asked| {
        // The lie ends once there is a version of ours.
        if !is_look(asked) {
            return Answer::Pass;
        }
        Answer::changed(|version| {
            if version["version"] == "1" {
                version["algorithm"] = json!("org.example.rot13");
                version["auth_data"] = json!({"shift": 13});
            }
        })
    })
    .await;
    let (mut visit, _) = Visit::sign_in(&server.url, &made.account).await;
    let opening = visit.try_key(&made.key).await;
    assert!(!opening.is_all_right(), "{opening:?}");
    visit.write(Action::Repair, None).await;
    assert!(server.writes().is_empty(), "it is not signed");
    visit.try_key(&made.key).await;
    let events = visit.write(Action::Rotate, None).await;
    assert!(matches!(events.last(), Some(Event::Rotated { .. })), "{events:?}");
    let touched = server.writes().into_iter().find(|asked| asked.path.ends_with("/room_keys/version/1"));
    assert!(touched.is_none(), "{touched:?}");
    let (_, old) = made.account.ask("GET", "room_keys/version/1", None).await;
    assert_eq!(old["count"], 20, "every key of it is where it was");
    assert!(made.account.archives().await.iter().any(|archive| archive["m.megolm_backup.v1"] == before));
    assert_sealed_for(&server, &[&stored(&made).await]);
    verify_all_right(&made.account, Kept::Key(&made.key));
}

#[tokio::test]
async fn a_hidden_backup_keeps_its_key_put_aside_before_a_fresh_one_takes_its_place() {
    let made = filled().await;
    let before = made.account.account_data("m.megolm_backup.v1").await.unwrap();
    // The version is hidden until another one is created.
    let created = std::sync::Arc::new(std::sync::atomic::AtomicBool::default());
    let server = HostileHomeserver::before(&made.account.homeserver, move |asked| {
        use std::sync::atomic::Ordering::Relaxed;
        if asked.is("POST", "/room_keys/version") {
            created.store(true, Relaxed);
        }
        if asked.method == "GET" && asked.path.contains("/room_keys/version") && !created.load(Relaxed) {
            return not_found();
        }
        Answer::Pass
    })
    .await;
    let (mut visit, facts) = Visit::sign_in(&server.url, &made.account).await;
    assert_eq!(facts.backup, None);
    let opening = visit.try_key(&made.key).await;
    assert_eq!(opening.found().unwrap().backup, StoredBackupKey::NoBackup, "its key is here, and it is not");
    let events = visit.write(Action::Rotate, None).await;
    assert!(matches!(events.last(), Some(Event::Rotated { .. })), "{events:?}");
    let writes = server.writes();
    let at = |found: &dyn Fn(&Asked) -> bool| writes.iter().position(found).unwrap();
    let archived = at(&|asked| {
        asked.path.contains("/matrixbackup.archive.") && asked.body["m.megolm_backup.v1"] == before
    });
    assert!(archived < at(&|asked| asked.path.ends_with("/m.megolm_backup.v1")), "before it is overwritten");
    let (_, old) = made.account.ask("GET", "room_keys/version/1", None).await;
    assert_eq!(old["count"], 20);

    // Once it is shown again, the next fresh backup has all of its keys.
    let (mut visit, _) = Visit::sign_in(&made.account.homeserver, &made.account).await;
    visit.try_key(&made.key).await;
    let events = visit.write(Action::Rotate, None).await;
    let Some(Event::Rotated { rotated, .. }) = events.last() else { panic!("{events:?}") };
    assert_eq!(rotated.room_keys, 20);
}

#[tokio::test]
async fn a_backup_that_is_hidden_after_it_was_seen_stops_everything() {
    let made = filled().await;
    let server = HostileHomeserver::before(&made.account.homeserver, |asked| {
        let hidden = is_look(asked) && asked.before >= 2;
        if hidden { not_found() } else { Answer::Pass }
    })
    .await;
    let (mut visit, _) = Visit::sign_in(&server.url, &made.account).await;
    assert!(visit.try_key(&made.key).await.is_all_right());
    assert_eq!(visit.tell(Command::Count).await, [Event::Failed(Problem::BackupReplaced)]);
    let events = visit.write(Action::Rotate, None).await;
    assert_eq!(events, [Event::Failed(Problem::SomeoneElseIsWriting)]);
    assert!(server.writes().is_empty());
}

#[tokio::test]
async fn keys_go_into_the_version_that_is_there_whatever_the_answer_to_creating_it_says() {
    let made = filled().await;
    let server = HostileHomeserver::before(&made.account.homeserver, |asked| {
        if asked.is("POST", "/room_keys/version") {
            // The server makes the version, but answers with the old one's name.
            return Answer::Acted(200, json!({"version": "1"}).to_string());
        }
        Answer::Pass
    })
    .await;
    let (mut visit, _) = Visit::sign_in(&server.url, &made.account).await;
    visit.try_key(&made.key).await;
    let events = visit.write(Action::Rotate, None).await;
    assert!(matches!(events.last(), Some(Event::Rotated { .. })), "{events:?}");
    let uploads = server.writes().into_iter().filter(|asked| asked.is("PUT", "/room_keys/keys"));
    let versions: Vec<_> = uploads.map(|asked| asked.query).collect();
    assert_eq!(versions, ["version=2"], "nothing was written over the old one");
    assert_eq!(assert_sealed_for(&server, &[&stored(&made).await]), 20);
    verify_all_right(&made.account, Kept::Key(&made.key));
}

#[tokio::test]
async fn a_version_that_was_only_said_to_be_created_gets_nothing_and_is_never_relied_on() {
    let pretend = |asked: &Asked| {
        if asked.is("POST", "/room_keys/version") {
            return Answer::json(200, json!({"version": "9"}));
        }
        Answer::Pass
    };
    let not_as_written = Event::Failed(Problem::NotAsWritten { part: Part::Backup });
    let made = filled().await;
    let server = HostileHomeserver::before(&made.account.homeserver, pretend).await;
    let (mut visit, _) = Visit::sign_in(&server.url, &made.account).await;
    visit.try_key(&made.key).await;
    let events = visit.write(Action::Rotate, None).await;
    assert_eq!(events.last(), Some(&not_as_written), "{events:?}");
    assert_eq!(assert_sealed_for(&server, &[]), 0);
    let (_, old) = made.account.ask("GET", "room_keys/version/1", None).await;
    assert_eq!(old["count"], 20);

    // After a first set-up, apps are not told to use such a backup.
    let account = crate::support::account::Account::register().await;
    let server = HostileHomeserver::before(&account.homeserver, pretend).await;
    let (mut visit, _) = Visit::sign_in(&server.url, &account).await;
    let key = visit.make_key(None).await;
    let events = visit.write(Action::SetUp, Some(&key)).await;
    assert_eq!(events.last(), Some(&not_as_written), "{events:?}");
    assert_eq!(account.account_data("m.secret_storage.default_key").await, None);
    assert_eq!(account.account_data("m.key_backup").await, None);
}

#[tokio::test]
async fn an_upload_that_is_only_said_to_be_stored_is_found_out() {
    let pretend = |asked: &Asked| {
        if asked.is("PUT", "/room_keys/keys") {
            return Answer::json(200, json!({"etag": "made up", "count": 1_000_000}));
        }
        Answer::Pass
    };
    let made = filled().await;
    let server = HostileHomeserver::before(&made.account.homeserver, pretend).await;
    let (mut visit, _) = Visit::sign_in(&server.url, &made.account).await;
    visit.try_key(&made.key).await;
    let not_as_written = [Event::Failed(Problem::NotAsWritten { part: Part::Backup })];
    assert_eq!(visit.import(&file_of(&room_keys::make(3, 1))).await, not_as_written);
    let events = visit.write(Action::Rotate, None).await;
    assert!(events.ends_with(&not_as_written), "{events:?}");
    let (_, old) = made.account.ask("GET", "room_keys/version/1", None).await;
    assert_eq!(old["count"], 20, "every key is where it was");
}
