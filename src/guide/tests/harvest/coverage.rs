//! Tests looking at messages, looking further back, and putting entries back whole.

use super::*;

/// A room that goes back further.
fn longer(covered: u64) -> Event {
    Event::RoomCovered(RoomCoverage { covered, is_whole: false, ..room(0) })
}

fn went_further(more: bool) -> Event {
    Event::WentFurther { more, trouble: None }
}

fn covered(guide: &Guide) -> Vec<u64> {
    harvest_of(guide).survey.rooms.iter().map(|room| room.covered).collect()
}

#[test]
fn looking_back_goes_on_behind_the_screens_until_the_beginning() {
    let mut guide = to_part(Part::Coverage);
    hear(&mut guide, longer(100));
    assert_eq!(told(&hear(&mut guide, seen_at(7))), [&Command::GoFurther]);
    let run = guide.run();
    // The person has gone on, but the answer still counts, and looking back goes on there.
    assert_eq!(told(&guide.handle(Input::WentTo(Part::TakeHome))), [] as [&Command; 0]);
    assert_eq!(guide.handle(Input::Engine(run, longer(300))), []);
    assert_eq!(covered(&guide), [300]);
    assert_eq!(told(&guide.handle(Input::Engine(run, went_further(true)))), [&Command::GoFurther]);
    let run = guide.run();
    guide.handle(Input::WantedSuggestion);
    assert_eq!(told(&guide.handle(Input::WentOn)), [&Command::Check]);
    guide.handle(Input::Engine(run, Event::RoomCovered(room(0))));
    assert_eq!(guide.handle(Input::Engine(run, went_further(false))), []);
    assert_eq!(covered(&guide), [5]);
    assert!(!Tally::of(&harvest_of(&guide).survey.rooms).goes_further);
    assert_eq!(told(&guide.handle(Input::WentTo(Part::Coverage))), [] as [&Command; 0]);
}

#[test]
fn looking_back_can_be_paused_and_rests_when_the_server_does_not_answer() {
    let mut guide = to_part(Part::Coverage);
    hear(&mut guide, longer(100));
    hear(&mut guide, seen_at(7));
    assert_eq!(guide.handle(Input::WantedStop), []);
    assert_eq!(hear(&mut guide, went_further(true)), [], "looking back is paused");
    assert_eq!(told(&guide.handle(Input::WantedFurther)), [&Command::GoFurther]);
    let trouble = Some(Problem::Passing { status: None });
    assert_eq!(hear(&mut guide, Event::WentFurther { more: true, trouble: trouble.clone() }), []);
    assert_eq!(harvest_of(&guide).survey.trouble, trouble);
    assert_eq!(told(&guide.handle(Input::WantedFurther)), [&Command::GoFurther]);
    hear(&mut guide, Event::WentFurther { more: true, trouble: Some(Problem::SignedOut) });
    assert!(matches!(guide.step(), Step::SignInAgain(_)));
}

#[test]
fn looking_back_and_listening_take_turns() {
    let mut guide = to_part(Part::Coverage);
    hear(&mut guide, longer(100));
    hear(&mut guide, seen_at(7));
    let run = guide.run();
    guide.handle(Input::WentTo(Part::OldKeys));
    guide.handle(Input::Engine(run, went_further(true)));
    guide.handle(Input::TimePassed);
    let turns = [went_further(true), Event::Heard { trouble: None }, went_further(true)];
    for (event, next) in turns.into_iter().zip([Command::Listen, Command::GoFurther, Command::Listen]) {
        assert_eq!(told(&hear(&mut guide, event)), [&next]);
    }
    // The person wants a new look, so late answers to the look before are ignored.
    guide.handle(Input::WentTo(Part::Coverage));
    let run = guide.run();
    assert_eq!(told(&guide.handle(Input::WantedNewLook)), [&Command::Cover { further: false }]);
    guide.handle(Input::Engine(run, longer(300)));
    assert_eq!(covered(&guide), [0; 0]);
}

#[test]
fn messages_already_seen_stay_and_are_compared_with_a_changed_backup() {
    let mut guide = to_part(Part::Coverage);
    hear(&mut guide, Event::RoomCovered(room(3)));
    hear(&mut guide, seen_at(7));
    guide.handle(Input::WentTo(Part::OldKeys));
    hear(&mut guide, counted(9));
    assert_eq!(told(&guide.handle(Input::WentTo(Part::Coverage))), [&Command::Cover { further: true }]);
    assert_eq!(covered(&guide), [5], "the room stays until the next look tells more");
}

#[test]
fn the_room_looked_at_the_least_tells_how_far_back_all_were_looked_at() {
    let at = |is_whole, reached_ms| RoomCoverage { is_whole, reached_ms, ..room(0) };
    for (rooms, to_beginning, reached_ms) in [
        (vec![], 0, None),
        (vec![at(true, Some(3)), at(true, None)], 2, None),
        (vec![at(true, Some(9)), at(false, Some(3)), at(false, Some(5))], 1, Some(5)),
        (vec![at(true, Some(9)), at(false, Some(3)), at(false, None)], 1, None),
    ] {
        let tally = Tally::of(&rooms);
        assert_eq!((tally.to_beginning, tally.reached_ms), (to_beginning, reached_ms));
        assert_eq!(tally.goes_further, to_beginning < rooms.len() as u64);
    }
}

#[test]
fn looking_at_messages_can_be_stopped_and_is_done_again_when_asked() {
    let mut guide = to_old_keys();
    assert_eq!(told(&guide.handle(Input::WentTo(Part::Coverage))), [&Command::Cover { further: false }]);
    hear(&mut guide, Event::RoomCovered(room(3)));
    assert_eq!(guide.handle(Input::WentTo(Part::Done)), [], "first it is stopped");
    assert_eq!(told(&guide.handle(Input::WantedStop)), [&Command::Stop]);
    assert_eq!(guide.handle(Input::WantedStop), []);
    hear(&mut guide, Event::Stopped);
    assert_eq!(told(&guide.handle(Input::TriedAgain)), [&Command::Cover { further: false }]);
    hear(&mut guide, seen_at(7));
    assert_eq!(told(&guide.handle(Input::TriedAgain)), [&Command::Cover { further: true }]);
    hear(&mut guide, Event::RoomCovered(room(0)));
    hear(&mut guide, seen_at(8));
    assert_eq!(
        harvest_of(&guide).survey,
        Survey { rooms: vec![room(0)], at_ms: Some(8), etag: "5".into(), ..Survey::default() }
    );
    assert_eq!(told(&guide.handle(Input::WentTo(Part::OldKeys))), [] as [&Command; 0]);
    assert_eq!(
        told(&guide.handle(Input::WentTo(Part::Coverage))),
        [] as [&Command; 0],
        "nothing has changed since the look"
    );
}

#[test]
fn a_good_account_is_asked_about_its_messages_at_once() {
    let mut guide = to_checked(set_up(), opens_all());
    assert_eq!(diagnosis_of(&guide), Diagnosis::AllGood);
    let effects = guide.handle(Input::Chose(Action::Cover));
    assert_eq!(told(&effects), [&Command::Cover { further: false }]);
    hear(&mut guide, Event::RoomCovered(room(0)));
    hear(&mut guide, seen_at(7));
    guide.handle(Input::WentTo(Part::Done));
    hear(&mut guide, Event::Checked(checked()));
    let Outcome::Done(harvest) = outcome_of(guide) else { panic!() };
    assert_eq!(
        lines(&harvest, true)[3],
        (Line::KeysArrived, Standing::Green),
        "no app is left that could bring more keys"
    );
}

/// Looks at messages with entries that only this page can read.
fn to_mendable() -> Guide {
    let mut guide = to_checked(set_up(), opens_all());
    guide.handle(Input::Chose(Action::Cover));
    assert_eq!(guide.handle(Input::WantedMending), [], "the look is under way");
    hear(&mut guide, Event::RoomCovered(RoomCoverage { unopened: 4, mendable: 4, ..room(0) }));
    hear(&mut guide, seen_at(7));
    guide
}

#[test]
fn entries_only_this_page_reads_are_put_back_whole_on_request_and_looked_at_again() {
    let mut guide = to_mendable();
    assert_eq!(guide.handle(Input::Chose(Action::Rotate)), [], "not before putting back in place was tried");
    assert!(matches!(guide.step(), Step::Coverage(_)));
    assert_eq!(told(&guide.handle(Input::WantedMending)), [&Command::Mend]);
    assert_eq!(guide.handle(Input::WantedMending), []);
    let effects = hear(&mut guide, Event::Mended(Mended { mended: 2, kept: 0 }));
    assert_eq!(told(&effects), [&Command::Cover { further: true }], "compared with the backup as it is now");
    assert!(!guide.has_changed_nothing());
    hear(&mut guide, Event::RoomCovered(room(0)));
    hear(&mut guide, seen_at(8));
    assert_eq!(guide.handle(Input::WantedMending), [], "nothing is left");
    assert_eq!(ended(&outcome_of(guide)), ("backup on", Some(proved())));
}

#[test]
fn a_fresh_backup_is_offered_for_entries_that_the_server_did_not_replace() {
    let mut guide = to_mendable();
    guide.handle(Input::WantedMending);
    hear(&mut guide, Event::Mended(Mended { mended: 0, kept: 2 }));
    hear(&mut guide, Event::RoomCovered(RoomCoverage { unopened: 4, mendable: 4, ..room(0) }));
    hear(&mut guide, seen_at(8));
    assert_eq!(Verdict::of(harvest_of(&guide)), Verdict::Gaps, "what is known to be missing is said at once");
    assert_eq!(lines(harvest_of(&guide), true)[3].1, Standing::Open(Remaining::Mend));
    assert_eq!(guide.handle(Input::Chose(Action::Rotate)), []);
    assert!(
        matches!(guide.step(), Step::Consent(step::Consent { job, .. }) if job.action == Action::Rotate),
        "the person is asked first"
    );
    let effects = guide.handle(Input::Agreed);
    assert!(matches!(told(&effects)[..], [Command::Write { action: Action::Rotate, .. }]));
}

#[test]
fn mending_can_be_stopped_and_tried_again() {
    let mut guide = to_mendable();
    guide.handle(Input::WantedMending);
    assert_eq!(told(&guide.handle(Input::WantedStop)), [&Command::Stop]);
    hear(&mut guide, Event::Stopped);
    assert_eq!(told(&guide.handle(Input::WantedMending)), [&Command::Mend]);
    hear(&mut guide, Event::Failed(Problem::Passing { status: None }));
    assert!(matches!(guide.step(), Step::Coverage(step::Coverage { course: Course::Failed(_), .. })));
    assert_eq!(told(&guide.handle(Input::WantedMending)), [&Command::Mend]);
}
