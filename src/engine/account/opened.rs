//! A secret storage that an entry has opened.

use matrix_sdk_crypto::{secret_storage::SecretStorageKey, store::types::BackupDecryptionKey};

use crate::domain::{opening::Opening, problem::Problem, secret::Secret};

/// An opened secret storage, with which the person may ask for more.
pub(in crate::engine) struct Opened {
    /// The key that opened it.
    pub(in crate::engine) key: SecretStorageKey,
    /// The same as a recovery key, whatever was entered.
    pub(in crate::engine) recovery_key: Secret,
    /// The backup key stored in it, or entered beside it, that opens the current backup.
    pub(in crate::engine) backup_key: Option<BackupDecryptionKey>,
    /// The facts that the page was told about it.
    pub(in crate::engine) opening: Opening,
}

impl Opened {
    /// Refuses a key that comes from the account password, or something near it: nothing is stored under a key that the
    /// homeserver knows.
    ///
    /// # Errors
    /// [`Problem::WeakKey`].
    pub(in crate::engine) fn require_unknown_to_server(&self) -> Result<(), Problem> {
        if self.opening.is_near_password() { Err(Problem::WeakKey) } else { Ok(()) }
    }
}
