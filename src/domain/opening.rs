//! What a key or phrase opens: the answer to "does what I kept still work?".

use serde::{Deserialize, Serialize};

use super::{coverage::Coverage, proved::Proved};

/// What was found by trying an entry; nothing is changed by it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Opening {
    /// It opens secret storage.
    SecretStorage {
        /// Whether it was entered as a phrase rather than as a recovery key.
        by_phrase: bool,
        /// What lies in it.
        found: Found,
    },
    /// It opens only what an earlier recovery key protected; apps ask for the newer one.
    OlderSecretStorage {
        /// What lies under that earlier key.
        found: Found,
    },
    /// It opens the backup itself, as keys of the first years did, but no secret storage.
    BackupDirectly {
        /// How many room keys are in it.
        room_keys: u64,
    },
    /// It opens nothing.
    Nothing(Nothing),
}

/// What lies in an opened secret storage, compared with what the server publishes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// What the stored identity is worth.
    pub identity: StoredIdentity,
    /// What the stored backup key is worth.
    pub backup: StoredBackupKey,
    /// Whether a key that opens the current backup was entered on its own before: it can be stored here.
    pub spare_backup_key: bool,
    /// Whether a key that this page put aside opens the current backup, and the stored one does not: it can be put back.
    pub archived_backup_key: bool,
    /// Whether an open app handed over the identity's private keys: they can be stored here.
    pub spare_identity: bool,
    /// Whether this page began something with it and did not get to the end: a fresh backup with the key that
    /// apps ask for, or with another one a new identity.
    pub cut_short: bool,
    /// How many of the newest messages have their keys in the backup; `None` if that was not looked at.
    pub coverage: Option<Coverage>,
}

/// What the three stored cross-signing keys are worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StoredIdentity {
    /// All three are there and belong to the published identity.
    Fits,
    /// At least one is missing or cannot be read.
    Missing,
    /// They belong to another identity than the published one.
    Differs,
    /// They are there, but no identity is published.
    Unpublished,
}

/// What the stored backup key is worth.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StoredBackupKey {
    /// It opens the current backup.
    Fits {
        /// What was seen.
        proved: Proved,
        /// Whether the published identity has signed the backup, so that other clients trust it.
        signed: bool,
    },
    /// It is not there.
    Missing,
    /// It is there, but is no such key.
    Damaged,
    /// It belongs to another backup than the current one.
    Differs {
        /// Whether an older version on the server is the one that it opens.
        opens_older: bool,
    },
    /// It is there, but there is no backup.
    NoBackup,
}

/// Why an entry opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Nothing {
    /// It is the account password.
    AccountPassword,
    /// It has a recovery key's form with a typing mistake in it.
    Mistyped,
    /// It is a well-formed recovery key of something else.
    AnotherKey,
    /// It is not the phrase.
    AnotherPhrase,
    /// It is no recovery key, and this account has no phrase.
    NoPhraseHere,
    /// The description on the server is one that no entry could be checked with.
    Uncheckable,
}

impl Opening {
    /// What was found, by the key that apps ask for or by an older one.
    pub fn found(&self) -> Option<&Found> {
        match self {
            Self::SecretStorage { found, .. } | Self::OlderSecretStorage { found } => Some(found),
            Self::BackupDirectly { .. } | Self::Nothing(_) => None,
        }
    }

    /// Whether everything is as it should be: the kept key alone brings everything back.
    pub fn is_all_right(&self) -> bool {
        matches!(self, Self::SecretStorage { found, .. } if found.is_all_right())
    }

    /// Whether the current backup can be opened with what was entered.
    pub fn opens_backup(&self) -> bool {
        match self {
            Self::SecretStorage { found, .. } | Self::OlderSecretStorage { found } => {
                matches!(found.backup, StoredBackupKey::Fits { .. }) || found.spare_backup_key
            }
            Self::BackupDirectly { .. } => true,
            Self::Nothing(_) => false,
        }
    }
}

impl Found {
    /// Whether identity and backup key are there and fit, and the backup is signed.
    pub fn is_all_right(&self) -> bool {
        self.identity == StoredIdentity::Fits
            && matches!(self.backup, StoredBackupKey::Fits { signed: true, .. })
    }
}
