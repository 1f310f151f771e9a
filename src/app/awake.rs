//! Notices that the person comes back to this page from another tab, or from an app on the same phone.
//!
//! A browser may slow a page down that nobody sees, or freeze it. Chromium says by `resume` that it goes on.

use gloo::{events::EventListener, utils::document};

use super::conductor::Conductor;
use crate::guide::Input;

/// Tells the guide whenever the page is seen again.
pub fn watch(conductor: Conductor) {
    for event in ["visibilitychange", "resume"] {
        EventListener::new(&document(), event, move |_| {
            if !document().hidden() {
                conductor.input(Input::Returned);
            }
        })
        .forget();
    }
}
