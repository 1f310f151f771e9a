//! Makes the browser's Back button go one step back, instead of leaving the page.
//!
//! Each new step gets a history entry with its depth. The entry says nothing else of the step: a reload begins anew.

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
    /// The depth of the present history entry; the first one has 0.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// Adds an entry for the step that was just reached.
pub fn remember_step() {
    let depth = DEPTH.get() + 1;
    // Browsers refuse this only after hundreds within a minute. Back then leaves the page, after the warning.
    if history().push_state(&JsValue::from(depth), "").is_ok() {
        DEPTH.set(depth);
    }
}

/// Tells whether the present history entry is a later one than the page's first.
pub fn has_moved() -> bool {
    DEPTH.get() > 0
}

/// Goes back as the browser's Back button does: for the Back button on screen.
pub fn go_back(conductor: Conductor) {
    if conductor.is_still() || DEPTH.get() == 0 || history().back().is_err() {
        conductor.input(Input::WentBack);
    }
}

/// Finds out where the browser's history stands.
pub fn begin() {
    DEPTH.set(history().state().as_ref().map_or(0, depth_in));
}

/// Watches for the browser's Back and Forward.
pub fn watch(conductor: Conductor) {
    // The person may have gone back or forward before.
    begin();
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
    // The page stores small whole numbers; anything else counts as the beginning.
    state.as_f64().filter(|depth| *depth >= 0.0).map_or(0, |depth| depth as u32)
}
