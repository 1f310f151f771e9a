//! Tests what the last screens may say, for every combination of what was seen.

use super::*;
use crate::{
    domain::coverage::{Coverage, Tally},
    guide::{
        done::{Arrived, Copy, Line, Reach, Remaining, Standing, Verdict, lines},
        verdict::{
            Sentence, after_a_new_identity, coming_words, copy_words, identity_words, left_over_words,
            where_keys_may_be, writing_words,
        },
    },
};

fn seen(rooms: Vec<RoomCoverage>) -> Survey {
    Survey { rooms, at_ms: Some(7), etag: "5".into(), ..Survey::default() }
}

/// Every result that looking at the messages can have.
fn surveys() -> Vec<(&'static str, Survey)> {
    // Its five messages need two keys.
    let good = || RoomCoverage { keys: 2, ..room(0) };
    let empty = || RoomCoverage { covered: 0, keys: 0, ..room(0) };
    let one = |room| seen(vec![room]);
    vec![
        ("not looked", Survey::default()),
        ("looked before the backup changed", Survey { etag: "4".into(), ..one(good()) }),
        ("no rooms", seen(Vec::new())),
        ("no messages", seen(vec![empty(), empty()])),
        ("only messages from before", one(RoomCoverage { unknown: 3, ..empty() })),
        ("all", seen(vec![good(), empty()])),
        ("all, and some from before", one(RoomCoverage { unknown: 3, ..good() })),
        ("all, but further back there are more", one(RoomCoverage { is_whole: false, ..good() })),
        ("missing", seen(vec![good(), RoomCoverage { missing: 1, ..good() }])),
        ("unopened", one(RoomCoverage { unopened: 1, ..good() })),
        ("mendable", one(RoomCoverage { unopened: 1, mendable: 1, ..good() })),
        ("some mendable", one(RoomCoverage { unopened: 2, mendable: 1, ..good() })),
        ("not all rooms", seen(vec![good(), RoomCoverage { trouble: true, ..empty() }])),
    ]
}

fn copies() -> Vec<CopyHome> {
    let taken = |room_keys, unreadable| {
        CopyHome::Taken(TakenHome { room_keys, unreadable, rooms: 1, bytes: 9, at_ms: 8 })
    };
    // The messages need two keys at most.
    vec![
        CopyHome::NotOffered,
        CopyHome::Declined,
        CopyHome::Older,
        taken(9, 0),
        taken(2, 0),
        taken(1, 0),
        taken(0, 0),
        taken(9, 1),
        taken(1, 8),
        taken(0, 9),
    ]
}

/// Calls `check` with every harvest, of people with an app and of people without any.
fn for_every_harvest(mut check: impl FnMut(&str, &Harvest)) {
    for devices in [fresh().devices, Vec::new()] {
        for_every_harvest_of(&Visit::new(server(), Account { devices, ..set_up() }), &mut check);
    }
}

fn for_every_harvest_of(visit: &Visit, check: &mut impl FnMut(&str, &Harvest)) {
    let left_over = vec![Device { device_id: "OLD".into(), name: None, verified: false }];
    for (name, survey) in surveys() {
        for copy in copies() {
            for evidence in [
                Evidence::Proved(proved()),
                Evidence::Checked(checked()),
                Evidence::Checked(Checked { left_over: left_over.clone(), ..checked() }),
            ] {
                for still_ms in [0, 90_000] {
                    let arrival = Arrival { etag: "5".into(), still_ms, ..Arrival::default() };
                    let harvest = Harvest {
                        survey: survey.clone(),
                        copy: copy.clone(),
                        evidence: evidence.clone(),
                        arrival,
                        ..*Harvest::new(Box::new(visit.clone()), proved())
                    };
                    check(name, &harvest);
                }
            }
        }
    }
}

#[test]
fn no_combination_of_what_was_seen_says_more_than_was_seen() {
    let mut verdicts = std::collections::BTreeSet::new();
    for_every_harvest(|name, harvest| {
        let tally = Tally::of(&harvest.survey.rooms);
        let (arrived, copy, verdict) = (Arrived::of(harvest), Copy::of(harvest), Verdict::of(harvest));
        let lines = lines(harvest, true);
        let standing = |line| lines.iter().find(|(it, _)| *it == line).unwrap().1;
        verdicts.insert(format!("{verdict:?}"));

        // "All" requires that there are messages, and that the keys of all of them opened.
        assert_eq!(standing(Line::KeysArrived) == Standing::Green, matches!(arrived, Arrived::All { .. }));
        if let Arrived::All { messages, rooms, unknown } = arrived {
            assert_eq!((messages, rooms, unknown), (tally.covered, tally.rooms, tally.unknown), "{name}");
            assert!(messages > 0 && rooms > 0, "{name}");
            assert_eq!((tally.missing, tally.unopened, tally.troubled), (0, 0, 0), "{name}");
            // What was opened to the beginning needs no waiting; all else does, for 25 seconds without any key.
            let is_soon = harvest.arrival.still_ms < 25_000;
            let can_come = harvest.visit.has_app() && is_soon && tally.goes_further;
            assert!(!harvest.has_to_look() && !can_come, "{name}");
        }
        // A copy is called whole only with every key of the backup, and with all that the messages need.
        assert_eq!(standing(Line::CopyOffered) == Standing::Green, matches!(copy, Copy::Whole { .. }));
        if let CopyHome::Taken(taken) = &harvest.copy {
            let whole = taken.unreadable == 0 && taken.room_keys >= tally.keys && taken.room_keys > 0;
            assert_eq!(matches!(copy, Copy::Whole { .. }), whole, "{name} {copy:?}");
            let lacks = taken.room_keys < tally.keys;
            assert_eq!(standing(Line::CopyOffered) == Standing::Open(Remaining::TakeCopy), lacks, "{name}");
        }
        // The verdict is "safe" exactly if no line is open.
        let is_open = |standing| matches!(standing, Standing::Open(_) | Standing::Unknown);
        assert_eq!(verdict.is_safe(), !lines.iter().any(|(_, standing)| is_open(*standing)), "{name}");
        assert!(!verdict.is_safe() || harvest.checked().is_some());
        let gaps = matches!(arrived, Arrived::Lacking { .. });
        assert_eq!(matches!(verdict, Verdict::Gaps | Verdict::Lost), gaps, "{name}");
        // Only what neither an app nor this page can bring back is given up.
        let is_beyond_help = !harvest.visit.has_app() && tally.mendable == 0;
        assert_eq!(verdict == Verdict::Lost, gaps && is_beyond_help, "{name}");
        // "Safe" without a limit requires the beginning of every room, and that every entry opened.
        if verdict == Verdict::Untidy || matches!(verdict, Verdict::Safe(reach) if reach.is_everything()) {
            assert!(tally.covered > 0 && !tally.goes_further, "{name}");
            assert!(!matches!(copy, Copy::Partial { .. } | Copy::Lacks { .. } | Copy::Empty), "{name}");
            assert_eq!(
                verdict == Verdict::Safe(Reach::FromJoining),
                tally.unknown > 0 && verdict.is_safe(),
                "{name}"
            );
        }
    });
    let all = ["Almost", "Gaps", "Lost", "Unchecked", "Untidy"].map(str::to_owned);
    let safe = ["AsFarAsLooked", "ButUnreadable", "FromJoining", "NoMessages", "Whole"];
    let safe = safe.map(|reach| format!("Safe({reach})"));
    assert_eq!(verdicts, all.into_iter().chain(safe).collect(), "each of them is reached");
}

#[test]
fn each_look_has_a_sentence_of_its_own() {
    let resting = |survey: Survey| {
        let visit = Visit::new(server(), set_up());
        let arrival = Arrival { etag: "5".into(), ..Arrival::default() };
        Arrived::of(&Harvest { survey, arrival, ..*Harvest::new(visit, proved()) })
    };
    let all = |unknown| Arrived::All { messages: 5, rooms: 1, unknown };
    let lacking = |missing, unopened, mendable| Arrived::Lacking { missing, unopened, mendable };
    let expected = [
        Arrived::NotLooked,
        Arrived::NotLooked,
        Arrived::NoRooms,
        Arrived::NoMessages { rooms: 2 },
        Arrived::NoMessages { rooms: 1 },
        Arrived::All { messages: 5, rooms: 2, unknown: 0 },
        all(3),
        all(0),
        lacking(1, 0, 0),
        lacking(0, 1, 0),
        lacking(0, 0, 1),
        lacking(0, 1, 1),
        Arrived::NotLooked,
    ];
    for ((name, survey), expected) in surveys().into_iter().zip(expected) {
        assert_eq!(resting(survey), expected, "{name}");
    }
}

#[test]
fn nobody_waits_for_devices_that_earlier_visits_left_over() {
    let left_over = Device { device_id: "OLD".into(), name: Some(DEVICE_NAME.into()), verified: true };
    let visit = Visit::new(server(), Account { devices: vec![left_over], ..set_up() });
    let (_, survey) = surveys().into_iter().find(|(name, _)| *name == "all").unwrap();
    let arrival = Arrival { etag: "5".into(), ..Arrival::default() };
    let harvest = Harvest { survey, arrival, ..*Harvest::new(visit, proved()) };
    assert_eq!(Arrived::of(&harvest), Arrived::All { messages: 5, rooms: 2, unknown: 0 });
    assert!(harvest.offers_import(), "no app can send anything");
}

/// Every way by which a visit with this harvest can end.
fn every_door(harvest: &Harvest) -> [Outcome; 4] {
    let of = || Box::new(harvest.clone());
    [Outcome::Checked(of()), Outcome::Changed(Some(of())), Outcome::BackupOn(of()), Outcome::Done(of())]
}

fn says_all_is_well(text: &str) -> bool {
    let text = text.replace("Not safe yet", "").replace("which messages are safe", "");
    ["You're safe", "You are covered", "can close", "chats are safe"].iter().any(|words| text.contains(words))
}

/// Harvests in which 60 messages are known to be without keys: by the key's trial, or by the look at the messages.
fn lacking(account: &Account) -> [Harvest; 2] {
    let mut found = StoredSecrets::only(StoredIdentity::Fits, fits(true));
    found.coverage = Some(Coverage { seen: 60, covered: 0, rooms_with_gaps: 3 });
    let mut visit = Visit::new(server(), account.clone());
    let looked = Harvest { survey: seen(vec![room(60)]), ..*Harvest::new(visit.clone(), proved()) };
    visit.known.key = KeyKnown::Tried(opens(found));
    [*Harvest::new(visit, proved()), looked]
}

#[test]
fn one_sentence_is_said_by_whichever_door_a_person_leaves_while_keys_are_missing() {
    for account in [set_up(), with_app(), Account { devices: fresh().devices, ..set_up() }] {
        let has_app = account.has_apps();
        for harvest in lacking(&account) {
            let (verdict, begins) = if has_app {
                (Verdict::Gaps, "Not safe yet")
            } else {
                (Verdict::Lost, "Safe from now on, but")
            };
            let expected = Sentence::of(verdict, has_app);
            assert!(expected.title.starts_with(begins), "{expected:?}");
            for outcome in every_door(&harvest) {
                assert_eq!(Sentence::at_the_end(&outcome), expected, "{outcome:?}");
                assert!(!outcome.may_close());
            }
            let visit = &harvest.visit;
            if let KeyKnown::Tried(_) = visit.known.key {
                let diagnosis = visit.diagnosis();
                assert!(
                    diagnosis.key_opens_everything(),
                    "the key opens everything that is there: {diagnosis:?}"
                );
                assert_eq!(Sentence::at_findings(visit, diagnosis), Some(expected), "{diagnosis:?}");
            }
        }
    }
}

#[test]
fn nothing_is_called_well_while_something_is_missing_or_unknown() {
    for_every_harvest(|name, harvest| {
        let verdict = Verdict::of(harvest);
        for outcome in every_door(harvest) {
            let Sentence { title, lead } = Sentence::at_the_end(&outcome);
            let text = [title, " ", lead].concat();
            let is_well = matches!(verdict, Verdict::Safe(_) | Verdict::Untidy);
            assert_eq!(says_all_is_well(&text), is_well, "{name}: {text}");
            let names_an_app = text.to_lowercase().contains("your app") || text.contains("Stay signed in");
            assert!(harvest.visit.has_app() || !names_an_app, "{name}: {text}");
            assert!(
                !outcome.may_close() || !matches!(verdict, Verdict::Gaps | Verdict::Lost | Verdict::Almost),
                "{name}"
            );
        }
    });
}

#[test]
fn no_sentence_names_an_app_where_there_is_none() {
    let verdicts = [Verdict::Unchecked, Verdict::Gaps, Verdict::Lost, Verdict::Untidy, Verdict::Almost];
    let reaches =
        [Reach::NoMessages, Reach::AsFarAsLooked, Reach::ButUnreadable, Reach::FromJoining, Reach::Whole];
    for verdict in verdicts.into_iter().chain(reaches.map(Verdict::Safe)) {
        let Sentence { title, lead } = Sentence::of(verdict, false);
        for words in ["your app", "Your app", "Stay signed in"] {
            assert!(!title.contains(words) && !lead.contains(words), "{verdict:?}: {lead}");
        }
    }
    for outcome in [Outcome::NothingChanged, Outcome::Changed(None)] {
        assert!(!Sentence::at_the_end(&outcome).lead.to_lowercase().contains("your app"), "{outcome:?}");
    }
    for harvest in lacking(&set_up()) {
        let harvest = Harvest { survey: Survey::default(), ..harvest };
        let unknown = Harvest { visit: Visit::new(server(), set_up()), ..harvest };
        for outcome in every_door(&unknown) {
            let Sentence { title, lead } = Sentence::at_the_end(&outcome);
            assert!(![title, lead].concat().to_lowercase().contains("your app"), "{lead}");
        }
    }
}

#[test]
fn a_person_who_only_tried_the_key_may_go_once_every_message_that_was_seen_has_its_key() {
    for (coverage, devices, may) in [
        (Some(Coverage { seen: 60, covered: 60, rooms_with_gaps: 0 }), Vec::new(), true),
        (Some(Coverage { seen: 60, covered: 60, rooms_with_gaps: 0 }), with_app().devices, true),
        (Some(Coverage { seen: 60, covered: 60, rooms_with_gaps: 0 }), fresh().devices, false),
        (Some(Coverage { seen: 60, covered: 59, rooms_with_gaps: 1 }), Vec::new(), false),
        (Some(Coverage::default()), Vec::new(), false),
        (None, Vec::new(), false),
    ] {
        let account = Account { devices, ..set_up() };
        let mut found = StoredSecrets::only(StoredIdentity::Fits, fits(true));
        found.coverage = coverage;
        let outcome = outcome_of(to_checked(account, opens(found)));
        assert_eq!(ended(&outcome), ("checked", Some(proved())));
        assert_eq!(outcome.may_close(), may, "{coverage:?}");
    }
}

#[test]
fn after_the_end_nothing_is_said_to_be_watched_or_still_there() {
    assert!(!coming_words(false).contains("watch") && coming_words(true).contains("watch"));
    assert!(!left_over_words(false).contains("are still") && left_over_words(true).contains("are still"));
}

#[test]
fn only_orders_that_can_be_cancelled_are_said_to_be_and_none_is_said_not_to_be_that_can() {
    for (action, may_cancel) in [
        (Action::SetUp, true),
        (Action::Finish, true),
        (Action::Repair, true),
        (Action::Reset, true),
        (Action::ChangeKey, false),
        (Action::AddKey, false),
        (Action::Rotate, false),
    ] {
        let words = writing_words(action);
        assert_eq!(words.contains("you can still cancel"), may_cancel, "{action:?}");
        assert!(!words.contains("cannot be cancelled"), "{action:?}");
    }
}

#[test]
fn a_copy_without_keys_is_neither_praised_nor_counted_on_later() {
    assert!(copy_words(0).contains("no use") && !copy_words(1).contains("no use"));
    for copy in copies() {
        let has_keys = matches!(&copy, CopyHome::Taken(taken) if taken.room_keys > 0);
        let harvest = Harvest { copy, ..*Harvest::new(Visit::new(server(), set_up()), proved()) };
        assert_eq!(Copy::of(&harvest).has_keys(), has_keys, "{:?}", harvest.copy);
    }
}

#[test]
fn only_starting_over_says_that_an_identity_is_replaced() {
    for action in [Action::Reset, Action::SetUp, Action::Finish] {
        assert_eq!(identity_words(action).contains("replaces"), action == Action::Reset, "{action:?}");
    }
    for seen in
        ["encrypted rooms may see that your digital identity was reset", "who verified you have to confirm"]
    {
        assert!(after_a_new_identity()[0].contains(seen), "{seen}");
    }
}

#[test]
fn people_without_any_app_are_told_what_is_safe_what_is_not_and_where_a_key_may_be() {
    let lost = Sentence::of(Verdict::Lost, false);
    assert!(lost.lead.contains("What your backup opens is safe") && lost.lead.contains("no key"));
    for place in ["old phone", "exported keys", "can't be brought back"] {
        assert!(where_keys_may_be().concat().contains(place), "{place}");
    }
    // What this page can still repair is not given up.
    let rooms = vec![RoomCoverage { unopened: 1, mendable: 1, ..room(0) }];
    let harvest = Harvest { survey: seen(rooms), ..*Harvest::new(Visit::new(server(), set_up()), proved()) };
    assert_eq!(Verdict::of(&harvest), Verdict::Gaps);
}

#[test]
fn a_heading_follows_the_messages_whatever_else_is_found() {
    let whole = Some(Coverage { seen: 60, covered: 60, rooms_with_gaps: 0 });
    let none = Some(Coverage { seen: 60, covered: 0, rooms_with_gaps: 3 });
    let dehydrated = |account| Account { dehydrated: true, ..account };
    for (account, coverage, title) in [
        (
            Account { devices: fresh().devices, ..set_up() },
            whole,
            Some("Your key works, but one of your apps"),
        ),
        (Account { devices: fresh().devices, ..set_up() }, none, Some("Not safe yet")),
        (dehydrated(with_app()), none, Some("Not safe yet")),
        (dehydrated(set_up()), none, Some("Safe from now on, but")),
        (dehydrated(set_up()), whole, None),
        (with_app(), whole, None),
    ] {
        let mut found = StoredSecrets::only(StoredIdentity::Fits, fits(true));
        found.coverage = coverage;
        let guide = to_checked(account, opens(found));
        let Step::Findings(step::Findings { visit, diagnosis, .. }) = guide.step() else {
            panic!("{:?}", guide.step())
        };
        let said = Sentence::at_findings(visit, *diagnosis).map(|sentence| sentence.title);
        assert_eq!(said.is_some(), title.is_some(), "{diagnosis:?}");
        assert!(said.unwrap_or_default().starts_with(title.unwrap_or_default()), "{diagnosis:?}: {said:?}");
    }
}
