//! Evidence that a kept key opens the backup. The page reports success only from this.

use serde::{Deserialize, Serialize};

use super::account::Device;

/// The engine makes it only from what it opened itself. After writing, it opened everything as a new device would;
/// after an entry, secret storage and the current backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proved {
    /// ID of the default key, which the kept recovery key opened.
    pub key_id: String,
    /// Set if the phrase was tried, too, and opened it; `false` if there is no phrase.
    pub phrase_opens: bool,
    /// Version of the backup that the private key in secret storage opens. After writing, the stored identity was
    /// seen to have signed it; after an entry, [`StoredBackupKey::Fits`](super::opening::StoredBackupKey) says so.
    pub backup_version: String,
    /// Number of room keys that the backup held then.
    pub room_keys: u64,
}

/// The result of opening everything once more, some time after it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checked {
    /// Evidence that everything opened.
    pub proved: Proved,
    /// Time of the check, in milliseconds since 1970.
    pub at_ms: u64,
    /// Devices that earlier visits of this page left in the account.
    pub left_over: Vec<Device>,
}
