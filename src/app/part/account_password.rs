//! The form for the account password, with which account it is for.

use leptos::prelude::*;

use super::{
    button::{Look, actions, form, submit_as},
    element::el,
    field::{Field, Kind, text_in},
    notice::words,
};
use crate::domain::{problem::Words, secret::Secret};

/// What is asked for, and what is done with it.
pub struct PasswordForm {
    /// Whose account it is, where that is settled.
    pub user_id: Option<String>,
    /// Whom the field for the name shows at first, where it is not.
    pub proposed: String,
    /// What helps to fill it in.
    pub hint: &'static str,
    /// Whether the password's field takes the focus.
    pub focus: bool,
    /// How its button looks.
    pub look: Look,
    /// What its button says.
    pub text: Box<dyn Fn() -> String + Send>,
    /// Whether its button cannot be pressed.
    pub off: Box<dyn Fn() -> bool + Send>,
    /// What was wrong with the last entry.
    pub error: Box<dyn Fn() -> Option<Words> + Send + Sync>,
    /// Takes name and password.
    pub send: Box<dyn Fn(String, Secret)>,
}

impl PasswordForm {
    /// The form. Nothing is sent while the field is empty.
    pub fn view(self) -> AnyView {
        let Self { user_id, proposed, hint, focus, look, text, off, error, send } = self;
        let empty = RwSignal::new(false);
        let wrong = move || {
            if empty.get() {
                return Some(words(
                    "Enter your account password.",
                    "It is the one you sign in to your chats with.",
                ));
            }
            error()
        };
        let name = match &user_id {
            Some(user_id) => settled(user_id),
            None => {
                let kind = Field::new(Kind::User, "Matrix ID or user name");
                Field { value: proposed, ..kind }.view()
            }
        };
        let field =
            Field { hint, focus, error: Box::new(wrong), ..Field::new(Kind::Password, "Account password") };
        let entered = move || {
            let password = Secret::new(text_in(Kind::Password));
            empty.set(password.is_blank());
            if !password.is_blank() {
                send(user_id.clone().unwrap_or_else(|| text_in(Kind::User)), password);
            }
        };
        form(entered, vec![name, field.view(), actions(vec![submit_as(look, text, off)])])
    }
}

/// For password managers: which account the password belongs to.
fn settled(user_id: &str) -> AnyView {
    let user = el("input").attr("type", "text").attr("name", "username").attr("autocomplete", "username");
    user.attr("value", user_id).attr("readonly", "").attr("hidden", "").view()
}
