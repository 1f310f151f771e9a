//! What an open app handed over after the emoji matched.
//!
//! Source: specification, "Sharing secrets".

use serde::{Deserialize, Serialize};

/// What has arrived so far. It may grow as long as the page listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct HandedOver {
    /// Whether the identity's three private keys are here and belong to the published identity.
    pub identity: bool,
    /// What is known of the backup's private key.
    pub backup: HandedBackupKey,
}

/// What is known of the backup's private key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum HandedBackupKey {
    /// It is here and opens the current backup.
    Fits,
    /// There is no backup that it could open.
    NoBackup,
    /// There is a backup, and its key did not come (yet).
    Missing,
    /// One came that does not open the current backup.
    Differs,
}

impl HandedOver {
    /// Whether nothing more is to be waited for.
    pub fn is_complete(self) -> bool {
        self.identity && matches!(self.backup, HandedBackupKey::Fits | HandedBackupKey::NoBackup)
    }
}
