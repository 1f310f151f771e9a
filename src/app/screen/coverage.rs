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
            number::{clock, day},
            progress::{is_under_way, progress, stop},
            six_lines::{arrived_words, lack_words},
        },
    },
    domain::{
        coverage::{RoomCoverage, Tally},
        plan::Action,
    },
    guide::{Course, Harvest, Input, Part, Step, done::Arrived, step},
    words,
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
        heading(words::coverage_which_messages_are_safe()),
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
            "looking" => progress(conductor, words::coverage_looking_at_your_rooms(), words::progress_rooms),
            _ => progress(conductor, words::coverage_repairing(), words::progress_keys),
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
                quiet(words::coverage_we_put_entries_of_your())
            }
            _ => quiet(words::coverage_we_open_messages_to_test()),
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
    let mut text = reached(tally.to_beginning, tally.rooms - tally.to_beginning, tally.reached_ms);
    match (survey.more, survey.rests()) {
        (false, _) => {}
        (true, false) => text.extend([" ", words::coverage_still_looking_further_back()]),
        (true, true) => text.extend([" ", words::coverage_looking_further_back_paused()]),
    }
    if let Some(problem) = &survey.trouble {
        text.extend([" ", &*problem.words().title]);
    }
    text
}

/// Says in how many rooms messages were looked at to the beginning, and in how many `others` to which day.
fn reached(to_beginning: u64, others: u64, since_ms: Option<u64>) -> String {
    match (to_beginning, since_ms.map(day)) {
        (0, since) => words::coverage_reach_day(&since.unwrap_or_default(), others),
        (_, Some(since)) => words::coverage_reach_beginning_and_day(to_beginning, &since, others),
        (_, None) if others > 0 => words::coverage_reach_beginning_not_so_far(to_beginning, others),
        (_, None) => words::coverage_reach_beginning(to_beginning),
    }
}

/// Says the result in one sentence.
fn sentence(harvest: &Harvest, looking: bool) -> String {
    let tally = Tally::of(&harvest.survey.rooms);
    if looking {
        words::coverage_we_compare_the_newest_messages().to_owned()
    } else if tally.rooms == 0 {
        let looked = harvest.survey.at_ms.is_some();
        if looked {
            words::coverage_we_found_no_encrypted_room()
        } else {
            words::coverage_we_have_not_looked_at()
        }
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
        Some(at) => p(words::coverage_looked_at_time(&clock(at))),
        None => warning(words::coverage_not_every_room_was_looked().to_owned()),
    }];
    if tally.troubled > 0 {
        views.push(warning(words::coverage_rooms_not_looked_at(tally.troubled)));
    }
    if tally.mendable > 0 {
        views.extend(mending(conductor, harvest));
    }
    if tally.missing + tally.unopened > tally.mendable {
        views.extend(what_helps(conductor, harvest));
    }
    let looked = survey.at_ms.is_some();
    let again = |look| button(look, words::coverage_look_again(), conductor.on(|| Input::WantedNewLook));
    let mut on = vec![onwards(conductor, harvest)];
    if !looked && !has_trouble {
        on.insert(0, again(Look::Primary));
    }
    let mut more = Vec::new();
    if survey.more && survey.rests() {
        more.push(button(
            Look::Plain,
            words::coverage_look_further_back(),
            conductor.on(|| Input::WantedFurther),
        ));
    } else if survey.more {
        more.push(button(Look::Plain, words::coverage_pause(), conductor.on(|| Input::WantedStop)));
    }
    if looked {
        more.push(again(Look::Plain));
    }
    more.push(button(
        Look::Plain,
        words::coverage_save_as_text(),
        Callback::new(move |()| export(conductor)),
    ));
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
        words::coverage_go_on_take_a_copy()
    } else {
        words::coverage_go_on_without_them_take()
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
        (words::coverage_your_server_keeps_some_keys(), words::coverage_make_a_fresh_backup(), || {
            Input::Chose(Action::Rotate)
        })
    } else {
        (words::coverage_an_older_app_left_something(), words::coverage_repair_these_keys(), || {
            Input::WantedMending
        })
    };
    [p(words), actions(vec![button(Look::Primary, text, conductor.on(input))])]
}

/// Draws what could still bring the missing keys.
fn what_helps(conductor: Conductor, harvest: &Harvest) -> Vec<AnyView> {
    // Keys that can be mended have the primary button.
    let look = if harvest.has_mendable() { Look::Plain } else { Look::Primary };
    if !harvest.visit.has_app() {
        let mut views = Vec::from(keys_elsewhere());
        views.push(actions(vec![go(conductor, Look::Plain, words::coverage_import_a_file(), Part::Import)]));
        return views;
    }
    let words = if may_come(harvest) {
        words::coverage_your_app_may_still_be()
    } else {
        words::coverage_your_app_may_still_hold()
    };
    vec![
        p(words),
        actions(vec![
            go(conductor, look, words::coverage_bring_in_more_keys(), Part::OldKeys),
            go(conductor, Look::Plain, words::coverage_import_a_file(), Part::Import),
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
        let at = harvest.survey.at_ms.map(|at| words::coverage_export_day_and_time(&day(at), &clock(at)));
        let at = at.unwrap_or_default();
        let mut text = [&*sentence(harvest, false), "\n", user_id, "\n", &at, "\n"].concat();
        harvest.survey.rooms.iter().for_each(|room| text.push_str(&exported(room)));
        keep::download(&keep::file_name("matrix-coverage", user_id), &text);
    });
}

/// Writes what is known of a room as lines of text.
fn exported(room: &RoomCoverage) -> String {
    let (name, kind) = name(room);
    let mut text = ["\n", name, if kind.is_empty() { "" } else { " " }, kind, "\n"].concat();
    let mut line = |line: &str| text.extend(["  ", line, "\n"]);
    line(&room.room_id);
    line(&words::coverage_export_covered(room.covered));
    line(&words::coverage_export_missing(room.missing));
    line(&words::coverage_export_unknown(room.unknown));
    if room.unopened > 0 {
        line(&lack_words(0, room.unopened.saturating_sub(room.mendable), room.mendable));
    }
    if let Some(gap) = &room.gap {
        let senders = words::list(&gap.senders);
        line(&words::coverage_export_gap(&day(gap.from_ms), &day(gap.to_ms), &senders));
    }
    text
}
