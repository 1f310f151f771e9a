//! The rooms one by one, those with gaps first.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event};

use crate::{
    app::{
        conductor::Conductor,
        part::{
            button::{Look, live_button},
            element::{all, at_times, el, h2, p, say},
            number::{count, day, thousands},
            six_lines::lack_words,
        },
    },
    domain::coverage::{Gap, RoomCoverage},
    guide::{Harvest, Step, step},
};

/// Number of rooms without gaps that are drawn at first.
const SHOWN: usize = 50;

/// Draws the rooms in which something is missing, and folded the others. `open` keeps what the person has unfolded when
/// the result is drawn anew.
pub(super) fn room_by_room(conductor: Conductor, harvest: &Harvest, open: RwSignal<bool>) -> Vec<AnyView> {
    let [gaps, whole] = [true, false].map(|gaps| rooms(harvest, gaps));
    let mut views = Vec::new();
    if !gaps.is_empty() {
        views.extend([h2("Room by room"), list(&gaps)]);
    }
    if !whole.is_empty() {
        let shown = whole.len().min(SHOWN);
        let summary = if gaps.is_empty() { "Room by room" } else { "Rooms without gaps" };
        // `toggle` comes a moment after the click, and the result may be drawn anew in between.
        let clicked = move |_: Event| open.update(|open| *open = !*open);
        let summary = el("summary").on("click", clicked).text(summary).view();
        let mut folded = vec![summary, list(whole.get(..shown).unwrap_or_default())];
        if whole.len() > shown {
            folded.extend(others(conductor, whole.len() - shown));
        }
        let details = el("details").on("toggle", move |event| open.set(is_open(&event))).all(folded);
        views.push(if open.get_untracked() { details.attr("open", "") } else { details }.view());
    }
    views
}

fn is_open(event: &Event) -> bool {
    let details = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    details.is_some_and(|details| details.has_attribute("open"))
}

/// Draws the other rooms once they are wanted: an account may have hundreds.
fn others(conductor: Conductor, number: usize) -> [AnyView; 3] {
    let open = RwSignal::new(false);
    let draw = move || {
        conductor.peek(|guide| match guide.step() {
            Step::Coverage(step::Coverage { harvest, .. }) => {
                list(rooms(harvest, false).get(SHOWN..).unwrap_or_default())
            }
            _ => all(Vec::new()),
        })
    };
    let text = move || if open.get() { "Hide the others" } else { "Show the others" }.to_owned();
    let turn = Callback::new(move |()| open.update(|open| *open = !*open));
    [
        p([&*count(number as u64, "more room"), " without gaps."].concat()),
        live_button(Look::Plain, text, || false, turn),
        at_times(move || open.get(), draw),
    ]
}

/// Returns the rooms in which something is missing; with `gaps` false, the others.
fn rooms(harvest: &Harvest, gaps: bool) -> Vec<&RoomCoverage> {
    let has_gap = |room: &&RoomCoverage| (room.missing + room.unopened > 0 || room.trouble) == gaps;
    harvest.survey.rooms.iter().filter(has_gap).collect()
}

fn list(rooms: &[&RoomCoverage]) -> AnyView {
    if rooms.is_empty() {
        return all(Vec::new());
    }
    el("ul").class("rooms").all(rooms.iter().map(|room| one(room)).collect()).view()
}

fn one(room: &RoomCoverage) -> AnyView {
    let (name, kind) = name(room);
    let lacking = room.missing + room.unopened;
    let seen = room.covered + lacking;
    let title = el("p").child(say("bdi", "host", name)).child(say("span", "quiet", kind));
    let mut lines = vec![title.view()];
    if seen > 0 {
        // The text beside it says the same.
        let bar = el("meter")
            .attr("aria-hidden", "true")
            .attr("max", seen.to_string())
            .attr("low", seen.to_string())
            .attr("optimum", seen.to_string())
            .attr("value", room.covered.to_string());
        lines.push(bar.view());
    }
    lines.push(p(state_words(room)));
    if let Some(gap) = &room.gap {
        lines.push(gap_words(room.missing, gap));
    }
    el("li").class(if lacking > 0 { "gap" } else { "" }).all(lines).view()
}

/// Returns the room's name, and a note on a direct chat or a room that was left.
pub(super) fn name(room: &RoomCoverage) -> (&str, &'static str) {
    let kind = match (room.is_direct, room.is_left) {
        (true, false) => " (direct chat)",
        (true, true) => " (direct chat, left)",
        (false, true) => " (left)",
        (false, false) => "",
    };
    (if room.name.is_empty() { "Room without a name" } else { &room.name }, kind)
}

fn state_words(room: &RoomCoverage) -> String {
    let lacking = room.missing + room.unopened;
    let seen = room.covered + lacking;
    let mut text = match (seen, room.covered) {
        (0, _) => "No messages of yours to read here.".to_owned(),
        (1, 1) => "The 1 message has its key.".to_owned(),
        (1, 0) => "The 1 message has no key that an app can read.".to_owned(),
        (_, 0) => ["None of the ", &thousands(seen), " messages has a key that an app can read."].concat(),
        (_, 1) => ["1 of ", &thousands(seen), " messages has its key."].concat(),
        _ if lacking == 0 => ["All ", &thousands(seen), " messages have their keys."].concat(),
        (_, covered) => {
            [&*thousands(covered), " of ", &thousands(seen), " messages have their keys."].concat()
        }
    };
    if room.unopened > 0 {
        text = [
            &*text,
            " ",
            lack_words(0, room.unopened.saturating_sub(room.mendable), room.mendable).trim_end(),
        ]
        .concat();
    }
    if room.unknown > 0 {
        text = [&*text, " ", &thousands(room.unknown), " from before you joined."].concat();
    }
    if room.trouble {
        text.push_str(" We could not look at all of it.");
    } else if !room.is_whole {
        text.push_str(" It goes further back.");
    }
    text
}

/// Says from when and by whom the messages are whose keys are missing.
fn gap_words(missing: u64, gap: &Gap) -> AnyView {
    let [from, to] = [gap.from_ms, gap.to_ms].map(day);
    let when = if from == to { ["on ", &from].concat() } else { ["from ", &from, " to ", &to].concat() };
    let mut line = el("p").text(["Missing ", &thousands(missing), ", ", &when].concat());
    for (at, sender) in gap.senders.iter().enumerate() {
        line = line.text(if at == 0 { ", sent by " } else { ", " }).child(say("bdi", "", sender.as_str()));
    }
    if gap.more_senders > 0 {
        line = line.text([" and ", &count(gap.more_senders, "other")].concat());
    }
    line.text(".").view()
}
