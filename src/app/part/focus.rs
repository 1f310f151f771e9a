//! The focus, which the keyboard and screen readers follow.

use std::cell::Cell;

use gloo::{events::EventListener, timers::callback::Timeout, utils::document};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// The id of a screen's heading, which has the focus when nothing else has.
pub const HEADING: &str = "heading";

thread_local! {
    /// Set while the person has the focus somewhere, as far as events tell. Browsers take it from a button that is
    /// disabled, and send none.
    static HAS_FOCUS: Cell<bool> = const { Cell::new(false) };
    static FOLLOWS: Cell<bool> = const { Cell::new(false) };
}

/// Follows the focus by its events, from the first call on.
fn follow() {
    if FOLLOWS.replace(true) {
        return;
    }
    for (event, has) in [("focusin", true), ("focusout", false)] {
        EventListener::new(&document(), event, move |_| HAS_FOCUS.set(has)).forget();
    }
}

/// Gives the focus to the heading if the element that has it now is removed by the drawing under way, or if a disabled
/// button has lost it.
pub fn keep_focus() {
    follow();
    let is_somewhere = || document().active_element().is_some_and(|active| active.tag_name() != "BODY");
    if is_somewhere() || HAS_FOCUS.get() {
        Timeout::new(0, move || {
            if !is_somewhere() {
                focus(HEADING);
            }
        })
        .forget();
    }
}

/// Tells whether a submit button has the focus, or nothing has it: browsers take it from a button that is
/// disabled.
pub fn focus_is_at_a_button() -> bool {
    document().active_element().is_none_or(|active| {
        active.tag_name() == "BODY" || active.get_attribute("type").as_deref() == Some("submit")
    })
}

/// Gives the focus to an element that is just being drawn.
pub fn focus_soon(id: &'static str) {
    Timeout::new(0, move || focus(id)).forget();
}

/// Gives the focus to an element even if others, which are drawn at the same time, ask for it by [`focus_soon`].
pub fn focus_at_last(id: &'static str) {
    Timeout::new(0, move || focus_soon(id)).forget();
}

fn focus(id: &str) {
    if let Some(element) =
        document().get_element_by_id(id).and_then(|found| found.dyn_into::<HtmlElement>().ok())
    {
        // It throws nothing; an element that cannot be focused gets no focus.
        let _ = element.focus();
    }
}
