//! Makes accounts whose every key the test knows, so that it can break them in exactly one way.

use matrix_sdk::ruma::events::{
    EventContentFromType as _, secret::request::SecretName, secret_storage::key::SecretStorageKeyEventContent,
};
use matrix_sdk_crypto::{secret_storage::SecretStorageKey, store::types::BackupDecryptionKey};
use matrixbackup::domain::secret::Secret;
use serde_json::{Value, json, value::to_raw_value};

use crate::support::{account::Account, visit::Visit};

/// Account that this page set up, with the keys that open it.
pub struct MadeAccount {
    pub account: Account,
    /// The recovery key.
    pub key: String,
    /// The backup key.
    pub backup_key: BackupDecryptionKey,
}

/// A key of secret storage.
pub struct StorageKey(SecretStorageKey);

impl StorageKey {
    pub fn key_id(&self) -> &str {
        self.0.key_id()
    }

    /// Decrypts one entry of a secret.
    pub fn decrypt(&self, event_type: &str, entry: &Value) -> Option<String> {
        let entry = serde_json::from_value(entry.clone()).ok()?;
        String::from_utf8(self.0.decrypt(&entry, &SecretName::from(event_type)).ok()?).ok()
    }

    /// Returns its description.
    pub fn event(&self) -> Value {
        serde_json::to_value(self.0.event_content()).unwrap()
    }

    /// Returns it as a recovery key.
    pub fn recovery_key(&self) -> String {
        self.0.to_base58()
    }

    /// Derives a key from a phrase in so many rounds of PBKDF2; returns it with its description.
    pub fn of_rounds(phrase: &str, rounds: u32) -> (Self, Value) {
        let event_type = "m.secret_storage.key.of_few_rounds";
        let mut description = json!({
            "algorithm": "m.secret_storage.v1.aes-hmac-sha2",
            "passphrase": {"algorithm": "m.pbkdf2", "salt": "salt", "iterations": rounds},
        });
        let raw = to_raw_value(&description).unwrap();
        let content = SecretStorageKeyEventContent::from_parts(event_type, &raw).unwrap();
        let key = SecretStorageKey::from_account_data(phrase, content).unwrap();
        // A key's check is an encryption of 32 zero bytes (specification, "m.secret_storage.v1.aes-hmac-sha2").
        let check = serde_json::to_value(key.encrypt(vec![0; 32], &SecretName::from(""))).unwrap();
        description["iv"] = check["iv"].clone();
        description["mac"] = check["mac"].clone();
        (Self(key), description)
    }
}

impl MadeAccount {
    /// Stores every secret under a key of so few rounds, which becomes the default; returns that key.
    pub async fn weaken(&self, phrase: &str, rounds: u32) -> StorageKey {
        let opened = Self::open(&self.account, &self.key).await;
        let (weak, description) = StorageKey::of_rounds(phrase, rounds);
        for secret in
            ["m.cross_signing.master", "m.cross_signing.self_signing", "m.cross_signing.user_signing"]
        {
            let text = self.account.secret(&opened, secret).await.unwrap();
            self.account.store_secret(&weak, secret, &text).await;
        }
        self.account.store_secret(&weak, "m.megolm_backup.v1", &self.backup_key.to_base64()).await;
        let description_type = format!("m.secret_storage.key.{}", weak.key_id());
        self.account.set_account_data(&description_type, description).await;
        self.account.set_account_data("m.secret_storage.default_key", json!({"key": weak.key_id()})).await;
        weak
    }

    /// Makes an account where nothing is wrong.
    pub async fn all_right() -> Self {
        Self::of(Account::register().await).await
    }

    /// Sets a fresh account up with this page.
    pub async fn of(account: Account) -> Self {
        let (mut visit, _) = Visit::sign_in(&account.homeserver, &account).await;
        let key = visit.make_key(None).await.expose().to_owned();
        visit.set_up(&Secret::from(key.as_str())).await.0.unwrap();
        visit.sign_out().await;
        let opened = Self::open(&account, &key).await;
        let backup_key = account.secret(&opened, "m.megolm_backup.v1").await.unwrap();
        let backup_key = BackupDecryptionKey::from_base64(&backup_key).unwrap();
        Self { account, key, backup_key }
    }

    /// Gives an account without an identity the secret storage and backup of another; returns it with the recovery key.
    pub async fn unpublished() -> (Account, String) {
        let Self { account: theirs, key, .. } = Self::all_right().await;
        let account = Account::register().await;
        for event in theirs.everything().await["account_data"].as_array().unwrap() {
            let event_type = event["type"].as_str().unwrap();
            if event_type.starts_with("m.secret_storage") || !event["content"]["encrypted"].is_null() {
                account.set_account_data(event_type, event["content"].clone()).await;
            }
        }
        let mut version = theirs.backup().await.unwrap();
        version["auth_data"]["signatures"] = json!({});
        let create = json!({"algorithm": version["algorithm"], "auth_data": version["auth_data"]});
        assert_eq!(account.ask("POST", "room_keys/version", Some(create)).await.0, 200);
        (account, key)
    }

    /// Opens the default key with a recovery key.
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
    /// Makes a new key that is stored nowhere.
    pub fn describe_new_key() -> StorageKey {
        StorageKey(SecretStorageKey::new())
    }

    /// Adds one entry to a secret's event.
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
