//! The page: draws the guide's step, passes on what the person does, carries out what the guide asks.
//!
//! [`screen`] has one file per step, [`part`] the pieces they share. All of them know the [`conductor`], which owns the
//! one guide and knows none of them. [`effects`] does what the guide asks.
//! Everything a screen needs comes with its step, so that each can be drawn from a fixture.
#![deny(clippy::too_many_lines)]

pub mod awake;
pub mod conductor;
pub mod config;
pub mod contacts;
pub mod discover;
pub mod doorway;
pub mod effects;
pub mod engine_link;
pub mod entrance;
pub mod estimate;
pub mod files;
#[cfg(feature = "gallery")]
pub mod fixture;
pub mod frame;
pub mod history;
pub mod json;
pub mod keep;
pub mod language;
pub mod later;
pub mod leave;
pub mod lock;
pub mod part;
pub mod photo;
pub mod request;
pub mod screen;
pub mod worker_files;

use gloo::utils::document;
use leptos::{mount::mount_to, prelude::*};
use wasm_bindgen::JsCast;

use frame::Frame;

/// Draws the page in place of what `index.html` shows while it loads.
pub fn start() {
    console_error_panic_hook::set_once();
    let Some(place) = place() else { return };
    language::begin();
    mount_to(place, || {
        history::begin();
        let conductor = entrance::begin();
        view! { <Frame conductor /> }
    })
    .forget();
}

/// Empties the element that the page is drawn in, and returns it.
pub fn place() -> Option<web_sys::HtmlElement> {
    let place = document().get_element_by_id("page")?.dyn_into::<web_sys::HtmlElement>().ok()?;
    place.set_text_content(None);
    Some(place)
}
