//! Tests counting the keys that come in, and listening to apps.

use super::*;
use crate::{domain::apps::App, guide::remedy::Remedy};

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
    let Step::OldKeys(step::OldKeys { harvest, .. }) = guide.step() else { panic!() };
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
    for (name, app, first) in [
        (Some("Nheko on Linux"), App::Nheko, Remedy::Export),
        (Some("Element Desktop: Linux"), App::Element, Remedy::Wait),
        (Some("Element X Android"), App::ElementX, Remedy::Wait),
        (None, App::Unknown, Remedy::Wait),
    ] {
        let mut guide = to_old_keys();
        hear(&mut guide, talk(Verification::AskedBy(partner())));
        guide.handle(Input::Moved(Move::Accept));
        let partner = Partner { name: name.map(str::to_owned), ..partner() };
        walk(&mut guide, [engine(talk(Verification::Done(partner))), Input::WentOn]);
        let mut harvest = harvest_of(&guide).clone();
        assert_eq!(harvest.told, Some(app));
        for (still_ms, expected) in [(0, first), (59_999, first), (60_000, first.max(Remedy::Reload))] {
            harvest.arrival.still_ms = still_ms;
            let remedy = Remedy::of(&harvest);
            assert_eq!(remedy, expected, "{name:?} after {still_ms} ms");
            let names = remedy.words(harvest.told).concat().contains(app.facts().name);
            // What is said of any app says "your app".
            assert!(app == App::Unknown || names == (remedy != Remedy::Wait), "{name:?}: {remedy:?}");
        }
        for still_ms in (0..300_000).step_by(10_000) {
            harvest.arrival.still_ms = still_ms;
            let [title, lead] = Remedy::of(&harvest).words(harvest.told);
            let facts = app.facts();
            let asks_to_export = lead.contains("Export the keys") || lead.contains("xport them");
            assert!(facts.exports || app == App::Unknown || !asks_to_export, "{name:?}: {lead}");
            assert!(!title.contains("is sending"), "{name:?}: {title}");
        }
        harvest.arrival.room_keys = harvest.keys_before + 1;
        let came = if app == App::Nheko { Remedy::Export } else { Remedy::Comes };
        assert_eq!(Remedy::of(&harvest), came, "{name:?}: one has come");
    }
}

/// Goes back to the count after the emoji matched, when the backup has this many keys.
fn to_told(room_keys: u64) -> Guide {
    let mut guide = to_old_keys();
    for _ in 0..9 {
        guide.handle(Input::TimePassed);
        hear(&mut guide, counted(room_keys));
    }
    assert!(harvest_of(&guide).arrival.is_resting());
    guide.handle(Input::WentTo(Part::Verify));
    hear(&mut guide, talk(Verification::Done(partner())));
    guide.handle(Input::WentOn);
    guide
}

#[test]
fn while_no_key_comes_one_remedy_follows_the_other_and_nothing_is_said_to_be_sent() {
    use Remedy::*;
    for before in [0, 5] {
        let mut guide = to_told(before);
        let mut said = vec![Remedy::of(harvest_of(&guide))];
        let mut seconds = 0;
        while seconds < 600 {
            let effects = [guide.handle(Input::TimePassed), hear(&mut guide, counted(before))].concat();
            let wake = |effect: &Effect| if let Effect::Wake(ms) = effect { Some(ms / 1_000) } else { None };
            let remedy = Remedy::of(harvest_of(&guide));
            assert!(!remedy.words(None).concat().contains("is sending"), "{seconds} s");
            assert!(remedy != Wait || seconds < 60 + 15, "{seconds} s");
            if said.last() != Some(&remedy) {
                said.push(remedy);
            }
            seconds += effects.iter().find_map(wake).unwrap();
        }
        // The backup was made in this visit: a fresh one would be no newer.
        assert_eq!(said, [Wait, Reload, OtherWay, Export]);
        let mut older = harvest_of(&guide).clone();
        older.visit.written.clear();
        assert_eq!(Remedy::of(&older), FreshBackup);
        hear(&mut guide, counted(before + 1));
        assert_eq!(Remedy::of(harvest_of(&guide)), Comes);
        assert!(Comes.words(None)[0].contains("is sending"));
    }
}

#[test]
fn keys_from_a_file_are_not_taken_for_what_an_app_sends() {
    let mut guide = to_told(0);
    guide.handle(Input::WentTo(Part::Import));
    guide.handle(Input::ChoseFile { name: "keys.txt".into(), bytes: 700 });
    guide.handle(Input::GavePassphrase(Secret::from("pass")));
    hear(&mut guide, Event::Imported(Imported { new: 7, room_keys: 7, ..Imported::default() }));
    guide.handle(Input::WentTo(Part::OldKeys));
    hear(&mut guide, counted(7));
    assert_eq!(Remedy::of(harvest_of(&guide)), Remedy::Wait);
}
