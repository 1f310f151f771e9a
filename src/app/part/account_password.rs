//! The form for the account password, which shows or asks whose it is.

use leptos::prelude::*;

use super::{
    button::{Look, actions, form, submit_as},
    field::{Field, Kind, text_in},
    login::{Filed, login},
    notice::words,
};
use crate::{
    domain::{problem::Words, secret::Secret},
    words,
};

/// The account whose password is asked for.
pub enum Whose {
    /// The person enters it; this is the first text of the field.
    Entered(String),
    /// This Matrix ID, shown in a field that cannot be changed.
    Named(String),
    /// This Matrix ID, not shown: the person has just signed in with it.
    Known(String),
}

/// A form that asks for the account password.
pub struct PasswordForm {
    /// The account.
    pub whose: Whose,
    /// Text that helps to fill it in.
    pub hint: &'static str,
    /// Gives the password's field the focus.
    pub focus: bool,
    /// Look of its button.
    pub look: Look,
    /// Text of its button.
    pub text: Box<dyn Fn() -> String + Send>,
    /// Disables its button while it returns `true`.
    pub off: Box<dyn Fn() -> bool + Send>,
    /// Words for what was wrong with the last entry, if anything was.
    pub error: Box<dyn Fn() -> Option<Words> + Send + Sync>,
    /// Takes the Matrix ID or user name, and the password.
    pub send: Box<dyn Fn(String, Secret)>,
}

impl PasswordForm {
    /// Draws the form. It sends nothing while the password is blank.
    pub fn view(self) -> AnyView {
        let Self { whose, hint, focus, look, text, off, error, send } = self;
        let empty = RwSignal::new(false);
        let wrong = move || {
            if empty.get() {
                return Some(words(
                    words::account_password_enter_your_account_password(),
                    words::account_password_it_is_the_one_you(),
                ));
            }
            error()
        };
        let (name, user_id) = match whose {
            Whose::Entered(value) => {
                let name = Field {
                    value,
                    ..Field::new(Kind::User, words::account_password_matrix_id_or_user_name())
                };
                (name.view(), None)
            }
            Whose::Named(user_id) => {
                let name = Field {
                    value: user_id.clone(),
                    fixed: true,
                    ..Field::new(Kind::User, words::account_password_matrix_id())
                };
                (name.view(), Some(user_id))
            }
            Whose::Known(user_id) => (login(&user_id, Filed::Password), Some(user_id)),
        };
        let field = Field {
            hint,
            focus,
            error: Box::new(wrong),
            ..Field::new(Kind::Password, words::account_password_account_password())
        };
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
