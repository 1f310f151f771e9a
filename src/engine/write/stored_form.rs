//! The form of what lies in secret storage: written anew so that every client reads it, under the same key.

use matrix_sdk_crypto::secret_storage::SecretStorageKey;

use crate::{
    domain::{
        opening::Form,
        problem::{Part, Problem},
    },
    engine::{
        account::{
            account_data::AccountData,
            inspect::to_be_sure_of,
            secret_storage::{form_of, is_default, rewritten},
        },
        connection::Connection,
        write::journal::Journal,
    },
};

/// Writes each secret, and the key's description last, in the form that every client reads. No secret and no key
/// changes, and entries under other keys stay.
///
/// # Errors
/// [`Problem::KeyNotProved`] if this is not the key that apps ask for; [`Problem::Contradicted`],
/// [`Problem::NotAsWritten`], or a request's problem.
pub(in crate::engine) async fn rewrite(
    connection: &Connection,
    journal: &Journal,
    key: &SecretStorageKey,
) -> Result<(), Problem> {
    let check = |data: &AccountData| if is_default(data, key) { Ok(()) } else { Err(Problem::KeyNotProved) };
    let types = to_be_sure_of(Some(key.key_id()));
    let data = AccountData::read_surely(&connection.server, &connection.user_id, types, check).await?;
    for (event_type, content) in rewritten(&data, key) {
        journal.write(connection, &event_type, data.get(&event_type), &content).await?;
    }
    let data = AccountData::read(&connection.server).await?;
    match form_of(&data, key.key_id()) {
        Form::ForAll if is_default(&data, key) => Ok(()),
        Form::ForAll | Form::ForFew | Form::UnknownPhrase => {
            Err(Problem::NotAsWritten { part: Part::Secrets })
        }
    }
}
