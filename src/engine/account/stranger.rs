//! Trying what was written as a stranger would: a new machine that knows nothing but what the server
//! says and what the person kept.

use matrix_sdk::ruma::{OwnedUserId, UserId, api::client::keys::get_keys};
use matrix_sdk_crypto::{
    OlmMachine,
    backups::SignatureState,
    secret_storage::SecretStorageKey,
    store::types::{BackupDecryptionKey, CrossSigningKeyExport},
    types::RoomKeyBackupInfo,
};

use crate::{
    domain::{
        problem::{Part, Problem},
        proved::Proved,
        secret::Secret,
    },
    engine::{
        account::{
            derivation::Budget,
            inspect::Inspection,
            public_key,
            secret_storage::{Secrets, cross_signing, open_with_key, open_with_phrase},
        },
        session::Session,
    },
};

/// Reads everything from the server, opens it with the kept key (and the phrase), and compares every
/// secret with what the server publishes.
///
/// # Errors
/// [`Problem::NotAsWritten`] with the first part that does not hold.
pub(in crate::engine) async fn try_everything(
    session: &Session,
    kept_key: &Secret,
    phrase: Option<&Secret>,
) -> Result<Proved, Problem> {
    let seen = Inspection::read(&session.server, &session.user_id, &session.device_id).await?;
    try_seen(session, seen, kept_key, phrase).await
}

/// As [`try_everything`], with what was read of the server.
///
/// # Errors
/// [`Problem::NotAsWritten`] with the first part that does not hold.
pub(in crate::engine) async fn try_seen(
    session: &Session,
    seen: Inspection,
    kept_key: &Secret,
    phrase: Option<&Secret>,
) -> Result<Proved, Problem> {
    let not_as_written = |part| Problem::NotAsWritten { part };
    let data = &seen.account_data;
    let key_id = data.default_key().ok_or(not_as_written(Part::KeyDescription))?;
    let description = data.key_description(key_id).ok_or(not_as_written(Part::KeyDescription))?;
    let key = open_with_key(key_id, description, kept_key).ok_or(not_as_written(Part::KeyDescription))?;
    let secrets = Secrets::read(data, key_id, &key).ok_or(not_as_written(Part::Secrets))?;
    if let Some(phrase) = phrase {
        // What the phrase was seen to lead to, it leads to with the salt and the rounds that are described now.
        let budget = Budget::new(&session.derivations);
        let by_phrase = open_with_phrase(key_id, description, phrase, &budget).await;
        let by_phrase = by_phrase.ok_or(not_as_written(Part::KeyDescription))?;
        if Secrets::read(data, key_id, &by_phrase).as_ref() != Some(&secrets) {
            return Err(not_as_written(Part::Secrets));
        }
    }

    let machine = machine_with_identity(&session.user_id, &seen.keys, secrets.cross_signing())
        .await
        .ok_or(not_as_written(Part::Identity))?;
    let backup = seen.backup.ok_or(not_as_written(Part::Backup))?;
    let backup_key = BackupDecryptionKey::from_base64(secrets.backup_decryption_key())
        .map_err(|_| not_as_written(Part::Secrets))?;
    if !backup_key.backup_key_matches(&backup.info) || !is_signed_by_identity(&machine, &backup.info).await {
        return Err(not_as_written(Part::Backup));
    }
    Ok(Proved {
        key_id: key_id.to_owned(),
        phrase_opens: phrase.is_some(),
        backup_version: backup.facts.version,
        room_keys: backup.facts.count,
    })
}

/// Whether the published identity is the one these secrets belong to.
pub(in crate::engine) async fn is_identity_of(
    session: &Session,
    keys: &get_keys::v3::Response,
    secrets: &Secrets,
) -> bool {
    machine_with_identity(&session.user_id, keys, secrets.cross_signing()).await.is_some()
}

/// Whether the identity that this machine knows has signed a backup version.
pub(in crate::engine) async fn is_signed_by_identity(machine: &OlmMachine, info: &RoomKeyBackupInfo) -> bool {
    let signatures = machine.backup_machine().verify_backup(info.clone(), false).await;
    signatures.is_ok_and(|signatures| signatures.user_identity_signature.trusted())
}

/// Whether the published identity, whoever holds it, has signed a backup version.
pub(in crate::engine) async fn is_signed_by_published(
    user_id: &UserId,
    keys: &get_keys::v3::Response,
    info: &RoomKeyBackupInfo,
) -> bool {
    let machine = OlmMachine::new(user_id, "STRANGER".into()).await;
    let (request_id, _) = machine.query_keys_for_users([user_id]);
    if machine.mark_request_as_sent(&request_id, keys).await.is_err() {
        return false;
    }
    let signatures = machine.backup_machine().verify_backup(info.clone(), false).await;
    signatures.is_ok_and(|signatures| {
        matches!(
            signatures.user_identity_signature,
            SignatureState::ValidButNotTrusted | SignatureState::ValidAndTrusted
        )
    })
}

/// A new machine that knows the identity, if these private keys are the published identity's.
pub(in crate::engine) async fn machine_with_identity(
    user_id: &OwnedUserId,
    keys: &get_keys::v3::Response,
    export: CrossSigningKeyExport,
) -> Option<OlmMachine> {
    let machine = OlmMachine::new(user_id, "STRANGER".into()).await;
    adopt_identity(&machine, user_id, keys, export).await.then_some(machine)
}

/// A machine that holds the identity whose private keys are stored under a key.
///
/// # Errors
/// [`Problem::DoesNotFit`] if these are not the published identity's.
pub(in crate::engine) async fn machine_with_stored_identity(
    session: &Session,
    seen: &Inspection,
    key: &SecretStorageKey,
) -> Result<OlmMachine, Problem> {
    let stored = cross_signing(&seen.account_data, key.key_id(), key).ok_or(Problem::DoesNotFit)?;
    let machine = machine_with_identity(&session.user_id, &seen.keys, stored).await;
    machine.ok_or(Problem::DoesNotFit)
}

/// Tells a machine the published keys and gives it the private ones. The SDK compares them and, only
/// if all three match, regards the identity as verified.
pub(in crate::engine) async fn adopt_identity(
    machine: &OlmMachine,
    user_id: &OwnedUserId,
    keys: &get_keys::v3::Response,
    export: CrossSigningKeyExport,
) -> bool {
    let (request_id, _) = machine.query_keys_for_users([user_id.as_ref()]);
    if machine.mark_request_as_sent(&request_id, keys).await.is_err() {
        return false;
    }
    if !public_key::are_private(&export) {
        return false;
    }
    #[expect(clippy::disallowed_methods, reason = "the keys were just looked at")]
    let imported = machine.import_cross_signing_keys(export).await;
    let identity = machine.get_identity(user_id, None).await;
    imported.is_ok_and(|status| status.is_complete())
        && matches!(identity, Ok(Some(identity)) if identity.is_verified())
}
