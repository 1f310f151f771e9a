//! The one field by which the homeserver is found.

use leptos::prelude::*;

use crate::{
    app::{
        conductor::Conductor,
        part::{
            button::{Look, actions, form, live_button, live_submit},
            countdown::{or_wait, seconds_left},
            element::{all, at_times, el, say},
            field::{Field, Kind, text_in},
            heading::{heading, heading_beside_field},
            link::{in_app, open_app, whom_to_ask},
            notice::{notice, words_of},
        },
    },
    domain::problem::Problem,
    guide::Input,
    words,
};

/// Asks for Matrix ID, server name or address, unless the host has named the only homeserver.
pub fn screen(conductor: Conductor, entered: &str) -> AnyView {
    match conductor.peek(|guide| guide.config().locked().cloned()) {
        Some(home) => the_only_one(conductor, home.name),
        None => any_one(conductor, entered),
    }
}

/// Says that the host's homeserver could not be found: there is nothing to enter, only to try again.
fn the_only_one(conductor: Conductor, name: String) -> AnyView {
    let trouble = move || conductor.trouble();
    let wait = seconds_left(trouble);
    let text = move || or_wait(wait.get(), words::server_try_again());
    let off = move || wait.get() != 0;
    let again = Callback::new(move |()| conductor.input(Input::EnteredServer(String::new())));
    all(vec![
        heading(words::server_we_could_not_find_your()),
        el("p")
            .class("lead")
            .sentence(words::server_for_accounts_at(), vec![("server", say("bdi", "host", name))])
            .view(),
        notice("problem", Box::new(move || words_of(trouble()))),
        actions(vec![live_button(Look::Primary, text, off, again)]),
        help(conductor),
    ])
}

/// Draws what may help where only somebody else can mend the problem.
fn help(conductor: Conductor) -> AnyView {
    let no_way = move || matches!(conductor.trouble(), Some(Problem::NoWayToSignIn { .. }));
    let for_others = move || conductor.trouble().as_ref().is_some_and(Problem::is_for_others);
    all(vec![
        at_times(for_others, move || whom_to_ask(conductor)),
        at_times(no_way, move || all(vec![el("p").child(in_app()).view(), open_app(conductor)])),
    ])
}

fn any_one(conductor: Conductor, entered: &str) -> AnyView {
    let trouble = move || conductor.trouble();
    let wait = seconds_left(trouble);
    let text = move || or_wait(wait.get(), words::server_continue());
    let off = move || wait.get() != 0;
    let field = Field {
        hint: words::server_like_you_example_org_your(),
        value: entered.to_owned(),
        focus: true,
        error: Box::new(move || words_of(trouble())),
        ..Field::new(Kind::Address, words::server_matrix_id())
    };
    all(vec![
        heading_beside_field(words::server_what_is_your_matrix_id()),
        form(
            move || conductor.input(Input::EnteredServer(text_in(Kind::Address))),
            vec![field.view(), actions(vec![live_submit(text, off)])],
        ),
        help(conductor),
    ])
}
