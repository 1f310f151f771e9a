//! Reading the account.

use leptos::prelude::*;

use crate::app::part::{
    element::{all, quiet, working},
    heading::heading,
    lines::{State, line, lines},
};

/// Says what is being read.
pub fn screen(user_id: &str) -> AnyView {
    all(vec![
        heading("Looking at your account"),
        lines(vec![
            line(State::Done, ["Signed in as ", user_id].concat()),
            line(State::Now, "Reading your identity, stored keys, backup and devices"),
        ]),
        working("Looking at your account"),
        quiet("We only read. This takes a few seconds."),
    ])
}
