//! Tests the findings, the key that is tried, and the actions on offer.

use super::*;

#[test]
fn accounts_that_are_set_up_are_not_set_up_again() {
    for account in [unfinished(), set_up(), with_app(), orphaned()] {
        let mut guide = to_findings(account);
        assert_eq!(walk(&mut guide, [Input::ChoseKey, Input::ChosePhrase, Input::Agreed]), []);
        assert!(matches!(guide.step(), Step::Findings(_)));
    }
}

#[test]
fn an_account_that_could_not_be_read_is_read_again_or_left() {
    let mut guide = to_findings(fresh());
    guide.step =
        Step::Looking(step::Looking { server: server(), user_id: "@ada:example.org".into(), trouble: None });
    assert!(!guide.can_sign_out());
    guide.handle(engine(Event::Failed(Problem::Passing { status: None })));
    assert!(guide.can_sign_out());
    assert_eq!(guide.handle(Input::TriedAgain), [Effect::Tell(Run(1), Command::Look)]);
    assert_eq!(guide.handle(Input::TriedAgain), [], "one look at a time");
    guide.handle(engine(Event::Looked(fresh())));
    assert_eq!(diagnosis_of(&guide), Diagnosis::NothingSetUp);
}

#[test]
fn the_key_is_tried_and_the_findings_say_what_it_opens() {
    let mut guide = to_findings(set_up());
    assert_eq!(diagnosis_of(&guide), Diagnosis::KeyWanted);
    assert_eq!(guide.handle(Input::Chose(Action::EnterKey)), []);
    assert_eq!(guide.handle(Input::EnteredKey(Secret::from(" "))), [], "nothing was entered");
    let effects = guide.handle(Input::EnteredKey(Secret::from("a phrase")));
    assert_eq!(effects, [Effect::Tell(Run(1), Command::TryKey { entry: Secret::from("a phrase") })]);
    assert_eq!(guide.handle(Input::EnteredKey(Secret::from(KEY))), [], "one entry at a time");
    assert!(!guide.can_go_back() && guide.has_changed_nothing());
    // Trying a phrase with many rounds may take long.
    assert_eq!(guide.handle(Input::WantedStop), [Effect::Tell(Run(1), Command::Stop)]);
    guide.handle(engine(Event::Stopped));
    assert!(guide.can_go_back() && guide.has_changed_nothing());
    assert_eq!(guide.handle(Input::WantedStop), [], "nothing is under way");
    guide.handle(Input::EnteredKey(Secret::from("a phrase")));
    walk(&mut guide, [engine(Event::Looked(set_up())), engine(Event::Tried(opens_all()))]);
    assert_eq!(diagnosis_of(&guide), Diagnosis::AllGood);
    assert!(guide.has_changed_nothing());
    assert_eq!(ended(&outcome_of(guide)), ("checked", Some(proved())));
}

#[test]
fn what_only_reads_an_older_backup_is_taken_along_by_whatever_makes_a_new_one() {
    let alone = || Account { devices: Vec::new(), ..set_up() };
    let reads = |guide: &Guide| {
        let visit = guide.step().answers().visit.unwrap();
        tasks(Action::Reset, &visit.account, &visit.known).contains(&Task::Upload)
    };
    for (opening, expected) in [
        (Opening::BackupDirectly { room_keys: 3, by_phrase: true }, true),
        (Opening::Nothing(NotOpened::OlderBackup), true),
        (Opening::BackupDirectly { room_keys: 3, by_phrase: false }, false),
        (Opening::Nothing(NotOpened::AnotherPhrase), false),
    ] {
        let mut guide = to_checked(alone(), opening.clone());
        assert_eq!(reads(&guide), expected, "{opening:?}");
        walk(&mut guide, [Input::WentBack, Input::Chose(Action::SayKeyLost)]);
        assert_eq!(diagnosis_of(&guide), Diagnosis::KeyLost);
        assert_eq!(reads(&guide), expected, "{opening:?}");
        guide.handle(Input::WentBack);
        assert_eq!(reads(&guide), expected, "{opening:?}");
    }
}

#[test]
fn an_entry_that_does_not_lead_on_is_answered_where_it_was_entered() {
    let all = StoredSecrets::only(StoredIdentity::Fits, fits(true));
    let not_all = StoredSecrets::only(StoredIdentity::Missing, fits(true));
    let direct = || Opening::BackupDirectly { room_keys: 3, by_phrase: false };
    let older = |found: &StoredSecrets| Opening::OlderSecretStorage { found: found.clone() };
    for (account, opening, expected) in [
        (set_up(), Opening::Nothing(NotOpened::AccountPassword), None),
        (set_up(), Opening::Nothing(NotOpened::NearlyAccountPassword), None),
        (set_up(), Opening::Nothing(NotOpened::Mistyped), None),
        (set_up(), Opening::Nothing(NotOpened::AnotherKey), None),
        (set_up(), direct(), None),
        (set_up(), older(&not_all), None),
        (set_up(), older(&all), Some(Diagnosis::SecretsUnderAnotherKey)),
        (set_up(), unsigned(), Some(Diagnosis::BackupUnsigned)),
        (orphaned(), direct(), Some(Diagnosis::IdentityOrphaned)),
        (orphaned(), older(&not_all), Some(Diagnosis::IdentityOrphaned)),
        (backup_only(), direct(), Some(Diagnosis::BackupOnly)),
    ] {
        let mut guide = to_checked(account, opening.clone());
        match expected {
            Some(diagnosis) => assert_eq!(diagnosis_of(&guide), diagnosis, "{opening:?}"),
            None => {
                let Step::Check(step::Check { last: Entered::Opened(said), visit, .. }) = guide.step() else {
                    panic!()
                };
                assert_eq!(*said, opening);
                assert_eq!(visit.known.key, KeyKnown::NotAsked);
                guide.handle(Input::WentBack);
                assert_eq!(diagnosis_of(&guide), Diagnosis::KeyWanted, "{opening:?}");
            }
        }
        assert!(guide.has_changed_nothing());
    }
}

#[test]
fn two_keys_and_a_key_file_are_named_where_they_were_entered_and_are_tried_nowhere() {
    let two = Secret::new([KEY, "\n", &other_key()].concat());
    let file = Secret::from("-----BEGIN MEGOLM SESSION DATA-----\nAQID");
    for (account, action) in [(set_up(), Action::EnterKey), (unfinished(), Action::Finish)] {
        for entry in [&two, &file] {
            let mut guide = to_findings(account.clone());
            guide.handle(Input::Chose(action));
            assert_eq!(guide.handle(Input::EnteredKey(entry.clone())), [], "{action:?}");
            let is_told = match guide.trouble() {
                Some(Problem::TwoRecoveryKeys { .. }) => *entry == two,
                Some(Problem::KeyFileAsKey) => *entry == file,
                trouble => panic!("{trouble:?}"),
            };
            assert!(is_told);
            // With a label and over two lines, the one key is tried as any other.
            let kept = Secret::new(format!("Recovery key:\n{}\n{}", &KEY[..24], &KEY[24..]));
            assert!(matches!(guide.handle(Input::EnteredKey(kept))[..], [Effect::Tell(..)]), "{action:?}");
            assert_eq!(guide.trouble(), None);
        }
    }
}

#[test]
fn a_try_that_fails_can_be_repeated() {
    let mut guide = to_findings(set_up());
    walk(&mut guide, [Input::Chose(Action::EnterKey), Input::EnteredKey(Secret::from(KEY))]);
    guide.handle(engine(Event::Failed(Problem::Passing { status: None })));
    let Step::Check(step::Check { last: Entered::Refused(_), .. }) = guide.step() else { panic!() };
    assert!(matches!(
        guide.handle(Input::EnteredKey(Secret::from(KEY)))[..],
        [Effect::Tell(_, Command::TryKey { .. })]
    ));
    guide.handle(engine(Event::Failed(Problem::engine_stopped())));
    let Step::Stopped(step::Stopped { written, .. }) = guide.step() else { panic!() };
    assert_eq!(written, &Written::default());
}

#[test]
fn a_statement_of_the_person_changes_the_findings_until_they_go_back() {
    let mut guide = to_findings(with_app());
    for (said, diagnosis) in
        [(Action::SayKeyLost, Diagnosis::KeyLostAppOpen), (Action::SayAppLost, Diagnosis::KeyLost)]
    {
        assert_eq!(guide.handle(Input::Chose(said)), []);
        assert_eq!(diagnosis_of(&guide), diagnosis);
    }
    guide.handle(Input::WentBack);
    assert_eq!(diagnosis_of(&guide), Diagnosis::KeyLostAppOpen);
    guide.handle(Input::WentBack);
    assert_eq!(diagnosis_of(&guide), Diagnosis::KeyWanted);
    assert!(!guide.can_go_back());

    let mut guide = to_findings(Account { backup_switched_off: true, ..set_up() });
    assert_eq!(diagnosis_of(&guide), Diagnosis::SwitchedOff);
    guide.handle(Input::Chose(Action::WantBackup));
    assert_eq!(diagnosis_of(&guide), Diagnosis::KeyWanted);
}

#[test]
fn whose_key_belongs_to_a_replaced_identity_can_enter_another_one() {
    let alone = || Account { devices: Vec::new(), ..set_up() };
    let replaced = opens(StoredSecrets::only(StoredIdentity::Differs, fits(true)));
    let mut guide = to_checked(alone(), replaced.clone());
    assert_eq!(diagnosis_of(&guide), Diagnosis::IdentityReplaced);
    guide.handle(Input::Chose(Action::EnterKey));
    assert!(matches!(guide.step(), Step::Check(_)));
    guide.handle(Input::WentBack);
    assert_eq!(
        diagnosis_of(&guide),
        Diagnosis::IdentityReplaced,
        "what the first one opens is not forgotten"
    );
    guide.handle(Input::Chose(Action::EnterKey));
    let other = Input::EnteredKey(Secret::from(&*other_key()));
    walk(&mut guide, [other, engine(Event::Looked(alone())), engine(Event::Tried(opens_all()))]);
    assert_eq!(diagnosis_of(&guide), Diagnosis::AllGood);
    assert!(guide.has_changed_nothing());
}

#[test]
fn an_action_that_is_not_offered_cannot_be_chosen() {
    for (account, action) in [
        (with_app(), Action::Reset),
        (set_up(), Action::SetUp),
        (set_up(), Action::Rotate),
        (fresh(), Action::End),
        (set_up(), Action::BringKeys),
    ] {
        let mut guide = to_findings(account);
        let before = guide.step().clone();
        assert_eq!(guide.handle(Input::Chose(action)), []);
        assert_eq!(guide.step(), &before, "{action:?}");
    }
}

#[test]
fn an_action_that_needs_the_key_asks_for_it_and_then_goes_on() {
    let account = Account { backup_key: Place::Nowhere, ..with_app() };
    let mut guide = to_findings(account.clone());
    assert_eq!(diagnosis_of(&guide), Diagnosis::BackupKeyNotStored);
    guide.handle(Input::Chose(Action::Rotate));
    assert!(matches!(guide.step(), Step::Check(step::Check { then: Some(Action::Rotate), .. })));
    let opening = opens(StoredSecrets::only(StoredIdentity::Fits, StoredBackupKey::Missing));
    walk(
        &mut guide,
        [Input::EnteredKey(Secret::from(KEY)), engine(Event::Looked(account)), engine(Event::Tried(opening))],
    );
    assert!(matches!(
        guide.step(),
        Step::Consent(step::Consent { job: Job { action: Action::Rotate, .. }, .. })
    ));
    assert_eq!(guide.handle(Input::Agreed), wants(Action::Rotate, ""));
}

#[test]
fn bringing_keys_changes_nothing_and_the_person_may_return_to_it() {
    let account = Account { devices: fresh().devices, ..set_up() };
    let mut guide = to_checked(account, opens_all());
    assert_eq!(diagnosis_of(&guide), Diagnosis::DeviceUnverified);
    assert_eq!(guide.handle(Input::Chose(Action::BringKeys)), [Effect::Wake(2_000)]);
    guide.handle(Input::TimePassed);
    guide.handle(Input::WentBack);
    let late = engine(Event::Failed(Problem::Passing { status: None }));
    assert_eq!(guide.handle(late), [], "an answer to the count before is ignored");
    assert_eq!(diagnosis_of(&guide), Diagnosis::DeviceUnverified);
    guide.handle(Input::Chose(Action::BringKeys));
    assert_eq!(ended(&outcome_of(guide)), ("checked", Some(proved())));
}

#[test]
fn waiting_for_an_app_changes_nothing() {
    let mut guide = to_findings(Account { devices: with_app().devices, ..orphaned() });
    let effects = [Effect::Wake(5_000), Effect::Tell(Run(1), Command::Listen)];
    assert_eq!(guide.handle(Input::Chose(Action::Verify)), effects);
    assert!(matches!(guide.step(), Step::Verify(_)));
    assert_eq!(outcome_of(guide), Outcome::NothingChanged);
}
