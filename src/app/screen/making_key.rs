//! The engine makes the key.

use leptos::prelude::*;

use crate::app::part::{
    element::{all, p, working},
    heading::heading,
};

/// Says why it takes a moment.
pub fn screen(with_phrase: bool) -> AnyView {
    all(vec![
        heading("Making your recovery key"),
        p(if with_phrase {
            "This makes guessing your phrase slow."
        } else {
            "It is made from random numbers, in this page."
        }),
        working("Making your recovery key"),
    ])
}
