//! Exports the whole backup as one file.

use std::cell::RefCell;

use crate::support::{
    key_files::{PASSPHRASE, exported_by_sdk, other_client, read_by_js_sdk},
    made::MadeAccount,
    proxy::Proxy,
    room_keys,
    visit::Visit,
};
use matrix_sdk_crypto::store::types::BackupDecryptionKey;
use matrixbackup::{
    domain::{
        key_file::{Imported, TakenHome},
        problem::Problem,
        secret::Secret,
    },
    protocol::messages::{Command, Event},
};
use serde_json::{Value, json};

async fn open(made: &MadeAccount) -> Visit {
    let (mut visit, _) = Visit::sign_in(&made.account.homeserver, &made.account).await;
    assert!(visit.try_key(&made.key).await.is_all_right());
    visit
}

fn now_ms() -> u64 {
    std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_millis().try_into().unwrap()
}

#[tokio::test]
async fn the_file_holds_every_key_as_another_client_wants_it_and_nothing_was_changed() {
    let made = MadeAccount::all_right().await;
    let public = made.backup_key.megolm_v1_public_key();
    let mut keys = room_keys::make(3_000, 40);
    keys[0].shared_history = true;
    made.account.put_room_keys("1", &public, &keys).await;
    // Two entries do not open.
    let theirs = BackupDecryptionKey::new().megolm_v1_public_key();
    made.account.put_room_keys("1", &theirs, &room_keys::make(2, 1)).await;
    let before = made.account.everything().await;
    let mut visit = open(&made).await;
    let start = now_ms();
    let (file, told) = visit.take_home().await;
    let Event::TakenHome(taken) = told else { panic!("{told:?}") };
    assert!((start..=now_ms()).contains(&taken.at_ms));
    let expected = TakenHome {
        room_keys: 3_000,
        rooms: 40,
        unreadable: 2,
        bytes: file.len() as u64,
        at_ms: taken.at_ms,
    };
    assert_eq!(taken, expected);
    assert_eq!(made.account.everything().await, before);

    let answer = other_client(json!({"do": "open", "file": file, "passphrase": PASSPHRASE}));
    let read: Value = serde_json::from_str(answer["text"].as_str().unwrap()).unwrap();
    let by_session = |key: &Value| key["session_id"].as_str().unwrap().to_owned();
    let mut read = read.as_array().unwrap().clone();
    read.sort_by_key(by_session);
    let mut meant: Vec<_> = keys.iter().map(|key| serde_json::to_value(key).unwrap()).collect();
    meant.sort_by_key(by_session);
    assert_eq!(read, meant);
    for field in ["algorithm", "sender_key", "sender_claimed_keys", "forwarding_curve25519_key_chain"] {
        assert!(meant[0].get(field).is_some(), "{field}");
    }
}

#[tokio::test]
async fn an_old_message_is_read_from_the_file_alone() {
    let made = MadeAccount::all_right().await;
    let (exported, events) = exported_by_sdk(&made.account, &["one", "two"]).await;
    let mut visit = open(&made).await;
    assert!(matches!(visit.import(&exported).await[..], [Event::Imported(_)]));
    let (file, told) = visit.take_home().await;
    assert!(matches!(told, Event::TakenHome(_)), "{told:?}");
    visit.sign_out().await;
    assert_eq!(read_by_js_sdk(&made.account, &file, &events), (2, 2));
}

#[tokio::test]
async fn what_was_taken_home_goes_into_another_accounts_backup() {
    let (from, to) = (MadeAccount::all_right().await, MadeAccount::all_right().await);
    let keys = room_keys::make(500, 9);
    from.account.put_room_keys("1", &from.backup_key.megolm_v1_public_key(), &keys).await;
    let (file, _) = open(&from).await.take_home().await;
    let mut visit = open(&to).await;
    let expected = Imported { in_file: 500, new: 500, rooms: 9, room_keys: 500, ..Imported::default() };
    assert_eq!(visit.import(&file).await, [Event::Imported(expected)]);
    // Imported again, everything is there.
    let (file, _) = visit.take_home().await;
    let expected = Imported { new: 0, already_there: 500, ..expected };
    assert_eq!(open(&from).await.import(&file).await, [Event::Imported(expected)]);
}

#[tokio::test]
async fn an_export_is_stopped_before_a_piece_is_given_and_can_be_asked_for_again() {
    let made = MadeAccount::all_right().await;
    made.account
        .put_room_keys("1", &made.backup_key.megolm_v1_public_key(), &room_keys::make(1_200, 4))
        .await;
    let mut visit = open(&made).await;
    let stop = visit.engine.stop();
    // Stopped while keys are opened, written, and read back.
    for stop_in in [0, 1, 2] {
        let (events, stage) = (RefCell::new(Vec::new()), RefCell::new(0));
        let tell = |event| match event {
            Event::Progress { done, total } => {
                assert_eq!(total, 1_200);
                if *stage.borrow() == stop_in && done == 500 {
                    stop.set(true);
                }
                *stage.borrow_mut() += i32::from(done == total);
            }
            event => events.borrow_mut().push(event),
        };
        let command = Command::TakeHome { passphrase: Secret::from(PASSPHRASE) };
        visit.engine.handle(command, &tell).await;
        assert_eq!(events.into_inner(), [Event::Stopped]);
    }
    let (_, told) = visit.take_home().await;
    assert!(matches!(told, Event::TakenHome(TakenHome { room_keys: 1_200, .. })), "{told:?}");
}

#[tokio::test]
async fn an_empty_backup_is_an_empty_file_and_no_passphrase_is_none() {
    let made = MadeAccount::all_right().await;
    let proxy = Proxy::recording(&made.account.homeserver).await;
    let (mut visit, _) = Visit::sign_in(&proxy.url, &made.account).await;
    assert_eq!(visit.take_home().await.1, Event::Failed(Problem::out_of_order()), "no backup is open");
    visit.try_key(&made.key).await;
    let (file, told) = visit.take_home().await;
    assert!(matches!(told, Event::TakenHome(TakenHome { room_keys: 0, rooms: 0, .. })), "{told:?}");
    let answer = other_client(json!({"do": "open", "file": file, "passphrase": PASSPHRASE}));
    assert_eq!(answer["text"], "[]");
    assert_eq!(proxy.writes(), []);
    let blank = visit.tell(Command::TakeHome { passphrase: Secret::from(" ") }).await;
    assert_eq!(blank, [Event::Failed(Problem::out_of_order())]);
}
