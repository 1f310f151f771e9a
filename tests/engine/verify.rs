//! Comparing emoji with the person's other devices, and what is handed over then, either way.

use matrixbackup::{
    domain::{
        diagnosis::{Diagnosis, Known, diagnose},
        handed_over::{HandedBackupKey, HandedOver},
        plan::Action,
        secret::Secret,
        verification::{Move, Partner, Verification},
    },
    engine::DEVICE_NAME,
    protocol::messages::{Command, Event},
};

use crate::{
    app::{App, Has, begun, emoji, ended},
    support::{
        account::Account,
        verifier::{Kept, verify_all_right},
        visit::{Visit, outcome},
    },
};

/// The page asks, the app says yes, the emoji are the same.
async fn compare(visit: &mut Visit, app: &App) {
    assert_eq!(visit.verify(Move::Ask).await, Verification::Asked);
    let (shown, sas) = tokio::join!(visit.emoji(), async {
        let sas = app.accept().await;
        emoji(&sas).await;
        sas
    });
    assert_eq!(shown, emoji(&sas).await);
    sas.confirm().await.unwrap();
    assert!(matches!(visit.verify(Move::Match).await, Verification::Confirmed(_) | Verification::Done(_)));
    let (end, done) = tokio::join!(visit.ended(), ended(&sas));
    assert!(
        done && matches!(&end, Verification::Done(partner) if partner.device_id == app.device_id()),
        "{end:?}"
    );
}

#[tokio::test]
async fn an_open_app_hands_over_what_a_new_key_then_opens() {
    let account = Account::register().await;
    let app = App::sign_in(&account, "App", Has::Backup).await;
    app.write(&["one", "two", "three"]).await;
    app.client.encryption().backups().wait_for_steady_state().await.unwrap();
    let (identity, version) =
        (account.master_key().await, account.backup().await.unwrap()["version"].clone());

    let (mut visit, facts) = Visit::sign_in(&account.homeserver, &account).await;
    assert_eq!(diagnose(&facts, &Known::default()), Diagnosis::BackupWithoutRecoveryKey);
    compare(&mut visit, &app).await;
    let came = visit.handed_over().await;
    assert_eq!(came, HandedOver { identity: true, backup: HandedBackupKey::Fits });
    let key = visit.make_key(None).await;
    let events = visit.write(Action::AddKey, Some(&key)).await;
    let proved = outcome(&events).0.unwrap();
    assert_eq!(proved.room_keys, 3);
    assert_eq!(account.master_key().await, identity);
    assert_eq!(account.backup().await.unwrap()["version"], version);
    verify_all_right(&account, Kept::Key(key.expose()));
    visit.sign_out().await;
}

/// An app with old messages, beside a backup that this page has just made.
async fn set_up_beside(account: &Account, app: &App) -> (Visit, Secret) {
    app.write(&["one", "two", "three"]).await;
    let (mut visit, _) = Visit::sign_in(&account.homeserver, account).await;
    let key = visit.make_key(None).await;
    visit.set_up(&key).await.0.unwrap();
    assert_eq!(visit.count().await, 0);
    (visit, key)
}

/// Listens and counts until the backup holds so many keys.
async fn arrive(visit: &mut Visit, keys: u64) {
    for _ in 0..20 {
        visit.tell(Command::Listen).await;
        if visit.count().await == keys {
            return;
        }
    }
    panic!("only {} of {keys} keys arrived", visit.count().await);
}

#[tokio::test]
async fn an_app_that_compared_emoji_brings_every_old_key_by_itself() {
    let account = Account::register().await;
    let app = App::sign_in(&account, "App", Has::Nothing).await;
    let (mut visit, key) = set_up_beside(&account, &app).await;
    compare(&mut visit, &app).await;
    arrive(&mut visit, 3).await;
    assert_eq!(account.verified_devices().await, ["App", DEVICE_NAME]);
    verify_all_right(&account, Kept::Key(key.expose()));
    visit.sign_out().await;
}

/// The app asks, the page says yes.
#[tokio::test]
async fn an_app_that_asks_is_helped_just_the_same() {
    let account = Account::register().await;
    let app = App::sign_in(&account, "App", Has::Nothing).await;
    let (mut visit, key) = set_up_beside(&account, &app).await;
    visit.tell(Command::Listen).await;
    let request = app.ask(&account.device_named(DEVICE_NAME).await).await;
    let asks = visit.hear(|event| match event {
        Event::Verification(Verification::AskedBy(partner)) => Some(partner.clone()),
        _ => None,
    });
    assert_eq!(asks.await, Partner { device_id: app.device_id(), name: Some("App".to_owned()) });
    visit.verify(Move::Accept).await;
    let (shown, sas) = tokio::join!(visit.emoji(), begun(&request));
    assert_eq!(shown, emoji(&sas).await);
    visit.verify(Move::Match).await;
    sas.confirm().await.unwrap();
    assert!(matches!(visit.ended().await, Verification::Done(_)));
    arrive(&mut visit, 3).await;
    verify_all_right(&account, Kept::Key(key.expose()));
}

/// On a later visit, the key that was entered is what makes this page one that others can rely on.
#[tokio::test]
async fn a_later_visit_helps_an_app_with_the_key_that_was_entered() {
    let account = Account::register().await;
    let app = App::sign_in(&account, "App", Has::Nothing).await;
    let (mut visit, key) = set_up_beside(&account, &app).await;
    visit.sign_out().await;
    let (mut visit, _) = Visit::sign_in(&account.homeserver, &account).await;
    // It was published before the identity was at hand.
    visit.tell(Command::Listen).await;
    assert_eq!(account.verified_devices().await, [""; 0]);
    visit.try_key(key.expose()).await;
    visit.tell(Command::Listen).await;
    assert_eq!(account.verified_devices().await, [DEVICE_NAME]);
    compare(&mut visit, &app).await;
    arrive(&mut visit, 3).await;
    assert_eq!(account.verified_devices().await, ["App", DEVICE_NAME]);
}
