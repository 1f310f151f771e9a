//! The line below each screen as long as nothing has been changed.

use leptos::prelude::*;

use super::{
    button::{Look, button},
    element::{at_times, el, p},
};
use crate::{app::conductor::Conductor, guide::Input, words};

/// Says to who is signed in that nothing has been changed yet, as long as that is true, and offers to sign out.
pub fn reassurance(conductor: Conductor) -> AnyView {
    let unchanged = move || conductor.read(|guide| guide.has_changed_nothing() && guide.can_sign_out());
    let stop = conductor.on(|| Input::WantedSignOut);
    at_times(unchanged, move || {
        el("div")
            .class("reassurance")
            .child(p(words::reassurance_nothing_changed_yet()))
            .child(button(Look::Link, words::reassurance_stop_and_sign_out(), stop))
            .view()
    })
}
