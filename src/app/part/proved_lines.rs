//! Lines that say what the engine has proved.

use leptos::prelude::*;

use super::lines::{State, line, lines};
use crate::domain::proved::Proved;

/// Draws what the engine has seen to be true, and nothing else.
pub fn proved_lines(proved: &Proved) -> AnyView {
    let mut seen =
        vec![line(State::Done, "Your recovery key opens the stored keys, tried as a new device would")];
    if proved.phrase_opens {
        seen.push(line(State::Done, "Your security phrase opens them, too"));
    }
    seen.push(line(
        State::Done,
        "The stored keys of your digital identity and your backup match what your server publishes",
    ));
    let signed = ["Backup version ", &proved.backup_version, " is signed by your digital identity"].concat();
    seen.push(line(State::Done, signed));
    lines(seen)
}
