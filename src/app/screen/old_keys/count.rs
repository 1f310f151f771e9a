//! The number of keys in the backup, as it grows, and the button that says when it will be ready.

use leptos::prelude::*;

use super::{follow, go};
use crate::{
    app::{
        conductor::Conductor,
        part::{
            button::{Look, actions, live_button},
            countdown::{as_clock, seconds_until},
            element::{at_times, el, p, status},
            number::thousands,
        },
    },
    guide::{Harvest, Input, Part},
    words,
};

/// Draws how many keys the backup holds, and how many of them have come.
pub(super) fn count(conductor: Conductor) -> AnyView {
    let number = move || thousands(follow(conductor, 0, |harvest| harvest.arrival.room_keys));
    let came = move || match follow(conductor, 0, Harvest::came) {
        0 => String::new(),
        came => words::old_keys_count_new_ones(came),
    };
    let state = move || {
        follow(conductor, "", |harvest| {
            match (harvest.arrival.trouble.is_some(), harvest.waits(), harvest.came()) {
                _ if harvest.misses_nothing() => words::old_keys_count_every_message_we_looked_at(),
                (true, ..) => words::old_keys_count_we_cant_count_just_now(),
                (_, true, 0) => words::old_keys_count_waiting(),
                (_, true, _) => words::old_keys_count_waiting_for_more(),
                (_, false, 0) => words::old_keys_count_no_new_ones_have_come(),
                (_, false, _) => words::old_keys_count_no_more_are_coming(),
            }
        })
        .to_owned()
    };
    el("section")
        .class("count")
        .attr("aria-label", words::old_keys_count_message_keys_in_the_backup())
        .child(el("p").class("count-number").live(number).view())
        .child(p(words::old_keys_count_message_keys_saved()))
        .child(status(state))
        .child(el("p").class("quiet").live(came).view())
        .view()
}

/// Draws the button that leads on, which counts down until no more keys are expected, and one that does not wait.
pub(super) fn go_on(conductor: Conductor, look: Look) -> AnyView {
    let left_ms = move || follow(conductor, 0, Harvest::left_ms);
    let waits = move || left_ms() > 0;
    let left = seconds_until(move || (left_ms().into(), follow(conductor, 0, Harvest::came)));
    // The page concludes by its counts, which may be a little later than the clock. A picture's clock stands still.
    let seconds = move || if conductor.is_still() { left_ms() / 1_000 } else { left.get().max(1) };
    let text = move || {
        if waits() {
            words::old_keys_count_ready_in(&as_clock(seconds()))
        } else {
            words::old_keys_count_go_on().to_owned()
        }
    };
    actions(vec![
        live_button(look, text, waits, conductor.on(|| Input::WentTo(Part::Coverage))),
        at_times(waits, move || {
            go(conductor, Look::Plain, words::old_keys_count_go_on_without_waiting(), Part::Coverage)
        }),
    ])
}
