//! The first screen: why a backup is needed, and what it takes.

pub mod folds;

use leptos::prelude::*;

use crate::{
    app::{
        conductor::Conductor,
        history,
        part::{
            button::{Look, actions, live_button},
            element::{all, el, h2, keyed, p, points, say, status},
            heading::{heading, heading_beside_field},
            illustration::{KEY_AND_BOX, picture},
        },
    },
    guide::{Guide, Input},
    words,
};

/// Draws the first screen, with the `folds` below it.
pub fn screen(conductor: Conductor, folds: AnyView) -> AnyView {
    let title = words::intro_keep_your_private_chats_readable();
    let held_up = move || conductor.read(Guide::is_held_up);
    let text = move || if held_up() { words::intro_starting() } else { words::intro_start() }.to_owned();
    all(vec![
        picture(&KEY_AND_BOX),
        // A page that was just opened does not move the focus.
        if history::has_moved() { heading(title) } else { heading_beside_field(title) },
        notice(conductor),
        say("p", "lead", words::intro_your_private_chats_are_encrypted()),
        p(words::intro_if_you_lose_your_phone()),
        h2(words::intro_what_you_need()),
        points(&[
            words::intro_your_matrix_id_and_how(),
            words::intro_about_five_minutes(),
            words::intro_a_safe_place_for_a(),
            words::intro_your_usual_app_still_signed(),
        ]),
        actions(vec![live_button(Look::Primary, text, held_up, conductor.on(|| Input::Began))]),
        status(move || if held_up() { words::intro_loading_the_rest_of_this() } else { "" }.to_owned()),
        folds,
    ])
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
                    .sentence(words::intro_for_accounts_at(), vec![("server", say("bdi", "host", only))])
                    .view(),
            );
        }
        if lines.is_empty() { all(lines) } else { el("div").class("panel host-notice").all(lines).view() }
    };
    keyed(move || words().join("\n"), draw)
}
