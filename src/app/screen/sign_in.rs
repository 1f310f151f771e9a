//! Name and password, for a homeserver that is shown first.

use leptos::prelude::*;

use crate::{
    app::{
        conductor::Conductor,
        part::{
            button::{actions, form, live_submit},
            countdown::{or_wait, seconds_left},
            element::{all, at_times, el, quiet, say, status},
            field::{Field, Kind, text_in},
            heading::heading,
            link::whom_to_ask,
            notice::{words, words_of},
        },
    },
    domain::{
        discovery::Server,
        guide::{Input, Step},
        problem::Problem,
        secret::Secret,
    },
};

/// Asks for name and password.
pub fn screen(conductor: Conductor, server: &Server) -> AnyView {
    let empty = RwSignal::new(false);
    let trouble = move || conductor.trouble();
    // Whether the engine is ready, and whether the server is being asked.
    let progress = move || {
        conductor.ask((true, true), |step| {
            let Step::SignIn { engine_ready, waiting, .. } = step else { return None };
            Some((*engine_ready, *waiting))
        })
    };
    let wait = seconds_left(trouble);
    let text = move || if progress().1 { "Signing in…".into() } else { or_wait(wait.get(), "Sign in") };
    let off = move || wait.get() != 0 || progress().1;
    let error = move || {
        if empty.get() {
            return Some(words(
                "Enter your account password.",
                "It is the one you sign in to your chats with.",
            ));
        }
        words_of(trouble())
    };
    let news = move || {
        let text = match progress() {
            (false, false) => "Getting the encryption engine (about 1.5 MB). You can type meanwhile.",
            (false, true) => "Getting the encryption engine (about 1.5 MB). Then we sign you in.",
            (true, true) => "Asking your homeserver.",
            (true, false) => "",
        };
        text.to_owned()
    };
    let send = move || {
        let entered = Secret::new(text_in(Kind::Password));
        empty.set(entered.is_blank());
        if !entered.is_blank() {
            conductor.input(Input::EnteredPassword { user: text_in(Kind::User), password: entered });
        }
    };
    let host = server.base_url.host();
    let name_field = Field {
        value: server.user_id.clone().unwrap_or_default(),
        ..Field::new(Kind::User, "Matrix ID or user name")
    };
    let password_field = Field {
        hint: "The password you sign in to your chats with. Not a security phrase, not a key.",
        error: Box::new(error),
        ..Field::new(Kind::Password, "Account password")
    };
    all(vec![
        heading(["Sign in to ", host].concat()),
        el("p")
            .class("lead")
            .text("Your account lives at ")
            .child(say("bdi", "host", host))
            .text(". Your password goes there and nowhere else.")
            .view(),
        form(
            send,
            vec![
                name_field.view(),
                password_field.view(),
                actions(vec![live_submit(text, off)]),
                status(news),
            ],
        ),
        at_times(
            move || conductor.trouble().as_ref().is_some_and(Problem::is_for_others),
            move || whom_to_ask(conductor),
        ),
        quiet(
            "Your apps may report a new device called “Key backup page (temporary)”. That is this page. It goes when you finish.",
        ),
    ])
}
