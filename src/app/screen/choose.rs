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
    words,
};

/// Says what the action means for the account, and asks.
pub fn screen(conductor: Conductor, action: Action) -> AnyView {
    let mut views = if action == Action::ChangeKey {
        vec![
            heading(words::choose_get_a_new_recovery_key()),
            points(&[
                words::choose_your_digital_identity_your_backup(),
                words::choose_your_old_key_and_its(),
                words::choose_your_apps_stay_signed_in(),
            ]),
        ]
    } else {
        vec![
            heading(words::choose_your_new_recovery_key()),
            points(&[if action == Action::AddKey {
                words::choose_it_will_open_your_digital()
            } else {
                words::choose_it_will_open_your_new()
            }]),
        ]
    };
    views.push(unused_keys(conductor));
    views.extend(cards(conductor));
    if action == Action::ChangeKey {
        let inside_element = move || conductor.read(|guide| guide.config().offers.inside_element);
        let there = move || {
            folded(words::choose_or_change_it_inside_element(), "element", &CHANGE_KEY, &[App::Element])
        };
        views.push(at_times(inside_element, there));
    }
    all(views)
}

/// Draws the two ways.
pub fn cards(conductor: Conductor) -> [AnyView; 2] {
    let key = card(
        [words::choose_with_a_recovery_key(), words::choose_recommended(), words::choose_you_keep_it_in_a()],
        picture(&PAPER_AND_SAFE),
        conductor.on(|| Input::ChoseKey),
    );
    let phrase = card(
        [words::choose_with_a_security_phrase(), "", words::choose_you_remember_it_you_also()],
        picture(&WORDS_AND_LOCK),
        conductor.on(|| Input::ChosePhrase),
    );
    let cards = el("div").class("cards").attr("role", "group").attr("aria-labelledby", "how");
    [
        el("h2").attr("id", "how").text(words::choose_how_do_you_want_to()).view(),
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
