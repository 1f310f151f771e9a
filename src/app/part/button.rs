//! Buttons and the forms they belong to.

use leptos::prelude::*;

use super::element::el;

/// Look of a button.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// The recommended one.
    Primary,
    /// Another one.
    Plain,
    /// Like a link.
    Link,
}

impl Look {
    /// Returns its CSS class.
    pub fn class(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Plain => "",
            Self::Link => "link-button",
        }
    }
}

/// Draws a button that always says and does the same.
pub fn button(look: Look, text: &'static str, act: Callback<()>) -> AnyView {
    live_button(look, move || text.to_owned(), || false, act)
}

/// Draws a button whose text changes. It is disabled while `off` returns `true`.
pub fn live_button(
    look: Look,
    text: impl Fn() -> String + Send + 'static,
    off: impl Fn() -> bool + Send + 'static,
    act: Callback<()>,
) -> AnyView {
    draw(look, Box::new(text), Box::new(off), act)
}

fn draw(
    look: Look,
    text: Box<dyn Fn() -> String + Send>,
    off: Box<dyn Fn() -> bool + Send>,
    act: Callback<()>,
) -> AnyView {
    el("button")
        .class(look.class())
        .attr("type", "button")
        .live_attr("disabled", move || off().then_some(""))
        .on("click", move |_| act.run(()))
        .live(text)
        .view()
}

/// Draws a form's submit button, which Enter presses, too.
pub fn submit(text: &'static str) -> AnyView {
    live_submit(move || text.to_owned(), || false)
}

/// Draws a submit button whose text changes. It is disabled while `off` returns `true`.
pub fn live_submit(
    text: impl Fn() -> String + Send + 'static,
    off: impl Fn() -> bool + Send + 'static,
) -> AnyView {
    submit_as(Look::Primary, text, off)
}

/// Draws the same, for a form that need not be the recommended one.
pub fn submit_as(
    look: Look,
    text: impl Fn() -> String + Send + 'static,
    off: impl Fn() -> bool + Send + 'static,
) -> AnyView {
    el("button")
        .class(look.class())
        .attr("type", "submit")
        .live_attr("disabled", move || off().then_some(""))
        .live(text)
        .view()
}

/// Draws a form. The browser validates nothing: the guide does, and says in words what is wrong.
pub fn form(send: impl Fn() + 'static, children: Vec<AnyView>) -> AnyView {
    let send: Box<dyn Fn()> = Box::new(send);
    draw_form(send, children)
}

fn draw_form(send: Box<dyn Fn()>, children: Vec<AnyView>) -> AnyView {
    let submitted = move |event: web_sys::Event| {
        event.prevent_default();
        send();
    };
    el("form").attr("novalidate", "").on("submit", submitted).all(children).view()
}

/// Draws a row of buttons, the recommended one first.
pub fn actions(buttons: Vec<AnyView>) -> AnyView {
    el("div").class("actions").all(buttons).view()
}
