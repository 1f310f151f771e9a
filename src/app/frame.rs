//! The frame around every screen: the list of steps, the way back, and the servers that the page can reach.

use leptos::prelude::*;

use super::{
    conductor::Conductor,
    history, language,
    later::{self, Later},
    part::{
        button::{Look, button},
        element::{all, at_times, el, keyed, say},
        footer::footer,
        illustration::{KEY, picture},
        step_list::step_list,
    },
    screen,
};
use crate::{
    domain::config::Config,
    guide::{Guide, Step},
    words,
};

/// The frame with the present screen in it.
#[component]
pub fn Frame(
    /// The handle on the guide.
    conductor: Conductor,
) -> AnyView {
    keyed(|| language::times_changed().to_string(), move || draw_frame(conductor))
}

fn draw_frame(conductor: Conductor) -> AnyView {
    let name = move || conductor.read(|guide| guide.step().name());
    // Only another place draws the screen anew. At the same place it follows its own data, and keeps the focus.
    let place = move || {
        let (name, again) = conductor.read(|guide| guide.step().place());
        [name, &again.to_string()].concat()
    };
    // Nothing is before the first screen, and nothing locked; only the second part knows the others.
    let can_go_back =
        move || conductor.read(|guide| later::get().is_some_and(|later| (later.can_go_back)(guide)));
    let back = Callback::new(move |()| history::go_back(conductor));
    let header = el("header")
        .child(brand(conductor))
        .child(at_times(can_go_back, move || button(Look::Plain, words::frame_back(), back)));
    let main = el("main")
        .live_attr("data-step", move || Some(name()))
        .child(keyed(place, move || conductor.peek(|guide| draw(conductor, guide.step()))));
    let locked_to = |guide: &Guide| (later::get()?.locked_to)(guide);
    let about = move |hosts| with_later(conductor, move |later| (later.about)(conductor, hosts));
    el("div")
        .class("frame")
        .all(vec![header.view(), step_list(conductor), main.view(), footer(conductor, locked_to, about)])
        .view()
}

/// Draws a step's screen, from whichever part of the program has it.
fn draw(conductor: Conductor, step: &Step) -> AnyView {
    match (step, later::get()) {
        (Step::Intro(_), _) => {
            screen::intro::screen(conductor, with_later(conductor, move |later| (later.folds)(conductor)))
        }
        (_, Some(later)) => (later.draw)(conductor, step),
        // Without the second part no step follows the first.
        (_, None) => all(Vec::new()),
    }
}

/// Draws what only the second part of the program can, once it is here.
fn with_later(conductor: Conductor, draw: impl Fn(&Later) -> AnyView + Send + 'static) -> AnyView {
    let is_here = move || conductor.read(|_| later::get().is_some());
    at_times(is_here, move || later::get().map_or_else(|| all(Vec::new()), &draw))
}

/// Draws the host's logo or name, and what this page is.
fn brand(conductor: Conductor) -> AnyView {
    let key = move || {
        conductor.read(|guide| {
            let Config { logo, brand, .. } = guide.config();
            [logo, brand].map(|text| text.clone().unwrap_or_default()).join("\n")
        })
    };
    let draw = move || {
        conductor.peek(|guide| {
            let Config { logo, brand, .. } = guide.config();
            let (sign, name) = match (logo, brand) {
                (Some(logo), name) => {
                    let logo = el("img").class("logo").attr("src", ["./", logo].concat());
                    (logo.attr("alt", name.clone().unwrap_or_default()).view(), None)
                }
                (None, name) => (picture(&KEY), name.as_deref()),
            };
            let what = |class| say("span", class, words::frame_key_backup_for_matrix());
            let words = match name {
                Some(name) => {
                    el("span").class("names").child(say("bdi", "", name)).child(what("quiet")).view()
                }
                None => what(""),
            };
            all(vec![sign, words])
        })
    };
    el("p").class("brand").child(keyed(key, draw)).view()
}
