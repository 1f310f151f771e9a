//! The tasks of an order, and which of them an action takes.
#![deny(clippy::wildcard_enum_match_arm)]

use serde::{Deserialize, Serialize};

use super::Action;
use crate::domain::{
    account::Account,
    diagnosis::{KeyKnown, Known},
    handed_over::{HandedBackupKey, HandedOver},
    opening::{Form, Opening, StoredBackupKey, StoredIdentity, StoredSecrets},
};

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
    let mut tasks = without_older_keys(action, account, known);
    if takes_along(action, account, known) {
        // Older versions are read before anything is written. What is in them follows once the new key is in use: until
        // then a cut could leave the account with half of both.
        tasks.insert(1, Task::Download);
        let last = tasks.len() - 1;
        tasks.splice(last..last, [Task::Upload, Task::Compare]);
    }
    tasks
}

/// Tells whether the backup that a set-up, a new identity or a new key makes takes in the room keys of older ones.
pub fn takes_along(action: Action, account: &Account, known: &Known) -> bool {
    let makes_backup = matches!(action, Action::SetUp | Action::Reset | Action::AddKey);
    makes_backup && known.reads_older && !keeps_backup(account, known)
}

fn without_older_keys(action: Action, account: &Account, known: &Known) -> Vec<Task> {
    use Task::*;
    match action {
        Action::SetUp if !keeps_backup(account, known) => SET_UP.to_vec(),
        // A backup that stays is signed once its identity is published. In a set-up that was cut short, the identity
        // or the backup is already there, so which comes first no longer matters.
        Action::SetUp | Action::Finish => {
            let backup = if action == Action::SetUp { SignBackup } else { CreateBackup };
            let identity = [CheckUnchanged, StoreSecrets, PublishIdentity, backup];
            identity.into_iter().chain([ReadBack, Commit, Announce, TryAsStranger]).collect()
        }
        Action::ChangeKey => {
            vec![CheckUnchanged, StoreSecrets, ReadBack, Commit, TryAsStranger, RetireOldKey]
        }
        Action::Reset => of_reset(account, known),
        Action::AddKey => of_added_key(account, known),
        Action::Repair => of_repair(account, known),
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

/// Lists the tasks of a new identity. If the server asks for no proof, the identity is published before the
/// backup is created (`publishing.rs`).
fn of_reset(account: &Account, known: &Known) -> Vec<Task> {
    use Task::*;
    let keeps = keeps_backup(account, known);
    let mut tasks = vec![CheckUnchanged, Archive, StoreSecrets];
    tasks.extend((!keeps).then_some(CreateBackup));
    tasks.push(PublishIdentity);
    tasks.extend(account.dehydrated.then_some(RemoveDehydrated));
    tasks.extend(keeps.then_some(SignBackup));
    tasks.extend([ReadBack, Commit, Announce, TryAsStranger]);
    tasks
}

/// Lists the tasks of a new key for secrets that an app handed over.
fn of_added_key(account: &Account, known: &Known) -> Vec<Task> {
    use Task::*;
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

/// Lists the tasks of mending what the entered key opens: only what is not right already.
fn of_repair(account: &Account, known: &Known) -> Vec<Task> {
    use Task::*;
    let found = known.key.opening().and_then(Opening::found);
    let has_backup = account.usable_backup().is_some();
    let fits = matches!(found.map(|found| &found.backup), Some(StoredBackupKey::Fits { .. }));
    let has_key = |found: &StoredSecrets| found.loose_backup_key || found.backup_key_put_aside;
    let stores = found.is_some_and(has_key) && has_backup && !fits;
    let publishes = found.is_some_and(|found| found.identity == StoredIdentity::Unpublished);
    let identifies =
        found.is_some_and(|found| found.received_identity && found.identity == StoredIdentity::Missing);
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

/// Tells whether the current backup stays under a new identity or key: the key that was entered or handed over opens
/// it.
pub fn keeps_backup(account: &Account, known: &Known) -> bool {
    let opens = matches!(&known.key, KeyKnown::Tried(opening) if opening.opens_backup());
    let handed_over = matches!(known.handed_over, Some(HandedOver { backup: HandedBackupKey::Fits, .. }));
    account.usable_backup().is_some() && (opens || handed_over)
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
