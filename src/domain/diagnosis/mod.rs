//! From facts to one sentence: what is the matter with this account.
#![deny(clippy::wildcard_enum_match_arm)]

use serde::{Deserialize, Serialize};

use super::{
    account::{Account, Place, SecretStorage},
    handed_over::HandedOver,
    opening::{Found, Opening, StoredBackupKey, StoredIdentity},
};

#[cfg(test)]
pub(crate) mod tests;

/// What is known beyond what the server says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// About the recovery key.
    pub key: KeyKnown,
    /// Whether the person wants backup, although it was switched off.
    pub wants_backup: bool,
    /// Whether the person no longer has the app that the server still lists as verified.
    pub app_lost: bool,
    /// What an open app handed over after the emoji matched.
    pub handed_over: Option<HandedOver>,
}

/// What is known about the recovery key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum KeyKnown {
    /// The person was not asked yet.
    #[default]
    NotAsked,
    /// The person does not have it any more.
    Lost,
    /// It was entered, and this is what it opens.
    Tried(Opening),
}

/// What is the matter: one of the states an account can be in.
///
/// Two states are none of the account but of the moment, and are met on the way: the server wants proof
/// (`Pause::Password`), and somebody else is writing (`Problem::SomeoneElseIsWriting`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Diagnosis {
    /// No identity, no secret storage, no backup: the first set-up.
    NothingSetUp,
    /// Identity and backup, but no recovery key: only an open client can open the backup.
    BackupWithoutRecoveryKey,
    /// An identity that an open client holds, and nothing else.
    IdentityOnly,
    /// The key opens everything, and everything fits.
    AllGood,
    /// All is there, the key is lost, and a client that could hand things over is signed in.
    KeyLostAppOpen,
    /// All is there, the key is lost, and no such client is left.
    KeyLost,
    /// An identity whose private keys nobody holds any more.
    IdentityOrphaned,
    /// The recovery key verifies nothing: the identity's keys are not under it; a client may have them.
    IdentityNotStored,
    /// The recovery key does not open the backup: its key is not under it; a client may have it.
    BackupKeyNotStored,
    /// The stored backup key is that of another version than the current one.
    BackupKeyStale,
    /// Nothing and nobody can open the current backup.
    BackupNobodyOpens,
    /// The identity has not signed the backup: other clients do not trust it.
    BackupUnsigned,
    /// The stored keys are another identity's than the published one.
    IdentityReplaced,
    /// The secrets lie under another key than the default one.
    SecretsUnderAnotherKey,
    /// Secrets are stored, but the default key leads nowhere: a set-up or reset that was cut short.
    Unfinished,
    /// Secret storage without a published identity.
    IdentityUnpublished,
    /// What is stored as the backup's key is none.
    BackupKeyDamaged,
    /// The person switched backup off.
    SwitchedOff,
    /// All fits, but another device is not verified: its keys do not reach the backup.
    DeviceUnverified,
    /// All fits, but the keys of some messages are missing; a client may have them.
    Gaps,
    /// All fits, but the keys of some messages are missing, and no client is left that could have them.
    KeysNobodyHas,
    /// All fits, and a dehydrated device is there: a key change has to take it along.
    DeviceDehydrated,
    /// A recovery key is set up; whether everything fits, only the key can tell.
    KeyWanted,
    /// A backup of the first years: neither identity nor secret storage.
    BackupOnly,
    /// Identity and recovery key fit, but there is no backup.
    NoBackup,
    /// A fresh backup was begun here and is not complete.
    RotationUnfinished,
    /// The stored backup key opens another backup or none, and the one that opens the current was put aside here.
    BackupKeyPutAside,
    /// An open app handed over its keys; no recovery key opens all of them yet.
    HandedOver,
}

/// Draws the conclusion. Total: every combination of facts has exactly one diagnosis.
pub fn diagnose(account: &Account, known: &Known) -> Diagnosis {
    // A client that holds the identity, and with it perhaps the backup's key.
    let app = account.has_verified_device() && !known.app_lost;
    let found = match &known.key {
        KeyKnown::NotAsked => by_facts(account, false, app),
        KeyKnown::Lost => by_facts(account, true, app),
        KeyKnown::Tried(Opening::SecretStorage { found, .. }) => by_key(account, found, app),
        KeyKnown::Tried(Opening::OlderSecretStorage { found }) => {
            if found.is_all_right() {
                Diagnosis::SecretsUnderAnotherKey
            } else if found.cut_short && found.identity == StoredIdentity::Fits {
                Diagnosis::Unfinished
            } else {
                by_facts(account, false, app)
            }
        }
        KeyKnown::Tried(Opening::BackupDirectly { .. }) => {
            let found = by_facts(account, false, app);
            // What was begun and never published need not be gone on with.
            let is_beside = found == Diagnosis::Unfinished && account.identity.is_none();
            if is_beside { Diagnosis::BackupOnly } else { found }
        }
        KeyKnown::Tried(Opening::Nothing(_)) => by_facts(account, false, app),
    };
    let has_keys = known.handed_over.is_some_and(|handed_over| handed_over.identity);
    let found = if has_keys && found.wants_app(known) { Diagnosis::HandedOver } else { found };
    // Switching it on is asked first; done, where nothing else has to be done before.
    let is_asked = account.backup_switched_off && !known.wants_backup;
    let is_ready = account.backup_switched_off && found.is_covered();
    if is_asked || is_ready { Diagnosis::SwitchedOff } else { found }
}

/// What can be said without a key.
fn by_facts(account: &Account, key_lost: bool, app: bool) -> Diagnosis {
    use Diagnosis::*;
    let identity = account.identity.is_some();
    let backup = account.backup.is_some();
    let secrets = account.stored_secrets > 0;
    match (&account.secret_storage, identity) {
        (SecretStorage::Present { .. }, true) if !key_lost => {
            match (account.identity_keys, account.backup_key) {
                (Place::UnderDefault, Place::UnderDefault) => KeyWanted,
                (Place::UnderDefault, Place::Nowhere) if !backup => KeyWanted,
                (Place::UnderDefault, Place::Nowhere) => {
                    if app {
                        BackupKeyNotStored
                    } else {
                        BackupNobodyOpens
                    }
                }
                (Place::UnderDefault, Place::Elsewhere) | (Place::Elsewhere, _) => SecretsUnderAnotherKey,
                (Place::Nowhere, _) => {
                    if app {
                        IdentityNotStored
                    } else {
                        IdentityOrphaned
                    }
                }
            }
        }
        (SecretStorage::Present { .. }, false) if !key_lost && secrets => IdentityUnpublished,
        (SecretStorage::Present { .. }, true) if backup => {
            if app {
                KeyLostAppOpen
            } else {
                KeyLost
            }
        }
        (SecretStorage::Absent | SecretStorage::Dangling, true)
            if !key_lost && can_be_resumed(account, app) =>
        {
            Unfinished
        }
        (SecretStorage::Dangling, false) if !backup && !key_lost => Unfinished,
        // Its identity was made and stored, and is not published yet.
        (SecretStorage::Absent | SecretStorage::Dangling, false)
            if backup
                && !key_lost
                && account.identity_keys == Place::Elsewhere
                && account.backup_key == Place::Elsewhere =>
        {
            Unfinished
        }
        // As if there were no secret storage: what lies there stays, and nobody opens it.
        (SecretStorage::Absent | SecretStorage::Dangling | SecretStorage::Present { .. }, _) => {
            match (identity, backup) {
                (true, _) if !app => IdentityOrphaned,
                (true, true) => BackupWithoutRecoveryKey,
                (true, false) => IdentityOnly,
                (false, true) => BackupOnly,
                (false, false) => NothingSetUp,
            }
        }
    }
}

/// Whether a key is worth asking for that opens what lies beside the default key. Of a part, an app that holds all of it
/// is asked instead; where there is none, a key may open even what nothing describes any more.
fn can_be_resumed(account: &Account, app: bool) -> bool {
    let is_there = |place| place != Place::Nowhere;
    let is_all = is_there(account.identity_keys) && is_there(account.backup_key);
    is_all || !app && account.stored_secrets > 0
}

/// What can be said with what lies in the opened secret storage.
fn by_key(account: &Account, found: &Found, app: bool) -> Diagnosis {
    use Diagnosis::*;
    match (found.identity, &found.backup) {
        // What the default key lacks, another one has: nothing is lost yet.
        (StoredIdentity::Missing, _) if account.identity_keys == Place::Elsewhere => SecretsUnderAnotherKey,
        (StoredIdentity::Missing, _) => {
            if app || found.spare_identity {
                IdentityNotStored
            } else {
                IdentityOrphaned
            }
        }
        (StoredIdentity::Unpublished, _) => IdentityUnpublished,
        (StoredIdentity::Differs, _) => IdentityReplaced,
        (StoredIdentity::Fits, _) if account.backup.is_none() => NoBackup,
        // Before what was begun is gone on with: apps ask for this, and it takes one write.
        (StoredIdentity::Fits, _) if found.archived_backup_key => BackupKeyPutAside,
        (StoredIdentity::Fits, _) if found.cut_short => RotationUnfinished,
        (StoredIdentity::Fits, StoredBackupKey::NoBackup) => NoBackup,
        (StoredIdentity::Fits, StoredBackupKey::Missing) => {
            if app || found.spare_backup_key {
                BackupKeyNotStored
            } else {
                BackupNobodyOpens
            }
        }
        (StoredIdentity::Fits, StoredBackupKey::Damaged) => BackupKeyDamaged,
        (StoredIdentity::Fits, StoredBackupKey::Differs { opens_older }) => {
            if *opens_older || app || found.spare_backup_key { BackupKeyStale } else { BackupNobodyOpens }
        }
        (StoredIdentity::Fits, StoredBackupKey::Fits { signed: false, .. }) => BackupUnsigned,
        (StoredIdentity::Fits, StoredBackupKey::Fits { signed: true, .. }) => {
            let gaps = found.coverage.is_some_and(|coverage| !coverage.is_whole());
            if account.has_unverified_device() {
                DeviceUnverified
            } else if gaps && app {
                Gaps
            } else if gaps {
                KeysNobodyHas
            } else if account.dehydrated {
                DeviceDehydrated
            } else {
                AllGood
            }
        }
    }
}

impl Diagnosis {
    /// Whether the kept key was seen to open everything there is.
    pub fn is_covered(self) -> bool {
        use Diagnosis::*;
        match self {
            AllGood | DeviceUnverified | Gaps | KeysNobodyHas | DeviceDehydrated => true,
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
            | IdentityReplaced
            | SecretsUnderAnotherKey
            | Unfinished
            | IdentityUnpublished
            | BackupKeyDamaged
            | SwitchedOff
            | KeyWanted
            | BackupOnly
            | NoBackup
            | RotationUnfinished
            | BackupKeyPutAside
            | HandedOver => false,
        }
    }

    /// Whether this is where an open app's keys help, and they cannot be stored under the key there is.
    fn wants_app(self, known: &Known) -> bool {
        use Diagnosis::*;
        let found = match &known.key {
            KeyKnown::Tried(Opening::SecretStorage { found, .. }) => Some(found),
            KeyKnown::Tried(_) | KeyKnown::NotAsked | KeyKnown::Lost => None,
        };
        match self {
            BackupWithoutRecoveryKey
            | IdentityOnly
            | KeyLostAppOpen
            | KeyLost
            | IdentityOrphaned
            | IdentityReplaced => true,
            IdentityNotStored => !found.is_some_and(|found| found.spare_identity),
            BackupKeyNotStored | BackupKeyStale | BackupKeyDamaged | BackupNobodyOpens => found.is_none(),
            NothingSetUp
            | AllGood
            | BackupUnsigned
            | SecretsUnderAnotherKey
            | Unfinished
            | IdentityUnpublished
            | SwitchedOff
            | DeviceUnverified
            | Gaps
            | KeysNobodyHas
            | DeviceDehydrated
            | KeyWanted
            | BackupOnly
            | NoBackup
            | RotationUnfinished
            | BackupKeyPutAside
            | HandedOver => false,
        }
    }
}
