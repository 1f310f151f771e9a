//! Looking for the homeserver.

use leptos::prelude::*;

use crate::{
    app::part::{
        element::{all, el, say, working},
        heading::heading,
    },
    words,
};

/// Says what is being looked for.
pub fn screen(entered: &str) -> AnyView {
    all(vec![
        heading(words::discovering_finding_your_homeserver()),
        el("p").child(say("bdi", "host", entered)).view(),
        working(words::discovering_finding_your_homeserver()),
    ])
}
