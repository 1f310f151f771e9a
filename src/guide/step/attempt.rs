//! An attempt to sign in.

use crate::domain::{sign_in::Door, web_address::WebAddress};

/// How far signing in is.
#[derive(Clone, Debug, PartialEq)]
pub enum Attempt {
    /// The person has not chosen yet.
    None,
    /// A window is open, or is to be opened, in which they sign in on the server's page.
    Window {
        /// Whose page.
        door: Box<Door>,
        /// Where it is, once that is known.
        address: Option<WebAddress>,
        /// Whether the browser did not open it.
        blocked: bool,
    },
    /// The server is being asked.
    Asking {
        /// The window that an answer came from: it still counts if that was another attempt's.
        window: Option<Box<Self>>,
    },
}

impl Attempt {
    /// Whether the server is being asked.
    pub fn is_asking(&self) -> bool {
        matches!(self, Self::Asking { .. })
    }
}
