//! The first screen: why a backup is needed, and what it takes.

use leptos::prelude::*;

use crate::{
    app::{
        conductor::Conductor,
        history,
        part::{
            app_steps::app_steps,
            button::{Look, actions, live_button},
            element::{all, at_times, el, h2, keyed, p, points, say, status},
            heading::{heading, heading_beside_field},
            illustration::{KEY_AND_BOX, picture},
            link::open_app,
        },
    },
    domain::apps::{
        messages::{MESSAGES, Message},
        walks::SET_UP,
    },
    guide::{Guide, Input},
};

/// Draws the first screen.
pub fn screen(conductor: Conductor) -> AnyView {
    const TITLE: &str = "Keep your private chats readable";
    const WAIT: &str = "Loading the rest of this page. If this stays, load it again.";
    let held_up = move || conductor.read(Guide::is_held_up);
    let text = move || if held_up() { "Starting…" } else { "Start" }.to_owned();
    let inside_element = move || conductor.read(|guide| guide.config().offers.inside_element);
    all(vec![
        picture(&KEY_AND_BOX),
        // A page that was just opened does not move the focus.
        if history::has_moved() { heading(TITLE) } else { heading_beside_field(TITLE) },
        notice(conductor),
        say("p", "lead", "Your private chats are encrypted. Without a backup, only your app has the keys."),
        p(
            "If you lose your phone, are signed out or your server moves, they can be lost. This page sets up a backup, and checks that it works.",
        ),
        h2("What you need"),
        points(&[
            "Your Matrix ID, and how you sign in",
            "About five minutes",
            "A safe place for a recovery key",
            "Your usual app, still signed in",
        ]),
        actions(vec![live_button(Look::Primary, text, held_up, conductor.on(|| Input::Began))]),
        status(move || if held_up() { WAIT } else { "" }.to_owned()),
        messages(conductor),
        at_times(inside_element, move || {
            el("details")
                .child(say("summary", "", "Do it in Element instead"))
                .child(p("Element can make a recovery key, too. It does not check that your old messages' keys have arrived."))
                .child(open_app(conductor))
                .all(app_steps("element", &SET_UP, &[]))
                .view()
        }),
    ])
}

/// Draws the sentences that people have on their app's screen when they come here, each with its meaning.
fn messages(conductor: Conductor) -> AnyView {
    let held_up = move || conductor.read(Guide::is_held_up);
    let text = || "Look at my account".to_owned();
    let message = |message: &'static Message| {
        let go_on = live_button(Look::Plain, text, held_up, conductor.on(|| Input::Began));
        el("details")
            .class("walk")
            .attr("name", "message")
            .child(say("summary", "", message.shown))
            .child(p(message.meaning))
            .child(actions(vec![go_on]))
            .view()
    };
    el("details")
        .class("fold")
        .child(say("summary", "", "My app shows me a message"))
        .all(MESSAGES.iter().map(message).collect())
        .view()
}

/// Draws the host's notice, and the homeserver if the page is for its accounts only.
fn notice(conductor: Conductor) -> AnyView {
    let words = move || {
        conductor.read(|guide| {
            let config = guide.config();
            let only = config.locked().map(|home| home.name.clone()).unwrap_or_default();
            [config.notice.clone().unwrap_or_default(), only]
        })
    };
    let draw = move || {
        let [notice, only] = untrack(words);
        let mut lines = Vec::new();
        if !notice.is_empty() {
            lines.push(el("p").child(say("bdi", "", notice)).view());
        }
        if !only.is_empty() {
            lines.push(
                el("p")
                    .text("This page is for accounts at ")
                    .child(say("bdi", "host", only))
                    .text(".")
                    .view(),
            );
        }
        if lines.is_empty() { all(lines) } else { el("div").class("panel host-notice").all(lines).view() }
    };
    keyed(move || words().join("\n"), draw)
}
