//! Comparing emoji with the person's other devices, and what is handed over then, either way.

use matrixbackup::domain::{
    diagnosis::{Diagnosis, Known, diagnose},
    handed_over::{HandedBackupKey, HandedOver},
    plan::Action,
    verification::{Move, Verification},
};

use crate::{
    app::{App, Has, emoji, ended},
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
