//! Compares emoji with the person's other devices, and has secrets handed over then, in either direction. Each test
//! runs with two apps: one on matrix-sdk's `Client`, one on matrix-js-sdk.

use std::{
    future::ready,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use futures_util::{
    StreamExt as _,
    future::{Either, select},
    stream,
};
use matrix_sdk::{reqwest, ruma::events::secret::request::ToDeviceSecretRequestEvent};
use matrix_sdk_crypto::store::types::BackupDecryptionKey;
use matrixbackup::{
    domain::{
        diagnosis::{Diagnosis, Known, diagnose},
        handed_over::{HandedBackupKey, HandedOver},
        plan::{Action, Task},
        problem::Problem,
        proof::Last,
        secret::Secret,
        verification::{CancelReason, Move, Partner, Shown, Verification},
    },
    engine::DEVICE_NAME,
    protocol::messages::{Command, Event},
};
use serde_json::{Value, json};
use tokio::join;

use crate::{
    app::{App, End, Has, Js, Native},
    support::{
        account::Account,
        hostile_homeserver::{Answer, HostileHomeserver},
        made::MadeAccount,
        proxy::{Fault, Proxy, Reply},
        verifier::{Kept, verify_all_right},
        visit::{Visit, outcome, password_wanted, tasks_in},
    },
};

/// The page asks, the app says yes, the emoji are the same.
async fn compare(visit: &mut Visit, app: &mut impl App) {
    assert_eq!(visit.verify(Move::Ask).await, Verification::Asked);
    let (ours, theirs) = join!(visit.emoji(), app.accept());
    assert_eq!(ours.len(), 7);
    assert_eq!(ours, theirs);
    app.say_they_match().await;
    assert!(matches!(visit.say_they_match().await, Verification::Confirmed(_) | Verification::Done(_)));
    let (end, theirs) = join!(visit.ended(), app.ended());
    assert_eq!(theirs, End::Done);
    assert!(matches!(&end, Verification::Done(partner) if partner.device_id == app.device_id()), "{end:?}");
}

async fn an_app_hands_over_what_a_new_key_then_opens<A: App>() {
    let account = Account::register().await;
    let mut app = A::sign_in(&account, "App", Has::Backup).await;
    app.write(&["one", "two", "three"]).await;
    account.room_keys_in_backup(3).await;
    let (identity, version) =
        (account.master_key().await, account.backup().await.unwrap()["version"].clone());

    let (mut visit, facts) = Visit::sign_in(&account.homeserver, &account).await;
    assert_eq!(diagnose(&facts, &Known::default()), Diagnosis::BackupWithoutRecoveryKey);
    compare(&mut visit, &mut app).await;
    let came = visit.handed_over().await;
    assert_eq!(came, HandedOver { identity: true, backup: HandedBackupKey::Fits });
    let key = visit.make_key(None).await;
    let (proved, tasks) = outcome(&visit.write(Action::AddKey, Some(&key)).await);
    use Task::*;
    assert_eq!(tasks, [CheckUnchanged, StoreSecrets, ReadBack, Commit, Announce, TryAsStranger]);
    assert_eq!(proved.unwrap().room_keys, 3);
    assert_eq!(visit.count().await, 3);
    assert_eq!(account.master_key().await, identity);
    assert_eq!(account.backup().await.unwrap()["version"], version);
    verify_all_right(&account, Kept::Key(key.expose()));
    visit.sign_out().await;
}

#[tokio::test]
async fn a_native_app_hands_over_what_a_new_key_then_opens() {
    an_app_hands_over_what_a_new_key_then_opens::<Native>().await;
}

#[tokio::test]
async fn a_js_app_hands_over_what_a_new_key_then_opens() {
    an_app_hands_over_what_a_new_key_then_opens::<Js>().await;
}

/// Sets up a backup beside an app with old messages.
async fn set_up_beside(account: &Account, app: &mut impl App) -> (Visit, Secret) {
    app.write(&["one", "two", "three"]).await;
    let (mut visit, _) = Visit::sign_in(&account.homeserver, account).await;
    let key = visit.make_key(None).await;
    visit.set_up(&key).await.0.unwrap();
    assert_eq!(visit.count().await, 0);
    (visit, key)
}

/// Listens and counts until the backup holds this many keys.
async fn arrive(visit: &mut Visit, keys: u64) {
    let mut counted = 0;
    for _ in 0..40 {
        visit.listen_a_while().await;
        counted = visit.count().await;
        if counted == keys {
            return;
        }
    }
    panic!("only {counted} of {keys} keys arrived");
}

async fn an_app_that_compared_emoji_brings_every_old_key_by_itself<A: App>() {
    let account = Account::register().await;
    let mut app = A::sign_in(&account, "App", Has::Nothing).await;
    let (mut visit, key) = set_up_beside(&account, &mut app).await;
    compare(&mut visit, &mut app).await;
    arrive(&mut visit, 3).await;
    assert_eq!(account.verified_devices().await, ["App", DEVICE_NAME]);
    verify_all_right(&account, Kept::Key(key.expose()));
    visit.sign_out().await;
}

#[tokio::test]
async fn a_native_app_that_compared_emoji_brings_every_old_key_by_itself() {
    an_app_that_compared_emoji_brings_every_old_key_by_itself::<Native>().await;
}

#[tokio::test]
async fn a_js_app_that_compared_emoji_brings_every_old_key_by_itself() {
    an_app_that_compared_emoji_brings_every_old_key_by_itself::<Js>().await;
}

/// The app asks, the page says yes.
async fn an_app_that_asks_is_helped_just_the_same<A: App>() {
    let account = Account::register().await;
    let mut app = A::sign_in(&account, "App", Has::Nothing).await;
    let (mut visit, key) = set_up_beside(&account, &mut app).await;
    visit.tell(Command::Listen).await;
    let page = account.device_named(DEVICE_NAME).await;
    let partner = Partner { device_id: app.device_id(), name: Some("App".to_owned()) };
    let accept = async {
        let asks = visit.hear(|event| match event {
            Event::Verification(Verification::AskedBy(partner)) => Some(partner.clone()),
            _ => None,
        });
        assert_eq!(asks.await, partner);
        visit.verify(Move::Accept).await;
        visit.emoji().await
    };
    let (ours, theirs) = join!(accept, app.ask(&page));
    assert_eq!(ours, theirs);
    visit.say_they_match().await;
    app.say_they_match().await;
    let (end, theirs) = join!(visit.ended(), app.ended());
    assert_eq!((end, theirs), (Verification::Done(partner), End::Done));
    arrive(&mut visit, 3).await;
    verify_all_right(&account, Kept::Key(key.expose()));
}

#[tokio::test]
async fn a_native_app_that_asks_is_helped_just_the_same() {
    an_app_that_asks_is_helped_just_the_same::<Native>().await;
}

#[tokio::test]
async fn a_js_app_that_asks_is_helped_just_the_same() {
    an_app_that_asks_is_helped_just_the_same::<Js>().await;
}

/// On a later visit, only the entered key makes this page a device that others can rely on.
#[tokio::test]
async fn a_later_visit_helps_an_app_with_the_key_that_was_entered() {
    let account = Account::register().await;
    let mut app = Native::sign_in(&account, "App", Has::Nothing).await;
    let (mut visit, key) = set_up_beside(&account, &mut app).await;
    visit.sign_out().await;
    let (mut visit, _) = Visit::sign_in(&account.homeserver, &account).await;
    // The device is published before the page has the identity.
    visit.tell(Command::Listen).await;
    assert_eq!(account.verified_devices().await, [""; 0]);
    visit.try_key(key.expose()).await;
    visit.tell(Command::Listen).await;
    assert_eq!(account.verified_devices().await, [DEVICE_NAME]);
    compare(&mut visit, &mut app).await;
    arrive(&mut visit, 3).await;
    assert_eq!(account.verified_devices().await, ["App", DEVICE_NAME]);
}

/// The account has an identity but no backup yet: the page makes one.
async fn backup_made_for<A: App>(account: &Account, app: &mut A) -> (Visit, Secret) {
    app.write(&["one", "two", "three"]).await;
    let (mut visit, facts) = Visit::sign_in(&account.homeserver, account).await;
    assert_eq!(diagnose(&facts, &Known::default()), Diagnosis::IdentityOnly);
    compare(&mut visit, app).await;
    let came = visit.handed_over().await;
    assert_eq!(came, HandedOver { identity: true, backup: HandedBackupKey::NoBackup });
    let key = visit.make_key(None).await;
    let (proved, tasks) = outcome(&visit.write(Action::AddKey, Some(&key)).await);
    use Task::*;
    assert_eq!(
        tasks,
        [CheckUnchanged, StoreSecrets, CreateBackup, ReadBack, Commit, Announce, TryAsStranger]
    );
    proved.unwrap();
    (visit, key)
}

/// The app takes the key, which it is given unasked (MSC4385).
#[tokio::test]
async fn a_js_app_uses_a_backup_that_was_made_after_comparing_by_itself() {
    let account = Account::register().await;
    let mut app = Js::sign_in(&account, "App", Has::Identity).await;
    let (mut visit, key) = backup_made_for(&account, &mut app).await;
    arrive(&mut visit, 3).await;
    assert_eq!(app.backup().await, Some("1".to_owned()));
    verify_all_right(&account, Kept::Key(key.expose()));
}

/// This app ignores a key that it is given unasked, but asks for one after comparing again.
#[tokio::test]
async fn a_native_app_uses_a_backup_that_was_made_after_comparing_once_it_compares_again() {
    let account = Account::register().await;
    let mut app = Native::sign_in(&account, "App", Has::Identity).await;
    let (mut visit, key) = backup_made_for(&account, &mut app).await;
    for _ in 0..5 {
        visit.listen_a_while().await;
    }
    assert_eq!((visit.count().await, app.backup().await), (0, None), "it need not compare again any more");
    compare(&mut visit, &mut app).await;
    arrive(&mut visit, 3).await;
    verify_all_right(&account, Kept::Key(key.expose()));
}

/// Makes a key for the secrets that an app has handed over.
async fn key_beside(account: &Account, app: &mut impl App) -> Secret {
    let (mut visit, _) = Visit::sign_in(&account.homeserver, account).await;
    compare(&mut visit, app).await;
    visit.handed_over().await;
    let key = visit.make_key(None).await;
    outcome(&visit.write(Action::AddKey, Some(&key)).await).0.unwrap();
    visit.sign_out().await;
    key
}

/// Stores handed-over secrets under the person's key, which lacked them.
async fn mended_with_an_app(lacks: &[&str], expected: &[Task]) {
    let account = Account::register().await;
    let mut app = Native::sign_in(&account, "App", Has::Backup).await;
    let key = key_beside(&account, &mut app).await;
    let opened = MadeAccount::open(&account, key.expose()).await;
    for secret in lacks {
        account
            .set_account_data(secret, json!({"encrypted": {"theirs": {"iv": "a"}, opened.key_id(): {}}}))
            .await;
    }
    let before = account.account_data(lacks[0]).await.unwrap();

    let (mut visit, _) = Visit::sign_in(&account.homeserver, &account).await;
    let opening = visit.try_key(key.expose()).await;
    assert!(!opening.is_all_right(), "{opening:?}");
    compare(&mut visit, &mut app).await;
    let tried = visit.told.len();
    let came = visit.handed_over().await;
    assert_eq!(came, HandedOver { identity: true, backup: HandedBackupKey::Fits });
    let told = &visit.told[tried..];
    let at = |wanted: fn(&Event) -> bool| told.iter().rposition(wanted).unwrap();
    let (looked, tried) =
        (at(|event| matches!(event, Event::Looked(_))), at(|event| matches!(event, Event::Tried(_))));
    assert!(looked < tried && tried < at(|event| matches!(event, Event::HandedOver(_))), "{told:?}");
    let events = visit.write(Action::Repair, None).await;
    assert_eq!(tasks_in(&events), expected);
    let Some(Event::Tried(opening)) = events.last() else { panic!("{events:?}") };
    assert!(opening.is_all_right(), "{opening:?}");
    let after = account.account_data(lacks[0]).await.unwrap();
    assert_eq!(after["encrypted"]["theirs"], json!({"iv": "a"}), "theirs stays");
    let archives = account.archives().await;
    assert!(archives.iter().any(|archive| archive[lacks[0]] == before), "{archives:?}");
    verify_all_right(&account, Kept::Key(key.expose()));
}

#[tokio::test]
async fn an_identity_that_was_handed_over_goes_under_the_key_that_lacked_it() {
    use Task::*;
    let lacks = ["m.cross_signing.master"];
    mended_with_an_app(&lacks, &[CheckUnchanged, StoreIdentity, SignBackup, TryAsStranger]).await;
}

/// The key's description says that its phrase needs only one round.
#[tokio::test]
async fn nothing_that_was_handed_over_goes_under_a_weak_key() {
    let account = Account::register().await;
    let mut app = Native::sign_in(&account, "App", Has::Backup).await;
    let key = key_beside(&account, &mut app).await;
    let opened = MadeAccount::open(&account, key.expose()).await;
    let description = format!("m.secret_storage.key.{}", opened.key_id());
    let mut weak = account.account_data(&description).await.unwrap();
    weak["passphrase"] = json!({"algorithm": "m.pbkdf2", "salt": "salt", "iterations": 1});
    account.set_account_data(&description, weak).await;
    account.set_account_data("m.cross_signing.master", json!({})).await;
    let before = account.everything().await;

    let (mut visit, _) = Visit::sign_in(&account.homeserver, &account).await;
    visit.try_key(key.expose()).await;
    compare(&mut visit, &mut app).await;
    visit.handed_over().await;
    assert_eq!(visit.write(Action::Repair, None).await, [Event::Failed(Problem::WeakKey)]);
    assert_eq!(account.everything().await["account_data"], before["account_data"]);
}

#[tokio::test]
async fn a_backup_key_that_was_handed_over_goes_under_the_key_that_lacked_it() {
    use Task::*;
    mended_with_an_app(&["m.megolm_backup.v1"], &[CheckUnchanged, StoreBackupKey, SignBackup, TryAsStranger])
        .await;
}

/// Starts an app that has everything, and a page that was not told of it.
async fn beside_an_app<A: App>() -> (Account, A, Visit) {
    let account = Account::register().await;
    let app = A::sign_in(&account, "App", Has::Backup).await;
    let (visit, _) = Visit::sign_in(&account.homeserver, &account).await;
    (account, app, visit)
}

fn cancelled(by_us: bool, reason: CancelReason) -> Verification {
    Verification::Cancelled { by_us, reason }
}

/// Ends a comparison early in every way, from either side; then trying again works.
async fn a_comparison_that_is_ended_early_says_why_and_may_be_tried_again<A: App>() {
    let (account, mut app, mut visit) = beside_an_app::<A>().await;
    // The app says no.
    visit.verify(Move::Ask).await;
    let (end, ()) = join!(visit.ended(), app.decline());
    assert_eq!(end, cancelled(false, CancelReason::Declined));
    // The page gives up waiting; a move that comes too late changes nothing.
    visit.verify(Move::Ask).await;
    assert_eq!(visit.verify(Move::Cancel).await, cancelled(true, CancelReason::Declined));
    let same = Shown::new(Vec::new(), (1_000, 2_000, 3_000)).unwrap();
    for late in [Move::Match(same), Move::Differ, Move::Accept, Move::Cancel] {
        assert_eq!(visit.verify(late).await, cancelled(true, CancelReason::Declined));
    }
    app.forget_requests().await;
    // Each of the two sides cancels while the emoji are shown, and each says that they differ.
    for (by_us, reason) in [
        (true, CancelReason::Declined),
        (false, CancelReason::Declined),
        (true, CancelReason::Differed),
        (false, CancelReason::Differed),
    ] {
        visit.verify(Move::Ask).await;
        let (ours, theirs) = join!(visit.emoji(), app.accept());
        assert_eq!(ours, theirs);
        let code = if reason == CancelReason::Differed { "m.mismatched_sas" } else { "m.user" };
        let end = match (by_us, reason) {
            (true, CancelReason::Differed) => visit.verify(Move::Differ).await,
            (true, _) => visit.verify(Move::Cancel).await,
            (false, CancelReason::Differed) => join!(visit.ended(), app.say_they_differ()).0,
            (false, _) => join!(visit.ended(), app.cancel()).0,
        };
        assert_eq!(end, cancelled(by_us, reason));
        assert_eq!(app.ended().await, End::Cancelled(code.to_owned()), "{by_us} {reason:?}");
    }
    assert_eq!(account.verified_devices().await, ["App"], "nobody trusts anybody more than before");
    compare(&mut visit, &mut app).await;
    assert!(visit.handed_over().await.is_complete());
}

#[tokio::test]
async fn a_comparison_with_a_native_app_that_is_ended_early_says_why_and_may_be_tried_again() {
    a_comparison_that_is_ended_early_says_why_and_may_be_tried_again::<Native>().await;
}

#[tokio::test]
async fn a_comparison_with_a_js_app_that_is_ended_early_says_why_and_may_be_tried_again() {
    a_comparison_that_is_ended_early_says_why_and_may_be_tried_again::<Js>().await;
}

/// Nothing is written before everything was handed over.
#[tokio::test]
async fn no_key_is_added_before_an_app_has_handed_everything_over() {
    let (account, mut app, mut visit) = beside_an_app::<Native>().await;
    let before = account.everything().await;
    let key = visit.make_key(None).await;
    let refused = [Event::Failed(Problem::SomeoneElseIsWriting)];
    assert_eq!(visit.write(Action::AddKey, Some(&key)).await, refused);
    visit.verify(Move::Ask).await;
    join!(visit.emoji(), app.accept());
    assert_eq!(visit.write(Action::AddKey, Some(&key)).await, refused);
    assert_eq!(account.everything().await, before);
}

/// The machine has heard of the old identity by then, and of this device without a signature (matrix-rust-sdk#4728).
#[tokio::test]
async fn a_new_identity_is_whole_though_other_devices_were_listened_to_before() {
    for compares in [false, true] {
        let (account, mut app, mut visit) = beside_an_app::<Native>().await;
        if compares {
            // A new identity is made even if the old one was handed over.
            compare(&mut visit, &mut app).await;
            visit.handed_over().await;
        } else {
            visit.listen_a_while().await;
            visit.listen_a_while().await;
        }
        let old = account.master_key().await;
        let key = visit.make_key(None).await;
        let events = visit.write(Action::Reset, Some(&key)).await;
        assert_eq!(events.last(), Some(&password_wanted(Last::None)));
        // Listening now would make the machine forget the new identity.
        let heard = visit.tell(Command::Listen).await;
        assert_eq!(heard, [Event::Heard { trouble: Some(Problem::out_of_order()) }]);
        let events = visit.give_password(&account.password).await;
        outcome(&events).0.unwrap();
        assert_ne!(account.master_key().await, old);
        assert_eq!(account.verified_devices().await, [DEVICE_NAME]);
        verify_all_right(&account, Kept::Key(key.expose()));
        visit.listen_a_while().await;
        visit.listen_a_while().await;
        compare(&mut visit, &mut app).await;
        assert_eq!(account.verified_devices().await, ["App", DEVICE_NAME]);
    }
}

#[tokio::test]
async fn a_first_identity_is_whole_though_other_devices_were_listened_to_before() {
    let account = Account::register().await;
    let (mut visit, _) = Visit::sign_in(&account.homeserver, &account).await;
    visit.listen_a_while().await;
    visit.listen_a_while().await;
    let key = visit.make_key(None).await;
    visit.set_up(&key).await.0.unwrap();
    assert_eq!(account.verified_devices().await, [DEVICE_NAME]);
    verify_all_right(&account, Kept::Key(key.expose()));
}

/// After a new identity, this app goes on using the backup that it knows, and never asks for the new one's key.
#[tokio::test]
async fn a_js_app_that_has_an_older_backups_key_takes_the_new_one_after_comparing() {
    let (account, mut app, mut visit) = beside_an_app::<Js>().await;
    app.write(&["one", "two", "three"]).await;
    account.room_keys_in_backup(3).await;
    let key = visit.make_key(None).await;
    visit.write(Action::Reset, Some(&key)).await;
    outcome(&visit.give_password(&account.password).await).0.unwrap();
    compare(&mut visit, &mut app).await;
    arrive(&mut visit, 3).await;
    assert_eq!(app.backup().await, Some("2".to_owned()));
    verify_all_right(&account, Kept::Key(key.expose()));
}

/// The app is stopped right after its last message: it reads the requests for secrets when it runs again.
#[tokio::test]
async fn secrets_that_come_late_are_taken() {
    let (_, mut app, mut visit) = beside_an_app::<Native>().await;
    visit.verify(Move::Ask).await;
    let (ours, theirs) = join!(visit.emoji(), app.accept());
    assert_eq!(ours, theirs);
    visit.say_they_match().await;
    // Wait until the app's last message comes together with its "they match".
    tokio::time::sleep(Duration::from_secs(2)).await;
    app.say_they_match().await;
    app.sleep();
    assert!(matches!(visit.ended().await, Verification::Done(_)));
    visit.listen_a_while().await;
    let told = visit.told.iter().rev().find_map(|event| match event {
        Event::HandedOver(came) => Some(*came),
        _ => None,
    });
    assert_eq!(told, Some(HandedOver { identity: false, backup: HandedBackupKey::Missing }));
    let key = visit.make_key(None).await;
    let refused = [Event::Failed(Problem::SomeoneElseIsWriting)];
    assert_eq!(visit.write(Action::AddKey, Some(&key)).await, refused);
    app.wake();
    assert!(visit.handed_over().await.is_complete());
}

/// No app answers; the page may ask again once the app runs.
#[tokio::test]
async fn an_app_that_does_not_answer_can_be_asked_again() {
    let (_, mut app, mut visit) = beside_an_app::<Native>().await;
    app.sleep();
    assert_eq!(visit.verify(Move::Ask).await, Verification::Asked);
    for _ in 0..2 {
        assert_eq!(visit.listen_a_while().await, [Event::Heard { trouble: None }]);
    }
    // The app was loaded anew, and has forgotten the question.
    assert_eq!(visit.verify(Move::Ask).await, Verification::Asked);
    app.wake();
    tokio::time::sleep(Duration::from_secs(2)).await;
    app.forget_what_was_asked();
    compare(&mut visit, &mut app).await;
    assert!(visit.handed_over().await.is_complete());
}

/// Tells whether a key in an archive, encrypted under the person's key, opens this version.
async fn is_put_aside(account: &Account, key: &Secret, version: &str) -> bool {
    let opened = MadeAccount::open(account, key.expose()).await;
    let (_, version) = account.ask("GET", &format!("room_keys/version/{version}"), None).await;
    account.archives().await.iter().any(|archive| {
        let entry = &archive["m.megolm_backup.v1"]["encrypted"][opened.key_id()];
        let key = opened.decrypt("m.megolm_backup.v1", entry);
        key.is_some_and(|key| {
            let key = BackupDecryptionKey::from_base64(&key).unwrap();
            version["auth_data"]["public_key"] == key.megolm_v1_public_key().to_base64()
        })
    })
}

/// The app with the older backup's key was not running; when it answers, there is a newer backup.
#[tokio::test]
async fn a_backup_key_that_comes_after_a_newer_backup_was_made_is_put_aside() {
    let account = Account::register().await;
    let mut app = Native::sign_in(&account, "App", Has::Identity).await;
    let mut late = Native::sign_in(&account, "Late", Has::Nothing).await;
    app.sign(&late.device_id()).await;
    late.trust_identity().await;
    late.client.encryption().backups().create().await.unwrap();
    assert_eq!(account.backup().await.unwrap()["version"], "1");
    let asked: Arc<Mutex<Vec<Value>>> = Arc::default();
    let requests = asked.clone();
    late.client.add_event_handler(move |event: ToDeviceSecretRequestEvent| {
        requests.lock().unwrap().push(serde_json::to_value(&event.content).unwrap());
        ready(())
    });
    late.sleep();

    let (mut visit, _) = Visit::sign_in(&account.homeserver, &account).await;
    compare(&mut visit, &mut app).await;
    let wanted = HandedOver { identity: true, backup: HandedBackupKey::Missing };
    visit.hear(|event| (*event == Event::HandedOver(wanted)).then_some(())).await;
    app.sleep();
    let key = visit.make_key(None).await;
    let (proved, tasks) = outcome(&visit.write(Action::AddKey, Some(&key)).await);
    assert!(tasks.contains(&Task::CreateBackup), "{tasks:?}");
    assert_eq!(proved.unwrap().backup_version, "2");
    for _ in 0..3 {
        visit.listen_a_while().await;
    }
    assert!(!is_put_aside(&account, &key, "1").await);
    assert_eq!(encrypted_for(&app).await, 0, "for all that is known it has the key, and would forget it");

    late.wake();
    let mut number = 0;
    while !is_put_aside(&account, &key, "1").await {
        number += 1;
        assert!(number < 20, "it never came");
        visit.listen_a_while().await;
        // The app may have been asked before it knew that it can rely on the page.
        let again = asked.lock().unwrap().clone();
        for (at, content) in again.into_iter().enumerate() {
            let body = json!({"messages": {&account.user_id: {late.device_id(): content}}});
            let path = format!("sendToDevice/m.secret.request/again-{number}-{at}");
            assert_eq!(account.ask("PUT", &path, Some(body)).await.0, 200);
        }
    }
    visit.listen_a_while().await;
    visit.listen_a_while().await;
    assert!(encrypted_for(&app).await > 0, "now it may have the newer one's");
    assert!(is_put_aside(&account, &key, "1").await);
    assert!(!is_put_aside(&account, &key, "2").await, "that is where it belongs");
    verify_all_right(&account, Kept::Key(key.expose()));
}

/// Another client's backup has come in between.
#[tokio::test]
async fn a_backup_that_the_app_cannot_open_stays_below_a_new_one_and_not_before_it_was_looked_at() {
    let (account, mut app, mut visit) = beside_an_app::<Native>().await;
    let theirs = BackupDecryptionKey::new();
    account.create_version(&theirs).await;
    compare(&mut visit, &mut app).await;
    let wanted = HandedOver { identity: true, backup: HandedBackupKey::Differs };
    visit.hear(|event| (*event == Event::HandedOver(wanted)).then_some(())).await;
    let key = visit.make_key(None).await;
    // The person has seen another backup.
    let refused = [Event::Failed(Problem::SomeoneElseIsWriting)];
    assert_eq!(visit.write(Action::AddKey, Some(&key)).await, refused);
    visit.tell(Command::Look).await;
    let key = visit.make_key(None).await;
    let (proved, tasks) = outcome(&visit.write(Action::AddKey, Some(&key)).await);
    assert!(tasks.contains(&Task::CreateBackup), "{tasks:?}");
    assert_eq!(proved.unwrap().backup_version, "3");
    assert_eq!(account.ask("GET", "room_keys/version/2", None).await.0, 200, "theirs stays below");
    assert!(is_put_aside(&account, &key, "1").await, "the app may forget what opens its old backup");
    verify_all_right(&account, Kept::Key(key.expose()));
}

#[tokio::test]
async fn an_added_key_above_an_older_backup_can_be_finished_after_a_visit_that_ended_early() {
    let (account, mut app, mut visit) = beside_an_app::<Native>().await;
    visit.sign_out().await;
    account.create_version(&BackupDecryptionKey::new()).await;
    let server = HostileHomeserver::before(&account.homeserver, |asked| {
        if asked.is("POST", "/room_keys/version") {
            return Answer::Instead(403, r#"{"errcode":"M_FORBIDDEN"}"#.to_owned());
        }
        Answer::Pass
    })
    .await;
    let (mut visit, _) = Visit::sign_in(&server.url, &account).await;
    compare(&mut visit, &mut app).await;
    let wanted = HandedOver { identity: true, backup: HandedBackupKey::Differs };
    visit.hear(|event| (*event == Event::HandedOver(wanted)).then_some(())).await;
    let key = visit.make_key(None).await;
    let (failed, tasks) = outcome(&visit.write(Action::AddKey, Some(&key)).await);
    assert!(failed.is_err());
    assert_eq!(tasks.last(), Some(&Task::StoreSecrets), "{tasks:?}");
    visit.sign_out().await;
    let (mut visit, facts) = Visit::sign_in(&account.homeserver, &account).await;
    assert_eq!(diagnose(&facts, &Known::default()), Diagnosis::Unfinished);
    assert_eq!(visit.resume(key.expose()).await.unwrap().backup_version, "3");
    verify_all_right(&account, Kept::Key(key.expose()));
}

/// The unverified one of two apps could hand nothing over, so it is not asked.
#[tokio::test]
async fn of_two_apps_the_verified_one_is_asked() {
    let (account, mut app, mut visit) = beside_an_app::<Native>().await;
    let other = Native::sign_in(&account, "Unverified", Has::Nothing).await;
    compare(&mut visit, &mut app).await;
    assert!(visit.handed_over().await.is_complete());
    assert!(!other.is_asked(), "it could not answer");
}

/// If this page has the identity, each app is asked; once one has answered, the others stop asking the person.
#[tokio::test]
async fn of_two_apps_that_could_be_helped_the_one_that_answers_is_helped() {
    let account = Account::register().await;
    let mut app = Native::sign_in(&account, "App", Has::Nothing).await;
    let mut other = Js::sign_in(&account, "Other", Has::Nothing).await;
    let (mut visit, _) = set_up_beside(&account, &mut app).await;
    compare(&mut visit, &mut app).await;
    other.forget_requests().await;
    arrive(&mut visit, 3).await;
    other.write(&["four", "five"]).await;
    compare_again(&mut visit, &mut other, &mut app).await;
    arrive(&mut visit, 5).await;
    assert_eq!(account.verified_devices().await, ["App", DEVICE_NAME, "Other"]);
}

/// Does as [`compare`] while another app is asked, too.
async fn compare_again(visit: &mut Visit, app: &mut impl App, other: &mut impl App) {
    compare(visit, app).await;
    other.forget_requests().await;
}

/// A verification request of another app is declined while one is under way, which goes on undisturbed.
#[tokio::test]
async fn a_second_app_that_asks_is_declined_and_the_first_goes_on() {
    let account = Account::register().await;
    let mut app = Native::sign_in(&account, "App", Has::Nothing).await;
    let mut other = Js::sign_in(&account, "Other", Has::Nothing).await;
    let (mut visit, _) = set_up_beside(&account, &mut app).await;
    visit.verify(Move::Ask).await;
    let (ours, theirs) = join!(visit.emoji(), app.accept());
    assert_eq!(ours, theirs);
    other.forget_requests().await;
    let page = account.device_named(DEVICE_NAME).await;
    let declined = async {
        other.ask_in_vain(&page).await;
    };
    join!(declined, async {
        for _ in 0..5 {
            visit.listen_a_while().await;
        }
    });
    app.say_they_match().await;
    visit.say_they_match().await;
    let (end, theirs) = join!(visit.ended(), app.ended());
    assert!(matches!(end, Verification::Done(_)) && theirs == End::Done, "{end:?} {theirs:?}");
    arrive(&mut visit, 3).await;
}

/// A request of another person's device is not even looked at.
#[tokio::test]
async fn other_people_who_ask_are_not_heard() {
    let account = Account::register().await;
    let (mut visit, _) = Visit::sign_in(&account.homeserver, &account).await;
    visit.listen_a_while().await;
    let other = Account::register().await;
    let page = account.device_named(DEVICE_NAME).await;
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis();
    let content = json!({
        "from_device": "OBSERVER", "methods": ["m.sas.v1"], "timestamp": now as u64, "transaction_id": "t1",
    });
    let body = json!({"messages": {&account.user_id: {page: content}}});
    assert_eq!(other.ask("PUT", "sendToDevice/m.key.verification.request/1", Some(body)).await.0, 200);
    for _ in 0..3 {
        let events = visit.listen_a_while().await;
        assert_eq!(events, [Event::Heard { trouble: None }]);
    }
}

/// Waiting for news ends as soon as the next command comes, and no message sent meanwhile is lost.
#[tokio::test]
async fn listening_ends_as_soon_as_it_is_interrupted() {
    let (account, mut app, mut visit) = beside_an_app::<Native>().await;
    for _ in 0..3 {
        visit.listen_a_while().await;
    }
    let since = Instant::now();
    let events = visit.listen_a_while().await;
    let took = since.elapsed();
    assert_eq!(events, [Event::Heard { trouble: None }]);
    assert!((900..3_000).contains(&took.as_millis()), "{took:?}");
    visit.engine.bell().ring();
    let since = Instant::now();
    visit.tell(Command::Listen).await;
    assert!(since.elapsed().as_millis() < 900, "a bell rung before ends it at once: {:?}", since.elapsed());
    visit.engine.bell().reset();
    let page = account.device_named(DEVICE_NAME).await;
    let asks = async {
        for _ in 0..30 {
            let events = visit.listen_a_while().await;
            if events.iter().any(|event| matches!(event, Event::Verification(Verification::AskedBy(_)))) {
                visit.verify(Move::Accept).await;
                return visit.emoji().await;
            }
        }
        panic!("nobody asks")
    };
    let (ours, theirs) = join!(asks, app.ask(&page));
    assert_eq!(ours, theirs);
}

/// A key is added though the answer to one of the writes was lost: one version, the same identity.
async fn a_key_is_added_though_the_answer_is_lost(has: Has, k: usize) {
    let account = Account::register().await;
    let mut app = Native::sign_in(&account, "App", has).await;
    let identity = account.master_key().await;
    let proxy = Proxy::recording(&account.homeserver).await;
    let (mut visit, _) = Visit::sign_in(&proxy.url, &account).await;
    compare(&mut visit, &mut app).await;
    visit.handed_over().await;
    let key = visit.make_key(None).await;
    let before = proxy.writes().len();
    proxy.break_next_write_but(k, Fault::AnswerLost);
    let mut events = visit.write(Action::AddKey, Some(&key)).await;
    if let Some(Event::Failed(problem)) = events.last() {
        assert!(problem.may_pass(), "{has:?} at {k}: {problem:?}");
        events = visit.write(Action::AddKey, Some(&key)).await;
    }
    let proved = outcome(&events).0.unwrap_or_else(|problem| panic!("{has:?} at {k}: {problem:?}"));
    assert_eq!(proved.backup_version, "1", "{has:?} at {k}");
    assert_eq!(account.master_key().await, identity, "{has:?} at {k}");
    assert!(proxy.writes().len() - before > k, "{has:?}: there is no write {k}");
    visit.sign_out().await;
    let (mut visit, _) = Visit::sign_in(&account.homeserver, &account).await;
    assert!(visit.try_key(key.expose()).await.is_all_right(), "{has:?} at {k}");
}

/// Runs two tests at a time: with more apps on one thread, they would hear of each other's devices too late to be
/// asked.
async fn a_few_at_a_time(tests: impl Iterator<Item = impl Future<Output = ()>>) {
    stream::iter(tests).buffer_unordered(2).collect::<Vec<_>>().await;
}

#[tokio::test]
async fn a_lost_answer_at_any_write_still_ends_with_an_added_key() {
    a_few_at_a_time((0..8).map(|k| a_key_is_added_though_the_answer_is_lost(Has::Backup, k))).await;
}

#[tokio::test]
async fn a_lost_answer_at_any_write_still_ends_with_an_added_key_and_one_backup() {
    a_few_at_a_time((0..9).map(|k| a_key_is_added_though_the_answer_is_lost(Has::Identity, k))).await;
}

/// Counts the encrypted messages that wait for an app that is not listening.
async fn encrypted_for(app: &Native) -> usize {
    // Synapse caches the answer to an equal request; a random type makes each filter a new one.
    let number = rand::random::<u64>();
    let filter = format!("%7B%22presence%22:%7B%22types%22:[%22{number}%22]%7D%7D");
    let url = format!("{}_matrix/client/v3/sync?filter={filter}", app.client.homeserver());
    let token = app.client.access_token().unwrap();
    let answer = reqwest::Client::new().get(url).bearer_auth(token).send().await.unwrap();
    let news: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    let messages = news["to_device"]["events"].as_array().cloned().unwrap_or_default();
    messages.iter().filter(|message| message["type"] == "m.room.encrypted").count()
}

/// Asks the page for every secret, as the app would.
async fn ask_for_secrets(account: &Account, app: &Native) {
    let page = account.device_named(DEVICE_NAME).await;
    for name in [
        "m.cross_signing.master",
        "m.cross_signing.self_signing",
        "m.cross_signing.user_signing",
        "m.megolm_backup.v1",
    ] {
        let request_id = format!("{name}-{}", app.device_id());
        let content = json!({
            "action": "request", "name": name, "requesting_device_id": app.device_id(), "request_id": request_id,
        });
        let body = json!({"messages": {&account.user_id: {&page: content}}});
        let path = format!("sendToDevice/m.secret.request/{request_id}-{}", rand::random::<u64>());
        assert_eq!(account.ask("PUT", &path, Some(body)).await.0, 200);
    }
}

/// A lost phone may still be signed in, and signed by the identity.
#[tokio::test]
async fn secrets_are_for_the_app_that_was_compared_with_and_for_no_other_verified_device() {
    let account = Account::register().await;
    let mut app = Native::sign_in(&account, "App", Has::Identity).await;
    let mut lost = Native::sign_in(&account, "Lost", Has::Nothing).await;
    lost.sleep();
    app.sign(&lost.device_id()).await;
    assert_eq!(account.verified_devices().await, ["App", "Lost"]);

    let (mut visit, _) = Visit::sign_in(&account.homeserver, &account).await;
    compare(&mut visit, &mut app).await;
    visit.handed_over().await;
    let key = visit.make_key(None).await;
    outcome(&visit.write(Action::AddKey, Some(&key)).await).0.unwrap();
    ask_for_secrets(&account, &lost).await;
    for _ in 0..4 {
        visit.listen_a_while().await;
    }
    visit.sign_out().await;
    let (mut visit, _) = Visit::sign_in(&account.homeserver, &account).await;
    visit.try_key(key.expose()).await;
    visit.listen_a_while().await;
    for app in [&app, &lost] {
        ask_for_secrets(&account, app).await;
    }
    for _ in 0..4 {
        visit.listen_a_while().await;
    }
    app.sleep();
    assert_eq!((encrypted_for(&app).await, encrypted_for(&lost).await), (0, 0), "neither was compared with");
    app.wake();
    compare(&mut visit, &mut app).await;
    app.sleep();
    for app in [&app, &lost] {
        ask_for_secrets(&account, app).await;
    }
    for _ in 0..4 {
        visit.listen_a_while().await;
    }
    let got = encrypted_for(&app).await;
    assert!(got >= 4, "the partner has what it asks for: {got}");
    assert_eq!(encrypted_for(&lost).await, 0);
}

/// The secrets came just as the person went back, and were told to a step that is gone.
#[tokio::test]
async fn what_was_handed_over_is_told_again_to_whoever_asks_or_comes_back() {
    let (_, mut app, mut visit) = beside_an_app::<Native>().await;
    compare(&mut visit, &mut app).await;
    assert!(visit.handed_over().await.is_complete());
    let events = visit.listen_a_while().await;
    assert_eq!(events, [Event::Heard { trouble: None }], "once is enough for whoever is still there");
    visit.tell(Command::Look).await;
    assert!(visit.handed_over().await.is_complete());
    assert_eq!(visit.verify(Move::Ask).await, Verification::Asked);
    assert!(visit.handed_over().await.is_complete());
    visit.verify(Move::Cancel).await;
    assert_eq!(visit.listen_a_while().await, [Event::Heard { trouble: None }]);
}

/// A request that the server will never take does not hold up those after it.
#[tokio::test]
async fn a_request_that_is_refused_for_good_can_be_cancelled() {
    let (account, _app, _) = beside_an_app::<Native>().await;
    let refused = r#"{"errcode":"M_FORBIDDEN","error":"no"}"#;
    let proxy = Proxy::ruled(&account.homeserver, move |_, path| {
        if path.contains("/sendToDevice/m.key.verification.request/") {
            Reply::Instead(403, refused.to_owned())
        } else {
            Reply::Pass
        }
    });
    let (mut visit, _) = Visit::sign_in(&proxy.await.url, &account).await;
    let events = visit.tell(Command::Verify(Move::Ask)).await;
    assert!(matches!(events[..], [Event::Failed(_)]), "{events:?}");
    assert_eq!(visit.verify(Move::Cancel).await, cancelled(true, CancelReason::Declined));
    assert_eq!(visit.listen_a_while().await, [Event::Heard { trouble: None }]);
}

/// Without the beginning neither side would ever see emoji: both are told, and it can be tried again.
#[tokio::test]
async fn a_comparison_whose_beginning_is_refused_for_good_is_ended() {
    let (account, mut app, _) = beside_an_app::<Native>().await;
    let is_refused = Arc::new(AtomicBool::new(true));
    let refuses = is_refused.clone();
    let proxy = Proxy::ruled(&account.homeserver, move |_, path| {
        let begins = path.contains("/sendToDevice/m.key.verification.start/");
        if begins && refuses.load(Ordering::Relaxed) {
            Reply::Instead(403, r#"{"errcode":"M_FORBIDDEN","error":"no"}"#.to_owned())
        } else {
            Reply::Pass
        }
    })
    .await;
    let (mut visit, _) = Visit::sign_in(&proxy.url, &account).await;
    visit.verify(Move::Ask).await;
    let ended = Event::Verification(cancelled(true, CancelReason::Failed));
    let told = async {
        loop {
            let events = visit.listen_a_while().await;
            if events.contains(&ended) {
                return events;
            }
        }
    };
    let events = match select(Box::pin(told), Box::pin(app.accept())).await {
        Either::Left((events, _)) => events,
        Either::Right((emoji, _)) => panic!("{emoji:?}"),
    };
    let refused = Problem::Refused { status: 403, errcode: "M_FORBIDDEN".into() };
    assert_eq!(events.last(), Some(&Event::Heard { trouble: Some(refused) }));
    assert_eq!(visit.listen_a_while().await, [Event::Heard { trouble: None }]);
    let cancels = |(_, path): &(String, String)| path.contains("/sendToDevice/m.key.verification.cancel/");
    assert_eq!(proxy.lines().iter().filter(|line| cancels(line)).count(), 1, "the app is told");
    is_refused.store(false, Ordering::Relaxed);
    compare(&mut visit, &mut app).await;
    assert!(visit.handed_over().await.is_complete());
}

/// The server is not asked without pause, and the next command need not wait for the pause.
#[tokio::test]
async fn a_server_that_does_not_wait_for_news_is_asked_once_a_second() {
    let account = Account::register().await;
    let proxy = Proxy::ruled(&account.homeserver, |_, path| {
        if path.contains("/sync?") && path.contains("timeout=20000") {
            Reply::Instead(200, r#"{"next_batch":"x"}"#.to_owned())
        } else {
            Reply::Pass
        }
    });
    let (mut visit, _) = Visit::sign_in(&proxy.await.url, &account).await;
    visit.tell(Command::Listen).await;
    let since = Instant::now();
    for _ in 0..3 {
        assert_eq!(visit.tell(Command::Listen).await, [Event::Heard { trouble: None }]);
    }
    assert!(since.elapsed() > Duration::from_millis(2_900), "{:?}", since.elapsed());
    let bell = visit.engine.bell();
    let since = Instant::now();
    let ring = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        bell.ring();
    };
    join!(visit.tell(Command::Listen), ring);
    assert!(since.elapsed() < Duration::from_millis(900), "{:?}", since.elapsed());
}

/// Each verification request costs a request when it is declined.
#[tokio::test]
async fn a_server_that_forges_verification_requests_does_not_keep_the_page_busy() {
    let (account, mut app, _) = beside_an_app::<Native>().await;
    let floods = Arc::new(AtomicBool::new(false));
    let (flood, user_id) = (floods.clone(), account.user_id.clone());
    let proxy = Proxy::ruled(&account.homeserver, move |_, path| {
        if !path.contains("timeout=20000") || !flood.swap(false, Ordering::Relaxed) {
            return Reply::Pass;
        }
        let wish = |number| {
            json!({"type": "m.key.verification.request", "sender": user_id, "content": {
                "from_device": "MADEUP", "methods": ["m.sas.v1"], "timestamp": 1, "transaction_id": number,
            }})
        };
        let events: Vec<_> = (0..500).map(|number| wish(number.to_string())).collect();
        Reply::Instead(200, json!({"next_batch": "s0", "to_device": {"events": events}}).to_string())
    })
    .await;
    let (mut visit, _) = Visit::sign_in(&proxy.url, &account).await;
    visit.verify(Move::Ask).await;
    join!(visit.emoji(), app.accept());
    let cancels = || {
        let writes = proxy.writes();
        writes.iter().filter(|(_, path)| path.contains("m.key.verification.cancel")).count()
    };
    assert_eq!(cancels(), 0);
    floods.store(true, Ordering::Relaxed);
    visit.tell(Command::Listen).await;
    assert_eq!(cancels(), 20);
}
