//! Tests the copy that the person takes home.

use super::*;

#[test]
fn a_copy_is_saved_only_after_it_was_read_back_and_with_a_strong_passphrase() {
    let mut guide = to_part(Part::TakeHome);
    let run = guide.run();
    let weak = |number, score| {
        Input::Engine(
            run,
            Event::Judged { number, judgement: Judgement { score, refusal: None, reason: String::new() } },
        )
    };
    let given = || Input::GavePassphrase(Secret::from("six words"));
    walk(&mut guide, [given(), weak(1, 1)]);
    assert!(matches!(guide.step(), Step::TakeHome(step::TakeHome { course: Course::Rest, .. })), "too weak");
    let effects = walk(&mut guide, [given(), weak(2, 4)]);
    assert_eq!(told(&effects), [&Command::TakeHome { passphrase: Secret::from("six words") }]);
    assert_eq!(guide.handle(Input::WantedCopy), [], "there is none yet");
    let save = || [Effect::SaveFile { name: "matrix-keys", user_id: "@ada:example.org".into() }];
    assert_eq!(hear(&mut guide, Event::TakenHome(TakenHome::default())), save());
    assert_eq!(guide.handle(Input::WantedCopy), save());
    guide.handle(Input::WentOn);
    assert_eq!(harvest_of(&guide).copy, CopyHome::Taken(TakenHome::default()));
    let mut guide = to_part(Part::TakeHome);
    guide.handle(Input::WentOn);
    assert_eq!(harvest_of(&guide).copy, CopyHome::Declined);
}

#[test]
fn the_length_that_a_homeserver_asks_for_is_not_that_of_a_files_passphrase() {
    let mut guide = to_part(Part::TakeHome);
    guide.handle(Input::FoundLeastPhrase(40));
    let effects = guide.handle(Input::TypedPhrase(Secret::from("six words")));
    let [Command::Judge { least: 0, .. }] = told(&effects)[..] else { panic!("{effects:?}") };
    let effects = guide.handle(Input::WantedSuggestion);
    assert_eq!(told(&effects), [&Command::Suggest { least: 0 }]);
}

#[test]
fn an_incomplete_copy_is_forgotten_and_the_chosen_file_is_not() {
    let passing = Problem::Passing { status: None };
    for end in [Event::Stopped, Event::Failed(passing), Event::Failed(Problem::SignedOut)] {
        let mut guide = to_part(Part::TakeHome);
        let judgement = Judgement { score: 4, refusal: None, reason: String::new() };
        guide.handle(Input::GavePassphrase(Secret::from("six words")));
        let effects = hear(&mut guide, Event::Judged { number: 1, judgement });
        let making = Effect::Tell(guide.run(), Command::TakeHome { passphrase: Secret::from("six words") });
        assert_eq!(effects, [Effect::ForgetMade, making], "the file made before is forgotten");
        assert_eq!(hear(&mut guide, end.clone()), [Effect::ForgetMade], "{end:?}");
    }
}

#[test]
fn a_copy_that_lacks_imported_keys_is_not_called_a_copy() {
    let mut harvest = harvest_of(&safe_but_for(None)).clone();
    harvest.copy = CopyHome::Taken(TakenHome::default());
    harvest.took(Imported { already_there: 1, ..Imported::default() });
    assert!(matches!(harvest.copy, CopyHome::Taken(_)));
    harvest.took(Imported { new: 1, ..Imported::default() });
    assert_eq!(lines(&harvest, true)[4].1, Standing::Open(Remaining::TakeCopy));
}

#[test]
fn a_copy_that_lacks_keys_has_to_be_made_anew() {
    let copied = |room_keys| {
        let mut guide = to_part(Part::Coverage);
        hear(&mut guide, Event::RoomCovered(RoomCoverage { keys: 2, ..room(0) }));
        hear(&mut guide, seen_at(7));
        guide.handle(Input::WentTo(Part::TakeHome));
        guide.handle(Input::GavePassphrase("six words nobody else would choose".into()));
        let judgement = Judgement { score: 4, refusal: None, reason: String::new() };
        hear(&mut guide, Event::Judged { number: 1, judgement });
        hear(&mut guide, Event::TakenHome(TakenHome { room_keys, ..TakenHome::default() }));
        assert!(matches!(harvest_of(&guide).copy, CopyHome::Taken(_)));
        guide.handle(Input::WentOn);
        guide.handle(Input::WentTo(Part::TakeHome));
        harvest_of(&guide).copy.clone()
    };
    assert!(matches!(copied(2), CopyHome::Taken(_)));
    assert_eq!(copied(1), CopyHome::Older);
}
