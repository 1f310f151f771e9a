//! The six states of an account in an administrator's list.
#![deny(clippy::wildcard_enum_match_arm)]

use crate::domain::{
    account::{Account, Place, SecretStorage},
    diagnosis::{Diagnosis, Known, diagnose},
};

/// What is stored, before anybody has tried a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum State {
    /// Everything is in place: the identity is published, and its keys and the backup's lie under the recovery key.
    Ready,
    /// There is a recovery key, but not all of that.
    Incomplete,
    /// There is a backup, and no recovery key that opens it.
    BackupWithoutKey,
    /// Encryption is used, and nothing is kept.
    Nothing,
    /// The user switched backup off.
    OptedOut,
    /// The user never signed in with an app that encrypts.
    NeverEncrypted,
}

/// The states that differ if the backup version cannot be seen, as by Synapse's administration: what the page concludes,
/// what is concluded without the version, and the reason. Then a version is taken to exist if its key is stored.
pub const UNSEEN: [(State, State, &str); 4] = [
    (State::Incomplete, State::Ready, "its key is stored, but no version is there that apps can use"),
    (State::BackupWithoutKey, State::Nothing, "a version exists, but its key is stored nowhere"),
    (State::BackupWithoutKey, State::NeverEncrypted, "a version exists, and nothing else ever did"),
    (State::Nothing, State::BackupWithoutKey, "its key is stored, but no version is there"),
];

impl State {
    /// Concludes from the facts, by the page's own diagnosis.
    pub fn of(account: &Account) -> Self {
        use Diagnosis::*;
        match diagnose(account, &Known::default()) {
            SwitchedOff => Self::OptedOut,
            KeyWanted if account.backup_key == Place::UnderDefault && account.usable_backup().is_some() => {
                Self::Ready
            }
            // These come only after a key was tried, and here none ever is. Then everything was seen to be in place.
            AllGood | DeviceUnverified | Gaps | KeysNobodyHas | DeviceDehydrated => Self::Ready,
            NothingSetUp
            | BackupWithoutRecoveryKey
            | IdentityOnly
            | KeyLostAppOpen
            | KeyLost
            | IdentityOrphaned
            | IdentityNotStored
            | BackupKeyNotStored
            | BackupKeyStale
            | BackupNobodyOpens
            | BackupUnsigned
            | StoredForFewClients
            | IdentityReplaced
            | SecretsUnderAnotherKey
            | Unfinished
            | IdentityUnpublished
            | BackupKeyDamaged
            | KeyWanted
            | BackupOnly
            | NoBackup
            | BackupUnusable
            | RotationUnfinished
            | BackupKeyPutAside
            | HandedOver => Self::of_what_is_kept(account),
        }
    }

    /// Says how much of it is there, where something is missing.
    fn of_what_is_kept(account: &Account) -> Self {
        let has_backup = account.backup.is_some() || account.backup_untold;
        match &account.secret_storage {
            SecretStorage::Present { .. } => Self::Incomplete,
            SecretStorage::Absent | SecretStorage::Dangling if has_backup => Self::BackupWithoutKey,
            SecretStorage::Absent
                if account.identity.is_none() && account.stored_secrets == 0 && !account.has_apps() =>
            {
                Self::NeverEncrypted
            }
            SecretStorage::Absent | SecretStorage::Dangling => Self::Nothing,
        }
    }

    /// Returns its name in the exported table, the same in every language.
    pub fn code(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Incomplete => "incomplete",
            Self::BackupWithoutKey => "backup_without_key",
            Self::Nothing => "nothing",
            Self::OptedOut => "opted_out",
            Self::NeverEncrypted => "never_encrypted",
        }
    }
}
