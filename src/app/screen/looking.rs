//! Reading the account.

use leptos::prelude::*;

use super::try_again;
use crate::{
    app::{
        conductor::Conductor,
        part::{
            element::{all, keyed, quiet, working},
            heading::heading,
            lines::{State, line, lines},
        },
    },
    words,
};

/// Says what is being read.
pub fn screen(conductor: Conductor, user_id: &str) -> AnyView {
    let trouble = move || conductor.trouble();
    let draw = move || match trouble() {
        Some(problem) => try_again(conductor, &problem),
        None => working(words::looking_looking_at_your_account()),
    };
    all(vec![
        heading(words::looking_looking_at_your_account()),
        lines(vec![line(State::Done, words::looking_signed_in_as(user_id))]),
        keyed(move || trouble().map(|problem| problem.words().title).unwrap_or_default(), draw),
        quiet(words::looking_we_only_read()),
    ])
}
