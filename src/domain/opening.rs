//! The result of trying a recovery key or phrase that the person kept.

use serde::{Deserialize, Serialize};

use super::{coverage::Coverage, problem::Tone, proved::Proved};

/// Names what the entry opens. Trying it changes nothing on the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Opening {
    /// It opens secret storage.
    SecretStorage {
        /// Set if it was entered as a phrase, not as a recovery key.
        by_phrase: bool,
        /// The secrets in it.
        found: StoredSecrets,
    },
    /// It opens only what an earlier recovery key encrypts; apps ask for the newer key.
    OlderSecretStorage {
        /// The secrets under that earlier key.
        found: StoredSecrets,
    },
    /// It opens the backup itself, but no secret storage. The first clients gave people the backup key to keep.
    BackupDirectly {
        /// Number of room keys in the backup.
        room_keys: u64,
        /// Set if a phrase led to its key. The homeserver may know a phrase that was once an account password, and can
        /// make a backup whose key comes from it: such a key only opens, and nothing is kept or stored under it.
        by_phrase: bool,
    },
    /// It opens neither secret storage nor the newest backup version.
    Nothing(NotOpened),
}

/// The secrets in an opened secret storage, compared with what the server publishes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredSecrets {
    /// State of the stored cross-signing keys.
    pub identity: StoredIdentity,
    /// State of the stored backup key.
    pub backup: StoredBackupKey,
    /// Set if this visit has another backup key, which opens the current backup: a loose one, or one that an
    /// early client wrote in another form. It can be stored here.
    pub loose_backup_key: bool,
    /// Set if the stored backup key does not open the current backup, but one that this page put aside does.
    pub backup_key_put_aside: bool,
    /// Set if an open app handed over the identity's private keys: they can be stored here.
    pub received_identity: bool,
    /// Set if this page began an order with this key and did not finish it. Under the default key that is a fresh
    /// backup, under any other a new identity.
    pub cut_short: bool,
    /// Tells which clients read it.
    pub form: Form,
    /// How near the account password is what opened it.
    pub password: Likeness,
    /// Counts the newest messages whose keys are in the backup; `None` if the page did not look.
    pub coverage: Option<Coverage>,
}

/// How near an entry is to the account password, which the homeserver is given at each sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Likeness {
    /// It is something else.
    Other,
    /// It differs in capitals, spaces, dashes or the form of the same letters: whoever has one soon has the other.
    Alike,
    /// It is the account password.
    Same,
}

/// Form in which a secret storage is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Form {
    /// Every client reads it, and tells a wrong key from the right one.
    ForAll,
    /// Some clients do not read it, or take any key for the right one. It can be written anew under the same key.
    ForFew,
    /// The key's description names a phrase in a way that some clients do not read. Only a new key puts that right.
    UnknownPhrase,
}

/// State of the three stored cross-signing keys.
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

/// State of the stored backup key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StoredBackupKey {
    /// It opens the current backup.
    Fits {
        /// Evidence of it.
        proved: Proved,
        /// Set if the published identity has signed the backup, so that other clients trust it.
        signed: bool,
    },
    /// No backup key is stored.
    Missing,
    /// Something else is stored in its place.
    Damaged,
    /// It belongs to another version than the current one.
    Differs {
        /// Set if it opens an older version that is still on the server.
        opens_older: bool,
    },
    /// A backup key is stored, but there is no backup.
    NoBackup,
}

/// The reason why an entry opens neither secret storage nor the newest backup version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NotOpened {
    /// It is the account password.
    AccountPassword,
    /// It is nearly the account password.
    NearlyAccountPassword,
    /// It is a recovery key with a typing mistake.
    Mistyped,
    /// It is a well-formed recovery key, but not of this account.
    AnotherKey,
    /// It is not the account's phrase.
    AnotherPhrase,
    /// It is no recovery key, and the account has no phrase.
    NoPhraseHere,
    /// It opens an older backup version, not the newest.
    OlderBackup,
    /// It is no recovery key, and the description leads to the key by a phrase in a way that this page does not know.
    UnknownPhrase,
    /// The key's description on the server lacks what is needed to check an entry.
    Uncheckable,
    /// It opens nothing, but there may be older backup versions that the server did not tell.
    NotAllTried,
}

impl Opening {
    /// Names its meaning for the person who has entered it: what opens something is no mistake.
    pub fn tone(&self) -> Tone {
        match self {
            Self::SecretStorage { .. } | Self::BackupDirectly { .. } => Tone::Good,
            Self::Nothing(NotOpened::OlderBackup) => Tone::Calm,
            older @ Self::OlderSecretStorage { .. } if older.opens_backup() => Tone::Calm,
            Self::OlderSecretStorage { .. } | Self::Nothing(_) => Tone::Alarm,
        }
    }

    /// The secrets in the opened storage, under the default key or an older one.
    pub fn found(&self) -> Option<&StoredSecrets> {
        match self {
            Self::SecretStorage { found, .. } | Self::OlderSecretStorage { found } => Some(found),
            Self::BackupDirectly { .. } | Self::Nothing(_) => None,
        }
    }

    /// The secrets under the default key, the one that apps ask for.
    pub fn found_by_default_key(&self) -> Option<&StoredSecrets> {
        match self {
            Self::SecretStorage { found, .. } => Some(found),
            Self::OlderSecretStorage { .. } | Self::BackupDirectly { .. } | Self::Nothing(_) => None,
        }
    }

    /// Tells whether it was opened with something near the account password, and does not fit what is published. The
    /// homeserver is given that password at each sign-in, so it may have made what was opened.
    pub fn rests_on_password(&self) -> bool {
        self.is_near_password() && !self.found().is_some_and(StoredSecrets::is_all_right)
    }

    /// Tells whether it was opened with the account password, or something near it.
    pub fn is_near_password(&self) -> bool {
        self.found().is_some_and(StoredSecrets::is_near_password)
    }

    /// Tells whether the entry alone brings everything back.
    pub fn is_all_right(&self) -> bool {
        matches!(self, Self::SecretStorage { found, .. } if found.is_all_right())
    }

    /// Tells whether it opens room keys that can be taken along into a fresh backup, while nothing can be kept or stored
    /// under it: an older version, or the current one by its passphrase.
    pub fn only_reads(&self) -> bool {
        matches!(self, Self::BackupDirectly { by_phrase: true, .. } | Self::Nothing(NotOpened::OlderBackup))
    }

    /// Tells whether the current backup opens with what was entered.
    pub fn opens_backup(&self) -> bool {
        match self {
            _ if self.rests_on_password() => false,
            Self::SecretStorage { found, .. } | Self::OlderSecretStorage { found } => {
                matches!(found.backup, StoredBackupKey::Fits { .. }) || found.loose_backup_key
            }
            Self::BackupDirectly { by_phrase, .. } => !by_phrase,
            Self::Nothing(_) => false,
        }
    }
}

impl StoredSecrets {
    /// Secret storage with these two in it and nothing beside, for tests and fixtures to begin with.
    #[cfg(any(test, feature = "gallery"))]
    pub fn only(identity: StoredIdentity, backup: StoredBackupKey) -> Self {
        Self {
            identity,
            backup,
            loose_backup_key: false,
            backup_key_put_aside: false,
            received_identity: false,
            cut_short: false,
            form: Form::ForAll,
            password: Likeness::Other,
            coverage: None,
        }
    }

    /// Tells whether it was opened with the account password, or something near it.
    pub fn is_near_password(&self) -> bool {
        self.password != Likeness::Other
    }

    /// Tells whether identity and backup key are stored and fit, and the identity has signed the backup.
    pub fn is_all_right(&self) -> bool {
        self.identity == StoredIdentity::Fits
            && matches!(self.backup, StoredBackupKey::Fits { signed: true, .. })
    }
}
