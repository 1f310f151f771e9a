//! The engine makes the key.

use leptos::prelude::*;

use crate::{
    app::part::{
        element::{all, p, working},
        heading::heading,
    },
    words,
};

/// Says why it takes a moment, where it does.
pub fn screen(with_phrase: bool) -> AnyView {
    all(vec![
        heading(words::making_key_making_your_recovery_key()),
        all(with_phrase.then(|| p(words::making_key_this_takes_a_moment_so())).into_iter().collect()),
        working(words::making_key_making_your_recovery_key()),
    ])
}
