//! A homeserver that knows the account password, and makes what a person opens who enters it in the key's place.

use matrix_sdk_crypto::store::types::BackupDecryptionKey;
use matrixbackup::{
    domain::{
        opening::{Likeness, NotOpened, Opening, StoredIdentity},
        plan::Action,
        problem::Problem,
    },
    protocol::messages::Event,
};
use serde_json::json;

use crate::support::{
    account::Account,
    made::{MadeAccount, StorageKey},
    others, room_keys,
    visit::Visit,
};

/// The account password now, and the one before it.
const PASSWORDS: [&str; 2] = ["the account's own password", "the password before that"];

/// Makes the newest backup version one whose key comes from this password.
async fn backup_of(account: &Account, password: &str) {
    let (key, version) = others::create_version_of(account, password, 1).await;
    account.put_room_keys(&version, &key.megolm_v1_public_key(), &room_keys::make(3, 1)).await;
}

#[tokio::test]
async fn a_backup_whose_key_comes_from_a_password_is_never_kept_nor_signed() {
    for (number, entered) in PASSWORDS.into_iter().enumerate() {
        let made = MadeAccount::of(Account::register_with(Some(PASSWORDS[0])).await).await;
        backup_of(&made.account, entered).await;
        let before = made.account.everything().await;
        let (mut visit, _) = Visit::sign_in(&made.account.homeserver, &made.account).await;
        let expected = match number {
            0 => Opening::Nothing(NotOpened::AccountPassword),
            _ => Opening::BackupDirectly { room_keys: 3, by_phrase: true },
        };
        assert_eq!(visit.try_key(entered).await, expected);
        let opening = visit.try_key(&made.key).await;
        assert!(opening.found().is_some_and(|found| !found.loose_backup_key), "{opening:?}");
        visit.write(Action::Repair, None).await;
        visit.sign_out().await;
        assert_eq!(made.account.everything().await, before, "{entered}");
    }
}

#[tokio::test]
async fn nothing_is_stored_under_a_key_that_comes_from_the_password() {
    let made = MadeAccount::of(Account::register_with(Some(PASSWORDS[0])).await).await;
    let (key, description) = StorageKey::of_rounds(PASSWORDS[0], 500_000);
    let event_type = format!("m.secret_storage.key.{}", key.key_id());
    made.account.set_account_data(&event_type, description).await;
    made.account.set_account_data("m.secret_storage.default_key", json!({"key": key.key_id()})).await;
    let before = made.account.everything().await;
    let (mut visit, _) = Visit::sign_in(&made.account.homeserver, &made.account).await;
    for action in [Action::Repair, Action::Rotate] {
        let opening = visit.try_key(PASSWORDS[0]).await;
        let found = opening.found().unwrap();
        assert!(found.password == Likeness::Same && found.identity == StoredIdentity::Missing, "{opening:?}");
        assert_eq!(visit.write(action, None).await, [Event::Failed(Problem::WeakKey)]);
    }
    visit.sign_out().await;
    assert_eq!(made.account.everything().await, before);
}

/// The homeserver stores secrets of its own under a key that the password leads to, and hides that a set-up was complete.
#[tokio::test]
async fn a_set_up_that_the_password_opens_is_not_finished() {
    let made = MadeAccount::of(Account::register_with(Some(PASSWORDS[0])).await).await;
    made.weaken(PASSWORDS[0], 500_000).await;
    made.account.set_account_data("m.secret_storage.default_key", json!({})).await;
    let before = made.account.everything().await;
    let (mut visit, _) = Visit::sign_in(&made.account.homeserver, &made.account).await;
    for entered in [PASSWORDS[0], "The account's own password"] {
        assert_eq!(visit.resume(entered).await, Err(Problem::OpensNothing), "{entered}");
    }
    assert_eq!(made.account.everything().await, before);
    // It is still the password.
    let new = visit.make_key(None).await;
    let events = visit.write(Action::Reset, Some(&new)).await;
    assert!(matches!(events.last(), Some(Event::ProofNeeded(_))), "{events:?}");
    let events = visit.give_password(PASSWORDS[0]).await;
    assert!(matches!(events.last(), Some(Event::SetUpDone(_))), "{events:?}");
}

/// The password opens the server's storage first, and the person's key an older one then.
#[tokio::test]
async fn a_backup_in_a_storage_that_the_password_opens_is_not_kept_by_a_new_identity() {
    let made = MadeAccount::of(Account::register_with(Some(PASSWORDS[0])).await).await;
    let (key, description) = StorageKey::of_rounds(PASSWORDS[0], 500_000);
    let theirs = BackupDecryptionKey::new();
    let version = made.account.create_version(&theirs).await;
    made.account.set_account_data(&format!("m.secret_storage.key.{}", key.key_id()), description).await;
    made.account.store_secret(&key, "m.megolm_backup.v1", &theirs.to_base64()).await;
    made.account.set_account_data("m.secret_storage.default_key", json!({"key": key.key_id()})).await;
    let (mut visit, _) = Visit::sign_in(&made.account.homeserver, &made.account).await;
    assert!(visit.try_key(PASSWORDS[0]).await.rests_on_password());
    assert!(matches!(visit.try_key(&made.key).await, Opening::OlderSecretStorage { .. }));
    let new = visit.make_key(None).await;
    let events = visit.write(Action::Reset, Some(&new)).await;
    assert!(matches!(events.last(), Some(Event::ProofNeeded(_))), "{events:?}");
    let events = visit.give_password(PASSWORDS[0]).await;
    let Some(Event::SetUpDone(proved)) = events.last() else { panic!("{events:?}") };
    assert_ne!(proved.backup_version, version);
}
