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
    words,
};

/// Names where the account lives, and shows how to sign in there.
pub fn screen(conductor: Conductor, server: &Server) -> AnyView {
    let title = heading(words::sign_in_sign_in_to(server.base_url.host()));
    let mut views = vec![title];
    // The form that requests have is the heading: in the other, letters of two scripts may look alike.
    if let Some(known) = server.base_url.international_host() {
        let parts = words::sign_in_your_server_writes_its_name();
        views.push(el("p").class("lead").sentence(parts, vec![("name", say("bdi", "", known))]).view());
    }
    views.push(ways_in(conductor, server, None));
    views.push(quiet(words::sign_in_your_apps_may_tell_you()));
    all(views)
}
