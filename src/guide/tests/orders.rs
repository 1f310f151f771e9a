//! Tests orders for an account that has something already: changes, mending, a fresh backup.

use super::*;

#[test]
fn the_key_is_changed_for_a_new_one_that_was_proved() {
    let mut guide = to_checked(set_up(), opens_all());
    guide.handle(Input::Chose(Action::ChangeKey));
    assert!(matches!(guide.step(), Step::Choose(_)));
    assert_eq!(make_key(&mut guide), wants(Action::ChangeKey, KEY));
    guide.handle(engine(Event::SetUpDone(proved())));
    assert!(matches!(guide.step(), Step::Writing(_)), "another action ends with this event");
    walk(&mut guide, [engine(Event::Looked(set_up())), engine(Event::Tried(opens_all()))]);
    let Step::Findings(step::Findings { diagnosis: Diagnosis::AllGood, news: Some(news), .. }) = guide.step()
    else {
        panic!()
    };
    assert_eq!(news.action, Action::ChangeKey);
    assert!(!guide.has_changed_nothing());
    assert_eq!(ended(&outcome_of(guide)), ("changed", Some(proved())));
}

#[test]
fn the_key_of_a_new_identity_that_was_cut_short_leads_to_finishing_it() {
    let stored = |cut_short| Opening::OlderSecretStorage {
        found: StoredSecrets {
            cut_short,
            ..StoredSecrets::only(StoredIdentity::Fits, StoredBackupKey::Differs { opens_older: false })
        },
    };
    let mut guide = to_checked(set_up(), stored(true));
    assert_eq!(diagnosis_of(&guide), Diagnosis::Unfinished);
    guide.handle(Input::Chose(Action::Finish));
    assert!(matches!(guide.step(), Step::Resume(_)));
    let guide = to_checked(set_up(), stored(false));
    assert!(
        matches!(guide.step(), Step::Check(step::Check { last: Entered::Opened(_), .. })),
        "an older key does not become the default key"
    );
}

#[test]
fn an_older_key_that_still_opens_everything_becomes_a_new_one() {
    let account = Account { identity_keys: Place::Elsewhere, backup_key: Place::Elsewhere, ..set_up() };
    let mut guide = to_checked(account, older_storage());
    guide.handle(Input::Chose(Action::ChangeKey));
    assert_eq!(make_key(&mut guide), wants(Action::ChangeKey, KEY));
}

#[test]
fn mending_in_place_needs_agreement() {
    let mut guide = to_checked(set_up(), unsigned());
    guide.handle(Input::Chose(Action::Repair));
    assert_eq!(
        guide.handle(Input::AgreedWith(crate::words::consent_new_identity().into())),
        [],
        "only a new identity needs typed words"
    );
    assert_eq!(guide.handle(Input::Agreed), wants(Action::Repair, ""));
    guide.handle(engine(Event::TaskDone(Task::CheckUnchanged)));
    walk(&mut guide, [engine(Event::Looked(set_up())), engine(Event::Tried(unsigned()))]);
    let Step::Findings(step::Findings { diagnosis: Diagnosis::BackupUnsigned, news: Some(news), .. }) =
        guide.step()
    else {
        panic!("{:?}", guide.step())
    };
    assert_eq!(news.written, [Task::SignBackup]);
    assert_eq!(ended(&outcome_of(guide)), ("changed", None), "the page does not say that everything fits");
}

#[test]
fn a_new_identity_needs_the_typed_words_and_a_proved_key() {
    let mut guide = to_findings(set_up());
    walk(&mut guide, [Input::Chose(Action::SayKeyLost), Input::Chose(Action::Reset), Input::Agreed]);
    assert!(matches!(guide.step(), Step::Consent(step::Consent { differed: false, .. })));
    guide.handle(Input::AgreedWith("yes".into()));
    assert!(matches!(guide.step(), Step::Consent(step::Consent { differed: true, .. })));
    guide.handle(Input::AgreedWith(" New Identity ".into()));
    assert!(matches!(guide.step(), Step::Choose(_)));
    assert_eq!(make_key(&mut guide), wants(Action::Reset, KEY));
    walk(&mut guide, [engine(Event::Tried(opens_all())), engine(Event::SetUpDone(proved()))]);
    assert!(matches!(guide.step(), Step::OldKeys(_)));
    assert!(!guide.can_go_back());
    assert_eq!(ended(&outcome_of(guide)), ("backup on", Some(proved())));
}

fn to_rotating() -> Guide {
    let mut guide = to_checked(set_up(), opens_all());
    guide.handle(Input::Chose(Action::Rotate));
    assert_eq!(guide.handle(Input::Agreed), wants(Action::Rotate, ""));
    guide
}

#[test]
fn a_fresh_backup_ends_with_its_comparison_and_keeps_the_older_ones() {
    let mut guide = to_rotating();
    let progress = engine(Event::Progress { done: 5, total: 10 });
    walk(&mut guide, [engine(Event::TaskDone(Task::CheckUnchanged)), progress]);
    let Step::Writing(step::Writing { work, .. }) = guide.step() else { panic!() };
    assert_eq!(work.progress, Some((5, 10)));
    guide.handle(engine(Event::TaskDone(Task::Download)));
    let Step::Writing(step::Writing { work, .. }) = guide.step() else { panic!() };
    assert_eq!(work.progress, None, "it belongs to the task before");
    let done = Event::Rotated { proved: proved(), rotated: rotated() };
    walk(&mut guide, [engine(Event::Looked(set_up())), engine(done)]);
    assert!(matches!(guide.step(), Step::Rotated(step::Rotated { deletion: Deletion::Kept, .. })));
    assert_eq!(guide.handle(Input::WentOn), [Effect::Wake(2_000)]);
    assert!(matches!(guide.step(), Step::OldKeys(_)));
    assert_eq!(ended(&outcome_of(guide)), ("backup on", Some(proved())));
}

#[test]
fn only_superseded_versions_are_deleted_and_only_when_agreed() {
    let mut guide = to_rotating();
    guide.handle(engine(Event::Rotated { proved: proved(), rotated: rotated() }));
    let deletes = [Effect::Tell(Run(1), Command::DeleteOlder { versions: vec!["2".into()] })];
    assert_eq!(guide.handle(Input::AgreedToDelete), deletes);
    for input in [Input::AgreedToDelete, Input::WentOn, Input::WantedSignOut, Input::WentBack] {
        assert_eq!(guide.handle(input), []);
    }
    guide.handle(engine(Event::Failed(Problem::Passing { status: None })));
    assert!(matches!(
        guide.step(),
        Step::Rotated(step::Rotated { deletion: Deletion::Kept, trouble: Some(_), .. })
    ));
    assert_eq!(guide.handle(Input::AgreedToDelete), deletes);
    guide.handle(engine(Event::Deleted));
    assert!(matches!(
        guide.step(),
        Step::Rotated(step::Rotated { deletion: Deletion::Done, trouble: None, .. })
    ));

    let mut guide = to_rotating();
    let rotated = Rotated { older: vec![rotated().older[1].clone()], ..rotated() };
    guide.handle(engine(Event::Rotated { proved: proved(), rotated }));
    assert_eq!(guide.handle(Input::AgreedToDelete), [], "the only older version has keys that nothing opens");
}

#[test]
fn a_rotation_can_be_stopped_and_says_what_it_wrote() {
    for (done, wrote) in [
        (vec![Task::CheckUnchanged], vec![]),
        (vec![Task::CheckUnchanged, Task::Download], vec![Task::Archive]),
    ] {
        let mut guide = to_rotating();
        walk(&mut guide, done.into_iter().map(|task| engine(Event::TaskDone(task))));
        assert_eq!(guide.handle(Input::WantedStop), [Effect::Tell(Run(1), Command::Stop)]);
        assert_eq!(guide.handle(Input::WantedStop), [], "it stops already");
        walk(&mut guide, [engine(Event::Looked(set_up())), engine(Event::Tried(opens_all()))]);
        let Step::Findings(step::Findings { news: Some(news), .. }) = guide.step() else {
            panic!("{:?}", guide.step())
        };
        assert_eq!(news, &News { action: Action::Rotate, written: wrote.clone() });
        assert_eq!(guide.has_changed_nothing(), wrote.is_empty());
    }
    assert_eq!(to_writing().handle(Input::WantedStop), [], "a set-up cannot be stopped");
}

/// Tasks that the engine took back are not called written, neither on the step nor when the visit stops.
#[test]
fn tasks_that_were_taken_back_count_as_not_written() {
    for (problem, stays) in [(Problem::KeyNotPutBack, true), (Problem::BackupNotUsed, false)] {
        let mut guide = to_writing();
        for task in &SET_UP[..2] {
            guide.handle(engine(Event::TaskDone(*task)));
        }
        assert!(!guide.step().written().tasks.is_empty());
        guide.handle(engine(Event::TakenBack(vec![Task::CheckUnchanged])));
        assert_eq!(guide.step().written(), Written::default());
        guide.handle(engine(Event::Failed(problem)));
        assert_eq!(
            matches!(guide.step(), Step::Writing(step::Writing { pause: Some(Pause::Trouble(_)), .. })),
            stays
        );
        assert_eq!(guide.step().written(), Written::default());
        if stays {
            guide.handle(Input::TriedAgain);
            assert_eq!(guide.step().written().perhaps, Some(SET_UP[1]), "it is begun again");
        }
    }
}
