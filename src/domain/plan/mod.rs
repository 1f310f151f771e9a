//! Decides what can be done about a diagnosis, and which tasks that takes.
#![deny(clippy::wildcard_enum_match_arm)]

use serde::{Deserialize, Serialize};

use super::{
    account::{Account, SecretStorage},
    diagnosis::{Diagnosis, Known},
    opening::{Form, Opening, StoredBackupKey, StoredIdentity, StoredSecrets},
};

mod tasks;
#[cfg(test)]
mod tests;

pub use self::tasks::{SET_UP, Task, keeps_backup, takes_along, tasks};

/// An action that the person can choose next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Action {
    /// Set up everything: a new recovery key, identity and backup.
    SetUp,
    /// Finish a set-up that was cut short, with the key that the person kept then.
    Finish,
    /// Enter the recovery key or phrase, to see what it opens.
    EnterKey,
    /// Say that the recovery key is lost.
    SayKeyLost,
    /// Say that none of the listed apps is at hand any more.
    SayAppLost,
    /// Say that backup is wanted, although it was switched off.
    WantBackup,
    /// Mend in place what the entered key opens; nothing is replaced.
    Repair,
    /// Make a new recovery key for the same secrets.
    ChangeKey,
    /// Make a fresh backup that holds every room key of the older versions that opens.
    Rotate,
    /// Make a new identity.
    Reset,
    /// Make a new recovery key for the secrets that an open app handed over.
    AddKey,
    /// Let an open, verified app hand over its secrets.
    Verify,
    /// Give other apps what they need to back up, and see their room keys arrive.
    BringKeys,
    /// See for which messages the backup has a key, and take a copy home.
    Cover,
    /// Sign out: there is nothing to do.
    End,
}

impl Action {
    /// Tells whether it can still be taken back while the server waits for a proof.
    pub fn can_be_withdrawn(self) -> bool {
        matches!(self, Self::SetUp | Self::Reset | Self::Finish | Self::Repair)
    }

    /// Tells whether it begins with a new recovery key.
    pub fn makes_key(self) -> bool {
        matches!(self, Self::SetUp | Self::ChangeKey | Self::Reset | Self::AddKey)
    }

    /// Tells whether the person must have entered their recovery key for it.
    pub fn needs_key(self) -> bool {
        matches!(self, Self::Repair | Self::ChangeKey | Self::Rotate)
    }
}

/// A recommendation, and the other actions on offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The action that the page recommends. It is never one that replaces what a key or an old app could still open.
    pub recommended: Action,
    /// Other actions on offer.
    pub others: &'static [Action],
}

/// Decides what to offer for a diagnosis. Total: every diagnosis has a plan.
pub fn plan(diagnosis: Diagnosis, account: &Account, known: &Known) -> Plan {
    use Action::*;
    let app = account.has_verified_app() && !known.app_lost;
    let opening = known.key.opening();
    let opened = opening.and_then(Opening::found_by_default_key);
    match diagnosis {
        Diagnosis::NothingSetUp => of(SetUp, &[]),
        Diagnosis::BackupWithoutRecoveryKey | Diagnosis::IdentityOnly => of(Verify, &[SayAppLost]),
        Diagnosis::KeyLostAppOpen => of(Verify, &[EnterKey, SayAppLost]),
        Diagnosis::AllGood | Diagnosis::DeviceDehydrated | Diagnosis::KeysNobodyHas => {
            of(Cover, &[BringKeys, ChangeKey, Rotate, End])
        }
        Diagnosis::DeviceUnverified | Diagnosis::Gaps => of(BringKeys, &[Cover, ChangeKey, Rotate]),
        // Nothing brings the old identity back once it is replaced, and a key that is lost may be found.
        Diagnosis::KeyLost | Diagnosis::IdentityOrphaned => of(EnterKey, &[Reset]),
        Diagnosis::IdentityNotStored if opened.is_some_and(can_store_identity) => of(Repair, &[AddKey]),
        Diagnosis::IdentityNotStored => of(Verify, &[EnterKey, SayAppLost]),
        Diagnosis::HandedOver => match account.secret_storage {
            SecretStorage::Present { .. } => of(AddKey, &[EnterKey]),
            SecretStorage::Absent | SecretStorage::Dangling => of(AddKey, &[]),
        },
        Diagnosis::BackupKeyNotStored | Diagnosis::BackupKeyStale | Diagnosis::BackupKeyDamaged => {
            for_backup_key(opening, app)
        }
        Diagnosis::BackupNobodyOpens if opened.is_some() => of(Rotate, &[EnterKey]),
        Diagnosis::BackupNobodyOpens => of(EnterKey, &[SayKeyLost]),
        Diagnosis::StoredForFewClients if opening.is_some_and(can_rewrite) => of(Repair, &[ChangeKey]),
        Diagnosis::StoredForFewClients => of(ChangeKey, &[]),
        Diagnosis::BackupUnsigned | Diagnosis::BackupKeyPutAside => of(Repair, &[Rotate]),
        // The key of the newer identity may be another one that the person has.
        Diagnosis::IdentityReplaced if app => of(Verify, &[EnterKey, SayAppLost]),
        Diagnosis::IdentityReplaced => of(EnterKey, &[Reset]),
        // The person may have the newer key, too.
        Diagnosis::SecretsUnderAnotherKey if opening.is_some_and(is_whole_but_older) => {
            of(ChangeKey, &[EnterKey])
        }
        Diagnosis::SecretsUnderAnotherKey => of(EnterKey, &[SayKeyLost]),
        Diagnosis::Unfinished if account.identity.is_some() || account.backup.is_some() => {
            of(Finish, &[EnterKey, SayKeyLost])
        }
        Diagnosis::Unfinished => of(SetUp, &[]),
        Diagnosis::IdentityUnpublished if opened.is_some_and(can_publish_identity) => of(Repair, &[]),
        Diagnosis::IdentityUnpublished => of(EnterKey, &[SayKeyLost]),
        Diagnosis::SwitchedOff if known.wants_backup => of(Repair, &[]),
        Diagnosis::SwitchedOff => of(WantBackup, &[End]),
        Diagnosis::KeyWanted => of(EnterKey, &[SayKeyLost]),
        Diagnosis::BackupOnly => for_backup_only(opening),
        Diagnosis::NoBackup | Diagnosis::BackupUnusable | Diagnosis::RotationUnfinished => of(Rotate, &[]),
    }
}

fn of(recommended: Action, others: &'static [Action]) -> Plan {
    Plan { recommended, others }
}

/// Decides for a secret storage that lacks the key of the current backup.
fn for_backup_key(opening: Option<&Opening>, app: bool) -> Plan {
    use Action::*;
    // Only a key that apps ask for is worth storing under; an older one is not.
    let opened = opening.and_then(Opening::found_by_default_key);
    if opened.is_some_and(|found| found.loose_backup_key) {
        return of(Repair, &[Rotate]);
    }
    let opens_older = opening
        .and_then(Opening::found)
        .is_some_and(|found| found.backup == StoredBackupKey::Differs { opens_older: true });
    match (opens_older, app) {
        // The fresh backup takes over the older version that this key opens. The app adds its own keys later.
        (true, _) => of(Rotate, &[EnterKey]),
        (false, true) => of(Verify, &[EnterKey, Rotate]),
        (false, false) => of(Rotate, &[EnterKey]),
    }
}

/// Decides for a backup without anything else.
fn for_backup_only(opening: Option<&Opening>) -> Plan {
    use Action::*;
    match opening {
        Some(Opening::BackupDirectly { .. }) => of(SetUp, &[]),
        Some(opening) if opening.opens_backup() => of(SetUp, &[]),
        Some(_) | None => of(EnterKey, &[SetUp]),
    }
}

/// Tells whether an identity that an app handed over can be stored where none is.
fn can_store_identity(found: &StoredSecrets) -> bool {
    found.received_identity && found.identity == StoredIdentity::Missing
}

/// Tells whether the stored identity can be published, since none is.
fn can_publish_identity(found: &StoredSecrets) -> bool {
    found.identity == StoredIdentity::Unpublished
}

/// Tells whether the secret storage that was opened can be written anew under the same key. The homeserver is given the
/// account password, so nothing is written under that.
fn can_rewrite(opening: &Opening) -> bool {
    opening.found().is_some_and(|found| found.form == Form::ForFew && !found.is_near_password())
}

/// Tells whether an older key opens everything that is needed.
fn is_whole_but_older(opening: &Opening) -> bool {
    matches!(opening, Opening::OlderSecretStorage { found } if found.is_all_right())
}
