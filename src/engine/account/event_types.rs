//! The account data event types that this page reads and writes.
//!
//! Source: specification, "Client config", "Secrets" and "Server-side key backups".

use matrix_sdk::ruma::events::secret::request::SecretName;

/// Holds the default key's id.
pub(in crate::engine) const DEFAULT_KEY: &str = "m.secret_storage.default_key";
/// Holds a key's description; the key's id follows.
pub(in crate::engine) const KEY_PREFIX: &str = "m.secret_storage.key.";
/// Says whether backup is wanted (specification 1.19).
pub(in crate::engine) const KEY_BACKUP: &str = "m.key_backup";
/// Says whether backup is switched off, as clients write it today.
pub(in crate::engine) const BACKUP_DISABLED: &str = "m.org.matrix.custom.backup_disabled";
/// Holds the secret that opens the dehydrated device (MSC3814).
pub(in crate::engine) const DEHYDRATED_DEVICE: &str = "org.matrix.msc3814";
/// The four secrets: the three private cross-signing keys, and the backup key.
pub(in crate::engine) const SECRETS: [(&str, SecretName); 4] = [
    ("m.cross_signing.master", SecretName::CrossSigningMasterKey),
    ("m.cross_signing.self_signing", SecretName::CrossSigningSelfSigningKey),
    ("m.cross_signing.user_signing", SecretName::CrossSigningUserSigningKey),
    ("m.megolm_backup.v1", SecretName::RecoveryKey),
];
/// The type of the backup key among these.
pub(in crate::engine) const BACKUP_KEY: &str = SECRETS[3].0;
/// Holds encrypted secrets that this page was about to replace; something random follows. The content maps an event
/// type to its former content.
pub(in crate::engine) const ARCHIVE_PREFIX: &str = "matrixbackup.archive.";
