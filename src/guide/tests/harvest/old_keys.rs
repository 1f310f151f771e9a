//! Tests counting the keys that come in, and listening to apps.

use super::*;
use crate::{
    domain::apps::{App, STAY},
    guide::{remedy::Remedy, source::Source},
};

#[test]
fn counting_goes_on_every_two_seconds_and_becomes_rarer_once_no_more_keys_are_expected() {
    let mut guide = to_writing();
    assert_eq!(guide.handle(engine(Event::SetUpDone(proved()))), [Effect::Wake(2_000)]);
    let effects = [Effect::Tell(Run(1), Command::Count), Effect::Tell(Run(1), Command::Listen)];
    assert_eq!(guide.handle(Input::TimePassed), effects, "the page listens from now on");
    assert_eq!(guide.handle(engine(counted(5))), [Effect::Wake(2_000)]);
    let mut waits = Vec::new();
    for _ in 0..24 {
        guide.handle(Input::TimePassed);
        let [Effect::Wake(ms)] = guide.handle(engine(counted(5)))[..] else { panic!() };
        waits.push(ms);
    }
    assert_eq!(waits[..12], [2_000; 12]);
    assert_eq!(waits[12..19], [5_000; 7], "after 26 seconds");
    assert_eq!(waits[19..], [15_000; 5], "after a minute");
    assert_eq!(guide.handle(engine(counted(6))), [Effect::Wake(2_000)]);
    assert_eq!(
        guide.handle(engine(Event::Failed(Problem::Passing { status: None }))),
        [Effect::Wake(15_000)]
    );
    let Step::OldKeys(step::OldKeys { harvest, .. }) = guide.step() else { panic!() };
    assert_eq!(harvest.arrival.room_keys, 6, "the last count stays");
}

/// Everything that came in, at an account with these apps; each has the name of its device.
fn with_apps(names: &[&str]) -> Harvest {
    let device =
        |name: &&str| Device { device_id: (*name).into(), name: Some((*name).to_owned()), verified: false };
    let account = Account { devices: names.iter().map(device).collect(), ..set_up() };
    *Harvest::new(Visit::new(server(), account), proved())
}

#[test]
fn the_wait_ends_ten_seconds_after_the_last_key_or_after_25_without_any() {
    for (came, still_ms, left_ms) in [
        (0, 0, 25_000),
        (0, 24_000, 1_000),
        (0, 25_000, 0),
        (0, 90_000, 0),
        (3, 0, 10_000),
        (3, 2_000, 8_000),
        (3, 10_000, 0),
    ] {
        let mut harvest = with_apps(&["Phone"]);
        harvest.arrival = Arrival { room_keys: came, still_ms, ..Arrival::default() };
        assert_eq!(harvest.left_ms(), left_ms, "{came} keys, {still_ms} ms");
        assert_eq!(harvest.waits(), left_ms > 0);
    }
}

#[test]
fn nothing_is_waited_for_once_every_message_opened_or_where_no_app_sends_anything() {
    let looked = |rooms, etag: &str| Survey { rooms, at_ms: Some(7), etag: etag.into(), ..Survey::default() };
    let further = || RoomCoverage { is_whole: false, ..room(0) };
    let empty = || RoomCoverage { covered: 0, ..room(0) };
    for (survey, waits) in [
        (Survey::default(), true),
        (looked(vec![room(0)], "5"), false),
        (looked(vec![room(0)], "4"), true),
        (looked(vec![room(1)], "5"), true),
        (looked(vec![RoomCoverage { unopened: 1, ..room(0) }], "5"), true),
        (looked(vec![RoomCoverage { trouble: true, ..room(0) }], "5"), true),
        (looked(vec![further()], "5"), true),
        (looked(vec![empty()], "5"), true),
        (looked(Vec::new(), "5"), true),
    ] {
        let arrival = Arrival { etag: "5".into(), still_ms: 2_000, ..Arrival::default() };
        let mut harvest = Harvest { survey, arrival, ..with_apps(&["Phone"]) };
        assert_eq!(harvest.waits(), waits, "{:?}", harvest.survey);
        harvest.arrival.begin_anew();
        assert!(harvest.waits(), "nothing was counted since");
    }
    for (names, waits) in
        [(&[][..], false), (&["nheko"], false), (&["nheko", "Phone"], true), (&["Element X"], true)]
    {
        assert_eq!(with_apps(names).waits(), waits, "{names:?}");
    }
}

#[test]
fn an_app_that_never_sends_is_helped_at_once_even_before_it_was_told() {
    let alone = with_apps(&["nheko"]);
    assert_eq!(Remedy::wanted(&alone), Some(Remedy::Export));
    let [title, lead] = Remedy::news(&alone);
    assert!(title.contains("by themselves") && lead.contains("Nheko never sends"), "{title} {lead}");
    assert!(alone.offers_import());
    let two = with_apps(&["nheko", "Phone"]);
    assert_eq!(Remedy::wanted(&two), None, "the other one may send");
    assert_eq!(Remedy::wanted(&Harvest { compared_with: Some(App::Nheko), ..two }), Some(Remedy::Export));
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn a_person_is_told_not_to_sign_out_as_long_as_there_is_a_reason_and_no_longer() {
    const ONLY: &str = "Only this app may have some of your message keys.";
    const NO_OTHER: &str =
        "Its old message keys may be in no other place. Export them first, and import the file here.";
    const FRESH: &str = "Until it has found the new backup, only the app has the keys of new messages.";
    let written = |tasks: &[Task]| {
        let mut harvest = with_apps(&["Phone"]);
        harvest.visit.written = tasks.to_vec();
        harvest
    };
    let told = |app| Harvest { compared_with: Some(app), ..with_apps(&["Phone"]) };
    let arrived = |harvest: Harvest, room_keys, still_ms| Harvest {
        arrival: Arrival { room_keys, still_ms, etag: "5".into(), ..Arrival::default() },
        ..harvest
    };
    let opened = |harvest| {
        let survey = Survey { rooms: vec![room(0)], at_ms: Some(7), etag: "5".into(), ..Survey::default() };
        Harvest { survey, ..arrived(harvest, 0, 0) }
    };
    let imported = |harvest| Harvest { imported: Some(Imported::default()), ..harvest };
    let two_apps = |fresh: Harvest| {
        let mut two = with_apps(&["Phone", "Laptop"]);
        two.visit.written = fresh.visit.written;
        two
    };
    let unknown = |mut harvest: Harvest| {
        harvest.survey.rooms[0].unknown = 1;
        harvest
    };
    let with_key = || written(&[Task::StoreSecrets]);
    let fresh = || written(&[Task::CreateBackup, Task::Upload]);
    for (what, harvest, source, reason) in [
        ("alone", with_apps(&[]), Source::Nowhere, None),
        ("at first", with_apps(&["Phone"]), Source::Apps, Some(ONLY)),
        ("entered there, still coming", arrived(with_apps(&["Phone"]), 3, 0), Source::Apps, Some(ONLY)),
        ("entered there, all came", arrived(with_apps(&["Phone"]), 3, 10_000), Source::Apps, Some(ONLY)),
        ("all opened", opened(with_apps(&["Phone"])), Source::Apps, None),
        ("told", told(App::Element), Source::AppTold, Some(ONLY)),
        ("told, nothing came", arrived(told(App::Element), 0, 90_000), Source::AppTold, Some(ONLY)),
        ("told, still coming", arrived(told(App::Element), 3, 9_000), Source::AppTold, Some(ONLY)),
        ("told, all came", arrived(told(App::Element), 3, 10_000), Source::AppTold, Some(ONLY)),
        ("told, all opened", opened(told(App::Element)), Source::AppTold, None),
        ("never sends", with_apps(&["nheko"]), Source::Apps, Some(NO_OTHER)),
        ("told, never sends", arrived(told(App::Nheko), 3, 90_000), Source::AppTold, Some(NO_OTHER)),
        ("told, never sends, imported", imported(told(App::Nheko)), Source::AppTold, Some(ONLY)),
        ("told, never sends, all opened", opened(told(App::Nheko)), Source::AppTold, None),
        ("has the key", with_key(), Source::AppWithKey, Some(ONLY)),
        ("has the key, stands still", arrived(with_key(), 0, 25_000), Source::AppWithKey, Some(ONLY)),
        (
            "has to find it",
            written(&[Task::StoreSecrets, Task::CreateBackup]),
            Source::AppThatFindsIt,
            Some(ONLY),
        ),
        (
            "new identity, older keys taken along",
            written(&[Task::StoreSecrets, Task::CreateBackup, Task::PublishIdentity, Task::Upload]),
            Source::Apps,
            Some(ONLY),
        ),
        (
            "has to find it, older keys taken along",
            written(&[Task::StoreSecrets, Task::CreateBackup, Task::Upload]),
            Source::AppThatFindsIt,
            Some(ONLY),
        ),
        (
            "another key, then fresh",
            written(&[Task::StoreSecrets, Task::RetireOldKey, Task::CreateBackup, Task::Upload]),
            Source::AppsOfOlderBackup,
            Some(FRESH),
        ),
        ("fresh", fresh(), Source::AppsOfOlderBackup, Some(FRESH)),
        ("fresh, all opened", opened(fresh()), Source::AppsOfOlderBackup, Some(FRESH)),
        ("fresh, found", arrived(fresh(), 3, 10_000), Source::AppsOfOlderBackup, None),
        (
            "fresh, found by one of two",
            Harvest { visit: two_apps(fresh()).visit, ..arrived(fresh(), 3, 10_000) },
            Source::AppsOfOlderBackup,
            Some(FRESH),
        ),
        (
            "fresh, told, all opened",
            Harvest { compared_with: Some(App::Element), ..opened(fresh()) },
            Source::AppTold,
            Some(FRESH),
        ),
        ("not known whose", unknown(opened(told(App::Element))), Source::AppTold, Some(ONLY)),
    ] {
        assert_eq!(Source::of(&harvest), source, "{what}");
        assert_eq!(source.stay(&harvest), reason.map(|reason| [STAY(), reason]), "{what}");
    }
}

#[test]
fn once_the_keys_have_come_the_app_is_not_said_to_be_sending() {
    let mut harvest = Harvest { compared_with: Some(App::Element), ..with_apps(&["Phone"]) };
    assert!(Source::AppTold.words(false) == Remedy::news(&harvest));
    harvest.arrival = Arrival { room_keys: 3, still_ms: 8_000, ..Arrival::default() };
    assert!(Remedy::news(&harvest)[0].contains("is sending"));
    harvest.arrival.still_ms = 10_000;
    assert!(Remedy::news(&harvest)[0].contains("seems to be done"));
}

#[test]
fn matching_emoji_leads_to_the_count_and_the_page_goes_on_listening() {
    let mut guide = to_old_keys();
    let effects = guide.handle(Input::WentTo(Part::Verify));
    assert!(told(&effects).contains(&&Command::Verify(Move::Ask)), "the app is asked at once: {effects:?}");
    assert!(told(&effects).contains(&&Command::Listen));
    hear(&mut guide, talk(comparing()));
    let effects = hear(&mut guide, talk(Verification::Done(partner())));
    assert!(effects.contains(&Effect::Wake(2_000)), "{effects:?}");
    assert_eq!(harvest_of(&guide).compared_with, Some(App::Unknown));
    assert_eq!(told(&hear(&mut guide, Event::Heard { trouble: None })), [&Command::Listen]);
}

#[test]
fn a_question_that_did_not_reach_the_app_can_be_asked_anew() {
    let mut guide = to_old_keys();
    guide.handle(Input::WentTo(Part::Verify));
    hear(&mut guide, Event::Failed(Problem::Passing { status: None }));
    assert!(guide.trouble().is_some());
    assert_eq!(told(&guide.handle(Input::Moved(Move::Ask))), [&Command::Verify(Move::Ask)]);
}

#[test]
fn a_person_who_comes_back_finds_the_page_counting_and_listening_at_once() {
    let mut guide = to_old_keys();
    guide.handle(Input::TimePassed);
    hear(&mut guide, counted(5));
    assert_eq!(guide.handle(Input::Returned), [Effect::Tell(Run(1), Command::Count)]);

    let mut guide = to_verify();
    hear(&mut guide, talk(comparing()));
    let before = guide.step().clone();
    assert_eq!(told(&guide.handle(Input::Returned)), [&Command::Listen], "it asks anew");
    assert_eq!(guide.handle(Input::Returned), [], "once is enough");
    assert_eq!(guide.step(), &before, "the emoji are still there");
    assert_eq!(hear(&mut guide, Event::Heard { trouble: None }), [], "the first question has ended");
    assert_eq!(told(&hear(&mut guide, Event::Heard { trouble: None })), [&Command::Listen]);
    let trouble = Some(Problem::Passing { status: None });
    hear(&mut guide, Event::Heard { trouble });
    assert_eq!(told(&guide.handle(Input::Returned)), [&Command::Listen], "it no longer rests");
}

/// Goes on without waiting, right after the emoji matched, to messages of which one lacks its key.
fn to_impatient() -> Guide {
    let mut guide = to_told(5);
    guide.handle(Input::WentTo(Part::Coverage));
    hear(&mut guide, Event::RoomCovered(room(1)));
    assert_eq!(guide.handle(Input::TimePassed), [Effect::Wake(2_000)], "the look is under way");
    assert_eq!(
        told(&hear(&mut guide, seen_at(7))),
        [&Command::Listen],
        "the app may ask for the key only now"
    );
    guide
}

#[test]
fn whoever_does_not_wait_sees_the_messages_compared_again_once_the_keys_have_come() {
    let mut guide = to_impatient();
    assert_eq!(told(&guide.handle(Input::TimePassed)), [&Command::Count]);
    assert_eq!(hear(&mut guide, counted(9)), [Effect::Wake(2_000)]);
    for _ in 0..4 {
        guide.handle(Input::TimePassed);
        assert_eq!(hear(&mut guide, counted(9)), [Effect::Wake(2_000)]);
    }
    guide.handle(Input::TimePassed);
    assert_eq!(told(&hear(&mut guide, counted(9))), [&Command::Cover { further: true }]);
    assert!(matches!(guide.step(), Step::Coverage(step::Coverage { course: Course::Running(_), .. })));
    hear(&mut guide, Event::RoomCovered(room(0)));
    hear(&mut guide, Event::Covered { at_ms: 8, etag: "9".into() });
    assert_eq!(guide.handle(Input::TimePassed), [], "nothing more is expected");
}

#[test]
fn the_wait_goes_on_behind_the_copy_and_a_count_that_fails_there_is_no_problem_of_the_copy() {
    let mut guide = to_impatient();
    assert_eq!(guide.handle(Input::WentTo(Part::TakeHome))[..1], [Effect::Wake(2_000)]);
    assert_eq!(told(&guide.handle(Input::TimePassed)), [&Command::Count]);
    let failed = hear(&mut guide, Event::Failed(Problem::Passing { status: None }));
    assert_eq!((failed, guide.trouble()), (vec![Effect::Wake(15_000)], None));
    for _ in 0..14 {
        guide.handle(Input::TimePassed);
        hear(&mut guide, counted(5));
    }
    assert!(!harvest_of(&guide).waits());
    assert_eq!(guide.handle(Input::TimePassed), []);
}

#[test]
fn an_app_that_asks_behind_another_step_is_answered_on_the_step_that_counts() {
    let mut guide = to_impatient();
    hear(&mut guide, talk(Verification::AskedBy(partner())));
    assert!(matches!(guide.step(), Step::Coverage(_)));
    guide.handle(Input::WentTo(Part::OldKeys));
    assert!(matches!(guide.step(), Step::OldKeys(step::OldKeys { talk: Verification::AskedBy(_), .. })));
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
    assert!(harvest_of(&guide).waits());
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
        guide.handle(engine(talk(Verification::Done(partner))));
        let mut harvest = harvest_of(&guide).clone();
        assert_eq!(harvest.compared_with, Some(app));
        for (still_ms, expected) in [(0, first), (59_999, first), (60_000, first.max(Remedy::Reload))] {
            harvest.arrival.still_ms = still_ms;
            let remedy = Remedy::of(&harvest);
            assert_eq!(remedy, expected, "{name:?} after {still_ms} ms");
            let names = remedy.words(harvest.compared_with).concat().contains(app.facts().name);
            // What is said of any app says "your app".
            assert!(app == App::Unknown || names == (remedy != Remedy::Wait), "{name:?}: {remedy:?}");
        }
        for still_ms in (0..300_000).step_by(10_000) {
            harvest.arrival.still_ms = still_ms;
            let [title, lead] = Remedy::of(&harvest).words(harvest.compared_with);
            let facts = app.facts();
            let asks_to_export = lead.contains("Export the keys") || lead.contains("xport them");
            assert!(facts.exports || app == App::Unknown || !asks_to_export, "{name:?}: {lead}");
            assert!(!title.contains("is sending"), "{name:?}: {title}");
        }
        harvest.arrival.room_keys = harvest.keys_before + 1;
        let came = if app == App::Nheko { Remedy::Export } else { Remedy::Came };
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
    guide.handle(Input::WentTo(Part::Verify));
    hear(&mut guide, talk(Verification::Done(partner())));
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
