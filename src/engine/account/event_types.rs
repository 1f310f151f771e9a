//! The types of the events in account data that this page reads and writes.
//!
//! Source: specification, "Client config", "Secrets" and "Server-side key backups".

use matrix_sdk::ruma::events::secret::request::SecretName;

/// The default key's id.
pub(in crate::engine) const DEFAULT_KEY: &str = "m.secret_storage.default_key";
/// A key's description; its id follows.
pub(in crate::engine) const KEY_PREFIX: &str = "m.secret_storage.key.";
/// Whether backup is wanted (specification 1.19).
pub(in crate::engine) const KEY_BACKUP: &str = "m.key_backup";
/// The same, the other way round, as clients have it today.
pub(in crate::engine) const BACKUP_DISABLED: &str = "m.org.matrix.custom.backup_disabled";
/// The secret that opens the dehydrated device (MSC3814).
pub(in crate::engine) const DEHYDRATED_DEVICE: &str = "org.matrix.msc3814";
/// The four secrets: three private keys of the identity and the backup's.
pub(in crate::engine) const SECRETS: [(&str, SecretName); 4] = [
    ("m.cross_signing.master", SecretName::CrossSigningMasterKey),
    ("m.cross_signing.self_signing", SecretName::CrossSigningSelfSigningKey),
    ("m.cross_signing.user_signing", SecretName::CrossSigningUserSigningKey),
    ("m.megolm_backup.v1", SecretName::RecoveryKey),
];
/// The backup's private key, of these.
pub(in crate::engine) const BACKUP_KEY: &str = SECRETS[3].0;
/// Where this page puts aside, as they are, encrypted secrets that it is about to replace; something
/// random follows. The content maps an event's type to what its content was.
pub(in crate::engine) const ARCHIVE_PREFIX: &str = "matrixbackup.archive.";
