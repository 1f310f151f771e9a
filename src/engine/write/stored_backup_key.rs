//! The backup's private key in secret storage: replaced only after what stood there was put aside.

use matrix_sdk::ruma::events::secret::request::SecretName;
use matrix_sdk_crypto::{
    secret_storage::SecretStorageKey, store::types::BackupDecryptionKey, types::RoomKeyBackupInfo,
};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::{
    domain::problem::{Part, Problem},
    engine::{
        account::{
            account_data::{self, AccountData},
            backup::CurrentBackup,
            event_types::SECRETS,
            inspect::to_be_sure_of,
            secret_storage::{backup_decryption_key, decrypt, require_strong},
        },
        session::Session,
    },
};

/// The secret's event type.
const TYPE: &str = SECRETS[3].0;
/// In an archive: the backup version from which a fresh one was begun; taken out when that is complete.
const ROTATED_FROM: &str = "rotated_from";
/// In an archive: the backup version there was then. Names need not count up, so it may be found by this only.
pub(in crate::engine) const CAME_FROM: &str = "came_from";
/// In an archive: the key of the new identity for which it was made.
pub(in crate::engine) const RESET_TO: &str = "reset_to";
/// In the same archive: the public key of the backup that is made for it. One that stayed empty and that no identity
/// came to can be told by this, and removed.
pub(in crate::engine) const CREATES: &str = "creates";

/// Reads what a backup key is to be stored in, and makes sure that this may be done under a key.
///
/// # Errors
/// [`Problem::KeyNotProved`], [`Problem::WeakKey`], [`Problem::Contradicted`], or a request's problem.
pub(in crate::engine) async fn read(
    session: &Session,
    key: &SecretStorageKey,
) -> Result<AccountData, Problem> {
    let types = to_be_sure_of(Some(key.key_id()));
    AccountData::read_surely(&session.connection.server, &session.connection.user_id, types, |data| {
        require_strong(data, key)
    })
    .await
}

/// Puts aside the stored backup key, as it is: still encrypted. `version` is the current one; whether a fresh
/// one is being made of it is noted.
///
/// # Errors
/// The request's problem.
pub(in crate::engine) async fn put_aside(
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
    Ok(session.journal.write(&session.connection, &archive, None, &content.into()).await?)
}

/// Puts aside a backup key that stays stored nowhere else; `version` is the one that it opens, where its name is known.
///
/// # Errors
/// The request's problem.
pub(in crate::engine) async fn put_aside_by_itself(
    session: &Session,
    key: &SecretStorageKey,
    backup_key: &str,
    version: Option<&str>,
) -> Result<(), Problem> {
    let mut content = json!({ TYPE: { "encrypted": { key.key_id(): encrypt(key, backup_key)? } } });
    if let Some(version) = version {
        content[CAME_FROM] = version.into();
    }
    let archive = account_data::new_archive();
    Ok(account_data::write(&session.connection.server, &session.connection.user_id, &archive, &content)
        .await?)
}

/// The backup versions that archives name.
pub(in crate::engine) fn named_versions(data: &AccountData) -> Vec<String> {
    let named = |(_, content): (&str, &Value)| content.get(CAME_FROM)?.as_str().map(ToOwned::to_owned);
    data.archives().filter_map(named).collect()
}

/// Whether this version was made for a new identity that was begun here.
pub(in crate::engine) fn was_made_for_reset(data: &AccountData, version: &CurrentBackup) -> bool {
    let RoomKeyBackupInfo::MegolmBackupV1Curve25519AesSha2(info) = &version.info else { return false };
    let public_key = info.public_key.to_base64();
    data.archives()
        .any(|(_, content)| content.get(CREATES).and_then(Value::as_str) == Some(public_key.as_str()))
}

/// Whether a new identity was begun here under this key.
pub(in crate::engine) fn was_reset_to(data: &AccountData, key: &SecretStorageKey) -> bool {
    data.archives().any(|(_, content)| content.get(RESET_TO).and_then(Value::as_str) == Some(key.key_id()))
}

/// Stores a backup key under the opened key, beside entries under other keys, and reads it back.
///
/// # Errors
/// The request's problem, [`Problem::WeakKey`] or [`Problem::NotAsWritten`].
pub(in crate::engine) async fn store(
    session: &Session,
    data: &AccountData,
    key: &SecretStorageKey,
    backup_key: &str,
) -> Result<(), Problem> {
    require_strong(data, key)?;
    let content = data.with_encrypted(TYPE, key.key_id(), encrypt(key, backup_key)?);
    session.journal.write(&session.connection, TYPE, data.get(TYPE), &content).await?;
    let data = AccountData::read(&session.connection.server).await?;
    if stored(&data, key).as_deref().map(String::as_str) == Some(backup_key) {
        Ok(())
    } else {
        Err(Problem::NotAsWritten { part: Part::Secrets })
    }
}

/// Puts back what stood in the place of a backup key that was stored for a version which was not created: what this
/// order noted, or, of an earlier visit's, what was put aside and opens the current version. Entries under other keys
/// stay as they are now, and so does everything unless `fresh` is what stands there. Answers whether `fresh` is gone.
///
/// # Errors
/// The request's problem or [`Problem::NotAsWritten`].
pub(in crate::engine) async fn put_back(
    session: &Session,
    key: &SecretStorageKey,
    fresh: &str,
    current: Option<&CurrentBackup>,
) -> Result<bool, Problem> {
    let is_fresh = |data: &AccountData| stored(data, key).is_some_and(|stored| *stored == fresh);
    let types = to_be_sure_of(Some(key.key_id()));
    let data =
        AccountData::read_surely(&session.connection.server, &session.connection.user_id, types, |_| Ok(()))
            .await?;
    if !is_fresh(&data) {
        return Ok(true);
    }
    let before = match session.journal.before(TYPE) {
        Some(before) => {
            before.as_ref().and_then(|before| before.get("encrypted")?.get(key.key_id())).cloned()
        }
        None => match current.and_then(|current| archived_for(&data, key, current)) {
            Some(old) => Some(encrypt(key, &Zeroizing::new(old.to_base64()))?),
            None => return Ok(false),
        },
    };
    let content = match before {
        Some(entry) => data.with_encrypted(TYPE, key.key_id(), entry),
        None => without(&data, key),
    };
    account_data::write(&session.connection.server, &session.connection.user_id, TYPE, &content).await?;
    match is_fresh(&AccountData::read(&session.connection.server).await?) {
        true => Err(Problem::NotAsWritten { part: Part::Secrets }),
        false => Ok(true),
    }
}

/// The event without the entry under this key; empty, as one that was deleted, where nothing else is in it.
fn without(data: &AccountData, key: &SecretStorageKey) -> Value {
    let content = data.without_encrypted(TYPE, key.key_id()).unwrap_or_else(|| json!({}));
    if content == json!({ "encrypted": {} }) { json!({}) } else { content }
}

fn stored(data: &AccountData, key: &SecretStorageKey) -> Option<Zeroizing<String>> {
    backup_decryption_key(data, key.key_id(), key)
}

fn encrypt(key: &SecretStorageKey, backup_key: &str) -> Result<Value, Problem> {
    let entry = key.encrypt(backup_key.as_bytes().to_vec(), &SecretName::RecoveryKey);
    serde_json::to_value(entry).map_err(|_| Problem::EngineStopped)
}

/// A key that was put aside and opens this version.
pub(in crate::engine) fn archived_for(
    data: &AccountData,
    key: &SecretStorageKey,
    version: &CurrentBackup,
) -> Option<BackupDecryptionKey> {
    archived(data, key).into_iter().find(|archived| archived.backup_key_matches(&version.info))
}

/// Every backup key that was put aside and that the opened key decrypts.
pub(in crate::engine) fn archived(data: &AccountData, key: &SecretStorageKey) -> Vec<BackupDecryptionKey> {
    let entries =
        data.archives().filter_map(|(_, content)| content.get(TYPE)?.get("encrypted")?.get(key.key_id()));
    let texts = entries.filter_map(|entry| decrypt(key, entry, &SecretName::RecoveryKey));
    texts.filter_map(|text| BackupDecryptionKey::from_base64(&text).ok()).collect()
}

/// Whether a fresh backup was begun and not brought to its end.
pub(in crate::engine) fn rotation_was_cut_short(data: &AccountData) -> bool {
    data.archives().any(|(_, content)| content.get(ROTATED_FROM).is_some_and(Value::is_string))
}

/// Takes back what this order put aside for a fresh backup, which is where it was again, and marks those that were begun
/// earlier as no longer to be finished.
///
/// # Errors
/// The request's problem.
pub(in crate::engine) async fn give_up_rotation(session: &Session) -> Result<(), Problem> {
    let data = AccountData::read(&session.connection.server).await?;
    session.journal.put_back(&session.connection, &data).await?;
    rotation_is_complete(session, &AccountData::read(&session.connection.server).await?).await
}

/// Marks every fresh backup that was begun as complete. What was put aside stays.
///
/// # Errors
/// The request's problem.
pub(in crate::engine) async fn rotation_is_complete(
    session: &Session,
    data: &AccountData,
) -> Result<(), Problem> {
    for (archive, content) in data.archives() {
        if content.get(ROTATED_FROM).is_some_and(Value::is_string) {
            let mut content = content.clone();
            content[ROTATED_FROM] = Value::Null;
            account_data::write(&session.connection.server, &session.connection.user_id, archive, &content)
                .await?;
        }
    }
    Ok(())
}
