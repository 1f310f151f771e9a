//! The step that is kept while a person signs in again.

use super::Step;
use crate::domain::{discovery::Server, problem::Problem};

/// The step where a person was when the server signed this page out.
#[derive(Clone, Debug, PartialEq)]
pub struct Interrupted {
    /// The homeserver.
    pub server: Server,
    /// Full Matrix ID.
    pub user_id: String,
    /// The step, with nothing under way.
    pub step: Step,
    /// The problem that ended the sign-in: signed out, or locked.
    pub problem: Problem,
    /// Set if the person has signed in again, and the engine is reading the account.
    pub is_back: bool,
}
