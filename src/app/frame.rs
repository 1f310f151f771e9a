//! The frame around every screen: the list of steps, the way back, and the servers that the page can reach.

use leptos::prelude::*;

use super::{
    conductor::Conductor,
    history, later,
    part::{
        button::{Look, button},
        element::{all, at_times, el, keyed, p, say},
        footer::footer,
        illustration::{KEY, picture},
        step_list::step_list,
    },
    screen,
};
use crate::{
    domain::config::Config,
    guide::{Guide, Input, Step},
};

/// The frame with the present screen in it.
#[component]
pub fn Frame(
    /// The handle on the guide.
    conductor: Conductor,
) -> AnyView {
    let name = move || conductor.read(|guide| guide.step().name());
    // Only another place draws the screen anew. At the same place it follows its own data, and keeps the focus.
    let place = move || {
        let (name, again) = conductor.read(|guide| guide.step().place());
        [name, &again.to_string()].concat()
    };
    let can_go_back = move || conductor.read(Guide::can_go_back);
    let back = Callback::new(move |()| history::go_back(conductor));
    let header = el("header")
        .child(brand(conductor))
        .child(at_times(can_go_back, move || button(Look::Plain, "Back", back)));
    let main = el("main")
        .live_attr("data-step", move || Some(name()))
        .child(keyed(place, move || conductor.peek(|guide| draw(conductor, guide.step()))))
        .child(reassurance(conductor));
    el("div")
        .class("frame")
        .all(vec![header.view(), step_list(conductor), main.view(), footer(conductor)])
        .view()
}

/// Draws a step's screen, from whichever part of the program has it.
fn draw(conductor: Conductor, step: &Step) -> AnyView {
    screen::draw_entrance(conductor, step)
        // Without the second part no step leads here: the engine is started only with it.
        .or_else(|| Some((later::get()?.draw)(conductor, step)))
        .unwrap_or_else(|| all(Vec::new()))
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
            let what = |class| say("span", class, "Key backup for Matrix");
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

/// Says to who is signed in that nothing has been changed yet, as long as that is true, and offers to sign out.
fn reassurance(conductor: Conductor) -> AnyView {
    let unchanged = move || conductor.read(|guide| guide.has_changed_nothing() && guide.can_sign_out());
    let stop = conductor.on(|| Input::WantedSignOut);
    at_times(unchanged, move || {
        el("div")
            .class("reassurance")
            .child(p("Nothing changed yet."))
            .child(button(Look::Link, "Stop and sign out", stop))
            .view()
    })
}
