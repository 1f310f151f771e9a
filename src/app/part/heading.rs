//! The heading of a screen: its question or its news. The eye and the screen reader go there first.

use gloo::utils::{document, window};
use leptos::prelude::*;

use super::{
    element::el,
    focus::{HEADING, focus_soon},
};
use crate::words;

/// Draws the one heading of a screen. It takes the focus when the screen appears.
pub fn heading(text: impl Into<String>) -> AnyView {
    focus_soon(HEADING);
    draw(text.into())
}

/// Draws the heading of a screen on which a field takes the focus, or nothing does.
pub fn heading_beside_field(text: &'static str) -> AnyView {
    draw(text.to_owned())
}

/// Draws a heading whose text changes. It takes the focus once, when the screen appears.
pub fn live_heading(text: impl Fn() -> &'static str + Copy + Send + Sync + 'static) -> AnyView {
    focus_soon(HEADING);
    window().scroll_to_with_x_and_y(0.0, 0.0);
    Effect::new(move |_| set_title(text()));
    el("h1").attr("id", HEADING).attr("tabindex", "-1").live(move || text().to_owned()).view()
}

fn draw(text: String) -> AnyView {
    set_title(&text);
    window().scroll_to_with_x_and_y(0.0, 0.0);
    el("h1").attr("id", HEADING).attr("tabindex", "-1").text(text).view()
}

fn set_title(text: &str) {
    document().set_title(&words::heading_window_title(text));
}
