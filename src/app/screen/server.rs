//! Which account: the one field that finds the homeserver.

use leptos::prelude::*;

use crate::{
    app::{
        app_labels::SET_UP,
        conductor::Conductor,
        part::{
            app_steps::app_steps,
            button::{actions, form, live_submit},
            countdown::{or_wait, seconds_left},
            element::{all, at_times, h2, quiet},
            field::{Field, Kind, text_in},
            heading::heading_beside_field,
            notice::words_of,
        },
    },
    domain::{guide::Input, problem::Problem},
};

/// Asks for Matrix ID, server name or address.
pub fn screen(conductor: Conductor, entered: &str) -> AnyView {
    let trouble = move || conductor.trouble();
    let wait = seconds_left(trouble);
    let text = move || or_wait(wait.get(), "Continue");
    let off = move || wait.get() != 0;
    let no_password = move || matches!(trouble(), Some(Problem::NoPasswordLogin { .. }));
    let field = Field {
        hint: "It looks like @you:example.org. Your app shows it in its settings. The server's name alone works, too.",
        value: entered.to_owned(),
        focus: true,
        error: Box::new(move || words_of(trouble())),
        ..Field::new(Kind::Address, "Matrix ID")
    };
    all(vec![
        heading_beside_field("What is your Matrix ID?"),
        form(
            move || conductor.input(Input::EnteredServer(text_in(Kind::Address))),
            vec![field.view(), actions(vec![live_submit(text, off)])],
        ),
        quiet("Next we look up where your account lives. No password is asked for before you have seen it."),
        at_times(no_password, || {
            let mut views = vec![h2("How to do it inside Element")];
            views.extend(app_steps("element", &SET_UP));
            all(views)
        }),
    ])
}
