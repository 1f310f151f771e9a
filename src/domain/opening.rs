//! What a key or phrase opens: the answer to "does what I kept still work?".

use serde::{Deserialize, Serialize};

/// What was found by trying an entry; nothing is changed by it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Opening {
    /// It opens secret storage.
    SecretStorage {
        /// Whether it was entered as a phrase rather than as a recovery key.
        by_phrase: bool,
        /// What the stored identity is worth.
        identity: StoredIdentity,
        /// What the stored backup key is worth.
        backup: StoredBackupKey,
    },
    /// It opens only what an earlier recovery key protected; apps ask for the newer one.
    OlderSecretStorage,
    /// It opens the backup itself, as keys of the first years did, but no secret storage.
    BackupDirectly {
        /// How many room keys are in it.
        room_keys: u64,
    },
    /// It opens nothing.
    Nothing(Nothing),
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
        /// How many room keys are in it.
        room_keys: u64,
        /// Whether the published identity has signed the backup, so that other clients trust it.
        signed: bool,
    },
    /// It is not there.
    Missing,
    /// It is there, but is no such key.
    Damaged,
    /// It belongs to another backup than the current one.
    Differs,
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
    /// Whether everything is as it should be: the kept key alone brings everything back.
    pub fn is_all_right(&self) -> bool {
        matches!(
            self,
            Self::SecretStorage {
                identity: StoredIdentity::Fits,
                backup: StoredBackupKey::Fits { signed: true, .. },
                ..
            }
        )
    }
}
