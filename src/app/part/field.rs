//! A labelled text field: what it wants, what was wrong, and for secrets a button to show them.

use gloo::utils::document;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

use super::{
    element::el,
    heading::focus_soon,
    notice::{Saying, notice},
};

/// What a field is for, in the terms of browsers and password managers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A Matrix ID, server name or address.
    Address,
    /// The name to sign in with.
    User,
    /// The account password.
    Password,
    /// A security phrase. Never the account's password manager entry.
    Phrase,
    /// A recovery key.
    Key,
    /// The passphrase of a file. Never the account's password manager entry.
    FilePassphrase,
    /// Words that say yes.
    Consent,
}

impl Kind {
    fn is_secret(self) -> bool {
        matches!(self, Self::Password | Self::Phrase | Self::Key | Self::FilePassphrase)
    }

    fn autocomplete(self) -> &'static str {
        match self {
            Self::Address | Self::User => "username",
            Self::Password => "current-password",
            Self::Phrase | Self::Key | Self::FilePassphrase | Self::Consent => "off",
        }
    }

    /// The ids of the field, its hint and its error.
    fn ids(self) -> [&'static str; 3] {
        match self {
            Self::Address => ["matrix-id", "matrix-id-hint", "matrix-id-error"],
            Self::User => ["username", "username-hint", "username-error"],
            Self::Password => ["password", "password-hint", "password-error"],
            Self::Phrase => ["security-phrase", "security-phrase-hint", "security-phrase-error"],
            Self::Key => ["recovery-key", "recovery-key-hint", "recovery-key-error"],
            Self::FilePassphrase => ["file-passphrase", "file-passphrase-hint", "file-passphrase-error"],
            Self::Consent => ["consent", "consent-hint", "consent-error"],
        }
    }
}

/// A field that is being put together. Its text lives in the browser's element alone, and a secret
/// is emptied when the screen goes.
pub struct Field {
    /// What it is for; there is one of a kind on a screen.
    pub kind: Kind,
    /// What it is called, on screen.
    pub label: &'static str,
    /// What helps to fill it in.
    pub hint: &'static str,
    /// What it says at first.
    pub value: String,
    /// Whether it takes the focus.
    pub focus: bool,
    /// What was wrong.
    pub error: Saying,
    /// Whether a secret is shown.
    pub shown: RwSignal<bool>,
}

impl Field {
    /// A field without hint, text, focus or error.
    pub fn new(kind: Kind, label: &'static str) -> Self {
        let error: Saying = Box::new(|| None);
        Self { kind, label, hint: "", value: String::new(), focus: false, error, shown: RwSignal::new(false) }
    }

    /// The field with its label, hint and error.
    pub fn view(self) -> AnyView {
        let Self { kind, label, hint, value, focus, error, shown } = self;
        let [id, hint_id, error_id] = kind.ids();
        let wrong = StoredValue::new(error);
        if focus {
            focus_soon(id);
        }
        let input = el("input")
            .class(if kind == Kind::Key { "mono" } else { "" })
            .attr("id", id)
            .attr("name", id)
            .live_attr("type", move || {
                Some(if kind.is_secret() && !shown.get() { "password" } else { "text" })
            })
            .attr("autocomplete", kind.autocomplete())
            .attr("autocapitalize", "none")
            .attr("autocorrect", "off")
            .attr("spellcheck", "false")
            .attr("inputmode", if kind == Kind::Address { "email" } else { "text" })
            .attr("aria-describedby", [hint_id, " ", error_id].concat())
            .live_attr("aria-invalid", move || wrong.with_value(|wrong| wrong()).map(|_| "true"))
            .attr("value", value);
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
        .live_attr("aria-pressed", move || Some(if shown.get() { "true" } else { "false" }))
        .on("click", move |_| shown.update(|shown| *shown = !*shown))
        .text("Show")
        .view()
}

/// What the field of this kind says now.
pub fn text_in(kind: Kind) -> String {
    input(kind).map(|input| input.value()).unwrap_or_default()
}

/// Makes the field of this kind say something else.
pub fn write_in(kind: Kind, text: &str) {
    if let Some(input) = input(kind) {
        input.set_value(text);
    }
}

fn input(kind: Kind) -> Option<HtmlInputElement> {
    let [id, ..] = kind.ids();
    document().get_element_by_id(id)?.dyn_into().ok()
}
