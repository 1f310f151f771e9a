//! Writes an account's data as other clients have written it.

use matrix_sdk_crypto::{
    store::types::BackupDecryptionKey,
    vodozemac::{base64_decode, base64_encode},
};
use serde_json::{Value, json};

use super::{account::Account, made::StorageKey};

const SECRETS: [&str; 4] = [
    "m.cross_signing.master",
    "m.cross_signing.self_signing",
    "m.cross_signing.user_signing",
    "m.megolm_backup.v1",
];

/// Makes the newest version one whose key comes from a passphrase, as clients of 2018 to 2020 did. Returns that key and
/// the version's name.
pub async fn create_version_of(
    account: &Account,
    passphrase: &str,
    rounds: u32,
) -> (BackupDecryptionKey, String) {
    let (derived, description) = StorageKey::of_rounds(passphrase, rounds);
    let key = BackupDecryptionKey::from_base58(&derived.recovery_key()).unwrap();
    let mut version = serde_json::to_value(key.to_backup_info()).unwrap();
    version["auth_data"]["private_key_salt"] = description["passphrase"]["salt"].clone();
    version["auth_data"]["private_key_iterations"] = json!(rounds);
    let (status, answer) = account.ask("POST", "room_keys/version", Some(version)).await;
    assert_eq!(status, 200);
    (key, answer["version"].as_str().unwrap().to_owned())
}

/// Changes a key's description.
pub async fn describe(account: &Account, key: &StorageKey, change: impl FnOnce(&mut Value)) {
    let event_type = format!("m.secret_storage.key.{}", key.key_id());
    let mut description = account.account_data(&event_type).await.unwrap();
    change(&mut description);
    account.set_account_data(&event_type, description).await;
}

/// Changes what is stored of each secret under a key.
pub async fn rewrite_secrets(account: &Account, key: &StorageKey, change: impl Fn(&mut Value)) {
    for secret in SECRETS {
        let mut content = account.account_data(secret).await.unwrap();
        change(&mut content["encrypted"][key.key_id()]);
        account.set_account_data(secret, content).await;
    }
}

/// Makes every `iv` one of 32 bytes, of which the first 16 count.
///
/// Source: mtxclient until 2026-03.
pub async fn lengthen_every_iv(account: &Account, key: &StorageKey) {
    let lengthen = |fields: &mut Value| {
        let mut iv = base64_decode(fields["iv"].as_str().unwrap()).unwrap();
        iv.extend([7; 16]);
        fields["iv"] = json!(base64_encode(iv));
    };
    describe(account, key, lengthen).await;
    rewrite_secrets(account, key, lengthen).await;
}

/// Encodes the public key of the newest backup version once more. Its signatures do not fit it then.
///
/// Source: mtxclient until 2026-02.
pub async fn encode_public_key_twice(account: &Account) {
    let mut version = account.backup().await.unwrap();
    let public_key = version["auth_data"]["public_key"].as_str().unwrap();
    version["auth_data"]["public_key"] = json!(base64_encode(public_key));
    let path = format!("room_keys/version/{}", version["version"].as_str().unwrap());
    assert_eq!(account.ask("PUT", &path, Some(version)).await.0, 200);
}
