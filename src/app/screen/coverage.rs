//! The messages whose keys are in the backup, room by room.

mod rooms;

use leptos::prelude::*;

use self::rooms::{name, room_by_room};
use super::{old_keys::go, try_again};
use crate::{
    app::{
        conductor::Conductor,
        keep,
        part::{
            button::{Look, actions, button},
            element::{all, el, keyed, p, quiet},
            heading::heading,
            keys_elsewhere::keys_elsewhere,
            number::{clock, count, day, thousands},
            progress::{is_under_way, progress, stop},
            six_lines::{arrived_words, lack_words},
        },
    },
    domain::{coverage::Tally, plan::Action},
    guide::{Course, Harvest, Input, Part, Step, done::Arrived, step},
};

/// Shows the progress of looking, then the result: one sentence, then the rooms, those with gaps first.
pub fn screen(conductor: Conductor) -> AnyView {
    let sentence = move || {
        conductor.ask(String::new(), |step| match step {
            Step::Coverage(step::Coverage { harvest, course }) => {
                Some(sentence(harvest, course.is_running()))
            }
            _ => None,
        })
    };
    // A number that grows by the second would be read out again and again.
    let hushed = move || {
        conductor.ask(None, |step| match step {
            Step::Coverage(step::Coverage { harvest, course }) if !course.is_running() => {
                Some((harvest.survey.more && !harvest.survey.rests()).then_some("off"))
            }
            _ => None,
        })
    };
    let reach = move || {
        conductor.ask(String::new(), |step| match step {
            Step::Coverage(step::Coverage { harvest, course }) if !course.is_running() => {
                Some(reach_words(harvest))
            }
            _ => None,
        })
    };
    all(vec![
        heading("Which messages are safe?"),
        el("p").class("lead").attr("role", "status").live_attr("aria-live", hushed).live(sentence).view(),
        under_way(conductor),
        el("p").live(reach).view(),
        seen(conductor),
    ])
}

/// Draws the progress of looking, or of mending.
fn under_way(conductor: Conductor) -> AnyView {
    let what = move || match (is_under_way(conductor), mends(conductor)) {
        (false, _) => "",
        (true, false) => "looking",
        (true, true) => "mending",
    };
    let draw = move || {
        let shown = match what() {
            "" => return all(Vec::new()),
            "looking" => progress(conductor, "Looking at your rooms", "rooms"),
            _ => progress(conductor, "Repairing", "keys"),
        };
        all(vec![shown, stop(conductor, "")])
    };
    keyed(move || what().to_owned(), draw)
}

/// Draws the result when looking is over, and again when a look further back finds something missing; not with every
/// room.
fn seen(conductor: Conductor) -> AnyView {
    let key = move || {
        conductor.ask("looking".to_owned(), |step| match step {
            Step::Coverage(step::Coverage { harvest, course }) if !course.is_running() => {
                let survey = &harvest.survey;
                let Tally { missing, unopened, .. } = Tally::of(&survey.rooms);
                let flags = [survey.more, survey.rests(), course.trouble().is_some(), may_come(harvest)]
                    .map(u64::from);
                let state = [&[missing, unopened][..], &flags].concat();
                Some(state.iter().map(u64::to_string).collect::<Vec<_>>().join(" "))
            }
            _ => None,
        })
    };
    let open = RwSignal::new(false);
    let draw = move || {
        conductor.peek(|guide| match guide.step() {
            Step::Coverage(step::Coverage { harvest, course }) if !course.is_running() => {
                let mut views = result(conductor, harvest, course.trouble().is_some(), open);
                if let Some(problem) = course.trouble() {
                    views.insert(0, try_again(conductor, problem));
                }
                all(views)
            }
            Step::Coverage(step::Coverage { course: Course::Running(work), .. }) if work.mends => {
                quiet("We put entries of your backup back whole. No key is deleted.")
            }
            _ => quiet("We open messages to test their keys, and keep nothing."),
        })
    };
    keyed(key, draw)
}

/// Says how far back messages were looked at, and whether that goes on.
pub fn reach_words(harvest: &Harvest) -> String {
    let survey = &harvest.survey;
    let tally = Tally::of(&survey.rooms);
    if survey.at_ms.is_none() || tally.to_beginning == 0 && tally.reached_ms.is_none() {
        return String::new();
    }
    let further = tally.rooms - tally.to_beginning;
    let mut text = "We looked back to ".to_owned();
    if tally.to_beginning > 0 {
        text.extend(["the beginning of ", &*count(tally.to_beginning, "room")]);
    }
    if let Some(since) = tally.reached_ms {
        let and = if tally.to_beginning > 0 { ", and back to " } else { "" };
        text.extend([and, &*day(since), " in ", &*count(further, "room")]);
    } else if further > 0 {
        text.extend([", but not so far in ", &*count(further, "room")]);
    }
    text.push_str(match (survey.more, survey.rests()) {
        (false, _) => ".",
        (true, false) => ". We're still looking further back.",
        (true, true) => ". Looking further back is paused.",
    });
    if let Some(problem) = &survey.trouble {
        text.extend([" ", &*problem.words().title]);
    }
    text
}

/// Says the result in one sentence.
fn sentence(harvest: &Harvest, looking: bool) -> String {
    let tally = Tally::of(&harvest.survey.rooms);
    if looking {
        "We compare the newest messages of each room with your backup.".to_owned()
    } else if tally.rooms == 0 {
        let looked = harvest.survey.at_ms.is_some();
        if looked { "We found no encrypted room." } else { "We have not looked at your rooms yet." }
            .to_owned()
    } else {
        arrived_words(Arrived::seen(tally), false)
    }
}

fn result(conductor: Conductor, harvest: &Harvest, has_trouble: bool, open: RwSignal<bool>) -> Vec<AnyView> {
    let survey = &harvest.survey;
    let tally = Tally::of(&survey.rooms);
    let warning = |text: String| el("p").class("warning").text(text).view();
    let mut views = vec![match survey.at_ms {
        Some(at) => p(["Looked at ", &*clock(at), "."].concat()),
        None => warning("Not every room was looked at. Look again to see all.".to_owned()),
    }];
    if tally.troubled > 0 {
        views.push(warning([&*count(tally.troubled, "room"), " could not be looked at."].concat()));
    }
    if tally.mendable > 0 {
        views.extend(mending(conductor, harvest));
    }
    if tally.missing + tally.unopened > tally.mendable {
        views.extend(what_helps(conductor, harvest));
    }
    let looked = survey.at_ms.is_some();
    let again = |look| button(look, "Look again", conductor.on(|| Input::WantedNewLook));
    let mut on = vec![onwards(conductor, harvest)];
    if !looked && !has_trouble {
        on.insert(0, again(Look::Primary));
    }
    let mut more = Vec::new();
    if survey.more && survey.rests() {
        more.push(button(Look::Plain, "Look further back", conductor.on(|| Input::WantedFurther)));
    } else if survey.more {
        more.push(button(Look::Plain, "Pause", conductor.on(|| Input::WantedStop)));
    }
    if looked {
        more.push(again(Look::Plain));
    }
    more.push(button(Look::Plain, "Save as text", Callback::new(move |()| export(conductor))));
    views.push(actions(on));
    views.extend(room_by_room(conductor, harvest, open));
    views.push(actions(more));
    views
}

/// Draws the button that leads on. It is the primary one if nothing better can be done here.
fn onwards(conductor: Conductor, harvest: &Harvest) -> AnyView {
    let tally = Tally::of(&harvest.survey.rooms);
    let looked = harvest.survey.at_ms.is_some();
    let text = if tally.missing + tally.unopened == 0 {
        "Go on: take a copy home"
    } else {
        "Go on without them: take a copy home"
    };
    let is_beyond_help = !harvest.visit.has_app() && tally.mendable == 0;
    let look = if looked && (tally.has_no_gaps() || is_beyond_help) { Look::Primary } else { Look::Plain };
    go(conductor, look, text, Part::TakeHome)
}

/// Tells whether keys are being mended, rather than looked at.
fn mends(conductor: Conductor) -> bool {
    conductor.ask(false, |step| match step {
        Step::Coverage(step::Coverage { course: Course::Running(work), .. }) => Some(work.mends),
        _ => None,
    })
}

/// Draws what can be done about keys that only this page can read.
fn mending(conductor: Conductor, harvest: &Harvest) -> [AnyView; 2] {
    let (words, text, input): (_, _, fn() -> Input) = if harvest.needs_fresh_backup() {
        (
            "Your server keeps some keys as they were. A fresh backup has them in a form that every app can read.",
            "Make a fresh backup",
            || Input::Chose(Action::Rotate),
        )
    } else {
        (
            "An older app left something out when it saved these keys. We can add that. No key is changed or deleted.",
            "Repair these keys",
            || Input::WantedMending,
        )
    };
    [p(words), actions(vec![button(Look::Primary, text, conductor.on(input))])]
}

/// Draws what could still bring the missing keys.
fn what_helps(conductor: Conductor, harvest: &Harvest) -> Vec<AnyView> {
    // Keys that can be mended have the primary button.
    let look = if harvest.has_mendable() { Look::Plain } else { Look::Primary };
    if !harvest.visit.has_app() {
        let mut views = Vec::from(keys_elsewhere());
        views.push(actions(vec![go(conductor, Look::Plain, "Import a file", Part::Import)]));
        return views;
    }
    let words = if may_come(harvest) {
        "Your app may still be uploading them. Keep it open: we compare again in a few seconds."
    } else {
        "Your app may still hold them. Bring in its keys before you sign out of it."
    };
    vec![
        p(words),
        actions(vec![
            go(conductor, look, "Bring in more keys", Part::OldKeys),
            go(conductor, Look::Plain, "Import a file", Part::Import),
        ]),
    ]
}

/// Tells whether an app that was given the key may still be sending keys.
fn may_come(harvest: &Harvest) -> bool {
    harvest.compared_with.is_some() && harvest.waits()
}

/// Downloads the same as text, which the person may keep or send.
fn export(conductor: Conductor) {
    conductor.peek(|guide| {
        let Step::Coverage(step::Coverage { harvest, .. }) = guide.step() else { return };
        let user_id = &harvest.visit.account.user_id;
        let at = harvest.survey.at_ms.map(|at| [&*day(at), ", ", &clock(at)].concat()).unwrap_or_default();
        let mut text = [&*sentence(harvest, false), "\n", user_id, "\n", &at, "\n"].concat();
        for room in &harvest.survey.rooms {
            let (name, kind) = name(room);
            text.extend(["\n", name, kind, "\n  ", &room.room_id, "\n  have their keys: "]);
            let (covered, missing) = (thousands(room.covered), thousands(room.missing));
            text.extend([&covered, "\n  lack their keys: ", &missing, "\n  from before you joined: "]);
            text.extend([&thousands(room.unknown), "\n"]);
            if room.unopened > 0 {
                text.extend([
                    "  ",
                    &lack_words(0, room.unopened.saturating_sub(room.mendable), room.mendable),
                    "\n",
                ]);
            }
            if let Some(gap) = &room.gap {
                let senders = gap.senders.join(", ");
                text.extend(["  ", &day(gap.from_ms), " to ", &day(gap.to_ms), ", sent by ", &senders, "\n"]);
            }
        }
        keep::download(&keep::file_name("matrix-coverage", user_id), &text);
    });
}
