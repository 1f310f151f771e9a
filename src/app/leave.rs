//! Leaving the page: a warning while something would be lost, and nothing left behind.

use std::cell::Cell;

use gloo::{
    events::{EventListener, EventListenerOptions},
    utils::window,
};
use wasm_bindgen::JsCast;
use web_sys::PageTransitionEvent;

use super::conductor::Conductor;
use crate::domain::guide::Guide;

thread_local! {
    /// Whether the page itself wants to be loaded anew.
    static RELOADING: Cell<bool> = const { Cell::new(false) };
}

/// Loads the page anew without asking.
pub fn reload() {
    RELOADING.set(true);
    // Fails only in documents that are not shown.
    let _ = window().location().reload();
}

/// Watches for the page being closed, left or brought back.
pub fn watch(conductor: Conductor) {
    let window = window();
    let options = EventListenerOptions::enable_prevent_default();
    EventListener::new_with_options(&window, "beforeunload", options, move |event| {
        if !RELOADING.get() && conductor.peek(Guide::has_something_to_lose) {
            event.prevent_default();
        }
    })
    .forget();
    EventListener::new(&window, "pagehide", move |_| conductor.end_engine()).forget();
    // A page brought back from the browser's memory has lost its engine: begin anew.
    EventListener::new(&window, "pageshow", |event| {
        if event.dyn_ref::<PageTransitionEvent>().is_some_and(PageTransitionEvent::persisted) {
            reload();
        }
    })
    .forget();
}
