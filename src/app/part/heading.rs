//! The heading of a screen: the question or the news, where the eye and the screen reader go first.

use gloo::{
    timers::callback::Timeout,
    utils::{document, window},
};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::element::el;

/// What the window's title ends in.
const TITLE_END: &str = " · Key backup";
/// The heading's id.
const ID: &str = "heading";

/// The one heading of a screen. It takes the focus when the screen appears.
pub fn heading(text: impl Into<String>) -> AnyView {
    focus_soon(ID);
    draw(text.into())
}

/// The heading of a screen on which a field takes the focus, or nothing does.
pub fn heading_beside_field(text: &'static str) -> AnyView {
    draw(text.to_owned())
}

/// A heading that tells news as they change. It takes the focus once.
pub fn live_heading(text: impl Fn() -> &'static str + Copy + Send + Sync + 'static) -> AnyView {
    focus_soon(ID);
    window().scroll_to_with_x_and_y(0.0, 0.0);
    Effect::new(move |_| set_title(text()));
    el("h1").attr("id", ID).attr("tabindex", "-1").live(move || text().to_owned()).view()
}

fn draw(text: String) -> AnyView {
    set_title(&text);
    window().scroll_to_with_x_and_y(0.0, 0.0);
    el("h1").attr("id", ID).attr("tabindex", "-1").text(text).view()
}

fn set_title(text: &str) {
    document().set_title(&[text, TITLE_END].concat());
}

/// Something that may have had the focus is drawn anew: if the focus is nowhere then, it goes to the heading.
pub fn keep_focus() {
    let is_somewhere = || document().active_element().is_some_and(|active| active.tag_name() != "BODY");
    if is_somewhere() {
        Timeout::new(0, move || {
            if !is_somewhere() {
                focus(ID);
            }
        })
        .forget();
    }
}

/// Whether the focus is at a form's own button, or nowhere: where it is once that button was switched off.
pub fn focus_is_at_a_button() -> bool {
    document().active_element().is_none_or(|active| {
        active.tag_name() == "BODY" || active.get_attribute("type").as_deref() == Some("submit")
    })
}

/// Gives the focus to an element that is just being drawn.
pub fn focus_soon(id: &'static str) {
    Timeout::new(0, move || focus(id)).forget();
}

fn focus(id: &str) {
    if let Some(element) =
        document().get_element_by_id(id).and_then(|found| found.dyn_into::<HtmlElement>().ok())
    {
        // Refused only for elements that cannot be focused.
        let _ = element.focus();
    }
}
