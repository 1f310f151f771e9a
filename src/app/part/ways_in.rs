//! The ways to sign in that a server offers, best first.

use leptos::prelude::*;

use super::{
    account_password::{PasswordForm, Whose},
    attempt::{is_asking, is_ready},
    button::Look,
    countdown::{or_wait, seconds_left},
    door::door,
    element::{all, at_times, el, say, status},
    link::whom_to_ask,
    notice::{notice, words_of},
};
use crate::{
    app::conductor::Conductor,
    domain::{
        discovery::Server,
        problem::Problem,
        sign_in::{Way, Ways},
    },
    guide::{Attempt, Input, Step, step},
};

/// Draws all of them, the last problem, and what is under way. `user_id` is the account that it has to be, when the
/// person signs in again.
pub fn ways_in(conductor: Conductor, server: &Server, user_id: Option<&str>) -> AnyView {
    let trouble = move || conductor.trouble();
    let wait = seconds_left(trouble);
    let Ways { usable, unsupported } = &server.ways;
    let mut views =
        vec![notice("problem", Box::new(move || words_of(trouble().filter(|it| !is_of_entry(it)))))];
    for (number, way) in usable.iter().enumerate() {
        if number > 0 {
            views.push(say("p", "or", "or"));
        }
        let look = if number == 0 { Look::Primary } else { Look::Plain };
        views.push(match way {
            Way::Password => by_password(conductor, server, user_id, look, wait),
            Way::OAuth(_) | Way::SingleSignOn(_) => door(conductor, way, look, wait),
        });
    }
    views.push(status(move || progress(conductor).to_owned()));
    if !unsupported.is_empty() {
        views.push(
            el("p")
                .class("quiet")
                .text("Your server also offers ")
                .child(say("bdi", "", unsupported.join(", ")))
                .text(", which this page cannot use.")
                .view(),
        );
    }
    views.push(at_times(
        move || conductor.trouble().as_ref().is_some_and(Problem::is_for_others),
        move || whom_to_ask(conductor),
    ));
    all(views)
}

/// Tells whether the problem is said in the password form.
fn is_of_entry(problem: &Problem) -> bool {
    matches!(problem, Problem::WrongPassword | Problem::AnotherServer { .. } | Problem::NotAnAddress(_))
}

fn progress(conductor: Conductor) -> &'static str {
    conductor.ask("", |step| {
        let is_back = matches!(step, Step::SignInAgain(step::SignInAgain { place, .. }) if place.is_back);
        Some(match (is_ready(conductor), step.attempt()?) {
            (false, Attempt::None) => "Loading the encryption engine (1 MB). You can go on.",
            (false, Attempt::Asking { .. }) => "Loading the encryption engine (1 MB). Then we sign you in.",
            (true, Attempt::Asking { .. }) if is_back => "You are signed in again. We look at your account.",
            (true, Attempt::Asking { .. }) => "Asking your homeserver.",
            // Beside a window the panel says it; with nothing under way there is nothing to say.
            (_, Attempt::Window { .. }) | (true, Attempt::None) => "",
        })
    })
}

fn by_password(
    conductor: Conductor,
    server: &Server,
    user_id: Option<&str>,
    look: Look,
    wait: RwSignal<u32>,
) -> AnyView {
    let form = PasswordForm {
        whose: match user_id {
            Some(user_id) => Whose::Named(user_id.to_owned()),
            None => Whose::Entered(server.user_id.clone().unwrap_or_default()),
        },
        hint: "It goes to your homeserver only. Not your security phrase or recovery key.",
        focus: false,
        look,
        text: Box::new(move || {
            if is_asking(conductor) { "Signing in…".into() } else { or_wait(wait.get(), "Sign in") }
        }),
        off: Box::new(move || wait.get() != 0 || is_asking(conductor)),
        error: Box::new(move || words_of(conductor.trouble().filter(is_of_entry))),
        send: Box::new(move |user, password| conductor.input(Input::EnteredPassword { user, password })),
    };
    form.view()
}
