//! Lines that say what the engine has proved.

use leptos::prelude::*;

use super::{
    element::{el, say},
    lines::{State, line, lines},
};
use crate::domain::proved::Proved;

/// Draws what the engine has seen to be true, and nothing else, folded behind a line that says so.
pub fn proved_lines(proved: &Proved) -> AnyView {
    let mut seen =
        vec![line(State::Done, "Your recovery key opens everything stored, tried as a new device would")];
    if proved.phrase_opens {
        seen.push(line(State::Done, "Your security phrase opens it, too"));
    }
    seen.push(line(
        State::Done,
        "The keys of your digital identity and your backup match what your server publishes",
    ));
    let signed = ["Backup version ", &proved.backup_version, " is signed by your digital identity"].concat();
    seen.push(line(State::Done, signed));
    el("details").child(say("summary", "", "What we checked")).child(lines(seen)).view()
}
