//! Concludes from the facts what is the matter with an account.
#![deny(clippy::wildcard_enum_match_arm)]

use serde::{Deserialize, Serialize};

use super::{
    account::{Account, Place, SecretStorage},
    handed_over::HandedOver,
    opening::{Form, Opening, StoredBackupKey, StoredIdentity, StoredSecrets},
};

#[cfg(test)]
pub(crate) mod tests;

/// Facts about the person's keys and apps, beyond what the server says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// The recovery key, as far as it was tried.
    pub key: KeyKnown,
    /// Set if the person wants backup, although it was switched off.
    pub wants_backup: bool,
    /// Set if the person no longer has the app that the server still lists as verified.
    pub app_lost: bool,
    /// Set if the person has entered what opens a backup only to read: see [`Opening::only_reads`].
    pub reads_older: bool,
    /// The secrets that an open app handed over after the emoji matched.
    pub handed_over: Option<HandedOver>,
}

/// State of the recovery key in this visit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum KeyKnown {
    /// The person was not asked for it yet.
    #[default]
    NotAsked,
    /// The person does not have it any more.
    Lost,
    /// The person entered it, and this is what it opens.
    Tried(Opening),
}

impl KeyKnown {
    /// Returns what it opens, if it was entered.
    pub fn opening(&self) -> Option<&Opening> {
        match self {
            Self::Tried(opening) => Some(opening),
            Self::NotAsked | Self::Lost => None,
        }
    }
}

/// The states that an account can be in.
///
/// Two further states concern the moment, not the account: the server asks for a proof (`Pause::Proof`), and somebody
/// else is writing (`Problem::SomeoneElseIsWriting`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Diagnosis {
    /// No identity, no secret storage and no backup: everything has to be set up.
    NothingSetUp,
    /// Identity and backup, but no recovery key: only an open app can open the backup.
    BackupWithoutRecoveryKey,
    /// An identity whose keys an open app has, and nothing else.
    IdentityOnly,
    /// The key opens everything, and everything fits.
    AllGood,
    /// Everything is there and the recovery key is lost, but an app is signed in that could hand over the secrets.
    KeyLostAppOpen,
    /// Everything is there, the recovery key is lost, and no such app is left.
    KeyLost,
    /// An identity whose private keys nobody has any more.
    IdentityOrphaned,
    /// The identity's private keys are not stored under the recovery key; an app may have them.
    IdentityNotStored,
    /// The backup's private key is not stored under the recovery key; an app may have it.
    BackupKeyNotStored,
    /// The stored backup key is that of another version than the current one.
    BackupKeyStale,
    /// Neither the recovery key nor any app can open the current backup.
    BackupNobodyOpens,
    /// The identity has not signed the backup, so other clients do not trust it.
    BackupUnsigned,
    /// The key opens everything here, but some of it is written in a way that other clients do not read.
    StoredForFewClients,
    /// The stored keys belong to another identity than the published one.
    IdentityReplaced,
    /// The secrets are stored under another key than the default one.
    SecretsUnderAnotherKey,
    /// Secrets are stored, but the default key has no description: a set-up or reset was cut short.
    Unfinished,
    /// There is secret storage, but no published identity.
    IdentityUnpublished,
    /// Something else is stored in the place of the backup's private key.
    BackupKeyDamaged,
    /// The person switched backup off.
    SwitchedOff,
    /// All fits, but another device is not verified, so its room keys do not reach the backup.
    DeviceUnverified,
    /// All fits, but the keys of some messages are missing; an app may have them.
    Gaps,
    /// All fits, but the keys of some messages are missing, and no app is left that could have them.
    KeysNobodyHas,
    /// All fits, and there is a dehydrated device.
    DeviceDehydrated,
    /// A recovery key is set up; only trying it shows whether everything fits.
    KeyWanted,
    /// A backup without identity or secret storage, as the first clients made it.
    BackupOnly,
    /// Identity and recovery key fit, but there is no backup.
    NoBackup,
    /// Identity and recovery key fit, but no client can use the newest backup version, or the server does not tell of it.
    BackupUnusable,
    /// A fresh backup was begun here and is not complete.
    RotationUnfinished,
    /// The stored backup key does not open the current backup, but one that this page put aside does.
    BackupKeyPutAside,
    /// An open app handed over its keys, but no recovery key opens all of them yet.
    HandedOver,
}

/// Draws the conclusion. Total: every combination of facts has exactly one diagnosis.
pub fn diagnose(account: &Account, known: &Known) -> Diagnosis {
    // A verified app has the identity's keys, and perhaps the backup's.
    let app = account.has_verified_app() && !known.app_lost;
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
            // The backup opens without secret storage, so a set-up that published no identity need not be finished.
            let is_beside = found == Diagnosis::Unfinished && account.identity.is_none();
            if is_beside { Diagnosis::BackupOnly } else { found }
        }
        KeyKnown::Tried(Opening::Nothing(_)) => by_facts(account, false, app),
    };
    let has_keys = known.handed_over.is_some_and(|handed_over| handed_over.identity);
    let found = if has_keys && found.wants_app(known) { Diagnosis::HandedOver } else { found };
    // The person is asked first whether they want backup. It is switched on once nothing else is left to do.
    let is_asked = account.backup_switched_off && !known.wants_backup;
    let is_ready = account.backup_switched_off && found.key_opens_everything();
    if is_asked || is_ready { Diagnosis::SwitchedOff } else { found }
}

/// Concludes without a key.
fn by_facts(account: &Account, key_lost: bool, app: bool) -> Diagnosis {
    use Diagnosis::*;
    let identity = account.identity.is_some();
    let backup = account.usable_backup().is_some();
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
        // The identity was made and stored, but not published yet.
        (SecretStorage::Absent | SecretStorage::Dangling, false)
            if backup
                && !key_lost
                && account.identity_keys == Place::Elsewhere
                && account.backup_key == Place::Elsewhere =>
        {
            Unfinished
        }
        // Treats secret storage that nobody opens as if it were absent; it stays as it is.
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

/// Tells whether to ask for the key of secrets that are not under the default key. If only some are stored, an app
/// that has all of them is better. Without such an app, a key may open even secrets without a description.
fn can_be_resumed(account: &Account, app: bool) -> bool {
    let is_there = |place| place != Place::Nowhere;
    let is_all = is_there(account.identity_keys) && is_there(account.backup_key);
    is_all || !app && account.stored_secrets > 0
}

/// Concludes from the secrets in the opened storage.
fn by_key(account: &Account, found: &StoredSecrets, app: bool) -> Diagnosis {
    use Diagnosis::*;
    // Nothing may rest on what the homeserver could have made.
    if found.is_near_password() && !found.is_all_right() {
        return by_facts(account, true, app);
    }
    match (found.identity, &found.backup) {
        // There is none to be missed.
        (StoredIdentity::Missing, _) if account.identity.is_none() => {
            if account.usable_backup().is_some() {
                BackupOnly
            } else {
                NothingSetUp
            }
        }
        // Another key may still open the identity's private keys, so they are not lost.
        (StoredIdentity::Missing, _) if account.identity_keys == Place::Elsewhere => SecretsUnderAnotherKey,
        (StoredIdentity::Missing, _) => {
            if app || found.received_identity {
                IdentityNotStored
            } else {
                IdentityOrphaned
            }
        }
        (StoredIdentity::Unpublished, _) => IdentityUnpublished,
        (StoredIdentity::Differs, _) => IdentityReplaced,
        (StoredIdentity::Fits, _) if account.has_unusable_backup() => BackupUnusable,
        (StoredIdentity::Fits, _) if account.backup.is_none() => NoBackup,
        // This comes before finishing a rotation: it takes one write, and apps need it.
        (StoredIdentity::Fits, _) if found.backup_key_put_aside => BackupKeyPutAside,
        (StoredIdentity::Fits, _) if found.cut_short => RotationUnfinished,
        (StoredIdentity::Fits, StoredBackupKey::NoBackup) => NoBackup,
        (StoredIdentity::Fits, StoredBackupKey::Missing) => {
            if app || found.loose_backup_key {
                BackupKeyNotStored
            } else {
                BackupNobodyOpens
            }
        }
        (StoredIdentity::Fits, StoredBackupKey::Damaged) => BackupKeyDamaged,
        (StoredIdentity::Fits, StoredBackupKey::Differs { opens_older }) => {
            if *opens_older || app || found.loose_backup_key { BackupKeyStale } else { BackupNobodyOpens }
        }
        (StoredIdentity::Fits, StoredBackupKey::Fits { signed: false, .. }) => BackupUnsigned,
        (StoredIdentity::Fits, StoredBackupKey::Fits { signed: true, .. }) => {
            let gaps = found.coverage.is_some_and(|coverage| !coverage.is_whole());
            if found.form != Form::ForAll || found.is_near_password() {
                StoredForFewClients
            } else if account.has_unverified_app() {
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
    /// Tells whether the entered key was seen to open everything.
    pub fn key_opens_everything(self) -> bool {
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
            | StoredForFewClients
            | IdentityReplaced
            | SecretsUnderAnotherKey
            | Unfinished
            | IdentityUnpublished
            | BackupKeyDamaged
            | SwitchedOff
            | KeyWanted
            | BackupOnly
            | NoBackup
            | BackupUnusable
            | RotationUnfinished
            | BackupKeyPutAside
            | HandedOver => false,
        }
    }

    /// Tells whether an open app's keys would help, but cannot be stored under the present recovery key.
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
            IdentityNotStored => !found.is_some_and(|found| found.received_identity),
            BackupKeyNotStored | BackupKeyStale | BackupKeyDamaged | BackupNobodyOpens => found.is_none(),
            NothingSetUp
            | AllGood
            | BackupUnsigned
            | StoredForFewClients
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
            | BackupUnusable
            | RotationUnfinished
            | BackupKeyPutAside
            | HandedOver => false,
        }
    }
}
