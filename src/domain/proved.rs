//! What was seen to be true on the server after writing: the only source of good news on screen.

use serde::{Deserialize, Serialize};

use super::account::Device;

/// Made by the engine only after it opened everything as a new device would.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proved {
    /// The id of the default key that the kept recovery key opened.
    pub key_id: String,
    /// Whether the phrase, too, was tried and opened it; `false` where none was chosen.
    pub phrase_opens: bool,
    /// The backup version whose private key was found in secret storage and matches, and which the
    /// identity found there has signed.
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
