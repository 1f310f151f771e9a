//! The account password, because the server asks for it.

use leptos::prelude::*;

use super::{
    button::{actions, form, submit},
    element::{el, say},
    field::{Field, Kind, text_in},
    login::{Filed, login},
    notice::words,
};
use crate::{
    app::conductor::Conductor,
    domain::{
        guide::{Input, Visit},
        secret::Secret,
    },
};

/// Asks for it: who wants it, and before what.
pub fn ask_password(conductor: Conductor, visit: &Visit, before: &'static str, refused: bool) -> AnyView {
    let error = refused.then(|| {
        words(
            "The server did not accept this password.",
            "Enter the one you signed in with, not the security phrase.",
        )
    });
    let send = move || {
        let password = Secret::new(text_in(Kind::Password));
        if !password.is_blank() {
            conductor.input(Input::GavePassword(password));
        }
    };
    let user = login(&visit.account.user_id, Filed::Password);
    let field = Field {
        focus: true,
        error: Box::new(move || error.clone()),
        ..Field::new(Kind::Password, "Account password")
    };
    el("section")
        .class("panel")
        .attr("aria-labelledby", "ask-password")
        .child(el("h2").attr("id", "ask-password").text("Your server asks for your account password").view())
        .child(
            el("p")
                .child(say("bdi", "host", visit.server.base_url.host()))
                .text(
                    [
                        " wants to be sure that it is you before it ",
                        before,
                        ". The password goes there and nowhere else.",
                    ]
                    .concat(),
                )
                .view(),
        )
        .child(form(send, vec![user, field.view(), actions(vec![submit("Go on")])]))
        .view()
}
