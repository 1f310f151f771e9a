//! Trying what a person kept, and saying what it opens. Reads only.

use matrix_sdk_crypto::{OlmMachine, secret_storage::SecretStorageKey, store::types::BackupDecryptionKey};

use super::{
    inspect::Inspection,
    secret_storage::{backup_decryption_key, cross_signing, is_checkable, open_with_key, open_with_phrase},
    session::Session,
    stranger,
};
use crate::domain::{
    opening::{Nothing, Opening, StoredBackupKey, StoredIdentity},
    problem::Problem,
    recovery_key::RecoveryKey,
    secret::Secret,
};

/// Tries an entry on everything it might be for, with what the server says now.
///
/// # Errors
/// The requests' problems; that the entry opens nothing is an answer.
pub(super) async fn try_entry(session: &Session, entry: &Secret) -> Result<Opening, Problem> {
    let seen = Inspection::read(&session.server, &session.user_id, &session.device_id).await?;
    let data = &seen.account_data;
    let is_key = RecoveryKey::parse(entry.expose()).is_ok();
    if !is_key && RecoveryKey::resembles(entry.expose()) {
        return Ok(Opening::Nothing(Nothing::Mistyped));
    }
    if *entry == session.password {
        return Ok(Opening::Nothing(Nothing::AccountPassword));
    }
    let open = |key_id, description| -> Option<(SecretStorageKey, bool)> {
        if is_key {
            open_with_key(key_id, description, entry).map(|key| (key, false))
        } else {
            open_with_phrase(key_id, description, entry).map(|key| (key, true))
        }
    };
    let default = data.default_key().and_then(|key_id| Some((key_id, data.key_description(key_id)?)));
    if let Some((key_id, description)) = default
        && let Some((key, by_phrase)) = open(key_id, description)
    {
        let (identity, machine) = stored_identity(session, &seen, key_id, &key).await;
        let backup = stored_backup_key(&seen, key_id, &key, machine.as_ref()).await;
        return Ok(Opening::SecretStorage { by_phrase, identity, backup });
    }
    if is_key
        && let Some(backup) = &seen.backup
        && BackupDecryptionKey::from_base58(entry.expose())
            .is_ok_and(|key| key.backup_key_matches(&backup.info))
    {
        return Ok(Opening::BackupDirectly { room_keys: backup.facts.count });
    }
    let mut others = data.key_descriptions().filter(|(key_id, _)| data.default_key() != Some(*key_id));
    if others.any(|(key_id, description)| open(key_id, description).is_some()) {
        return Ok(Opening::OlderSecretStorage);
    }
    Ok(Opening::Nothing(match default {
        Some((_, description)) if !is_checkable(description, !is_key) => Nothing::Uncheckable,
        Some((_, description)) if !is_key && description.get("passphrase").is_none() => Nothing::NoPhraseHere,
        _ if is_key => Nothing::AnotherKey,
        _ => Nothing::AnotherPhrase,
    }))
}

/// What the stored identity is worth; with a machine that knows it, if it fits.
async fn stored_identity(
    session: &Session,
    seen: &Inspection,
    key_id: &str,
    key: &SecretStorageKey,
) -> (StoredIdentity, Option<OlmMachine>) {
    let Some(export) = cross_signing(&seen.account_data, key_id, key) else {
        return (StoredIdentity::Missing, None);
    };
    if seen.account.identity.is_none() {
        return (StoredIdentity::Unpublished, None);
    }
    match stranger::machine_with_identity(&session.user_id, &seen.keys, export).await {
        Some(machine) => (StoredIdentity::Fits, Some(machine)),
        None => (StoredIdentity::Differs, None),
    }
}

async fn stored_backup_key(
    seen: &Inspection,
    key_id: &str,
    key: &SecretStorageKey,
    machine: Option<&OlmMachine>,
) -> StoredBackupKey {
    let Some(stored) = backup_decryption_key(&seen.account_data, key_id, key) else {
        return StoredBackupKey::Missing;
    };
    let Ok(stored) = BackupDecryptionKey::from_base64(&stored) else { return StoredBackupKey::Damaged };
    let Some(backup) = &seen.backup else { return StoredBackupKey::NoBackup };
    if !stored.backup_key_matches(&backup.info) {
        return StoredBackupKey::Differs;
    }
    let signed = match machine {
        Some(machine) => stranger::is_signed_by_identity(machine, &backup.info).await,
        None => false,
    };
    StoredBackupKey::Fits { room_keys: backup.facts.count, signed }
}
