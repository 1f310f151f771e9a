//! A labelled text field with a hint, an error, and for secrets a button that shows them.

use gloo::utils::document;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, KeyboardEvent};

use super::{
    element::el,
    focus::{focus_is_at_a_button, focus_soon},
    notice::{Saying, notice},
};
use crate::{domain::problem::Tone, words};

/// Purpose of a field, in the terms of browsers and password managers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A Matrix ID, server name or address.
    Address,
    /// The name to sign in with.
    User,
    /// The account password.
    Password,
    /// A security phrase that is being chosen. Its form has a [`super::login`] field as well.
    Phrase,
    /// A recovery key, a phrase, or a backup key. Its form has a [`super::login`] field as well.
    Key,
    /// The passphrase of a file, chosen or entered. Its form has a [`super::login`] field as well.
    FilePassphrase,
    /// Words by which the person agrees.
    Consent,
}

/// Attributes for browsers, keyboards and password managers (HTML, "Autofill" and "Input modalities").
struct Contract {
    /// The ids of the field, its hint and its error.
    ids: [&'static str; 3],
    autocomplete: &'static str,
    /// The kind of on-screen keyboard.
    inputmode: &'static str,
    /// The label of that keyboard's Enter key.
    enterkeyhint: &'static str,
}

impl Kind {
    fn is_secret(self) -> bool {
        matches!(self, Self::Password | Self::Phrase | Self::Key | Self::FilePassphrase)
    }

    fn contract(self) -> Contract {
        let (ids, autocomplete, inputmode, enterkeyhint) = match self {
            Self::Address => (["matrix-id", "matrix-id-hint", "matrix-id-error"], "username", "email", "go"),
            Self::User => (["username", "username-hint", "username-error"], "username", "email", "next"),
            Self::Password => {
                (["password", "password-hint", "password-error"], "current-password", "text", "go")
            }
            Self::Phrase => (
                ["security-phrase", "security-phrase-hint", "security-phrase-error"],
                "new-password",
                "text",
                "next",
            ),
            Self::Key => (
                ["recovery-key", "recovery-key-hint", "recovery-key-error"],
                "current-password",
                "text",
                "go",
            ),
            Self::FilePassphrase => {
                (["file-passphrase", "file-passphrase-hint", "file-passphrase-error"], "off", "text", "done")
            }
            Self::Consent => (["consent", "consent-hint", "consent-error"], "off", "text", "go"),
        };
        Contract { ids, autocomplete, inputmode, enterkeyhint }
    }
}

/// A field that is being put together. Its text lives only in the browser's element, and a secret is
/// emptied when the screen goes.
pub struct Field {
    /// Its purpose; no screen has two of one kind.
    pub kind: Kind,
    /// Its label.
    pub label: String,
    /// Text that helps to fill it in.
    pub hint: &'static str,
    /// Its first text.
    pub value: String,
    /// Makes it read-only.
    pub fixed: bool,
    /// Gives it the focus when it is drawn.
    pub focus: bool,
    /// Words for what was wrong, if anything was.
    pub error: Saying,
    /// Shows a secret while it is `true`.
    pub shown: RwSignal<bool>,
}

impl Field {
    /// Makes a field without hint, text, focus or error.
    pub fn new(kind: Kind, label: impl Into<String>) -> Self {
        let error: Saying = Box::new(|| None);
        let (hint, value, shown) = ("", String::new(), RwSignal::new(false));
        Self { kind, label: label.into(), hint, value, fixed: false, focus: false, error, shown }
    }

    /// Draws the field with its label, hint and error.
    pub fn view(self) -> AnyView {
        let Self { kind, label, hint, value, fixed, focus, error, shown } = self;
        let Contract { ids: [id, hint_id, error_id], autocomplete, inputmode, enterkeyhint } =
            kind.contract();
        let wrong = StoredValue::new(error);
        if focus {
            focus_soon(id);
        }
        // After a refusal the person corrects this field. The button that sent it may have been disabled, and
        // has lost the focus then.
        Effect::new(move |before: Option<bool>| {
            let is_wrong = wrong.with_value(|wrong| wrong()).is_some();
            if is_wrong && before == Some(false) && focus_is_at_a_button() {
                focus_soon(id);
            }
            is_wrong
        });
        let is_masked = move || kind.is_secret() && !shown.get();
        let mut input = el("input")
            .class(if kind == Kind::Key { "mono" } else { "" })
            .attr("id", id)
            .attr("name", id)
            .live_attr("type", move || Some(if is_masked() { "password" } else { "text" }))
            .attr("autocomplete", autocomplete)
            .attr("autocapitalize", "none")
            .attr("autocorrect", "off")
            .attr("spellcheck", "false")
            .attr("inputmode", inputmode)
            .attr("enterkeyhint", enterkeyhint)
            .attr("aria-describedby", [hint_id, " ", error_id].concat())
            .live_attr("aria-invalid", move || {
                let is_wrong = wrong.with_value(|wrong| wrong()).is_some_and(|it| it.tone == Tone::Alarm);
                is_wrong.then_some("true")
            })
            .attr("value", value);
        if fixed {
            input = input.attr("readonly", "");
        }
        if kind == Kind::User {
            input = input.on("keydown", to_password);
        }
        if kind == Kind::Consent {
            // Tells 1Password, Bitwarden and LastPass to leave the field alone.
            let ignore = [("data-1p-ignore", ""), ("data-bwignore", ""), ("data-lpignore", "true")];
            input = ignore.into_iter().fold(input, |input, (name, value)| input.attr(name, value));
        }
        let mut row = vec![input.view()];
        if kind.is_secret() {
            on_cleanup(move || write_in(kind, ""));
            row.push(show_button(id, shown));
        }
        el("div")
            .class("field")
            .child(el("label").attr("for", id).text(label).view())
            .child(el("p").class("hint").attr("id", hint_id).text(hint).view())
            .child(el("div").class("field-row").all(row).view())
            .child(notice(error_id, Box::new(move || wrong.with_value(|wrong| wrong()))))
            .view()
    }
}

fn show_button(id: &'static str, shown: RwSignal<bool>) -> AnyView {
    el("button")
        .attr("type", "button")
        .attr("aria-controls", id)
        .on("click", move |_| shown.update(|shown| *shown = !*shown))
        .live(move || if shown.get() { words::field_hide() } else { words::field_show() }.to_owned())
        .view()
}

/// Moves the focus to the password when Enter is pressed in the name, as long as the password is empty.
fn to_password(event: web_sys::Event) {
    let is_enter = event.dyn_ref::<KeyboardEvent>().is_some_and(|event| event.key() == "Enter");
    if is_enter && input(Kind::Password).is_some_and(|input| input.value().is_empty()) {
        event.prevent_default();
        let [id, ..] = Kind::Password.contract().ids;
        focus_soon(id);
    }
}

/// Reads the text of the field of this kind.
pub fn text_in(kind: Kind) -> String {
    input(kind).map(|input| input.value()).unwrap_or_default()
}

/// Replaces the text of the field of this kind.
pub fn write_in(kind: Kind, text: &str) {
    if let Some(input) = input(kind) {
        input.set_value(text);
    }
}

fn input(kind: Kind) -> Option<HtmlInputElement> {
    let [id, ..] = kind.contract().ids;
    document().get_element_by_id(id)?.dyn_into().ok()
}
