//! The identity's private keys in secret storage, if an app handed them over: stored only after what stood there was
//! put aside.

use matrix_sdk_crypto::{secret_storage::SecretStorageKey, store::types::CrossSigningKeyExport};
use serde_json::{Map, Value};

use crate::{
    domain::problem::{Part, Problem},
    engine::{
        account::{
            account_data::AccountData,
            archive,
            event_types::SECRETS,
            secret_storage::{cross_signing, require_strong},
        },
        connection::Connection,
        write::journal::Journal,
    },
};

/// Puts aside the stored private keys, still encrypted.
///
/// # Errors
/// The request's problem.
pub(in crate::engine) async fn put_aside(
    connection: &Connection,
    journal: &Journal,
    data: &AccountData,
) -> Result<(), Problem> {
    let stored =
        SECRETS.iter().take(3).filter_map(|(name, _)| Some(((*name).to_owned(), data.get(name)?.clone())));
    let content: Map<String, Value> = stored.collect();
    if content.is_empty() {
        return Ok(());
    }
    let archive = archive::new_archive();
    Ok(journal.write(connection, &archive, None, &content.into()).await?)
}

/// Stores the three keys under the opened key, beside entries under other keys, and reads them back.
///
/// # Errors
/// The request's problem, [`Problem::WeakKey`] or [`Problem::NotAsWritten`].
pub(in crate::engine) async fn store(
    connection: &Connection,
    journal: &Journal,
    data: &AccountData,
    key: &SecretStorageKey,
    identity: &CrossSigningKeyExport,
) -> Result<(), Problem> {
    require_strong(data, key)?;
    for ((event_type, name), secret) in SECRETS.iter().zip(texts(identity)) {
        let secret = secret.ok_or(Problem::DoesNotFit)?;
        let entry = serde_json::to_value(key.encrypt(secret.as_bytes().to_vec(), name));
        let content =
            data.with_encrypted(event_type, key.key_id(), entry.map_err(|_| Problem::engine_stopped())?);
        journal.write(connection, event_type, data.get(event_type), &content).await?;
    }
    let data = AccountData::read(&connection.server).await?;
    match cross_signing(&data, key.key_id(), key) {
        Some(read) if texts(&read) == texts(identity) => Ok(()),
        Some(_) | None => Err(Problem::NotAsWritten { part: Part::Secrets }),
    }
}

fn texts(identity: &CrossSigningKeyExport) -> [Option<&String>; 3] {
    [&identity.master_key, &identity.self_signing_key, &identity.user_signing_key].map(Option::as_ref)
}
