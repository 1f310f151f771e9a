use std::collections::BTreeSet;

use super::*;
use crate::domain::{
    account::{Backup, Device, Identity},
    coverage::Coverage,
    handed_over::HandedBackupKey,
    opening::{Likeness, NotOpened},
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
    Some(Backup { version: "1".into(), count: 3, etag: String::new(), signed: true, usable: true })
}

fn device(verified: bool) -> Device {
    Device { device_id: "PHONE".into(), name: None, verified }
}

/// An account with identity, backup, and secret storage that has everything under the default key.
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
    let proved = Proved { key_id: "k".into(), phrase_opens: false, backup_version: "1".into(), room_keys: 3 };
    StoredBackupKey::Fits { proved, signed }
}

fn tried(found: StoredSecrets) -> Known {
    let opening = Opening::SecretStorage { by_phrase: false, found };
    Known { key: KeyKnown::Tried(opening), ..Known::default() }
}

fn stored(identity: StoredIdentity, backup: StoredBackupKey) -> StoredSecrets {
    StoredSecrets::only(identity, backup)
}

fn all_right() -> StoredSecrets {
    stored(StoredIdentity::Fits, fits(true))
}

fn lost() -> Known {
    Known { key: KeyKnown::Lost, ..Known::default() }
}

/// Each line begins with the number of its state in tests/support/accounts/states/recipes.mjs.
#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn every_state_of_the_table_has_its_diagnosis() {
    use Diagnosis::*;
    let (app, old_app) = (|| vec![device(true)], || vec![device(false)]);
    let ask = Known::default;
    let gaps = |seen, covered| {
        tried(StoredSecrets { coverage: Some(Coverage { seen, covered, rooms_with_gaps: 1 }), ..all_right() })
    };
    let without_backup_key =
        |devices| Account { stored_secrets: 3, backup_key: Place::Nowhere, ..whole(devices) };
    let not_valid = || backup().map(|backup| Backup { usable: false, ..backup });
    let unusable = |devices| Account { backup: not_valid(), ..whole(devices) };
    let untold = || Account { backup: None, backup_untold: true, ..whole(app()) };
    let no_identity =
        || Account { identity: None, stored_secrets: 1, identity_keys: Place::Nowhere, ..whole(app()) };
    let no_identity_found = || stored(StoredIdentity::Missing, fits(false));
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
    // Everything is stored and the backup is made, but the identity is not published.
    let begun = || Account {
        identity: None,
        secret_storage: SecretStorage::Absent,
        devices: Vec::new(),
        ..elsewhere()
    };
    let direct = || Known {
        key: KeyKnown::Tried(Opening::BackupDirectly { room_keys: 0, by_phrase: false }),
        ..Known::default()
    };
    let wants = |known| Known { wants_backup: true, ..known };
    let differs = |opens_older| stored(StoredIdentity::Fits, StoredBackupKey::Differs { opens_older });
    let by_password = |found| StoredSecrets { password: Likeness::Same, ..found };
    let put_aside = |found, cut_short| StoredSecrets { backup_key_put_aside: true, cut_short, ..found };
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
        (8, whole(app()), tried(stored(StoredIdentity::Missing, fits(false))), IdentityNotStored),
        (7, whole(Vec::new()), tried(stored(StoredIdentity::Missing, fits(false))), IdentityOrphaned),
        (9, without_backup_key(app()), ask(), BackupKeyNotStored),
        (9, whole(app()), tried(stored(StoredIdentity::Fits, StoredBackupKey::Missing)), BackupKeyNotStored),
        (10, whole(app()), tried(differs(false)), BackupKeyStale),
        (10, whole(Vec::new()), tried(differs(true)), BackupKeyStale),
        (10, whole(app()), tried(put_aside(differs(false), false)), BackupKeyPutAside),
        (10, whole(Vec::new()), tried(put_aside(differs(true), true)), BackupKeyPutAside),
        (
            9,
            whole(Vec::new()),
            tried(put_aside(stored(StoredIdentity::Fits, StoredBackupKey::Missing), false)),
            BackupKeyPutAside,
        ),
        (
            7,
            whole(Vec::new()),
            tried(put_aside(stored(StoredIdentity::Missing, StoredBackupKey::Missing), true)),
            IdentityOrphaned,
        ),
        (11, without_backup_key(Vec::new()), ask(), BackupNobodyOpens),
        (11, whole(old_app()), tried(differs(false)), BackupNobodyOpens),
        // One that nothing can use counts for nothing, but stands in the way.
        (11, unusable(app()), ask(), KeyWanted),
        (11, unusable(app()), tried(differs(false)), BackupUnusable),
        (11, unusable(Vec::new()), tried(differs(true)), BackupUnusable),
        (11, unusable(Vec::new()), lost(), IdentityOrphaned),
        (11, untold(), tried(stored(StoredIdentity::Fits, StoredBackupKey::NoBackup)), BackupUnusable),
        (11, untold(), ask(), KeyWanted),
        (1, Account { backup: not_valid(), ..account() }, ask(), NothingSetUp),
        (
            3,
            Account { identity: identity(), backup: not_valid(), devices: app(), ..account() },
            ask(),
            IdentityOnly,
        ),
        (12, whole(app()), tried(stored(StoredIdentity::Fits, fits(false))), BackupUnsigned),
        (12, whole(app()), tried(StoredSecrets { form: Form::ForFew, ..all_right() }), StoredForFewClients),
        (
            12,
            whole(app()),
            tried(StoredSecrets { form: Form::ForFew, ..stored(StoredIdentity::Fits, fits(false)) }),
            BackupUnsigned,
        ),
        // Nothing rests on a key that the homeserver could have made.
        (12, whole(app()), tried(by_password(all_right())), StoredForFewClients),
        (5, whole(app()), tried(by_password(stored(StoredIdentity::Missing, fits(false)))), KeyLostAppOpen),
        (6, whole(Vec::new()), tried(by_password(differs(true))), KeyLost),
        // Neither published nor stored: whatever else the key opens, an identity is made.
        (1, Account { backup: None, ..no_identity() }, tried(no_identity_found()), NothingSetUp),
        (29, no_identity(), tried(no_identity_found()), BackupOnly),
        (13, whole(app()), tried(stored(StoredIdentity::Differs, fits(false))), IdentityReplaced),
        (14, elsewhere(), ask(), SecretsUnderAnotherKey),
        (
            14,
            Account { devices: Vec::new(), ..elsewhere() },
            tried(stored(StoredIdentity::Missing, StoredBackupKey::Missing)),
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
        // The set-up was cut short between the secrets.
        (2, half_stored(app()), ask(), BackupWithoutRecoveryKey),
        (
            2,
            Account { identity_keys: Place::Elsewhere, ..half_stored(app()) },
            ask(),
            BackupWithoutRecoveryKey,
        ),
        (15, half_stored(Vec::new()), ask(), Unfinished),
        (7, half_stored(Vec::new()), lost(), IdentityOrphaned),
        // The key may still open the identity's private keys.
        (15, Account { identity_keys: Place::Elsewhere, ..half_stored(Vec::new()) }, ask(), Unfinished),
        (15, begun(), lost(), BackupOnly),
        (15, begun(), direct(), BackupOnly),
        (15, Account { backup_key: Place::Nowhere, ..begun() }, ask(), BackupOnly),
        (2, dangling(), lost(), BackupWithoutRecoveryKey),
        (16, unpublished(), ask(), IdentityUnpublished),
        (16, unpublished(), tried(stored(StoredIdentity::Unpublished, fits(false))), IdentityUnpublished),
        (17, whole(app()), tried(stored(StoredIdentity::Fits, StoredBackupKey::Damaged)), BackupKeyDamaged),
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

/// Checks every combination of facts, with all that may be known beside them.
pub fn for_every_case(mut check: impl FnMut(&Account, &Known)) {
    let places = [Place::Nowhere, Place::UnderDefault, Place::Elsewhere];
    let device_sets = [vec![], vec![device(false)], vec![device(true)], vec![device(true), device(false)]];
    let mut accounts = Vec::new();
    for secret_storage in [SecretStorage::Absent, SecretStorage::Dangling, present()] {
        for identity_keys in places {
            for backup_key in places {
                for stored_secrets in [0, 1] {
                    // Nothing can be stored under a default key that is not there.
                    let stored = u8::from(identity_keys != Place::Nowhere) * 3
                        + u8::from(backup_key != Place::Nowhere);
                    let stored_secrets = stored_secrets.max(stored);
                    let under_default =
                        identity_keys == Place::UnderDefault || backup_key == Place::UnderDefault;
                    if under_default && !matches!(secret_storage, SecretStorage::Present { .. }) {
                        continue;
                    }
                    for devices in &device_sets {
                        for bits in 0..24_u8 {
                            let on = |bit: u8| bits & bit != 0;
                            accounts.push(Account {
                                identity: identity().filter(|_| on(1)),
                                secret_storage: secret_storage.clone(),
                                stored_secrets,
                                identity_keys,
                                backup_key,
                                backup: backup()
                                    .filter(|_| on(2))
                                    .map(|backup| Backup { usable: !on(16), ..backup }),
                                backup_untold: !on(2) && on(16),
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
        known.reads_older = key.opening().is_some_and(Opening::only_reads);
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
        KeyKnown::Tried(Opening::BackupDirectly { room_keys: 1, by_phrase: false }),
        KeyKnown::Tried(Opening::BackupDirectly { room_keys: 1, by_phrase: true }),
        KeyKnown::Tried(Opening::Nothing(NotOpened::AnotherKey)),
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
            for (loose_backup_key, received_identity, cut_short, form, covered) in [
                (false, false, false, Form::ForAll, 1),
                (true, false, false, Form::ForAll, 0),
                (false, true, false, Form::ForAll, 1),
                (true, true, false, Form::ForAll, 1),
                (false, false, true, Form::ForAll, 0),
                (false, false, false, Form::ForFew, 1),
                (false, false, false, Form::UnknownPhrase, 1),
            ] {
                let coverage = Some(Coverage { seen: 1, covered, rooms_with_gaps: 0 });
                let found = StoredSecrets {
                    identity,
                    backup: backup.clone(),
                    loose_backup_key,
                    backup_key_put_aside: false,
                    received_identity,
                    cut_short,
                    form,
                    password: Likeness::Other,
                    coverage,
                };
                if loose_backup_key || found.is_all_right() {
                    keys.push(KeyKnown::Tried(Opening::OlderSecretStorage { found: found.clone() }));
                }
                // The engine looks for one only if the stored key does not open the backup.
                if !loose_backup_key && !matches!(found.backup, StoredBackupKey::Fits { .. }) {
                    let found = StoredSecrets { backup_key_put_aside: true, ..found.clone() };
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
        if diagnosis.key_opens_everything() {
            let KeyKnown::Tried(opening) = &known.key else { panic!("{facts:?} {known:?}") };
            assert!(opening.is_all_right(), "{facts:?} {known:?}");
        }
        if diagnosis == Diagnosis::NothingSetUp {
            assert!(facts.identity.is_none() && facts.usable_backup().is_none(), "{facts:?} {known:?}");
        }
        if facts.backup_switched_off && !known.wants_backup {
            assert_eq!(diagnosis, Diagnosis::SwitchedOff, "it is asked before anything else");
        }
    });
    assert_eq!(met.len(), 30, "every diagnosis is met: {met:?}");
}
