//! The name under which a password manager files a secret.
//!
//! Managers keep one secret per site and name. Where a form shows no name they take the account's, and offer
//! to put the phrase or the key in the place of the account password. So each has a name of its own.

use gloo::utils::document;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

use super::element::el;

/// The field's id.
const ID: &str = "login";

/// What is filed.
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

/// The name for this secret of this account.
pub fn login_name(user_id: &str, filed: Filed) -> String {
    let what = match filed {
        Filed::Password => "",
        Filed::Phrase => " (security phrase)",
        Filed::Key => " (recovery key)",
        Filed::KeyFile => " (key file)",
    };
    [user_id, what].concat()
}

/// The name, for managers alone: a field that is there and full, but that nobody sees or gets to. One that is not
/// drawn at all would be passed over by some of them.
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
        .attr("value", login_name(user_id, filed))
        .view()
}

/// What is being entered has turned out to be something else.
pub fn file_as(user_id: &str, filed: Filed) {
    let input = document().get_element_by_id(ID).and_then(|found| found.dyn_into::<HtmlInputElement>().ok());
    if let Some(input) = input {
        input.set_value(&login_name(user_id, filed));
    }
}
