//! From facts to one sentence: what is the matter with this account.
#![deny(clippy::wildcard_enum_match_arm)]

use serde::{Deserialize, Serialize};

use super::account::{Account, SecretStorage};

/// What is the matter. Only [`Diagnosis::NothingSetUp`] has an action so far; every other account
/// is recognised and not touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Diagnosis {
    /// No identity, no secret storage, no backup: the first set-up.
    NothingSetUp,
    /// All three are there; whether they fit together needs the key.
    SetUp,
    /// Identity and backup, but no recovery key: only an open client can open the backup.
    BackupWithoutRecoveryKey,
    /// An identity and nothing else.
    IdentityOnly,
    /// A backup, but neither identity nor recovery key.
    BackupOnly,
    /// A recovery key, but no backup.
    RecoveryKeyWithoutBackup,
    /// A recovery key, but no published identity.
    RecoveryKeyWithoutIdentity,
    /// The default key leads nowhere.
    DanglingRecoveryKey,
    /// Identity and stored secrets without a default key: a set-up that was cut short.
    Unfinished,
}

/// Draws the conclusion. Total: every combination of facts has exactly one diagnosis.
pub fn diagnose(account: &Account) -> Diagnosis {
    use Diagnosis::*;
    let identity = account.identity.is_some();
    let backup = account.backup.is_some();
    let secrets = account.stored_secrets > 0;
    match (&account.secret_storage, identity, backup, secrets) {
        (SecretStorage::Dangling, _, _, _) => DanglingRecoveryKey,
        (SecretStorage::Present { .. }, true, true, _) => SetUp,
        (SecretStorage::Present { .. }, true, false, _) => RecoveryKeyWithoutBackup,
        (SecretStorage::Present { .. }, false, _, _) => RecoveryKeyWithoutIdentity,
        (SecretStorage::Absent, true, _, true) => Unfinished,
        (SecretStorage::Absent, true, true, false) => BackupWithoutRecoveryKey,
        (SecretStorage::Absent, true, false, false) => IdentityOnly,
        (SecretStorage::Absent, false, true, _) => BackupOnly,
        // Secrets that nothing points to and that belong to no identity: an earlier attempt ended
        // before anything was published. The new set-up merges its entries beside them.
        (SecretStorage::Absent, false, false, _) => NothingSetUp,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::{Backup, Identity};

    fn account(storage: SecretStorage, identity: bool, backup: bool, stored_secrets: u8) -> Account {
        Account {
            user_id: "@ada:example.org".into(),
            device_id: "PAGE".into(),
            identity: identity.then(|| Identity { master_key: "key".into() }),
            secret_storage: storage,
            stored_secrets,
            backup: backup.then(|| Backup { version: "1".into(), count: 3, etag: String::new() }),
            backup_switched_off: false,
            devices: Vec::new(),
        }
    }

    #[test]
    fn every_combination_of_facts_has_its_diagnosis() {
        use Diagnosis::*;
        let present = SecretStorage::Present { key_id: "k".into(), has_passphrase: false };
        for (storage, identity, backup, secrets, expected) in [
            (SecretStorage::Absent, false, false, 0, NothingSetUp),
            (SecretStorage::Absent, false, false, 4, NothingSetUp),
            (SecretStorage::Absent, false, true, 0, BackupOnly),
            (SecretStorage::Absent, false, true, 4, BackupOnly),
            (SecretStorage::Absent, true, false, 0, IdentityOnly),
            (SecretStorage::Absent, true, false, 4, Unfinished),
            (SecretStorage::Absent, true, true, 0, BackupWithoutRecoveryKey),
            (SecretStorage::Absent, true, true, 4, Unfinished),
            (present.clone(), false, false, 0, RecoveryKeyWithoutIdentity),
            (present.clone(), false, true, 4, RecoveryKeyWithoutIdentity),
            (present.clone(), true, false, 3, RecoveryKeyWithoutBackup),
            (present.clone(), true, true, 0, SetUp),
            (present, true, true, 4, SetUp),
            (SecretStorage::Dangling, false, false, 0, DanglingRecoveryKey),
            (SecretStorage::Dangling, true, true, 4, DanglingRecoveryKey),
        ] {
            let facts = account(storage, identity, backup, secrets);
            assert_eq!(diagnose(&facts), expected, "{facts:?}");
        }
    }

    #[test]
    fn anything_published_keeps_the_page_from_writing() {
        let present = SecretStorage::Present { key_id: "k".into(), has_passphrase: true };
        for storage in [SecretStorage::Absent, SecretStorage::Dangling, present] {
            for (identity, backup) in [(false, false), (false, true), (true, false), (true, true)] {
                for secrets in 0..=4 {
                    let facts = account(storage.clone(), identity, backup, secrets);
                    let untouched = storage == SecretStorage::Absent && !identity && !backup;
                    assert_eq!(diagnose(&facts) == Diagnosis::NothingSetUp, untouched, "{facts:?}");
                }
            }
        }
    }
}
