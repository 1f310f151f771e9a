//! Removing this page's device.

use leptos::prelude::*;

use crate::{
    app::part::{
        element::{all, p, quiet, working},
        heading::heading,
    },
    guide::Outcome,
    words,
};

/// Says what is going away, and what stays.
pub fn screen(outcome: &Outcome) -> AnyView {
    all(vec![
        heading(words::signing_out_signing_this_page_out()),
        p(words::signing_out_we_remove_key_backup_page()),
        working(words::signing_out_signing_this_page_out()),
        quiet(match outcome {
            Outcome::NothingChanged | Outcome::Checked(_) => words::signing_out_nothing_in_your_account_was(),
            Outcome::Changed(_) => words::signing_out_what_was_changed_stays(),
            Outcome::BackupOn(_) | Outcome::Done(_) => words::signing_out_your_backup_stays_on(),
        }),
    ])
}
