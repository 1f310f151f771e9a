//! Keys that the backup holds in a form that other apps cannot read, put back whole.

use serde::{Deserialize, Serialize};

/// What became of them, read back from the backup. None of them was deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mended {
    /// Keys that stand there whole now.
    pub mended: u64,
    /// Keys in whose place the server keeps what was there before. A fresh backup carries them along whole.
    pub kept: u64,
}
