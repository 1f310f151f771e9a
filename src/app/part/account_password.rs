//! The form for the account password, with which account it is for.

use leptos::prelude::*;

use super::{
    button::{Look, actions, form, submit_as},
    field::{Field, Kind, text_in},
    login::{Filed, login},
    notice::words,
};
use crate::domain::{problem::Words, secret::Secret};

/// Whose password it is.
pub enum Whose {
    /// To be entered; what the field for it shows at first.
    Entered(String),
    /// Somebody's who is named beside it, and cannot be changed.
    Named(String),
    /// The same, without naming them: they have just signed in.
    Known(String),
}

/// What is asked for, and what is done with it.
pub struct PasswordForm {
    /// Whose.
    pub whose: Whose,
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
        let Self { whose, hint, focus, look, text, off, error, send } = self;
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
        let (name, user_id) = match whose {
            Whose::Entered(value) => {
                let name = Field { value, ..Field::new(Kind::User, "Matrix ID or user name") };
                (name.view(), None)
            }
            Whose::Named(user_id) => {
                let name =
                    Field { value: user_id.clone(), fixed: true, ..Field::new(Kind::User, "Matrix ID") };
                (name.view(), Some(user_id))
            }
            Whose::Known(user_id) => (login(&user_id, Filed::Password), Some(user_id)),
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
