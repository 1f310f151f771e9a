//! What stands folded below the first screen, and comes with the second part of the program.

use leptos::prelude::*;

use crate::{
    app::{
        conductor::Conductor,
        part::{
            button::{Look, actions, live_button},
            element::{all, at_times, el, p, say},
            link::in_app,
        },
    },
    domain::apps::messages::{MESSAGES, Message},
    guide::{Guide, Input},
    words,
};

/// Draws the folds: what apps say that send people here, and how to do it in one's app instead.
pub fn folds(conductor: Conductor) -> AnyView {
    let inside_element = move || conductor.read(|guide| guide.config().offers.inside_element);
    all(vec![messages(conductor), at_times(inside_element, || el("p").child(in_app()).view())])
}

/// Draws the sentences that people have on their app's screen when they come here, each with its meaning.
fn messages(conductor: Conductor) -> AnyView {
    let held_up = move || conductor.read(Guide::is_held_up);
    let text = || words::intro_look_at_my_account().to_owned();
    let message = |message: &'static Message| {
        let go_on = live_button(Look::Plain, text, held_up, conductor.on(|| Input::Began));
        el("details")
            .class("walk")
            .attr("name", "message")
            .child(say("summary", "", (message.shown)()))
            .child(p((message.meaning)()))
            .child(actions(vec![go_on]))
            .view()
    };
    el("details")
        .class("fold")
        .child(say("summary", "", words::intro_my_app_shows_me_a()))
        .all(MESSAGES.iter().map(message).collect())
        .view()
}
