//! Tests the way from a fresh account to a backup that is on.

use super::*;

#[test]
fn a_set_up_ends_with_backup_on_and_a_signed_out_page() {
    let mut guide = to_confirm();
    let effects = guide.handle(Input::Agreed);
    assert_eq!(
        effects,
        [Effect::Tell(Run(1), Command::Write { action: Action::SetUp, kept_key: Secret::from(KEY) })]
    );
    walk(&mut guide, SET_UP.map(|task| engine(Event::TaskDone(task))));
    guide.handle(engine(Event::SetUpDone(proved())));
    assert!(matches!(guide.step(), Step::OldKeys(_)));
    assert_eq!(guide.handle(Input::WantedSignOut), [Effect::Tell(Run(2), Command::SignOut)]);
    let late = engine(Event::Failed(Problem::Passing { status: None }));
    assert_eq!(guide.handle(late), [], "an answer to the count before is ignored");
    assert_eq!(guide.handle(Input::Engine(Run(2), Event::SignedOut)), [Effect::EndEngine]);
    let Step::Finished(step::Finished { outcome, trouble: None }) = guide.step() else {
        panic!("{:?}", guide.step())
    };
    assert_eq!(ended(outcome), ("backup on", Some(proved())));
}

#[test]
fn a_typed_phrase_is_judged_and_repeated_before_a_key_is_made_from_it() {
    let mut guide = to_findings(fresh());
    let phrase = || Secret::from("glass otter fifty moons");
    walk(&mut guide, [Input::ChosePhrase, Input::ChosePhraseText(phrase()), judged(1, 2)]);
    assert!(matches!(guide.step(), Step::Phrase(_)), "too weak");
    walk(&mut guide, [Input::ChosePhraseText(phrase()), judged(1, 4)]);
    assert!(matches!(guide.step(), Step::Phrase(_)), "a late judgement of another phrase");
    walk(&mut guide, [judged(2, 4), Input::RepeatedPhrase(Secret::from("glass otter"))]);
    assert!(matches!(guide.step(), Step::Repeat(step::Repeat { differed: true, .. })));
    let effects = guide.handle(Input::RepeatedPhrase(phrase()));
    assert_eq!(effects, [Effect::Tell(Run(1), Command::MakeKey { phrase: Some(phrase()) })]);
}

#[test]
fn a_late_judgement_of_a_phrase_from_an_earlier_screen_is_not_that_of_another() {
    let mut guide = to_findings(fresh());
    let strong = Input::ChosePhraseText(Secret::from("glass otter fifty moons"));
    walk(&mut guide, [Input::ChosePhrase, strong, Input::WentBack, Input::ChosePhrase]);
    walk(&mut guide, [Input::ChosePhraseText(Secret::from("password")), judged(1, 4)]);
    assert!(matches!(guide.step(), Step::Phrase(_)));
    walk(&mut guide, [judged(2, 4)]);
    assert!(matches!(guide.step(), Step::Repeat(_)), "its own is");
}

#[test]
fn a_proposed_phrase_need_not_be_typed_again() {
    let mut guide = to_findings(fresh());
    let phrase = || Secret::from("glass otter fifty moons");
    walk(&mut guide, [Input::ChosePhrase, Input::WantedSuggestion, engine(Event::Suggested(phrase()))]);
    let effects = walk(&mut guide, [Input::ChosePhraseText(phrase()), judged(2, 4)]);
    assert_eq!(effects, [Effect::Tell(Run(1), Command::MakeKey { phrase: Some(phrase()) })]);
}

#[test]
fn the_key_must_be_kept_and_shown_before_anything_can_be_agreed_to() {
    let mut guide = to_findings(fresh());
    walk(&mut guide, [Input::ChoseKey, engine(Event::KeyMade(kit())), Input::WentToEnterKey]);
    assert!(matches!(guide.step(), Step::Save(_)), "not kept yet");
    walk(&mut guide, [Input::KeptKey(Keeping::Copied), Input::WentToEnterKey]);
    for (entry, mistake) in [
        (other_key(), EntryMistake::AnotherKey),
        (String::new(), EntryMistake::Form(RecoveryKeyError::Empty)),
        (KEY[..40].to_owned(), EntryMistake::Form(RecoveryKeyError::Length(40))),
        ("-----BEGIN MEGOLM SESSION DATA-----".into(), EntryMistake::Form(RecoveryKeyError::KeyFile)),
    ] {
        guide.handle(Input::EnteredKey(Secret::from(entry.as_str())));
        let Step::Prove(step::Prove { mistake: found, .. }) = guide.step() else {
            panic!("{:?}", guide.step())
        };
        assert_eq!(found, &Some(mistake), "{entry}");
        assert_eq!(guide.handle(Input::Agreed), []);
    }
}

#[test]
fn a_set_up_that_was_cut_short_is_finished_with_the_kept_key() {
    let mut guide = to_findings(unfinished());
    let effects =
        walk(&mut guide, [Input::Chose(Action::Finish), Input::EnteredKey(Secret::from("a phrase"))]);
    assert_eq!(
        effects,
        [Effect::Tell(Run(1), Command::Write { action: Action::Finish, kept_key: Secret::from("a phrase") })]
    );
    assert!(!guide.can_sign_out(), "the engine may be writing already");
    guide.handle(engine(Event::Failed(Problem::OpensNothing)));
    assert!(matches!(guide.step(), Step::Resume(step::Resume { course: Course::Failed(_), .. })));
    walk(&mut guide, [Input::EnteredKey(Secret::from(KEY)), engine(Event::TaskDone(SET_UP[0]))]);
    guide.handle(engine(Event::Failed(Problem::Passing { status: None })));
    assert!(matches!(guide.step(), Step::Writing(step::Writing { pause: Some(Pause::Trouble(_)), .. })));
    let effects = guide.handle(Input::TriedAgain);
    assert_eq!(
        effects,
        [Effect::Tell(Run(1), Command::Write { action: Action::Finish, kept_key: Secret::from(KEY) })]
    );
}

#[test]
fn the_account_password_goes_to_the_engine_only_when_the_server_asked() {
    let mut guide = to_writing();
    let given = || Input::GaveProof(Proof::Password(Secret::from("pw")));
    assert_eq!(guide.handle(given()), []);
    let effects = walk(&mut guide, [engine(proof_needed(Last::None)), given()]);
    let proof = Proof::Password(Secret::from("pw"));
    assert_eq!(effects, [Effect::Tell(Run(1), Command::GiveProof(proof))]);
    assert_eq!(guide.handle(given()), [], "the password is sent once");
}

#[test]
fn the_kept_key_is_known_by_its_beginning_and_no_other_key_is_taken_for_it() {
    let begins = |guide: &Guide| match guide.step() {
        Step::Confirm(step::Confirm { job, .. }) => job.visit.begins.map(|begins| begins.to_string()),
        Step::OldKeys(step) => step.harvest.visit.begins.map(|begins| begins.to_string()),
        Step::Check(step::Check { visit, .. }) | Step::Findings(step::Findings { visit, .. }) => {
            visit.begins.map(|begins| begins.to_string())
        }
        step => panic!("{step:?}"),
    };
    let key = RecoveryKey::of(&[7; 32]).text();
    // A key that was made and saved opens nothing before the order is done.
    let mut guide = to_confirm();
    assert_eq!(begins(&guide), None);
    walk(&mut guide, [Input::Agreed, engine(Event::SetUpDone(proved()))]);
    assert!(begins(&guide).is_some_and(|begins| begins.starts_with("Es")));
    for (entry, opening, known) in [
        (key.clone(), opens_all(), true),
        (Secret::from("glass otter fifty moons"), opens_all(), false),
        (key, Opening::Nothing(NotOpened::OlderBackup), false),
    ] {
        let mut guide = to_findings(set_up());
        walk(
            &mut guide,
            [Input::Chose(Action::EnterKey), Input::EnteredKey(entry), engine(Event::Tried(opening.clone()))],
        );
        assert_eq!(begins(&guide).is_some(), known, "{opening:?}");
    }
}
