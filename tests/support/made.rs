//! Accounts whose every key the test knows, so that it can break them in exactly one way.

use matrix_sdk::ruma::events::{
    EventContentFromType as _, secret::request::SecretName, secret_storage::key::SecretStorageKeyEventContent,
};
use matrix_sdk_crypto::{secret_storage::SecretStorageKey, store::types::BackupDecryptionKey};
use matrixbackup::domain::secret::Secret;
use serde_json::{Value, json, value::to_raw_value};

use super::{account::Account, visit::Visit};

/// An account that this page set up, with the keys that open it.
pub struct MadeAccount {
    pub account: Account,
    /// The recovery key.
    pub key: String,
    /// The backup's private key.
    pub backup_key: BackupDecryptionKey,
}

/// A key of secret storage.
pub struct StorageKey(SecretStorageKey);

impl StorageKey {
    pub fn key_id(&self) -> &str {
        self.0.key_id()
    }

    /// Opens one entry.
    pub fn decrypt(&self, event_type: &str, entry: &Value) -> Option<String> {
        let entry = serde_json::from_value(entry.clone()).ok()?;
        String::from_utf8(self.0.decrypt(&entry, &SecretName::from(event_type)).ok()?).ok()
    }

    /// Its description.
    pub fn event(&self) -> Value {
        serde_json::to_value(self.0.event_content()).unwrap()
    }
}

impl MadeAccount {
    /// One where nothing is wrong.
    pub async fn all_right() -> Self {
        let account = Account::register().await;
        let (mut visit, _) = Visit::sign_in(&account.homeserver, &account).await;
        let key = visit.make_key(None).await.expose().to_owned();
        visit.set_up(&Secret::from(key.as_str())).await.0.unwrap();
        visit.sign_out().await;
        let opened = Self::open(&account, &key).await;
        let backup_key = account.secret(&opened, "m.megolm_backup.v1").await.unwrap();
        let backup_key = BackupDecryptionKey::from_base64(&backup_key).unwrap();
        Self { account, key, backup_key }
    }

    /// Opens the default key's description.
    pub async fn open(account: &Account, key: &str) -> StorageKey {
        let key_id = account.account_data("m.secret_storage.default_key").await.unwrap();
        let event_type = format!("m.secret_storage.key.{}", key_id["key"].as_str().unwrap());
        let mut description = account.account_data(&event_type).await.unwrap();
        description.as_object_mut().unwrap().remove("passphrase");
        let raw = to_raw_value(&description).unwrap();
        let content = SecretStorageKeyEventContent::from_parts(&event_type, &raw).unwrap();
        StorageKey(SecretStorageKey::from_account_data(key, content).unwrap())
    }
}

impl Account {
    /// A new key, not stored anywhere.
    pub fn describe_new_key() -> StorageKey {
        StorageKey(SecretStorageKey::new())
    }

    /// One entry more in a secret's event.
    pub async fn add_entry(&self, event_type: &str, key_id: &str, entry: Value) {
        let mut content = self.account_data(event_type).await.unwrap_or_else(|| json!({}));
        if !content["encrypted"].is_object() {
            content["encrypted"] = json!({});
        }
        content["encrypted"][key_id] = entry;
        self.set_account_data(event_type, content).await;
    }

    /// Stores a secret under an opened key.
    pub async fn store_secret(&self, key: &StorageKey, event_type: &str, secret: &str) {
        let entry = key.0.encrypt(secret.as_bytes().to_vec(), &SecretName::from(event_type));
        self.add_entry(event_type, key.key_id(), serde_json::to_value(entry).unwrap()).await;
    }

    /// Reads a secret with an opened key.
    pub async fn secret(&self, key: &StorageKey, event_type: &str) -> Option<String> {
        let content = self.account_data(event_type).await?;
        key.decrypt(event_type, content["encrypted"].get(key.key_id())?)
    }
}
