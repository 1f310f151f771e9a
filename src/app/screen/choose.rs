//! The choice between a recovery key and a security phrase.

use leptos::prelude::*;

use crate::{
    app::{
        conductor::Conductor,
        part::{
            app_steps::folded,
            element::{all, at_times, el, points, say},
            heading::heading,
            illustration::{PAPER_AND_SAFE, WORDS_AND_LOCK, picture},
            unused_keys::unused_keys,
        },
    },
    domain::{
        apps::{App, walks::CHANGE_KEY},
        plan::Action,
    },
    guide::Input,
};

/// Says what the action means for the account, and asks.
pub fn screen(conductor: Conductor, action: Action) -> AnyView {
    let mut views = if action == Action::ChangeKey {
        vec![
            heading("Get a new recovery key"),
            points(&[
                "Your digital identity, your backup and everything in it stay the same.",
                "Your old key, and its phrase if it has one, keep working until we have checked the new one. Then they stop working.",
                "Your apps stay signed in. Nobody else will notice.",
            ]),
        ]
    } else {
        vec![
            heading("Your new recovery key"),
            points(&[if action == Action::AddKey {
                "It will open your digital identity and the backup, as your app does. Nothing is written before you agree."
            } else {
                "It will open your new digital identity and the backup. Nothing is written before you agree."
            }]),
        ]
    };
    views.push(unused_keys(conductor));
    views.extend(cards(conductor));
    if action == Action::ChangeKey {
        let inside_element = move || conductor.read(|guide| guide.config().offers.inside_element);
        let there = move || folded("Or change it inside Element", "element", &CHANGE_KEY, &[App::Element]);
        views.push(at_times(inside_element, there));
    }
    all(views)
}

/// Draws the two ways.
pub fn cards(conductor: Conductor) -> [AnyView; 2] {
    let key = card(
        ["With a recovery key", "Recommended", "You keep it in a password manager, as a file or on paper."],
        picture(&PAPER_AND_SAFE),
        conductor.on(|| Input::ChoseKey),
    );
    let phrase = card(
        ["With a security phrase", "", "You remember it. You also get a recovery key, in case you forget."],
        picture(&WORDS_AND_LOCK),
        conductor.on(|| Input::ChosePhrase),
    );
    let cards = el("div").class("cards").attr("role", "group").attr("aria-labelledby", "how");
    [
        el("h2").attr("id", "how").text("How do you want to get back in later?").view(),
        cards.child(key).child(phrase).view(),
    ]
}

/// Draws a large button with title, badge and text. Its picture says nothing that the text does not.
pub fn card([title, badge, text]: [&'static str; 3], picture: AnyView, act: Callback<()>) -> AnyView {
    el("button")
        .class("card")
        .attr("type", "button")
        .on("click", move |_| act.run(()))
        .child(el("span").attr("aria-hidden", "true").child(picture).view())
        .child(say("span", "card-title", title))
        .child(say("span", "badge", badge))
        .child(say("span", "", text))
        .view()
}
