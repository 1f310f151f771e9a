//! The secrets that an open app handed over after the emoji matched.
//!
//! Source: specification, "Sharing secrets".

use serde::{Deserialize, Serialize};

/// The secrets that have arrived so far; more may come while the page listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct HandedOver {
    /// Set if the identity's three private keys are here, and belong to the published identity.
    pub identity: bool,
    /// State of the backup's private key.
    pub backup: HandedBackupKey,
}

/// State of the backup's private key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum HandedBackupKey {
    /// It is here, and opens the current backup.
    Fits,
    /// The account has no backup.
    NoBackup,
    /// The account has a backup, but its key has not arrived, at least not yet.
    Missing,
    /// A key arrived that does not open the current backup.
    Differs,
}

impl HandedOver {
    /// Tells whether everything has arrived that can.
    pub fn is_complete(self) -> bool {
        self.identity && matches!(self.backup, HandedBackupKey::Fits | HandedBackupKey::NoBackup)
    }
}
