//! What will be done, in order, once the person agreed.
#![deny(clippy::wildcard_enum_match_arm)]

use serde::{Deserialize, Serialize};

use super::diagnosis::Diagnosis;

/// One step of writing. Up to [`Task::Commit`], whatever opened the account before still does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Task {
    /// Look once more: nobody else wrote since.
    CheckUnchanged,
    /// The key's description and, encrypted by it, the identity's and the backup's private keys.
    StoreSecrets,
    /// The public identity, signed over this page's device.
    PublishIdentity,
    /// The backup version whose private key is already stored.
    CreateBackup,
    /// Everything written so far, read from the server and compared.
    ReadBack,
    /// `m.secret_storage.default_key`: from here on other clients use it.
    Commit,
    /// Tell other clients that backup is wanted.
    Announce,
    /// Open everything as a new device would, with what the person kept.
    TryAsStranger,
}

/// The tasks of the first set-up, in the order in which they may happen.
pub const SET_UP: [Task; 8] = [
    Task::CheckUnchanged,
    Task::StoreSecrets,
    Task::PublishIdentity,
    Task::CreateBackup,
    Task::ReadBack,
    Task::Commit,
    Task::Announce,
    Task::TryAsStranger,
];

/// What this page can do about a diagnosis: tasks, or nothing yet.
pub fn plan(diagnosis: Diagnosis) -> Option<&'static [Task]> {
    match diagnosis {
        Diagnosis::NothingSetUp => Some(&SET_UP),
        Diagnosis::SetUp
        | Diagnosis::BackupWithoutRecoveryKey
        | Diagnosis::IdentityOnly
        | Diagnosis::BackupOnly
        | Diagnosis::RecoveryKeyWithoutBackup
        | Diagnosis::RecoveryKeyWithoutIdentity
        | Diagnosis::DanglingRecoveryKey
        | Diagnosis::Unfinished => None,
    }
}

impl Task {
    /// Whether doing this changes something on the server.
    pub fn writes(self) -> bool {
        match self {
            Self::CheckUnchanged | Self::ReadBack | Self::TryAsStranger => false,
            Self::StoreSecrets
            | Self::PublishIdentity
            | Self::CreateBackup
            | Self::Commit
            | Self::Announce => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secrets_are_stored_before_what_they_open_exists_and_read_back_before_the_commit() {
        let place = |task| SET_UP.iter().position(|t| *t == task).unwrap();
        assert!(place(Task::StoreSecrets) < place(Task::PublishIdentity));
        assert!(place(Task::StoreSecrets) < place(Task::CreateBackup));
        assert!(place(Task::PublishIdentity) < place(Task::CreateBackup));
        assert!(place(Task::CreateBackup) < place(Task::ReadBack));
        assert!(place(Task::ReadBack) < place(Task::Commit));
        assert!(place(Task::Commit) < place(Task::TryAsStranger));
        assert_eq!(SET_UP[0], Task::CheckUnchanged);
    }
}
