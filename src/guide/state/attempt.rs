//! An attempt to sign in.

use crate::domain::{sign_in::Door, web_address::WebAddress};

/// State of an attempt to sign in.
#[derive(Clone, Debug, PartialEq)]
pub enum Attempt {
    /// The person has not chosen a way yet.
    None,
    /// The person signs in on the server's page, in a window that is open or will be.
    Window {
        /// The page on which they sign in.
        door: Box<Door>,
        /// Its URL, once the engine has told it.
        address: Option<WebAddress>,
        /// Set if the browser opened no window.
        blocked: bool,
    },
    /// The engine asks the server.
    Asking {
        /// The window that the answer came from. It stays open if the answer belongs to another attempt.
        window: Option<Box<Self>>,
    },
}

impl Attempt {
    /// Tells whether the engine is asking the server.
    pub fn is_asking(&self) -> bool {
        matches!(self, Self::Asking { .. })
    }
}
