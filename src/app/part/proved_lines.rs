//! Lines that say what the engine has proved.

use leptos::prelude::*;

use super::{
    element::{el, say},
    lines::{State, line, lines},
};
use crate::{domain::proved::Proved, words};

/// Draws what the engine has seen to be true, and nothing else, folded behind a line that says so.
pub fn proved_lines(proved: &Proved) -> AnyView {
    let mut seen = vec![line(State::Done, words::proved_lines_your_recovery_key_opens_everything())];
    if proved.phrase_opens {
        seen.push(line(State::Done, words::proved_lines_your_security_phrase_opens_it()));
    }
    seen.push(line(State::Done, words::proved_lines_the_keys_of_your_digital()));
    let signed = words::proved_lines_backup_is_signed(&proved.backup_version);
    seen.push(line(State::Done, signed));
    el("details").child(say("summary", "", words::proved_lines_what_we_checked())).child(lines(seen)).view()
}
