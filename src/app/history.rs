//! The browser's Back button goes one step back, and loses nothing.
//!
//! Each new step gets an entry of its own with its depth in it. Nothing about the step is in there:
//! a reload begins anew.

use std::cell::Cell;

use gloo::{
    events::EventListener,
    utils::{history, window},
};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::PopStateEvent;

use super::conductor::Conductor;
use crate::guide::{Guide, Input};

thread_local! {
    /// The depth of the entry we are on.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// Adds an entry for the step that was just reached.
pub fn remember_step() {
    let depth = DEPTH.get() + 1;
    // Refused only when there were hundreds a minute; then Back leaves the page, after its warning.
    if history().push_state(&JsValue::from(depth), "").is_ok() {
        DEPTH.set(depth);
    }
}

/// Whether the person has been further than the first screen.
pub fn has_moved() -> bool {
    DEPTH.get() > 0
}

/// The visible Back button: the same way as the browser's.
pub fn go_back(conductor: Conductor) {
    if conductor.is_still() || DEPTH.get() == 0 || history().back().is_err() {
        conductor.input(Input::WentBack);
    }
}

/// Watches for the browser's Back and Forward.
pub fn watch(conductor: Conductor) {
    DEPTH.set(history().state().as_ref().map_or(0, depth_in));
    EventListener::new(&window(), "popstate", move |event| {
        let depth = event.dyn_ref::<PopStateEvent>().map_or(0, |event| depth_in(&event.state()));
        let forward = depth > DEPTH.replace(depth);
        if forward {
            return;
        }
        if conductor.peek(Guide::can_go_back) {
            conductor.input(Input::WentBack);
        } else if conductor.peek(Guide::has_something_to_lose) {
            remember_step();
        }
    })
    .forget();
}

fn depth_in(state: &JsValue) -> u32 {
    // What we stored is a small whole number; anything else counts as the beginning.
    state.as_f64().filter(|depth| *depth >= 0.0).map_or(0, |depth| depth as u32)
}
