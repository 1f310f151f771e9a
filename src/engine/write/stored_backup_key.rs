//! The backup key in secret storage: replaced only after what stood there was put aside.

use matrix_sdk_crypto::secret_storage::SecretStorageKey;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::{
    domain::problem::{Part, Problem},
    engine::{
        account::{
            account_data::{self, AccountData},
            archive::{self, CAME_FROM, ROTATED_FROM},
            backup::BackupVersion,
            event_types::BACKUP_KEY,
            inspect::to_be_sure_of,
            secret_storage::{backup_decryption_key, encrypt_backup_key, require_strong},
        },
        connection::Connection,
        write::journal::Journal,
    },
};

/// Reads the account data in which a backup key is to be stored, and makes sure that it may be stored under `key`.
///
/// # Errors
/// [`Problem::KeyNotProved`], [`Problem::WeakKey`], [`Problem::Contradicted`], or a request's problem.
pub(in crate::engine) async fn read(
    connection: &Connection,
    key: &SecretStorageKey,
) -> Result<AccountData, Problem> {
    let types = to_be_sure_of(Some(key.key_id()));
    AccountData::read_surely(&connection.server, &connection.user_id, types, |data| require_strong(data, key))
        .await
}

/// Puts aside the stored backup key, still encrypted. `version` is the current one; `rotates` notes that a fresh one is
/// being made.
///
/// # Errors
/// The request's problem.
pub(in crate::engine) async fn put_aside(
    connection: &Connection,
    journal: &Journal,
    data: &AccountData,
    version: Option<&str>,
    rotates: bool,
) -> Result<(), Problem> {
    let mut content = serde_json::Map::new();
    if let Some(stored) = data.get(BACKUP_KEY) {
        content.insert(BACKUP_KEY.to_owned(), stored.clone());
    }
    if rotates {
        content.insert(ROTATED_FROM.to_owned(), version.unwrap_or_default().into());
    }
    if content.is_empty() {
        return Ok(());
    }
    content.extend(version.map(|version| (CAME_FROM.to_owned(), version.into())));
    let archive = archive::new_archive();
    Ok(journal.write(connection, &archive, None, &content.into()).await?)
}

/// Stores a backup key under the opened key, beside entries under other keys, and reads it back.
///
/// # Errors
/// The request's problem, [`Problem::WeakKey`] or [`Problem::NotAsWritten`].
pub(in crate::engine) async fn store(
    connection: &Connection,
    journal: &Journal,
    data: &AccountData,
    key: &SecretStorageKey,
    backup_key: &str,
) -> Result<(), Problem> {
    require_strong(data, key)?;
    let content = data.with_encrypted(BACKUP_KEY, key.key_id(), encrypt_backup_key(key, backup_key)?);
    journal.write(connection, BACKUP_KEY, data.get(BACKUP_KEY), &content).await?;
    let data = AccountData::read(&connection.server).await?;
    if stored(&data, key).as_deref().map(String::as_str) == Some(backup_key) {
        Ok(())
    } else {
        Err(Problem::NotAsWritten { part: Part::Secrets })
    }
}

/// Puts the backup key back after the version for which `fresh` was stored was not created. Takes what this order's
/// journal has; without that, the key in an archive that opens the current version. Entries under other keys stay, and
/// so does everything if `fresh` is not what stands there. Returns whether `fresh` is gone.
///
/// # Errors
/// The request's problem or [`Problem::NotAsWritten`].
pub(in crate::engine) async fn put_back(
    connection: &Connection,
    journal: &Journal,
    key: &SecretStorageKey,
    fresh: &str,
    current: Option<&BackupVersion>,
) -> Result<bool, Problem> {
    let is_fresh = |data: &AccountData| stored(data, key).is_some_and(|stored| *stored == fresh);
    let types = to_be_sure_of(Some(key.key_id()));
    let data = AccountData::read_surely(&connection.server, &connection.user_id, types, |_| Ok(())).await?;
    if !is_fresh(&data) {
        return Ok(true);
    }
    let before = match journal.before(BACKUP_KEY) {
        Some(before) => {
            before.as_ref().and_then(|before| before.get("encrypted")?.get(key.key_id())).cloned()
        }
        None => match current.and_then(|current| archive::backup_key_for(&data, key, current)) {
            Some(old) => Some(encrypt_backup_key(key, &Zeroizing::new(old.to_base64()))?),
            None => return Ok(false),
        },
    };
    let content = match before {
        Some(entry) => data.with_encrypted(BACKUP_KEY, key.key_id(), entry),
        None => without(&data, key),
    };
    account_data::write(&connection.server, &connection.user_id, BACKUP_KEY, &content).await?;
    match is_fresh(&AccountData::read(&connection.server).await?) {
        true => Err(Problem::NotAsWritten { part: Part::Secrets }),
        false => Ok(true),
    }
}

/// Returns the event without the entry under this key; empty, which means deleted, if nothing else is in it.
fn without(data: &AccountData, key: &SecretStorageKey) -> Value {
    let content = data.without_encrypted(BACKUP_KEY, key.key_id()).unwrap_or_else(|| json!({}));
    if content == json!({ "encrypted": {} }) { json!({}) } else { content }
}

fn stored(data: &AccountData, key: &SecretStorageKey) -> Option<Zeroizing<String>> {
    backup_decryption_key(data, key.key_id(), key)
}

/// Takes back what this order put aside for a fresh backup, and marks those begun earlier as not to be finished.
///
/// # Errors
/// The request's problem.
pub(in crate::engine) async fn give_up_rotation(
    connection: &Connection,
    journal: &Journal,
) -> Result<(), Problem> {
    let data = AccountData::read(&connection.server).await?;
    journal.put_back(connection, &data).await?;
    archive::mark_rotations_complete(connection, &AccountData::read(&connection.server).await?).await
}
