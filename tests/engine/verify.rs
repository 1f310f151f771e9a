//! Comparing emoji with the person's other devices, and what is handed over then, either way. Each story is told with
//! two apps that share no code: one on matrix-sdk's `Client`, one on matrix-js-sdk.

use matrixbackup::{
    domain::{
        diagnosis::{Diagnosis, Known, diagnose},
        handed_over::{HandedBackupKey, HandedOver},
        plan::{Action, Task},
        secret::Secret,
        verification::{Move, Partner, Verification},
    },
    engine::DEVICE_NAME,
    protocol::messages::{Command, Event},
};
use tokio::join;

use crate::{
    app::{App, End, Has, Js, Native},
    support::{
        account::Account,
        verifier::{Kept, verify_all_right},
        visit::{Visit, outcome},
    },
};

/// The page asks, the app says yes, the emoji are the same.
async fn compare(visit: &mut Visit, app: &mut impl App) {
    assert_eq!(visit.verify(Move::Ask).await, Verification::Asked);
    let (ours, theirs) = join!(visit.emoji(), app.accept());
    assert_eq!(ours.len(), 7);
    assert_eq!(ours, theirs);
    app.say_they_match().await;
    assert!(matches!(visit.verify(Move::Match).await, Verification::Confirmed(_) | Verification::Done(_)));
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

/// An app with old messages, beside a backup that this page has just made.
async fn set_up_beside(account: &Account, app: &mut impl App) -> (Visit, Secret) {
    app.write(&["one", "two", "three"]).await;
    let (mut visit, _) = Visit::sign_in(&account.homeserver, account).await;
    let key = visit.make_key(None).await;
    visit.set_up(&key).await.0.unwrap();
    assert_eq!(visit.count().await, 0);
    (visit, key)
}

/// Listens and counts until the backup holds so many keys.
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
    visit.verify(Move::Match).await;
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

/// On a later visit, the key that was entered is what makes this page one that others can rely on.
#[tokio::test]
async fn a_later_visit_helps_an_app_with_the_key_that_was_entered() {
    let account = Account::register().await;
    let mut app = Native::sign_in(&account, "App", Has::Nothing).await;
    let (mut visit, key) = set_up_beside(&account, &mut app).await;
    visit.sign_out().await;
    let (mut visit, _) = Visit::sign_in(&account.homeserver, &account).await;
    // It was published before the identity was at hand.
    visit.tell(Command::Listen).await;
    assert_eq!(account.verified_devices().await, [""; 0]);
    visit.try_key(key.expose()).await;
    visit.tell(Command::Listen).await;
    assert_eq!(account.verified_devices().await, [DEVICE_NAME]);
    compare(&mut visit, &mut app).await;
    arrive(&mut visit, 3).await;
    assert_eq!(account.verified_devices().await, ["App", DEVICE_NAME]);
}

/// Identity, but no backup yet: the page makes one.
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

/// The key is given to it unasked (MSC4385), and it takes that.
#[tokio::test]
async fn a_js_app_uses_a_backup_that_was_made_after_comparing_by_itself() {
    let account = Account::register().await;
    let mut app = Js::sign_in(&account, "App", Has::Identity).await;
    let (mut visit, key) = backup_made_for(&account, &mut app).await;
    arrive(&mut visit, 3).await;
    assert_eq!(app.backup().await, Some("1".to_owned()));
    verify_all_right(&account, Kept::Key(key.expose()));
}

/// What is given unasked it does not take; but it asks again after comparing again.
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
