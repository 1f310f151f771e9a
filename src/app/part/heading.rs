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

fn draw(text: String) -> AnyView {
    document().set_title(&[text.as_str(), TITLE_END].concat());
    window().scroll_to_with_x_and_y(0.0, 0.0);
    el("h1").attr("id", ID).attr("tabindex", "-1").text(text).view()
}

/// Gives the focus to an element that is just being drawn.
pub fn focus_soon(id: &'static str) {
    Timeout::new(0, move || {
        if let Some(element) =
            document().get_element_by_id(id).and_then(|found| found.dyn_into::<HtmlElement>().ok())
        {
            // Refused only for elements that cannot be focused.
            let _ = element.focus();
        }
    })
    .forget();
}
