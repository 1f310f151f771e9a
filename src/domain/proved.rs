//! A key that opened the backup, as the server has both now: the only source of good news on screen.

use serde::{Deserialize, Serialize};

use super::account::Device;

/// The engine makes it only from what it opened: all of it as a new device would, after writing; or the key of secret
/// storage and the current backup, when a person entered a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proved {
    /// The id of the default key that the kept recovery key opened.
    pub key_id: String,
    /// Whether the phrase, too, was tried and opened it; `false` where none was chosen.
    pub phrase_opens: bool,
    /// The backup version whose private key was found in secret storage and matches. After writing, the identity found
    /// there has signed it, too; after an entry, [`StoredBackupKey::Fits`](super::opening::StoredBackupKey) says whether.
    pub backup_version: String,
    /// How many room keys the backup held at that moment.
    pub room_keys: u64,
}

/// Everything opened once more, at some moment after it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checked {
    /// What was seen.
    pub proved: Proved,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
    /// Devices that earlier visits of this page left in the account.
    pub left_over: Vec<Device>,
}
