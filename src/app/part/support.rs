//! The button that copies a text for whoever helps the person.

use leptos::prelude::*;

use super::{
    button::{Look, actions, button},
    element::{all, status},
};
use crate::{app::keep, words};

/// Draws “Copy for support”. The text must have nothing secret in it, which the page says once it is copied.
pub fn copy_for_support(text: String) -> AnyView {
    let copied = RwSignal::new("");
    let copy = Callback::new(move |()| {
        keep::copy(&text, move |done| {
            copied.set(if done {
                words::support_copied_there_is_no_secret()
            } else {
                words::support_your_browser_did_not_allow()
            });
        });
    });
    all(vec![
        actions(vec![button(Look::Plain, words::support_copy_for_support(), copy)]),
        status(move || copied.get().to_owned()),
    ])
}
