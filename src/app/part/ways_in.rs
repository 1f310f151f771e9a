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
    words,
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
            views.push(say("p", "or", words::ways_in_or()));
        }
        let look = if number == 0 { Look::Primary } else { Look::Plain };
        views.push(match way {
            Way::Password => by_password(conductor, server, user_id, look, wait),
            Way::OAuth(_) | Way::SingleSignOn(_) => door(conductor, way, look, wait),
        });
    }
    views.push(status(move || progress(conductor).to_owned()));
    if !unsupported.is_empty() {
        let both = |one: String, other: String| words::ways_in_unsupported(&one, &other);
        let ways = unsupported.iter().cloned().reduce(both).unwrap_or_default();
        let line = el("p").class("quiet");
        views.push(line.sentence(words::ways_in_also_offers(), vec![("ways", say("bdi", "", ways))]).view());
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
            (false, Attempt::None) => words::ways_in_loading_the_encryption_engine_1(),
            (false, Attempt::Asking { .. }) => words::ways_in_loading_the_encryption_engine_1_mb_then(),
            (true, Attempt::Asking { .. }) if is_back => words::ways_in_you_are_signed_in_again(),
            (true, Attempt::Asking { .. }) => words::ways_in_asking_your_homeserver(),
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
        hint: words::ways_in_it_goes_to_your_homeserver(),
        focus: false,
        look,
        text: Box::new(move || {
            if is_asking(conductor) {
                words::ways_in_signing_in().into()
            } else {
                or_wait(wait.get(), words::ways_in_sign_in())
            }
        }),
        off: Box::new(move || wait.get() != 0 || is_asking(conductor)),
        error: Box::new(move || words_of(conductor.trouble().filter(is_of_entry))),
        send: Box::new(move |user, password| conductor.input(Input::EnteredPassword { user, password })),
    };
    form.view()
}
