//! Decides what can be done about a diagnosis, and which tasks that takes.
#![deny(clippy::wildcard_enum_match_arm)]

use serde::{Deserialize, Serialize};

use super::{
    account::{Account, SecretStorage},
    diagnosis::{Diagnosis, KeyKnown, Known},
    handed_over::{HandedBackupKey, HandedOver},
    opening::{Form, Found, Opening, StoredBackupKey, StoredIdentity},
};

#[cfg(test)]
mod tests;

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
}

/// A recommendation, and the other actions on offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The action that the page recommends.
    pub recommended: Action,
    /// Other actions on offer; none of them does harm.
    pub others: &'static [Action],
}

/// Decides what to offer for a diagnosis. Total: every diagnosis has a plan.
pub fn plan(diagnosis: Diagnosis, account: &Account, known: &Known) -> Plan {
    use Action::*;
    let app = account.has_verified_app() && !known.app_lost;
    let of = |recommended, others: &'static [Action]| Plan { recommended, others };
    let tried = match &known.key {
        KeyKnown::Tried(opening) => Some(opening),
        KeyKnown::NotAsked | KeyKnown::Lost => None,
    };
    // Only a key that apps ask for is worth storing under; an older one is not.
    let spare = matches!(tried, Some(Opening::SecretStorage { found, .. }) if found.loose_backup_key);
    let is_for_few = tried
        .and_then(Opening::found)
        .is_some_and(|found| found.form == Form::ForFew && !found.is_account_password);
    let opens_older = tried
        .and_then(Opening::found)
        .is_some_and(|found| found.backup == StoredBackupKey::Differs { opens_older: true });
    match diagnosis {
        Diagnosis::NothingSetUp => of(SetUp, &[]),
        Diagnosis::BackupWithoutRecoveryKey | Diagnosis::IdentityOnly => of(Verify, &[SayAppLost]),
        Diagnosis::KeyLostAppOpen => of(Verify, &[EnterKey, SayAppLost]),
        Diagnosis::AllGood | Diagnosis::DeviceDehydrated | Diagnosis::KeysNobodyHas => {
            of(Cover, &[BringKeys, ChangeKey, Rotate, End])
        }
        Diagnosis::DeviceUnverified | Diagnosis::Gaps => of(BringKeys, &[Cover, ChangeKey, Rotate]),
        Diagnosis::KeyLost | Diagnosis::IdentityOrphaned => of(Reset, &[EnterKey]),
        Diagnosis::IdentityNotStored => {
            let spare = |found: &Found| found.received_identity && found.identity == StoredIdentity::Missing;
            if matches!(tried, Some(Opening::SecretStorage { found, .. }) if spare(found)) {
                of(Repair, &[AddKey])
            } else {
                of(Verify, &[EnterKey, SayAppLost])
            }
        }
        Diagnosis::HandedOver => match account.secret_storage {
            SecretStorage::Present { .. } => of(AddKey, &[EnterKey]),
            SecretStorage::Absent | SecretStorage::Dangling => of(AddKey, &[]),
        },
        Diagnosis::BackupKeyNotStored | Diagnosis::BackupKeyStale | Diagnosis::BackupKeyDamaged => {
            match (spare, app) {
                (true, _) => of(Repair, &[Rotate]),
                // The fresh backup takes over the older version that this key opens. The app adds its own keys later.
                (false, _) if opens_older => of(Rotate, &[EnterKey]),
                (false, true) => of(Verify, &[EnterKey, Rotate]),
                (false, false) => of(Rotate, &[EnterKey]),
            }
        }
        Diagnosis::BackupNobodyOpens => match tried {
            Some(Opening::SecretStorage { .. }) => of(Rotate, &[EnterKey]),
            Some(
                Opening::OlderSecretStorage { .. } | Opening::BackupDirectly { .. } | Opening::Nothing(_),
            )
            | None => of(EnterKey, &[SayKeyLost]),
        },
        Diagnosis::StoredForFewClients if is_for_few => of(Repair, &[ChangeKey]),
        Diagnosis::StoredForFewClients => of(ChangeKey, &[]),
        Diagnosis::BackupUnsigned | Diagnosis::BackupKeyPutAside => of(Repair, &[Rotate]),
        Diagnosis::IdentityReplaced if app => of(Verify, &[SayAppLost]),
        Diagnosis::IdentityReplaced => of(Reset, &[]),
        Diagnosis::SecretsUnderAnotherKey => match tried {
            // The person may have the newer key, too.
            Some(Opening::OlderSecretStorage { found }) if found.is_all_right() => of(ChangeKey, &[EnterKey]),
            Some(
                Opening::OlderSecretStorage { .. }
                | Opening::SecretStorage { .. }
                | Opening::BackupDirectly { .. }
                | Opening::Nothing(_),
            )
            | None => of(EnterKey, &[SayKeyLost]),
        },
        Diagnosis::Unfinished if account.identity.is_some() || account.backup.is_some() => {
            of(Finish, &[EnterKey, SayKeyLost])
        }
        Diagnosis::Unfinished => of(SetUp, &[]),
        Diagnosis::IdentityUnpublished => match tried {
            Some(Opening::SecretStorage { found, .. }) if found.identity == StoredIdentity::Unpublished => {
                of(Repair, &[])
            }
            Some(
                Opening::SecretStorage { .. }
                | Opening::OlderSecretStorage { .. }
                | Opening::BackupDirectly { .. }
                | Opening::Nothing(_),
            )
            | None => of(EnterKey, &[SayKeyLost]),
        },
        Diagnosis::SwitchedOff if known.wants_backup => of(Repair, &[]),
        Diagnosis::SwitchedOff => of(WantBackup, &[End]),
        Diagnosis::KeyWanted => of(EnterKey, &[SayKeyLost]),
        Diagnosis::BackupOnly => match tried {
            Some(Opening::BackupDirectly { .. }) => of(SetUp, &[]),
            Some(opening) if opening.opens_backup() => of(SetUp, &[]),
            Some(_) | None => of(EnterKey, &[SetUp]),
        },
        Diagnosis::NoBackup | Diagnosis::BackupUnusable | Diagnosis::RotationUnfinished => of(Rotate, &[]),
    }
}

/// One step of an order. Until [`Task::Commit`], other clients go on with the old default key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Task {
    /// Look once more whether somebody else wrote since.
    CheckUnchanged,
    /// Read and open the room keys of every version that can be opened.
    Download,
    /// Put aside the encrypted secrets that are about to be replaced, as they are.
    Archive,
    /// Store the key's description, and the secrets encrypted by it, beside the old entries.
    StoreSecrets,
    /// Store the backup's private key under the key that was entered.
    StoreBackupKey,
    /// Write what is stored under the key, and its description, in the form that every client reads.
    Rewrite,
    /// Store the identity's private keys, which an open app handed over, under the key that was entered.
    StoreIdentity,
    /// Publish the identity, with its signature on this page's device.
    PublishIdentity,
    /// Remove the old identity's dehydrated device, which the new identity could not open.
    RemoveDehydrated,
    /// Create the backup version whose private key is already stored.
    CreateBackup,
    /// Sign the existing backup with the identity.
    SignBackup,
    /// Write the room keys, encrypted anew, to the fresh backup.
    Upload,
    /// Read every room key back from the fresh backup, and compare it.
    Compare,
    /// Read everything written so far back from the server, and compare it.
    ReadBack,
    /// Write `m.secret_storage.default_key`: from here on other clients use the new key.
    Commit,
    /// Tell other clients that backup is wanted (`m.key_backup`).
    Announce,
    /// Open everything as a new device would, with what the person kept.
    TryAsStranger,
    /// Remove the entries under the old key, once the new key was seen to open the same secrets.
    RetireOldKey,
}

/// The tasks of the first set-up, in their order. A published identity cannot be taken back, so the backup is created
/// first: if the server does not use that, nothing is lost.
pub const SET_UP: [Task; 8] = [
    Task::CheckUnchanged,
    Task::StoreSecrets,
    Task::CreateBackup,
    Task::PublishIdentity,
    Task::ReadBack,
    Task::Commit,
    Task::Announce,
    Task::TryAsStranger,
];

/// Lists the tasks of an action in their order; none for an action that does not write.
pub fn tasks(action: Action, account: &Account, known: &Known) -> Vec<Task> {
    use Task::*;
    let opening = match &known.key {
        KeyKnown::Tried(opening) => Some(opening),
        KeyKnown::NotAsked | KeyKnown::Lost => None,
    };
    match action {
        Action::SetUp if !keeps_backup(account, known) => SET_UP.to_vec(),
        // A backup that stays is signed once its identity is published. In a set-up that was cut short, the identity
        // or the backup is already there, so their order no longer matters.
        Action::SetUp | Action::Finish => {
            let backup = if action == Action::SetUp { SignBackup } else { CreateBackup };
            let identity = [CheckUnchanged, StoreSecrets, PublishIdentity, backup];
            identity.into_iter().chain([ReadBack, Commit, Announce, TryAsStranger]).collect()
        }
        Action::ChangeKey => {
            vec![CheckUnchanged, StoreSecrets, ReadBack, Commit, TryAsStranger, RetireOldKey]
        }
        Action::Reset => {
            let keeps = keeps_backup(account, known);
            let mut tasks = vec![CheckUnchanged, Archive, StoreSecrets];
            tasks.extend((!keeps).then_some(CreateBackup));
            tasks.push(PublishIdentity);
            tasks.extend(account.dehydrated.then_some(RemoveDehydrated));
            tasks.extend(keeps.then_some(SignBackup));
            tasks.extend([ReadBack, Commit, Announce, TryAsStranger]);
            tasks
        }
        Action::AddKey => {
            let is_signed = account.backup.as_ref().is_some_and(|backup| backup.signed);
            let backup = match (keeps_backup(account, known), is_signed) {
                (true, true) => None,
                (true, false) => Some(SignBackup),
                (false, _) => Some(CreateBackup),
            };
            let mut tasks = vec![CheckUnchanged, StoreSecrets];
            tasks.extend(backup);
            tasks.extend([ReadBack, Commit, Announce, TryAsStranger]);
            tasks
        }
        Action::Repair => {
            let found = opening.and_then(Opening::found);
            let has_backup = account.usable_backup().is_some();
            let fits = matches!(found.map(|found| &found.backup), Some(StoredBackupKey::Fits { .. }));
            let has_key = |found: &Found| found.loose_backup_key || found.backup_key_put_aside;
            let stores = found.is_some_and(has_key) && has_backup && !fits;
            let publishes = found.is_some_and(|found| found.identity == StoredIdentity::Unpublished);
            let identifies = found
                .is_some_and(|found| found.received_identity && found.identity == StoredIdentity::Missing);
            let is_signed =
                matches!(found.map(|found| &found.backup), Some(StoredBackupKey::Fits { signed: true, .. }));
            let signs = has_backup && (fits || stores) && !is_signed;
            let announces = account.backup_switched_off && known.wants_backup;
            let wanted = [
                (found.is_some_and(|found| found.form == Form::ForFew), Rewrite),
                (identifies, StoreIdentity),
                (stores, StoreBackupKey),
                (publishes, PublishIdentity),
                (signs, SignBackup),
                (announces, Announce),
            ];
            let wanted = wanted.into_iter().filter_map(|(is_wanted, task)| is_wanted.then_some(task));
            [CheckUnchanged].into_iter().chain(wanted).chain([TryAsStranger]).collect()
        }
        Action::Rotate => vec![
            CheckUnchanged,
            Download,
            Archive,
            StoreBackupKey,
            CreateBackup,
            Upload,
            Compare,
            TryAsStranger,
        ],
        Action::EnterKey
        | Action::SayKeyLost
        | Action::SayAppLost
        | Action::WantBackup
        | Action::Verify
        | Action::BringKeys
        | Action::Cover
        | Action::End => Vec::new(),
    }
}

/// Tells whether the current backup stays under a new identity or key: the key that was entered or handed over opens
/// it.
pub fn keeps_backup(account: &Account, known: &Known) -> bool {
    let opens = matches!(&known.key, KeyKnown::Tried(opening) if opening.opens_backup());
    let handed_over = matches!(known.handed_over, Some(HandedOver { backup: HandedBackupKey::Fits, .. }));
    account.usable_backup().is_some() && (opens || handed_over)
}

impl Action {
    /// Tells whether it begins with a new recovery key.
    pub fn makes_key(self) -> bool {
        matches!(self, Self::SetUp | Self::ChangeKey | Self::Reset | Self::AddKey)
    }

    /// Tells whether the person must have entered their recovery key for it.
    pub fn needs_key(self) -> bool {
        matches!(self, Self::Repair | Self::ChangeKey | Self::Rotate)
    }
}

impl Task {
    /// Tells whether it changes something on the server.
    pub fn writes(self) -> bool {
        match self {
            Self::CheckUnchanged | Self::Download | Self::Compare | Self::ReadBack | Self::TryAsStranger => {
                false
            }
            Self::Archive
            | Self::StoreSecrets
            | Self::StoreBackupKey
            | Self::Rewrite
            | Self::StoreIdentity
            | Self::PublishIdentity
            | Self::RemoveDehydrated
            | Self::CreateBackup
            | Self::SignBackup
            | Self::Upload
            | Self::Commit
            | Self::Announce
            | Self::RetireOldKey => true,
        }
    }
}
