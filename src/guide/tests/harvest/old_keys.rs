//! Tests counting the keys that come in, and listening to apps.

use super::*;

#[test]
fn counting_goes_on_and_becomes_rarer_while_nothing_changes() {
    let mut guide = to_writing();
    assert_eq!(guide.handle(engine(Event::SetUpDone(proved()))), [Effect::Wake(2_000)]);
    let effects = [Effect::Tell(Run(1), Command::Count), Effect::Tell(Run(1), Command::Listen)];
    assert_eq!(guide.handle(Input::TimePassed), effects, "the page listens from now on");
    let counted = |room_keys| engine(counted(room_keys));
    for (room_keys, wait) in [(5, 2_000), (5, 4_000), (5, 8_000), (5, 15_000), (5, 15_000), (6, 2_000)] {
        assert_eq!(guide.handle(counted(room_keys)), [Effect::Wake(wait)], "{room_keys}");
    }
    assert_eq!(
        guide.handle(engine(Event::Failed(Problem::Passing { status: None }))),
        [Effect::Wake(15_000)]
    );
    let Step::OldKeys { harvest, .. } = guide.step() else { panic!() };
    assert_eq!(harvest.arrival.room_keys, 6, "the last count stays");
}

#[test]
fn listening_goes_on_and_rests_after_trouble() {
    let mut guide = to_verify();
    assert_eq!(told(&hear(&mut guide, Event::Heard { trouble: None })), [&Command::Listen]);
    let trouble = Some(Problem::Passing { status: None });
    assert_eq!(hear(&mut guide, Event::Heard { trouble: trouble.clone() }), []);
    assert_eq!(told(&guide.handle(Input::TimePassed)), [&Command::Listen]);
    assert_eq!(told(&guide.handle(Input::TimePassed)), [] as [&Command; 0], "it listens already");
    guide.handle(Input::WentBack);
    assert_eq!(
        guide.handle(engine(Event::Heard { trouble: None })),
        [],
        "an event of the ended run is ignored"
    );
}

#[test]
fn time_in_which_counting_failed_is_no_time_without_change() {
    let mut guide = to_old_keys();
    for _ in 0..9 {
        guide.handle(Input::TimePassed);
        hear(&mut guide, Event::Failed(Problem::Passing { status: None }));
    }
    hear(&mut guide, counted(0));
    assert!(!harvest_of(&guide).arrival.is_resting());
}

#[test]
fn an_app_that_got_the_key_and_sends_nothing_is_helped_by_its_name_and_in_its_time() {
    use crate::domain::apps::App;
    for (name, app, after_seconds) in [
        (Some("Nheko on Linux"), App::Nheko, 0),
        (Some("Element Desktop: Linux"), App::Element, 60),
        (Some("Element X Android"), App::ElementX, 60),
        (None, App::Unknown, 60),
    ] {
        let mut guide = to_old_keys();
        assert_eq!(harvest_of(&guide).remedy(), None, "no app was given the key");
        // Keys that came before, and time that passed before, are not the app's.
        for _ in 0..20 {
            hear(&mut guide, counted(3));
            guide.handle(Input::TimePassed);
        }
        hear(&mut guide, talk(Verification::AskedBy(partner())));
        guide.handle(Input::Moved(Move::Accept));
        let partner = Partner { name: name.map(str::to_owned), ..partner() };
        walk(&mut guide, [engine(talk(Verification::Done(partner))), Input::WentOn]);
        let mut harvest = harvest_of(&guide).clone();
        assert_eq!((harvest.told, harvest.keys_before, harvest.arrival.still_ms), (Some(app), 3, 0));
        for (still_ms, may) in [(0, after_seconds == 0), (59_999, after_seconds == 0), (60_000, true)] {
            harvest.arrival.still_ms = still_ms;
            let remedy = may.then_some((app, app.facts().remedy));
            assert_eq!(harvest.remedy(), remedy, "{name:?} after {still_ms} ms");
        }
        harvest.arrival.room_keys = harvest.keys_before + 1;
        assert_eq!(harvest.remedy(), None, "{name:?} has sent one");
    }
}
