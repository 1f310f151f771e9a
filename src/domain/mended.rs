//! The result of putting entries back whole that other apps could not read.

use serde::{Deserialize, Serialize};

/// Counts by what the backup has afterwards. No key was deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mended {
    /// Keys that the backup has whole now.
    pub mended: u64,
    /// Keys whose old entry the server kept instead. A fresh backup takes them over, whole.
    pub kept: u64,
}
