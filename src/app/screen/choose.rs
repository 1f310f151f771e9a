//! The choice between a recovery key and a security phrase.

use leptos::prelude::*;

use crate::{
    app::{
        conductor::Conductor,
        part::{
            element::{all, el, points, say},
            heading::heading,
            illustration::{Drawing, PAPER_AND_SAFE, WORDS_AND_LOCK, picture},
            unused_keys::unused_keys,
        },
    },
    domain::plan::Action,
    guide::Input,
};

/// Says what the action means for the account, and asks.
pub fn screen(conductor: Conductor, action: Action) -> AnyView {
    let mut views = if action == Action::ChangeKey {
        vec![
            heading("Get a new recovery key"),
            points(&[
                "Your identity, your backup and everything in it stay the same.",
                "Your old key and its phrase work until the new one was seen to open everything. Then they open nothing.",
                "Your apps stay signed in. Other people see nothing of it.",
            ]),
        ]
    } else {
        vec![
            heading("Your new recovery key"),
            points(&[if action == Action::AddKey {
                "It will open your identity and the backup, as your app does. Nothing is written before you agree."
            } else {
                "It will open your new identity and the backup. Nothing is written before you agree."
            }]),
        ]
    };
    views.push(unused_keys(conductor));
    views.extend(cards(conductor));
    all(views)
}

/// Draws the two ways.
pub fn cards(conductor: Conductor) -> [AnyView; 2] {
    let key = card(
        [
            "With a recovery key",
            "Recommended",
            "We make a key for you. You keep it in a password manager, as a file or on paper.",
        ],
        &PAPER_AND_SAFE,
        conductor.on(|| Input::ChoseKey),
    );
    let phrase = card(
        [
            "With a security phrase",
            "",
            "You think of a phrase and remember it. You get a recovery key as well, as a spare.",
        ],
        &WORDS_AND_LOCK,
        conductor.on(|| Input::ChosePhrase),
    );
    let cards = el("div").class("cards").attr("role", "group").attr("aria-labelledby", "how");
    [
        el("h2").attr("id", "how").text("How do you want to open the backup later?").view(),
        cards.child(key).child(phrase).view(),
    ]
}

/// Draws a large button with title, badge and text.
pub fn card(
    [title, badge, text]: [&'static str; 3],
    drawing: &'static Drawing,
    act: Callback<()>,
) -> AnyView {
    el("button")
        .class("card")
        .attr("type", "button")
        .on("click", move |_| act.run(()))
        .child(picture(drawing))
        .child(say("span", "card-title", title))
        .child(say("span", "badge", badge))
        .child(say("span", "", text))
        .view()
}
