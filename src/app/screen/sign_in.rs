//! The ways to sign in to a homeserver, which is named first.

use leptos::prelude::*;

use crate::{
    app::{
        conductor::Conductor,
        part::{
            element::{all, el, quiet, say},
            heading::heading,
            ways_in::ways_in,
        },
    },
    domain::discovery::Server,
};

/// Shows where the account lives, and how to sign in there.
pub fn screen(conductor: Conductor, server: &Server) -> AnyView {
    let host = server.base_url.host();
    let lives = el("p").class("lead").text("Your account lives at ").child(say("bdi", "host", host));
    // The form that requests have comes first: in the other, letters of two scripts may look alike.
    let lives = match server.base_url.international_host() {
        Some(known) => lives.text(" (").child(say("bdi", "", known)).text(")"),
        None => lives,
    };
    all(vec![
        heading(["Sign in to ", host].concat()),
        lives.text(".").view(),
        ways_in(conductor, server, None),
        quiet(
            "Your apps may report a new device called “Key backup page (temporary)”. That is this page. It goes when you finish.",
        ),
    ])
}
