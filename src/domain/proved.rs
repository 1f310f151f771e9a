//! What was seen to be true on the server after writing: the only source of good news on screen.

use serde::{Deserialize, Serialize};

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
