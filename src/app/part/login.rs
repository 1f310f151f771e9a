//! The name under which a password manager files a secret.
//!
//! Password managers keep one secret for each site and name. In a form without a name they take the account's, and
//! offer to replace the account password by the phrase or the key. So each of them has a name of its own.

use gloo::utils::document;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

use super::element::el;
use crate::words;

/// Id of the field.
const ID: &str = "login";

/// Kind of secret that is filed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Filed {
    /// The account password, under the account's own name.
    Password,
    /// The security phrase.
    Phrase,
    /// The recovery key.
    Key,
    /// The passphrase of a key file.
    KeyFile,
}

/// Makes the name for a secret of an account.
pub fn filed_name(user_id: &str, filed: Filed) -> String {
    let name = match filed {
        Filed::Password => user_id.to_owned(),
        Filed::Phrase => words::login_phrase(user_id),
        Filed::Key => words::login_key(user_id),
        Filed::KeyFile => words::login_key_file(user_id),
    };
    // The marks that keep a name's direction on screen.
    name.replace(['\u{2068}', '\u{2069}'], "")
}

/// Draws a field with the name, for password managers alone: it is a pixel large, and the keyboard cannot reach it.
/// Some managers ignore a field that is not drawn at all.
pub fn login(user_id: &str, filed: Filed) -> AnyView {
    el("input")
        .class("login")
        .attr("id", ID)
        .attr("type", "text")
        .attr("name", "username")
        .attr("autocomplete", "username")
        .attr("readonly", "")
        .attr("tabindex", "-1")
        .attr("aria-hidden", "true")
        .attr("value", filed_name(user_id, filed))
        .view()
}

/// Changes the name, when what is being entered turns out to be another kind of secret.
pub fn file_as(user_id: &str, filed: Filed) {
    let input = document().get_element_by_id(ID).and_then(|found| found.dyn_into::<HtmlInputElement>().ok());
    if let Some(input) = input {
        input.set_value(&filed_name(user_id, filed));
    }
}
