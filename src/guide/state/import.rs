//! The import of a key file.

use super::long::Long;
use crate::domain::key_file::Imported;

/// State of the import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Import {
    /// No file was chosen yet.
    Choosing,
    /// The file was chosen; its passphrase is asked for.
    Chosen {
        /// Name of the file.
        name: String,
        /// Length of the file, in bytes.
        bytes: u64,
    },
    /// The engine is opening the file, or is writing its keys to the backup.
    Running {
        /// Name of the file.
        name: String,
        /// Length of the file, in bytes.
        bytes: u64,
        /// Progress of that.
        work: Long,
    },
    /// The keys are in the backup.
    Done(Imported),
}

impl Import {
    pub(in crate::guide) fn is_running(&self) -> bool {
        matches!(self, Self::Running { .. })
    }
}
