//! Looking for the homeserver.

use leptos::prelude::*;

use crate::app::part::{
    element::{all, el, say, working},
    heading::heading,
};

/// Says what is being looked for.
pub fn screen(entered: &str) -> AnyView {
    all(vec![
        heading("Finding your homeserver"),
        el("p").child(say("bdi", "host", entered)).view(),
        working("Finding your homeserver"),
    ])
}
