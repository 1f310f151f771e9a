//! Buttons and the forms they belong to.

use leptos::prelude::*;

use super::element::el;

/// How a button looks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// The one to press.
    Primary,
    /// Another one.
    Plain,
    /// Like a link.
    Link,
}

impl Look {
    /// The class that makes it look so.
    pub fn class(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Plain => "",
            Self::Link => "link-button",
        }
    }
}

/// A button that always says and does the same.
pub fn button(look: Look, text: &'static str, act: Callback<()>) -> AnyView {
    live_button(look, move || text.to_owned(), || false, act)
}

/// A button whose text changes, and that cannot be pressed while it is off.
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

/// A form's own button: Enter presses it.
pub fn submit(text: &'static str) -> AnyView {
    live_submit(move || text.to_owned(), || false)
}

/// A form's own button, whose text changes, and that cannot be pressed while it is off.
pub fn live_submit(
    text: impl Fn() -> String + Send + 'static,
    off: impl Fn() -> bool + Send + 'static,
) -> AnyView {
    submit_as(Look::Primary, text, off)
}

/// The same, where it need not be the one to press.
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

/// Fields with their button. The browser checks nothing: the guide does, in words.
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

/// A row of buttons; the first is the one that is recommended.
pub fn actions(buttons: Vec<AnyView>) -> AnyView {
    el("div").class("actions").all(buttons).view()
}
