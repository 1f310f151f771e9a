//! The backup's private key in secret storage: replaced only after what stood there was put aside.

use matrix_sdk::ruma::events::secret::request::SecretName;
use matrix_sdk_crypto::{secret_storage::SecretStorageKey, store::types::BackupDecryptionKey};
use serde_json::{Value, json};

use super::{
    account_data::{self, AccountData},
    inspect::to_be_sure_of,
    journal,
    secret_storage::{SECRETS, decrypt, require_strong},
    session::Session,
};
use crate::domain::problem::{Part, Problem};

/// The secret's event type.
const TYPE: &str = SECRETS[3].0;
/// In an archive: the backup version from which a fresh one was begun; taken out when that is complete.
const ROTATED_FROM: &str = "rotated_from";
/// In an archive: the backup version there was then. Names need not count up, so it may be found by this only.
pub(super) const CAME_FROM: &str = "came_from";
/// In an archive: the key of the new identity for which it was made.
pub(super) const RESET_TO: &str = "reset_to";

/// Reads what a backup key is to be stored in, and makes sure that this may be done under a key.
///
/// # Errors
/// [`Problem::KeyNotProved`], [`Problem::WeakKey`], [`Problem::Contradicted`], or a request's problem.
pub(super) async fn read(session: &Session, key: &SecretStorageKey) -> Result<AccountData, Problem> {
    let types = to_be_sure_of(Some(key.key_id()));
    AccountData::read_surely(&session.server, &session.user_id, types, |data| require_strong(data, key)).await
}

/// Puts aside the stored backup key, as it is: still encrypted. `version` is the current one; whether a fresh
/// one is being made of it is noted.
///
/// # Errors
/// The request's problem.
pub(super) async fn put_aside(
    session: &Session,
    data: &AccountData,
    version: Option<&str>,
    rotates: bool,
) -> Result<(), Problem> {
    let mut content = serde_json::Map::new();
    if let Some(stored) = data.get(TYPE) {
        content.insert(TYPE.to_owned(), stored.clone());
    }
    if rotates {
        content.insert(ROTATED_FROM.to_owned(), version.unwrap_or_default().into());
    }
    if content.is_empty() {
        return Ok(());
    }
    content.extend(version.map(|version| (CAME_FROM.to_owned(), version.into())));
    let archive = account_data::new_archive();
    Ok(journal::write(session, &archive, None, &content.into()).await?)
}

/// Puts aside a backup key that was entered by itself and is stored nowhere.
///
/// # Errors
/// The request's problem.
pub(super) async fn put_aside_entered(
    session: &Session,
    key: &SecretStorageKey,
    backup_key: &str,
    version: &str,
) -> Result<(), Problem> {
    let entry = key.encrypt(backup_key.as_bytes().to_vec(), &SecretName::RecoveryKey);
    let entry = serde_json::to_value(entry).map_err(|_| Problem::EngineStopped)?;
    let content = json!({ TYPE: { "encrypted": { key.key_id(): entry } }, CAME_FROM: version });
    let archive = account_data::new_archive();
    Ok(account_data::write(&session.server, &session.user_id, &archive, &content).await?)
}

/// The backup versions that archives name.
pub(super) fn named_versions(data: &AccountData) -> Vec<String> {
    let named = |(_, content): (&str, &Value)| content.get(CAME_FROM)?.as_str().map(ToOwned::to_owned);
    data.archives().filter_map(named).collect()
}

/// Whether a new identity was begun here under this key.
pub(super) fn was_reset_to(data: &AccountData, key: &SecretStorageKey) -> bool {
    data.archives().any(|(_, content)| content.get(RESET_TO).and_then(Value::as_str) == Some(key.key_id()))
}

/// Stores a backup key under the opened key, beside entries under other keys, and reads it back.
///
/// # Errors
/// The request's problem, [`Problem::WeakKey`] or [`Problem::NotAsWritten`].
pub(super) async fn store(
    session: &Session,
    data: &AccountData,
    key: &SecretStorageKey,
    backup_key: &str,
) -> Result<(), Problem> {
    require_strong(data, key)?;
    let name = SecretName::RecoveryKey;
    let entry = key.encrypt(backup_key.as_bytes().to_vec(), &name);
    let entry = serde_json::to_value(entry).map_err(|_| Problem::EngineStopped)?;
    let content = data.with_encrypted(TYPE, key.key_id(), entry);
    journal::write(session, TYPE, data.get(TYPE), &content).await?;
    let data = AccountData::read(&session.server).await?;
    let read = data.encrypted(TYPE, key.key_id()).and_then(|entry| decrypt(key, entry, &name));
    if read.as_deref().map(String::as_str) == Some(backup_key) {
        Ok(())
    } else {
        Err(Problem::NotAsWritten { part: Part::Secrets })
    }
}

/// Every backup key that was put aside and that the opened key decrypts.
pub(super) fn archived(data: &AccountData, key: &SecretStorageKey) -> Vec<BackupDecryptionKey> {
    let entries =
        data.archives().filter_map(|(_, content)| content.get(TYPE)?.get("encrypted")?.get(key.key_id()));
    let texts = entries.filter_map(|entry| decrypt(key, entry, &SecretName::RecoveryKey));
    texts.filter_map(|text| BackupDecryptionKey::from_base64(&text).ok()).collect()
}

/// Whether a fresh backup was begun and not brought to its end.
pub(super) fn rotation_was_cut_short(data: &AccountData) -> bool {
    data.archives().any(|(_, content)| content.get(ROTATED_FROM).is_some_and(Value::is_string))
}

/// Marks every fresh backup that was begun as complete. What was put aside stays.
///
/// # Errors
/// The request's problem.
pub(super) async fn rotation_is_complete(session: &Session, data: &AccountData) -> Result<(), Problem> {
    for (archive, content) in data.archives() {
        if content.get(ROTATED_FROM).is_some_and(Value::is_string) {
            let mut content = content.clone();
            content[ROTATED_FROM] = Value::Null;
            account_data::write(&session.server, &session.user_id, archive, &content).await?;
        }
    }
    Ok(())
}
