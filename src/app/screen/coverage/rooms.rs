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
            number::day,
            six_lines::lack_words,
        },
        screen::verify::names::with_comma,
    },
    domain::coverage::{Gap, RoomCoverage},
    guide::{Harvest, Step, step},
    words,
};

/// Number of rooms without gaps that are drawn at first.
const SHOWN: usize = 50;

/// Draws the rooms in which something is missing, and folded the others. `open` keeps what the person has unfolded when
/// the result is drawn anew.
pub(super) fn room_by_room(conductor: Conductor, harvest: &Harvest, open: RwSignal<bool>) -> Vec<AnyView> {
    let [gaps, whole] = [true, false].map(|gaps| rooms(harvest, gaps));
    let mut views = Vec::new();
    if !gaps.is_empty() {
        views.extend([h2(words::coverage_rooms_room_by_room()), list(&gaps)]);
    }
    if !whole.is_empty() {
        let shown = whole.len().min(SHOWN);
        let summary = if gaps.is_empty() {
            words::coverage_rooms_room_by_room()
        } else {
            words::coverage_rooms_rooms_without_gaps()
        };
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
    let text = move || {
        if open.get() {
            words::coverage_rooms_hide_the_others()
        } else {
            words::coverage_rooms_show_the_others()
        }
        .to_owned()
    };
    let turn = Callback::new(move |()| open.update(|open| *open = !*open));
    [
        p(words::coverage_rooms_more_without_gaps(number as u64)),
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
    let title = el("p").child(say("bdi", "host", name));
    let title = if kind.is_empty() { title } else { title.text(" ").child(say("span", "quiet", kind)) };
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
        (true, false) => words::coverage_rooms_direct(),
        (true, true) => words::coverage_rooms_direct_left(),
        (false, true) => words::coverage_rooms_left(),
        (false, false) => "",
    };
    (if room.name.is_empty() { words::coverage_rooms_room_without_a_name() } else { &room.name }, kind)
}

fn state_words(room: &RoomCoverage) -> String {
    let lacking = room.missing + room.unopened;
    let seen = room.covered + lacking;
    let mut sentences = vec![match (seen, room.covered) {
        (0, _) => words::coverage_rooms_no_messages_of_yours_to().to_owned(),
        (_, 0) => words::coverage_rooms_none_has_its_key(seen),
        _ if lacking == 0 => words::coverage_rooms_all_have_their_keys(seen),
        (_, covered) => words::coverage_rooms_some_have_their_keys(covered, seen),
    }];
    if room.unopened > 0 {
        let unopened = room.unopened.saturating_sub(room.mendable);
        sentences.push(lack_words(0, unopened, room.mendable).trim_end().to_owned());
    }
    if room.unknown > 0 {
        sentences.push(words::coverage_rooms_before_joining(room.unknown));
    }
    if room.trouble {
        sentences.push(words::coverage_rooms_not_all_looked_at().to_owned());
    } else if !room.is_whole {
        sentences.push(words::coverage_rooms_goes_further_back().to_owned());
    }
    sentences.join(" ")
}

/// Says from when and by whom the messages are whose keys are missing.
fn gap_words(missing: u64, gap: &Gap) -> AnyView {
    let [from, to] = [gap.from_ms, gap.to_ms].map(day);
    let Some(senders) = senders(gap) else {
        return p(if from == to {
            words::coverage_rooms_gap_on(missing, &from)
        } else {
            words::coverage_rooms_gap_between(missing, &from, &to)
        });
    };
    let parts = if from == to {
        words::coverage_rooms_gap_on_sent_by(missing, &from)
    } else {
        words::coverage_rooms_gap_between_sent_by(missing, &from, &to)
    };
    el("p").sentence(parts, vec![("senders", senders)]).view()
}

/// Names the senders, as a sentence does: "A, B and 2 others"; none if there are none.
fn senders(gap: &Gap) -> Option<AnyView> {
    let named = gap.senders.iter().map(|sender| say("bdi", "", sender.as_str()));
    let named = named.fold(None, |line, sender| Some(with_comma(line, sender)))?.view();
    if gap.more_senders == 0 {
        return Some(named);
    }
    let parts = words::coverage_rooms_and_others(gap.more_senders);
    Some(el("span").sentence(parts, vec![("senders", named)]).view())
}
