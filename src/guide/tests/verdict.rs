//! Tests what the last screens may say, for every combination of what was seen.

use super::*;
use crate::{
    domain::coverage::Tally,
    guide::done::{Arrived, Copy, Line, Reach, Remaining, Standing, Verdict, lines},
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

fn for_every_harvest(mut check: impl FnMut(&str, &Harvest)) {
    let account = set_up();
    let visit = Visit::new(server(), Account { devices: fresh().devices, ..account });
    let left_over = vec![Device { device_id: "OLD".into(), name: None, verified: false }];
    for (name, survey) in surveys() {
        for copy in copies() {
            for checked in
                [None, Some(checked()), Some(Checked { left_over: left_over.clone(), ..checked() })]
            {
                for still_ms in [0, 90_000] {
                    let arrival = Arrival { etag: "5".into(), still_ms, ..Arrival::default() };
                    let harvest = Harvest {
                        survey: survey.clone(),
                        copy: copy.clone(),
                        checked: checked.clone(),
                        arrival,
                        ..*Harvest::new(visit.clone(), proved())
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
            assert!(!harvest.has_to_look() && harvest.arrival.is_resting(), "{name}");
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
        assert!(!verdict.is_safe() || harvest.checked.is_some());
        let gaps = matches!(arrived, Arrived::Lacking { .. }) && harvest.checked.is_some();
        assert_eq!(verdict == Verdict::Gaps, gaps, "{name}");
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
    let all = ["Almost", "Gaps", "Unchecked", "Untidy"].map(str::to_owned);
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
