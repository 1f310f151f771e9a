//! From facts to one sentence: what is the matter with this account.
#![deny(clippy::wildcard_enum_match_arm)]

use serde::{Deserialize, Serialize};

use super::{
    account::{Account, Place, SecretStorage},
    handed_over::HandedOver,
    opening::{Found, Opening, StoredBackupKey, StoredIdentity},
};

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

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::{
        account::{Backup, Device, Identity},
        coverage::Coverage,
        handed_over::HandedBackupKey,
        opening::Nothing,
        proved::Proved,
    };

    fn account() -> Account {
        Account::fresh("@ada:example.org", "PAGE")
    }

    fn present() -> SecretStorage {
        SecretStorage::Present { key_id: "k".into(), has_passphrase: false }
    }

    fn identity() -> Option<Identity> {
        Some(Identity { master_key: "master".into() })
    }

    fn backup() -> Option<Backup> {
        Some(Backup { version: "1".into(), count: 3, etag: String::new(), signed: true })
    }

    fn device(verified: bool) -> Device {
        Device { device_id: "PHONE".into(), name: None, verified }
    }

    /// Identity, secret storage with everything under the default key, and backup.
    fn whole(devices: Vec<Device>) -> Account {
        Account {
            identity: identity(),
            secret_storage: present(),
            stored_secrets: 4,
            identity_keys: Place::UnderDefault,
            backup_key: Place::UnderDefault,
            backup: backup(),
            devices,
            ..account()
        }
    }

    fn fits(signed: bool) -> StoredBackupKey {
        let proved =
            Proved { key_id: "k".into(), phrase_opens: false, backup_version: "1".into(), room_keys: 3 };
        StoredBackupKey::Fits { proved, signed }
    }

    fn found(identity: StoredIdentity, backup: StoredBackupKey) -> Found {
        Found {
            identity,
            backup,
            spare_backup_key: false,
            archived_backup_key: false,
            spare_identity: false,
            cut_short: false,
            coverage: None,
        }
    }

    fn tried(found: Found) -> Known {
        let opening = Opening::SecretStorage { by_phrase: false, found };
        Known { key: KeyKnown::Tried(opening), ..Known::default() }
    }

    fn all_right() -> Found {
        found(StoredIdentity::Fits, fits(true))
    }

    fn lost() -> Known {
        Known { key: KeyKnown::Lost, ..Known::default() }
    }

    /// The table of states, each with its signals.
    #[test]
    fn every_state_of_the_table_has_its_diagnosis() {
        use Diagnosis::*;
        let (app, old_app) = (|| vec![device(true)], || vec![device(false)]);
        let ask = Known::default;
        let gaps = |seen, covered| {
            tried(Found { coverage: Some(Coverage { seen, covered, rooms_with_gaps: 1 }), ..all_right() })
        };
        let without_backup_key =
            |devices| Account { stored_secrets: 3, backup_key: Place::Nowhere, ..whole(devices) };
        let unpublished = || Account { identity: None, ..whole(Vec::new()) };
        let switched_off = || Account { backup_switched_off: true, ..whole(app()) };
        let elsewhere =
            || Account { identity_keys: Place::Elsewhere, backup_key: Place::Elsewhere, ..whole(app()) };
        let dangling = || Account { secret_storage: SecretStorage::Dangling, ..whole(app()) };
        let half_stored = |devices| Account {
            secret_storage: SecretStorage::Absent,
            stored_secrets: 2,
            identity_keys: Place::Nowhere,
            backup_key: Place::Nowhere,
            ..whole(devices)
        };
        // Everything is stored and the backup made; the identity is not published.
        let begun = || Account {
            identity: None,
            secret_storage: SecretStorage::Absent,
            devices: Vec::new(),
            ..elsewhere()
        };
        let direct =
            || Known { key: KeyKnown::Tried(Opening::BackupDirectly { room_keys: 0 }), ..Known::default() };
        let wants = |known| Known { wants_backup: true, ..known };
        let differs = |opens_older| found(StoredIdentity::Fits, StoredBackupKey::Differs { opens_older });
        let put_aside = |found, cut_short| Found { archived_backup_key: true, cut_short, ..found };
        for (state, facts, known, expected) in [
            (1, account(), ask(), NothingSetUp),
            (1, Account { stored_secrets: 4, ..account() }, ask(), NothingSetUp),
            (
                2,
                Account { identity: identity(), backup: backup(), devices: app(), ..account() },
                ask(),
                BackupWithoutRecoveryKey,
            ),
            (3, Account { identity: identity(), devices: app(), ..account() }, ask(), IdentityOnly),
            (4, whole(app()), ask(), KeyWanted),
            (4, whole(app()), tried(all_right()), AllGood),
            (4, whole(Vec::new()), tried(all_right()), AllGood),
            (5, whole(app()), lost(), KeyLostAppOpen),
            (6, whole(old_app()), lost(), KeyLost),
            (6, whole(Vec::new()), lost(), KeyLost),
            (6, whole(app()), Known { app_lost: true, ..lost() }, KeyLost),
            (7, Account { identity: identity(), devices: old_app(), ..account() }, ask(), IdentityOrphaned),
            (7, Account { identity: identity(), backup: backup(), ..account() }, ask(), IdentityOrphaned),
            (
                8,
                Account { stored_secrets: 1, identity_keys: Place::Nowhere, ..whole(app()) },
                ask(),
                IdentityNotStored,
            ),
            (8, whole(app()), tried(found(StoredIdentity::Missing, fits(false))), IdentityNotStored),
            (7, whole(Vec::new()), tried(found(StoredIdentity::Missing, fits(false))), IdentityOrphaned),
            (9, without_backup_key(app()), ask(), BackupKeyNotStored),
            (
                9,
                whole(app()),
                tried(found(StoredIdentity::Fits, StoredBackupKey::Missing)),
                BackupKeyNotStored,
            ),
            (10, whole(app()), tried(differs(false)), BackupKeyStale),
            (10, whole(Vec::new()), tried(differs(true)), BackupKeyStale),
            (10, whole(app()), tried(put_aside(differs(false), false)), BackupKeyPutAside),
            (10, whole(Vec::new()), tried(put_aside(differs(true), true)), BackupKeyPutAside),
            (
                9,
                whole(Vec::new()),
                tried(put_aside(found(StoredIdentity::Fits, StoredBackupKey::Missing), false)),
                BackupKeyPutAside,
            ),
            (
                7,
                whole(Vec::new()),
                tried(put_aside(found(StoredIdentity::Missing, StoredBackupKey::Missing), true)),
                IdentityOrphaned,
            ),
            (11, without_backup_key(Vec::new()), ask(), BackupNobodyOpens),
            (11, whole(old_app()), tried(differs(false)), BackupNobodyOpens),
            (12, whole(app()), tried(found(StoredIdentity::Fits, fits(false))), BackupUnsigned),
            (13, whole(app()), tried(found(StoredIdentity::Differs, fits(false))), IdentityReplaced),
            (14, elsewhere(), ask(), SecretsUnderAnotherKey),
            (
                14,
                Account { devices: Vec::new(), ..elsewhere() },
                tried(found(StoredIdentity::Missing, StoredBackupKey::Missing)),
                SecretsUnderAnotherKey,
            ),
            (
                14,
                elsewhere(),
                Known { key: KeyKnown::Tried(Opening::OlderSecretStorage { found: all_right() }), ..ask() },
                SecretsUnderAnotherKey,
            ),
            (15, dangling(), ask(), Unfinished),
            (15, Account { secret_storage: SecretStorage::Absent, ..dangling() }, ask(), Unfinished),
            (15, Account { secret_storage: SecretStorage::Dangling, ..account() }, ask(), Unfinished),
            (15, begun(), ask(), Unfinished),
            // Cut short between the secrets.
            (2, half_stored(app()), ask(), BackupWithoutRecoveryKey),
            (
                2,
                Account { identity_keys: Place::Elsewhere, ..half_stored(app()) },
                ask(),
                BackupWithoutRecoveryKey,
            ),
            (15, half_stored(Vec::new()), ask(), Unfinished),
            (7, half_stored(Vec::new()), lost(), IdentityOrphaned),
            // The key may still save the identity.
            (15, Account { identity_keys: Place::Elsewhere, ..half_stored(Vec::new()) }, ask(), Unfinished),
            (15, begun(), lost(), BackupOnly),
            (15, begun(), direct(), BackupOnly),
            (15, Account { backup_key: Place::Nowhere, ..begun() }, ask(), BackupOnly),
            (2, dangling(), lost(), BackupWithoutRecoveryKey),
            (16, unpublished(), ask(), IdentityUnpublished),
            (16, unpublished(), tried(found(StoredIdentity::Unpublished, fits(false))), IdentityUnpublished),
            (
                17,
                whole(app()),
                tried(found(StoredIdentity::Fits, StoredBackupKey::Damaged)),
                BackupKeyDamaged,
            ),
            (18, switched_off(), ask(), SwitchedOff),
            (18, switched_off(), wants(ask()), KeyWanted),
            (18, switched_off(), wants(tried(all_right())), SwitchedOff),
            (19, whole(vec![device(true), device(false)]), tried(all_right()), DeviceUnverified),
            (20, whole(app()), gaps(10, 9), Gaps),
            (4, whole(app()), gaps(10, 10), AllGood),
            (21, whole(Vec::new()), gaps(10, 9), KeysNobodyHas),
            (22, Account { dehydrated: true, ..whole(app()) }, tried(all_right()), DeviceDehydrated),
            (24, whole(app()), ask(), KeyWanted),
        ] {
            assert_eq!(diagnose(&facts, &known), expected, "state {state}: {facts:?} {known:?}");
        }
    }

    /// Every combination of signals, and of what may be known beside them.
    pub fn for_every_case(mut check: impl FnMut(&Account, &Known)) {
        let places = [Place::Nowhere, Place::UnderDefault, Place::Elsewhere];
        let device_sets =
            [vec![], vec![device(false)], vec![device(true)], vec![device(true), device(false)]];
        let mut accounts = Vec::new();
        for secret_storage in [SecretStorage::Absent, SecretStorage::Dangling, present()] {
            for identity_keys in places {
                for backup_key in places {
                    for stored_secrets in [0, 1] {
                        // Under a default key that is not there, nothing can be.
                        let stored = u8::from(identity_keys != Place::Nowhere) * 3
                            + u8::from(backup_key != Place::Nowhere);
                        let stored_secrets = stored_secrets.max(stored);
                        let under_default =
                            identity_keys == Place::UnderDefault || backup_key == Place::UnderDefault;
                        if under_default && !matches!(secret_storage, SecretStorage::Present { .. }) {
                            continue;
                        }
                        for devices in &device_sets {
                            for bits in 0..16_u8 {
                                let on = |bit: u8| bits & bit != 0;
                                accounts.push(Account {
                                    identity: identity().filter(|_| on(1)),
                                    secret_storage: secret_storage.clone(),
                                    stored_secrets,
                                    identity_keys,
                                    backup_key,
                                    backup: backup().filter(|_| on(2)),
                                    backup_switched_off: on(4),
                                    devices: devices.clone(),
                                    dehydrated: on(8),
                                    ..account()
                                });
                            }
                        }
                    }
                }
            }
        }
        let mut known = Known::default();
        for key in every_key() {
            known.key = key;
            for (wants_backup, app_lost) in [(false, false), (true, false), (false, true), (true, true)] {
                known = Known { wants_backup, app_lost, handed_over: None, ..known };
                accounts.iter().for_each(|account| check(account, &known));
            }
            use HandedBackupKey::*;
            for (identity, backup) in [(true, Fits), (true, Missing), (true, NoBackup), (false, Fits)] {
                known = Known {
                    wants_backup: false,
                    app_lost: false,
                    handed_over: Some(HandedOver { identity, backup }),
                    ..known
                };
                accounts.iter().for_each(|account| check(account, &known));
            }
        }
    }

    fn every_key() -> Vec<KeyKnown> {
        let mut keys = vec![
            KeyKnown::NotAsked,
            KeyKnown::Lost,
            KeyKnown::Tried(Opening::BackupDirectly { room_keys: 1 }),
            KeyKnown::Tried(Opening::Nothing(Nothing::AnotherKey)),
        ];
        use StoredIdentity::*;
        for identity in [Fits, Missing, Differs, Unpublished] {
            for backup in [
                fits(true),
                fits(false),
                StoredBackupKey::Missing,
                StoredBackupKey::Damaged,
                StoredBackupKey::Differs { opens_older: false },
                StoredBackupKey::Differs { opens_older: true },
                StoredBackupKey::NoBackup,
            ] {
                for (spare_backup_key, spare_identity, cut_short, covered) in [
                    (false, false, false, 1),
                    (true, false, false, 0),
                    (false, true, false, 1),
                    (true, true, false, 1),
                    (false, false, true, 0),
                ] {
                    let coverage = Some(Coverage { seen: 1, covered, rooms_with_gaps: 0 });
                    let found = Found {
                        identity,
                        backup: backup.clone(),
                        spare_backup_key,
                        archived_backup_key: false,
                        spare_identity,
                        cut_short,
                        coverage,
                    };
                    if spare_backup_key || found.is_all_right() {
                        keys.push(KeyKnown::Tried(Opening::OlderSecretStorage { found: found.clone() }));
                    }
                    // Looked for only where the stored one does not do.
                    if !spare_backup_key && !matches!(found.backup, StoredBackupKey::Fits { .. }) {
                        let found = Found { archived_backup_key: true, ..found.clone() };
                        keys.push(KeyKnown::Tried(Opening::SecretStorage { by_phrase: false, found }));
                    }
                    keys.push(KeyKnown::Tried(Opening::SecretStorage { by_phrase: false, found }));
                }
            }
        }
        keys
    }

    #[test]
    fn good_news_needs_the_key_and_only_bare_accounts_are_set_up_anew() {
        let mut met = BTreeSet::new();
        for_every_case(|facts, known| {
            let diagnosis = diagnose(facts, known);
            met.insert(diagnosis);
            if diagnosis.is_covered() {
                let KeyKnown::Tried(opening) = &known.key else { panic!("{facts:?} {known:?}") };
                assert!(opening.is_all_right(), "{facts:?} {known:?}");
            }
            if diagnosis == Diagnosis::NothingSetUp {
                assert!(facts.identity.is_none() && facts.backup.is_none(), "{facts:?} {known:?}");
            }
            if facts.backup_switched_off && !known.wants_backup {
                assert_eq!(diagnosis, Diagnosis::SwitchedOff, "it is asked before anything else");
            }
        });
        assert_eq!(met.len(), 28, "every diagnosis is met: {met:?}");
    }
}
