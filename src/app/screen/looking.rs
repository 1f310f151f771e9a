//! Reading the account.

use leptos::prelude::*;

use super::try_again;
use crate::app::{
    conductor::Conductor,
    part::{
        element::{all, keyed, quiet, working},
        heading::heading,
        lines::{State, line, lines},
    },
};

/// Says what is being read.
pub fn screen(conductor: Conductor, user_id: &str) -> AnyView {
    let trouble = move || conductor.trouble();
    let draw = move || match trouble() {
        Some(problem) => try_again(conductor, &problem),
        None => working("Looking at your account"),
    };
    all(vec![
        heading("Looking at your account"),
        lines(vec![line(State::Done, ["Signed in as ", user_id].concat())]),
        keyed(move || trouble().map(|problem| problem.words().title).unwrap_or_default(), draw),
        quiet("We only read."),
    ])
}
