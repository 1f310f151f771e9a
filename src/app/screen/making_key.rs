//! The engine makes the key.

use leptos::prelude::*;

use crate::app::part::{
    element::{all, p, working},
    heading::heading,
};

/// Says why it takes a moment, where it does.
pub fn screen(with_phrase: bool) -> AnyView {
    all(vec![
        heading("Making your recovery key"),
        all(with_phrase
            .then(|| p("This takes a moment, so that guessing your phrase takes long."))
            .into_iter()
            .collect()),
        working("Making your recovery key"),
    ])
}
