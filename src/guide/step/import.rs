//! A key file on its way into the backup.

use super::long::Long;
use crate::domain::key_file::Imported;

/// How far taking keys from a file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Import {
    /// No file was chosen yet.
    Choosing,
    /// The file was chosen; its passphrase is asked for.
    Chosen {
        /// What it is called.
        name: String,
        /// How long it is.
        bytes: u64,
    },
    /// It is being opened, or its keys are being saved.
    Running {
        /// What it is called.
        name: String,
        /// How long it is.
        bytes: u64,
        /// How far that is.
        work: Long,
    },
    /// Its keys are in the backup.
    Done(Imported),
}
