//! Archives in account data: entries that this page has replaced, still encrypted, with notes on what it has begun.

use matrix_sdk::ruma::events::secret::request::SecretName;
use matrix_sdk_crypto::{
    secret_storage::SecretStorageKey, store::types::BackupDecryptionKey, types::RoomKeyBackupInfo,
};
use rand::RngExt as _;
use serde_json::{Value, json};

use crate::{
    domain::problem::Problem,
    engine::{
        account::{
            account_data::{self, AccountData},
            backup::BackupVersion,
            event_types::{ARCHIVE_PREFIX, BACKUP_KEY},
            secret_storage::{decrypt, encrypt_backup_key},
        },
        connection::Connection,
    },
};

/// In an archive: the backup version from which a fresh one was begun; set to null once that is complete.
pub(in crate::engine) const ROTATED_FROM: &str = "rotated_from";
/// In an archive: the backup version of that time. Version names need not count up, so perhaps nothing else leads to
/// it.
pub(in crate::engine) const CAME_FROM: &str = "came_from";
/// In an archive: the id of the new secret storage key for which a new identity was begun.
pub(in crate::engine) const RESET_TO: &str = "reset_to";
/// In the same archive: the public key of the backup made for that identity. If the identity never came and the backup
/// stayed empty, the page knows it by this and removes it.
pub(in crate::engine) const CREATES: &str = "creates";

/// Returns an unused event type for one more archive.
pub(in crate::engine) fn new_archive() -> String {
    format!("{ARCHIVE_PREFIX}{:016x}", rand::rng().random::<u64>())
}

/// The backup versions that archives name.
pub(in crate::engine) fn named_versions(data: &AccountData) -> Vec<String> {
    let named = |(_, content): (&str, &Value)| content.get(CAME_FROM)?.as_str().map(ToOwned::to_owned);
    data.archives().filter_map(named).collect()
}

/// Tells whether this version was made for a new identity that was begun here.
pub(in crate::engine) fn was_made_for_reset(data: &AccountData, version: &BackupVersion) -> bool {
    let RoomKeyBackupInfo::MegolmBackupV1Curve25519AesSha2(info) = &version.info else { return false };
    let public_key = info.public_key.to_base64();
    data.archives()
        .any(|(_, content)| content.get(CREATES).and_then(Value::as_str) == Some(public_key.as_str()))
}

/// Tells whether a new identity was begun here under this key.
pub(in crate::engine) fn was_reset_to(data: &AccountData, key: &SecretStorageKey) -> bool {
    data.archives().any(|(_, content)| content.get(RESET_TO).and_then(Value::as_str) == Some(key.key_id()))
}

/// The backup key that was put aside and opens this version.
pub(in crate::engine) fn backup_key_for(
    data: &AccountData,
    key: &SecretStorageKey,
    version: &BackupVersion,
) -> Option<BackupDecryptionKey> {
    backup_keys(data, key).into_iter().find(|archived| archived.backup_key_matches(&version.info))
}

/// Every backup key that was put aside and that the opened key decrypts.
pub(in crate::engine) fn backup_keys(data: &AccountData, key: &SecretStorageKey) -> Vec<BackupDecryptionKey> {
    let entries = data
        .archives()
        .filter_map(|(_, content)| content.get(BACKUP_KEY)?.get("encrypted")?.get(key.key_id()));
    let texts = entries.filter_map(|entry| decrypt(key, entry, &SecretName::RecoveryKey));
    texts.filter_map(|text| BackupDecryptionKey::from_base64(&text).ok()).collect()
}

/// Tells whether a fresh backup was begun and not completed.
pub(in crate::engine) fn rotation_was_cut_short(data: &AccountData) -> bool {
    data.archives().any(|(_, content)| content.get(ROTATED_FROM).is_some_and(Value::is_string))
}

/// Puts aside a backup key that stays stored nowhere else. `version` is the one that it opens, if known.
///
/// # Errors
/// The request's problem.
pub(in crate::engine) async fn put_aside_by_itself(
    connection: &Connection,
    key: &SecretStorageKey,
    backup_key: &str,
    version: Option<&str>,
) -> Result<(), Problem> {
    let mut content =
        json!({ BACKUP_KEY: { "encrypted": { key.key_id(): encrypt_backup_key(key, backup_key)? } } });
    if let Some(version) = version {
        content[CAME_FROM] = version.into();
    }
    let archive = new_archive();
    Ok(account_data::write(&connection.server, &connection.user_id, &archive, &content).await?)
}

/// Marks every fresh backup that was begun as complete. Everything put aside stays.
///
/// # Errors
/// The request's problem.
pub(in crate::engine) async fn mark_rotations_complete(
    connection: &Connection,
    data: &AccountData,
) -> Result<(), Problem> {
    for (archive, content) in data.archives() {
        if content.get(ROTATED_FROM).is_some_and(Value::is_string) {
            let mut content = content.clone();
            content[ROTATED_FROM] = Value::Null;
            account_data::write(&connection.server, &connection.user_id, archive, &content).await?;
        }
    }
    Ok(())
}
