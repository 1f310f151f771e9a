//! The account data event types that this page reads and writes.
//!
//! Source: specification, "Client config", "Secrets" and "Server-side key backups".

use matrix_sdk::ruma::events::secret::request::SecretName;

use crate::domain::account::stored::IDENTITY_KEYS;
pub(in crate::engine) use crate::domain::account::stored::{
    BACKUP_DISABLED, BACKUP_KEY, DEFAULT_KEY, KEY_BACKUP, KEY_PREFIX,
};

/// Holds the secret that opens the dehydrated device (MSC3814).
pub(in crate::engine) const DEHYDRATED_DEVICE: &str = "org.matrix.msc3814";
/// The four secrets: the three private cross-signing keys, and the backup key.
pub(in crate::engine) const SECRETS: [(&str, SecretName); 4] = [
    (IDENTITY_KEYS[0], SecretName::CrossSigningMasterKey),
    (IDENTITY_KEYS[1], SecretName::CrossSigningSelfSigningKey),
    (IDENTITY_KEYS[2], SecretName::CrossSigningUserSigningKey),
    (BACKUP_KEY, SecretName::RecoveryKey),
];
/// Holds encrypted secrets that this page was about to replace; something random follows. The content maps an event
/// type to its former content.
pub(in crate::engine) const ARCHIVE_PREFIX: &str = "matrixbackup.archive.";
