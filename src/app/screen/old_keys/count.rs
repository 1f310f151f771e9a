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
};

/// Draws how many keys the backup holds, and how many of them have come.
pub(super) fn count(conductor: Conductor) -> AnyView {
    let number = move || thousands(follow(conductor, 0, |harvest| harvest.arrival.room_keys));
    let came = move || match follow(conductor, 0, Harvest::came) {
        0 => String::new(),
        came => [&*thousands(came), " new ones."].concat(),
    };
    let state = move || {
        follow(conductor, "", |harvest| {
            match (harvest.arrival.trouble.is_some(), harvest.waits(), harvest.came()) {
                _ if harvest.misses_nothing() => "Every message we looked at has its key.",
                (true, ..) => "We can't count just now. Trying again.",
                (_, true, 0) => "Waiting.",
                (_, true, _) => "Waiting for more.",
                (_, false, 0) => "No new ones have come.",
                (_, false, _) => "No more are coming.",
            }
        })
        .to_owned()
    };
    el("section")
        .class("count")
        .attr("aria-label", "Message keys in the backup")
        .child(el("p").class("count-number").live(number).view())
        .child(p("message keys saved"))
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
    let text =
        move || if waits() { ["Ready in ", &as_clock(seconds())].concat() } else { "Go on".to_owned() };
    actions(vec![
        live_button(look, text, waits, conductor.on(|| Input::WentTo(Part::Coverage))),
        at_times(waits, move || go(conductor, Look::Plain, "Go on without waiting", Part::Coverage)),
    ])
}
