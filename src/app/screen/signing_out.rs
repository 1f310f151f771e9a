//! Removing this page's device.

use leptos::prelude::*;

use crate::{
    app::part::{
        element::{all, p, quiet, working},
        heading::heading,
    },
    guide::Outcome,
};

/// Says what is going away, and what stays.
pub fn screen(outcome: &Outcome) -> AnyView {
    all(vec![
        heading("Signing this page out"),
        p("We remove “Key backup page (temporary)” from your account. Your apps stay signed in."),
        working("Signing this page out"),
        quiet(match outcome {
            Outcome::NothingChanged | Outcome::Checked(_) => "Nothing in your account was changed.",
            Outcome::Changed(_) => "What was changed stays.",
            Outcome::BackupOn(_) | Outcome::Done(_) => "Your backup stays on.",
        }),
    ])
}
