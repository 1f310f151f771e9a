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

/// Names where the account lives, and shows how to sign in there.
pub fn screen(conductor: Conductor, server: &Server) -> AnyView {
    let title = heading(["Sign in to ", server.base_url.host()].concat());
    let mut views = vec![title];
    // The form that requests have is the heading: in the other, letters of two scripts may look alike.
    if let Some(known) = server.base_url.international_host() {
        let line = el("p").class("lead").text("Your server writes its name ").child(say("bdi", "", known));
        views.push(line.text(".").view());
    }
    views.push(ways_in(conductor, server, None));
    views.push(quiet(
        "Your apps may tell you about a new device, “Key backup page (temporary)”. That's this page.",
    ));
    all(views)
}
