//! What will be written, before it is.

use leptos::prelude::*;

use crate::{
    app::{
        conductor::Conductor,
        part::{
            button::{Look, actions, button},
            element::{all, el, h2, points, quiet, say},
            heading::heading,
            illustration::{TICK, picture},
        },
    },
    domain::guide::{Input, MadeKey, Visit},
};

/// Says what will happen and what will not, and asks.
pub fn screen(conductor: Conductor, visit: &Visit, made: &MadeKey) -> AnyView {
    let opened_by = if made.with_phrase {
        "the keys to both, locked with your recovery key and your phrase"
    } else {
        "the keys to both, locked with your recovery key"
    };
    all(vec![
        el("p").class("good").child(picture(&TICK)).text("The key you entered matches.").view(),
        heading("This is what will happen"),
        el("p")
            .text("We write to your account ")
            .child(say("bdi", "host", visit.account.user_id.as_str()))
            .text(":")
            .view(),
        points(&[
            "an identity, so that your apps can trust each other",
            "an encrypted backup, into which your apps put the keys to your messages",
            opened_by,
        ]),
        h2("What we do not touch"),
        points(&["your messages and rooms", "your account password", "your apps, and the keys they hold"]),
        actions(vec![button(Look::Primary, "Turn on backup", conductor.on(Input::Agreed))]),
        quiet("Some servers ask for your account password once more. Then we say so."),
    ])
}
