use std::collections::BTreeSet;

use super::*;
use crate::domain::diagnosis::{diagnose, tests::for_every_case};

const WRITING: [Action; 7] = [
    Action::SetUp,
    Action::Finish,
    Action::ChangeKey,
    Action::Reset,
    Action::AddKey,
    Action::Repair,
    Action::Rotate,
];

#[test]
fn whatever_is_done_looks_first_and_proves_what_it_did() {
    // Most cases have the same tasks: each list is looked at once.
    let mut lists = BTreeSet::new();
    for_every_case(|account, known| {
        lists.extend(WRITING.map(|action| {
            let reads = action == Action::Rotate || takes_along(action, account, known);
            (action, tasks(action, account, known), reads)
        }));
    });
    for (action, tasks, reads) in lists {
        let place = |task| tasks.iter().position(|t| *t == task);
        let before = |first, second| match (place(first), place(second)) {
            (Some(first), Some(second)) => first < second,
            _ => true,
        };
        use Task::*;
        assert_eq!(tasks[0], CheckUnchanged, "{action:?}");
        assert_eq!(place(Upload).is_some(), reads, "{action:?}");
        assert_eq!(place(Upload).is_some(), place(Download).is_some(), "{action:?}");
        assert!(!reads || place(CreateBackup).is_some(), "{action:?}");
        assert!(place(TryAsStranger).is_some(), "{action:?}");
        for (first, second) in [
            (StoreSecrets, PublishIdentity),
            (StoreSecrets, CreateBackup),
            (StoreBackupKey, CreateBackup),
            (Archive, StoreSecrets),
            (Archive, StoreBackupKey),
            (StoreIdentity, SignBackup),
            (PublishIdentity, RemoveDehydrated),
            (CreateBackup, ReadBack),
            (SignBackup, ReadBack),
            (ReadBack, Commit),
            (Download, CreateBackup),
            (CreateBackup, Upload),
            (Commit, Upload),
            (Upload, Compare),
            (Compare, TryAsStranger),
            (Commit, TryAsStranger),
            (TryAsStranger, RetireOldKey),
        ] {
            assert!(before(first, second), "{action:?}: {first:?} before {second:?}");
        }
        // If the server does not use the backup, no identity should have been published for it.
        if matches!(action, Action::SetUp | Action::Reset) {
            assert!(before(CreateBackup, PublishIdentity), "{action:?}");
        }
        assert!(before(PublishIdentity, SignBackup), "{action:?}");
    }
}

#[test]
fn every_plan_leads_on_and_none_recommends_to_replace_what_a_key_or_an_app_could_save() {
    let mut pairs = BTreeSet::new();
    for_every_case(|account, known| {
        let diagnosis = diagnose(account, known);
        let plan = plan(diagnosis, account, known);
        for action in std::iter::once(plan.recommended).chain(plan.others.iter().copied()) {
            pairs.insert((diagnosis, action));
        }
        let app = account.has_verified_app() && !known.app_lost;
        // It cannot be undone, so something else is tried first; only a key may still be found then.
        assert_ne!(plan.recommended, Action::Reset, "{account:?} {known:?}");
        if plan.others.contains(&Action::Reset) {
            assert_eq!(plan.recommended, Action::EnterKey, "{account:?} {known:?}");
        }
        // A new identity is not offered while an app could hand over the old one.
        if app {
            assert!(!plan.others.contains(&Action::Reset), "{account:?} {known:?}");
        }
        if plan.recommended == Action::SetUp {
            assert!(account.identity.is_none(), "{account:?} {known:?}");
        }
        if plan.recommended == Action::Repair {
            assert!(
                tasks(Action::Repair, account, known).iter().any(|task| task.writes()),
                "{account:?} {known:?}"
            );
        }
    });
    use Action::*;
    let expected = [
        (Diagnosis::NothingSetUp, vec![SetUp]),
        (Diagnosis::BackupWithoutRecoveryKey, vec![SayAppLost, Verify]),
        (Diagnosis::IdentityOnly, vec![SayAppLost, Verify]),
        (Diagnosis::AllGood, vec![ChangeKey, Rotate, BringKeys, Cover, End]),
        (Diagnosis::KeyLostAppOpen, vec![EnterKey, SayAppLost, Verify]),
        (Diagnosis::KeyLost, vec![EnterKey, Reset]),
        (Diagnosis::IdentityOrphaned, vec![EnterKey, Reset]),
        (Diagnosis::IdentityNotStored, vec![EnterKey, SayAppLost, Repair, AddKey, Verify]),
        (Diagnosis::BackupKeyNotStored, vec![EnterKey, Repair, Rotate, Verify]),
        (Diagnosis::BackupKeyStale, vec![EnterKey, Repair, Rotate, Verify]),
        (Diagnosis::BackupNobodyOpens, vec![EnterKey, SayKeyLost, Rotate]),
        (Diagnosis::BackupUnsigned, vec![Repair, Rotate]),
        (Diagnosis::IdentityReplaced, vec![EnterKey, SayAppLost, Reset, Verify]),
        (Diagnosis::SecretsUnderAnotherKey, vec![EnterKey, SayKeyLost, ChangeKey]),
        (Diagnosis::Unfinished, vec![SetUp, Finish, EnterKey, SayKeyLost]),
        (Diagnosis::IdentityUnpublished, vec![EnterKey, SayKeyLost, Repair]),
        (Diagnosis::BackupKeyDamaged, vec![EnterKey, Repair, Rotate, Verify]),
        (Diagnosis::SwitchedOff, vec![WantBackup, Repair, End]),
        (Diagnosis::DeviceUnverified, vec![ChangeKey, Rotate, BringKeys, Cover]),
        (Diagnosis::Gaps, vec![ChangeKey, Rotate, BringKeys, Cover]),
        (Diagnosis::KeysNobodyHas, vec![ChangeKey, Rotate, BringKeys, Cover, End]),
        (Diagnosis::DeviceDehydrated, vec![ChangeKey, Rotate, BringKeys, Cover, End]),
        (Diagnosis::KeyWanted, vec![EnterKey, SayKeyLost]),
        (Diagnosis::BackupOnly, vec![SetUp, EnterKey]),
        (Diagnosis::NoBackup, vec![Rotate]),
        (Diagnosis::BackupUnusable, vec![Rotate]),
        (Diagnosis::StoredForFewClients, vec![Repair, ChangeKey]),
        (Diagnosis::RotationUnfinished, vec![Rotate]),
        (Diagnosis::BackupKeyPutAside, vec![Repair, Rotate]),
        (Diagnosis::HandedOver, vec![EnterKey, AddKey]),
    ];
    let each = |(diagnosis, actions): (Diagnosis, Vec<Action>)| {
        actions.into_iter().map(move |action| (diagnosis, action))
    };
    assert_eq!(pairs, expected.into_iter().flat_map(each).collect());
}
