//! The last screen: what is safe now, and what is not.

use std::cell::Cell;

use leptos::prelude::*;

use super::{coverage::reach_words, findings::device_name, old_keys::go, try_again};
use crate::{
    app::{
        conductor::Conductor,
        keep,
        part::{
            button::{Look, actions, button},
            element::{all, el, h2, keyed, p, quiet, say, working},
            heading::live_heading,
            illustration::{TICK, picture},
            keys_elsewhere::keys_elsewhere,
            kit::{name, sheet},
            proof::{self, ask_proof},
            six_lines::six_lines,
        },
    },
    domain::{coverage::Tally, kit::Kit},
    guide::{
        Harvest, Input, Part, Removal, Step,
        done::{Copy, Remaining, Standing, Verdict, lines},
        step,
        verdict::{Sentence, coming_words},
    },
    words,
};

/// Data of the step from which the parts of this screen are drawn; the last says whether something has failed.
type Seen<'a> = (&'a Harvest, &'a Removal, Option<&'a Kit>, bool);

fn seen(step: &Step) -> Option<Seen<'_>> {
    let Step::Done(step::Done { harvest, removal, kit, trouble, .. }) = step else { return None };
    Some((harvest, removal, kit.as_ref(), trouble.is_some()))
}

/// Draws a part of this screen, and anew when its key changes.
fn follow(conductor: Conductor, key: fn(Seen) -> String, draw: fn(Conductor, Seen) -> AnyView) -> AnyView {
    let key = move || conductor.read(|guide| seen(guide.step()).map(key).unwrap_or_default());
    let draw = move || {
        conductor
            .peek(|guide| seen(guide.step()).map_or_else(|| all(Vec::new()), |seen| draw(conductor, seen)))
    };
    keyed(key, draw)
}

/// Shows the conclusion and the way out; the six lines in the open if one of them needs the person. What to take away
/// stands on the screen after it.
pub fn screen(conductor: Conductor) -> AnyView {
    let head = move || conductor.ask("", |step| seen(step).map(|(harvest, ..)| news(harvest)[0]));
    let lead = move || conductor.ask("", |step| seen(step).map(|(harvest, ..)| news(harvest)[1])).to_owned();
    let trouble = move || conductor.trouble();
    let trouble_key = move || trouble().map(|problem| problem.words().title).unwrap_or_default();
    let trouble_view =
        move || trouble().map_or_else(|| all(Vec::new()), |problem| try_again(conductor, &problem));
    let folded = el("details")
        .child(say("summary", "", words::done_your_kit_on_paper()))
        .child(follow(conductor, print_key, print));
    // Whoever comes back to the kit finds it in sight, and on paper.
    let is_shown = conductor.ask(false, |step| seen(step).map(|(_, _, kit, _)| kit.is_some()));
    let on_paper = if is_shown { folded.attr("open", "") } else { folded };
    all(vec![
        follow(conductor, |(harvest, ..)| is_safe(harvest).to_string(), success),
        live_heading(head),
        el("p").class("lead").attr("role", "status").live(lead).view(),
        keyed(trouble_key, trouble_view),
        follow(conductor, lines_key, six),
        follow(conductor, |(harvest, ..)| is_beyond_apps(harvest).to_string(), elsewhere),
        follow(conductor, left_over_key, left_over),
        way_out(conductor),
        on_paper.view(),
    ])
}

fn is_safe(harvest: &Harvest) -> bool {
    Verdict::of(harvest).is_safe()
}

/// Draws the sign of success above the heading.
fn success(_: Conductor, (harvest, ..): Seen) -> AnyView {
    if is_safe(harvest) { el("p").class("success").child(picture(&TICK)).view() } else { all(Vec::new()) }
}

/// Tells whether the end is what comes next: nothing is left that the person, an app or this page has to do before.
fn ends_here((harvest, removal, _, has_failed): Seen) -> bool {
    let is_over = matches!(Verdict::of(harvest), Verdict::Safe(_) | Verdict::Lost | Verdict::Untidy);
    is_over && !matches!(removal, Removal::Proof(_)) && !has_failed
}

/// Draws the button that signs out. It is the primary one if the end comes next.
fn way_out(conductor: Conductor) -> AnyView {
    let is_first = move || conductor.ask(false, |step| seen(step).map(ends_here));
    let has_app =
        move || conductor.ask(false, |step| seen(step).map(|(harvest, ..)| harvest.visit.has_app()));
    let draw = move || {
        let look = if is_first() { Look::Primary } else { Look::Plain };
        all(vec![
            actions(vec![button(
                look,
                words::signing_out_sign_out_here(),
                conductor.on(|| Input::WantedSignOut),
            )]),
            quiet(if has_app() {
                words::done_this_page_leaves_your_account()
            } else {
                words::done_this_page_leaves_your_account_2()
            }),
        ])
    };
    keyed(move || is_first().to_string(), draw)
}

/// Returns the heading, and the sentence below it.
fn news(harvest: &Harvest) -> [&'static str; 2] {
    let verdict = Verdict::of(harvest);
    let Sentence { title, lead } = Sentence::of(verdict, harvest.visit.has_app());
    // No line needs the person where the page only waits for keys.
    let waits = verdict == Verdict::Almost && !needs_the_person(harvest);
    [title, if waits { coming_words(true) } else { lead }]
}

/// Says where missing keys may still be, to people whom no app can help.
fn elsewhere(_: Conductor, (harvest, ..): Seen) -> AnyView {
    all(if is_beyond_apps(harvest) { keys_elsewhere().into() } else { Vec::new() })
}

fn is_beyond_apps(harvest: &Harvest) -> bool {
    Verdict::of(harvest) == Verdict::Lost
}

/// Returns the key of the six lines, which are drawn anew when it changes.
fn lines_key((harvest, .., has_failed): Seen) -> String {
    let open = lines(harvest, false).map(|(_, standing)| match standing {
        Standing::Green => 'g',
        Standing::Noted => 'n',
        Standing::Unknown => 'u',
        Standing::Open(remaining) => char::from(b'0' + remaining as u8),
    });
    let at = harvest.checked().map_or(0, |checked| checked.at_ms / 60_000);
    let Tally { rooms, covered, missing, unopened, mendable, unknown, .. } = Tally::of(&harvest.survey.rooms);
    let looked_at = harvest.survey.at_ms.map_or(0, |at_ms| at_ms / 60_000);
    let seen = [at, looked_at, rooms, covered, missing, unopened, mendable, unknown];
    let reach = reach_words(harvest);
    let state = open.iter().collect::<String>();
    [state, has_failed.to_string(), seen.map(|number| number.to_string()).join(" "), reach].concat()
}

fn six(conductor: Conductor, now: Seen) -> AnyView {
    let (harvest, .., has_failed) = now;
    let has_app = harvest.visit.has_app();
    // The first thing that is left to do is the one to press.
    let has_first = Cell::new(ends_here(now) || has_failed);
    let remedy = |remaining| {
        let (text, part) = match remaining {
            Remaining::Wait => (words::done_see_the_keys_arrive(), Part::OldKeys),
            Remaining::Look => (words::done_look_at_my_messages(), Part::Coverage),
            Remaining::BringKeys if !has_app => (words::done_import_a_file(), Part::Import),
            Remaining::BringKeys => (words::done_bring_in_more_keys(), Part::OldKeys),
            Remaining::Mend => (words::done_repair_these_keys(), Part::Coverage),
            Remaining::TakeCopy => (words::done_take_a_copy_home(), Part::TakeHome),
            // Both have their place below the lines.
            Remaining::RemoveLeftOver | Remaining::SignOut => return None,
        };
        let is_first = remaining != Remaining::Wait && !has_first.replace(true);
        let look = if is_first { Look::Primary } else { Look::Plain };
        Some(go(conductor, look, text, part))
    };
    let lines = all(vec![six_lines(harvest, false, Some(&remedy)), say("p", "quiet", reach_words(harvest))]);
    if needs_the_person(harvest) {
        lines
    } else {
        el("details").child(say("summary", "", words::done_what_we_checked())).child(lines).view()
    }
}

/// Tells whether one of the lines has something to do. The page waits for keys, and signs itself out, by itself.
fn needs_the_person(harvest: &Harvest) -> bool {
    lines(harvest, false).into_iter().any(|(_, standing)| match standing {
        Standing::Open(remaining) => !matches!(remaining, Remaining::Wait | Remaining::SignOut),
        Standing::Green | Standing::Noted | Standing::Unknown => false,
    })
}

fn left_over_key((harvest, removal, ..): Seen) -> String {
    let left: &[_] = harvest.checked().map_or(&[], |checked| &checked.left_over);
    let state = match removal {
        Removal::Offered => String::new(),
        Removal::Running => "asked".to_owned(),
        Removal::Proof(asked) => proof::key(asked),
    };
    let ids: Vec<_> = left.iter().map(|device| device.device_id.as_str()).collect();
    if ids.is_empty() { String::new() } else { [ids.join(" "), state].concat() }
}

/// Draws the devices that earlier visits left behind.
fn left_over(conductor: Conductor, (harvest, removal, ..): Seen) -> AnyView {
    let left: &[_] = harvest.checked().map_or(&[], |checked| &checked.left_over);
    if left.is_empty() {
        return all(Vec::new());
    }
    let names = left.iter().map(|device| {
        let (name, id) = (say("bdi", "host", device_name(device)), say("bdi", "", &*device.device_id));
        el("li").sentence(words::done_device(), vec![("name", name), ("id", id)]).view()
    });
    let ask = match removal {
        Removal::Offered => actions(vec![button(
            Look::Plain,
            words::done_remove_them(),
            conductor.on(|| Input::WantedRemoval),
        )]),
        Removal::Running => working(words::done_removing_them()),
        Removal::Proof(asked) => ask_proof(
            conductor,
            &harvest.visit,
            words::proof_before_devices(),
            asked,
            Some(words::done_cancel()),
        ),
    };
    all(vec![
        h2(words::done_left_over_from_earlier_visits()),
        p(words::done_they_have_the_name_of()),
        el("ul").class("plain").all(names.collect()).view(),
        ask,
    ])
}

fn print_key((harvest, _, kit, _): Seen) -> String {
    let copied = Copy::of(harvest).has_keys();
    kit.map_or_else(String::new, |_| copied.to_string())
}

fn print(conductor: Conductor, (harvest, _, kit, _): Seen) -> AnyView {
    match kit {
        None => all(vec![
            p(words::done_one_sheet_with_your_recovery()),
            actions(vec![button(Look::Plain, words::done_show_the_kit(), conductor.on(|| Input::WantedKit))]),
        ]),
        Some(kit) => all(vec![
            p(words::done_this_is_the_kit(&name(kit))),
            actions(vec![button(
                Look::Plain,
                words::done_print_the_kit(),
                Callback::new(move |()| {
                    keep::print();
                }),
            )]),
            sheet(&harvest.visit, kit, harvest.proved().phrase_opens, Copy::of(harvest).has_keys(), true),
        ]),
    }
}
