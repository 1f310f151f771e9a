//! Tests the way from "backup is on" to "you're safe", and verification before it or on it.

mod coverage;
mod done;
mod import;
mod old_keys;
mod take_home;
mod verify;

use super::*;

use crate::{
    domain::{
        coverage::Tally,
        key_file::{KeyFileError, LARGEST_FILE},
    },
    guide::done::{Line, Remaining, Standing, Verdict, lines},
};

fn partner() -> Partner {
    Partner { device_id: "PHONE".into(), name: Some("Phone".into()) }
}

fn comparing() -> Verification {
    Verification::Comparing { partner: partner(), shown: shown() }
}

fn talk(talk: Verification) -> Event {
    Event::Verification(talk)
}

/// An event in the present run.
fn now(guide: &Guide, event: Event) -> Input {
    Input::Engine(guide.run(), event)
}

fn hear(guide: &mut Guide, event: Event) -> Vec<Effect> {
    let input = now(guide, event);
    guide.handle(input)
}

fn told(effects: &[Effect]) -> Vec<&Command> {
    fn command(effect: &Effect) -> Option<&Command> {
        match effect {
            Effect::Tell(_, command) | Effect::Estimate { judge: command, .. } => Some(command),
            _ => None,
        }
    }
    effects.iter().filter_map(command).collect()
}

/// An account whose identity and backup only the open app can open.
fn app_only() -> Account {
    Account { devices: with_app().devices, ..orphaned() }
}

fn to_verify() -> Guide {
    let mut guide = to_findings(app_only());
    guide.handle(Input::Chose(Action::Verify));
    guide
}

fn to_old_keys() -> Guide {
    let mut guide = to_writing();
    guide.handle(engine(Event::SetUpDone(proved())));
    guide
}

fn to_part(part: Part) -> Guide {
    let mut guide = to_old_keys();
    guide.handle(Input::WentTo(part));
    guide
}

fn harvest_of(guide: &Guide) -> &Harvest {
    match guide.step() {
        Step::OldKeys(step::OldKeys { harvest, .. })
        | Step::Import(step::Import { harvest, .. })
        | Step::Coverage(step::Coverage { harvest, .. })
        | Step::TakeHome(step::TakeHome { harvest, .. })
        | Step::Done(step::Done { harvest, .. }) => harvest,
        step => panic!("{step:?}"),
    }
}

fn seen_at(at_ms: u64) -> Event {
    Event::Covered { at_ms, etag: "5".into() }
}

/// Goes the whole way to safety, except for the part that `left_out` names.
fn safe_but_for(left_out: Option<Line>) -> Guide {
    let mut guide = to_part(Part::Coverage);
    let missing = u64::from(left_out == Some(Line::KeysArrived));
    hear(&mut guide, Event::RoomCovered(room(missing)));
    hear(&mut guide, seen_at(7));
    if left_out != Some(Line::CopyOffered) {
        guide.handle(Input::WentTo(Part::TakeHome));
        guide.handle(Input::WentOn);
    } else {
        guide.handle(Input::WentTo(Part::Done));
    }
    if left_out != Some(Line::KeyOpens) {
        hear(&mut guide, Event::Checked(checked()));
    }
    // The app's room keys have come, and none since.
    for _ in 0..9 {
        guide.handle(Input::TimePassed);
        hear(&mut guide, counted(5));
    }
    guide
}

#[test]
fn going_back_leads_to_where_the_person_was_before() {
    let on = |guide: &Guide| guide.step().name();
    // From the findings straight to the messages, and back.
    let mut guide = to_checked(with_app(), opens_all());
    let begins = on(&guide);
    guide.handle(Input::Chose(Action::Cover));
    assert_eq!(on(&guide), "coverage");
    hear(&mut guide, seen_at(7));
    // From there to the other keys, and back; then a copy, and back.
    for (part, name) in [(Part::OldKeys, "old-keys"), (Part::Import, "import"), (Part::TakeHome, "take-home")]
    {
        guide.handle(Input::WentTo(part));
        assert_eq!(on(&guide), name);
        guide.handle(Input::WentBack);
        assert_eq!(on(&guide), "coverage", "back from {name}");
    }
    // Whoever goes in a circle goes back out of it, and not around it.
    for part in [Part::OldKeys, Part::Import, Part::OldKeys, Part::Coverage] {
        guide.handle(Input::WentTo(part));
    }
    guide.handle(Input::WentBack);
    assert_eq!(on(&guide), begins);
}
