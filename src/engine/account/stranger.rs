//! Opens what was written as a stranger would: a new machine that gets only what the server returns and what the person
//! kept.

use matrix_sdk_crypto::{OlmMachine, secret_storage::SecretStorageKey, store::types::BackupDecryptionKey};

use crate::{
    domain::{
        problem::{Part, Problem},
        proved::Proved,
        secret::Secret,
    },
    engine::{
        account::{
            derivation::{Budget, Derivations},
            inspect::Inspection,
            published_identity,
            secret_storage::{Secrets, cross_signing, open_with_key, open_with_phrase},
        },
        connection::Connection,
    },
};

/// Reads everything from the server, opens it with the kept key (and the phrase), and compares every
/// secret with what the server publishes.
///
/// # Errors
/// [`Problem::NotAsWritten`] with the first part that does not hold.
pub(in crate::engine) async fn try_everything(
    connection: &Connection,
    derivations: &Derivations,
    kept_key: &Secret,
    phrase: Option<&Secret>,
) -> Result<Proved, Problem> {
    let seen = Inspection::read(connection).await?;
    try_seen(connection, derivations, seen, kept_key, phrase).await
}

/// Does as [`try_everything`] with what was read already.
///
/// # Errors
/// [`Problem::NotAsWritten`] with the first part that does not hold.
pub(in crate::engine) async fn try_seen(
    connection: &Connection,
    derivations: &Derivations,
    seen: Inspection,
    kept_key: &Secret,
    phrase: Option<&Secret>,
) -> Result<Proved, Problem> {
    let not_as_written = |part| Problem::NotAsWritten { part };
    let data = &seen.account_data;
    let key_id = data.default_key().ok_or(not_as_written(Part::KeyDescription))?;
    let key = open_with_key(data, key_id, kept_key).ok_or(not_as_written(Part::KeyDescription))?;
    let secrets = Secrets::read(data, key_id, &key).ok_or(not_as_written(Part::Secrets))?;
    if let Some(phrase) = phrase {
        // A remembered derivation is used only for the same salt and rounds as this description has.
        let budget = Budget::new(derivations);
        let by_phrase = open_with_phrase(data, key_id, phrase, &budget).await;
        let by_phrase = by_phrase.ok_or(not_as_written(Part::KeyDescription))?;
        if Secrets::read(data, key_id, &by_phrase).as_ref() != Some(&secrets) {
            return Err(not_as_written(Part::Secrets));
        }
    }

    let machine =
        published_identity::machine_with_identity(&connection.user_id, &seen.keys, secrets.cross_signing())
            .await
            .ok_or(not_as_written(Part::Identity))?;
    let backup = seen.backup.ok_or(not_as_written(Part::Backup))?;
    let backup_key = BackupDecryptionKey::from_base64(secrets.backup_decryption_key())
        .map_err(|_| not_as_written(Part::Secrets))?;
    if !backup_key.backup_key_matches(&backup.info)
        || !published_identity::is_signed_by_identity(&machine, &backup.info).await
    {
        return Err(not_as_written(Part::Backup));
    }
    Ok(Proved {
        key_id: key_id.to_owned(),
        phrase_opens: phrase.is_some(),
        backup_version: backup.facts.version,
        room_keys: backup.facts.count,
    })
}

/// Makes a machine that holds the identity whose private keys are stored under a key.
///
/// # Errors
/// [`Problem::DoesNotFit`] if the keys are missing or not the published identity's.
pub(in crate::engine) async fn machine_with_stored_identity(
    connection: &Connection,
    seen: &Inspection,
    key: &SecretStorageKey,
) -> Result<OlmMachine, Problem> {
    let stored = cross_signing(&seen.account_data, key.key_id(), key).ok_or(Problem::DoesNotFit)?;
    let machine = published_identity::machine_with_identity(&connection.user_id, &seen.keys, stored).await;
    machine.ok_or(Problem::DoesNotFit)
}
