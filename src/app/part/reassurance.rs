//! The line below each screen as long as nothing has been changed.

use leptos::prelude::*;

use super::{
    button::{Look, button},
    element::{at_times, el, p},
};
use crate::{
    app::conductor::Conductor,
    guide::{Input, Step},
    words,
};

/// Says to who is signed in that nothing has been changed yet, as long as that is true, and offers to sign out. The last
/// screen has a button of its own for that.
pub fn reassurance(conductor: Conductor) -> AnyView {
    let unchanged = move || conductor.read(|guide| guide.has_changed_nothing() && guide.can_sign_out());
    let is_last = move || conductor.ask(false, |step| Some(matches!(step, Step::Done(_))));
    let leave =
        move || button(Look::Link, words::signing_out_sign_out_here(), conductor.on(|| Input::WantedSignOut));
    at_times(unchanged, move || {
        el("div")
            .class("reassurance")
            .child(p(words::reassurance_nothing_changed_yet()))
            .child(at_times(move || !is_last(), leave))
            .view()
    })
}
