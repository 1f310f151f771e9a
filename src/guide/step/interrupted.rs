//! The place that is kept while a person signs in once more.

use super::Step;
use crate::domain::{discovery::Server, problem::Problem};

/// Where a person was when the server signed this page out.
#[derive(Clone, Debug, PartialEq)]
pub struct Interrupted {
    /// The homeserver.
    pub server: Server,
    /// Who they are.
    pub user_id: String,
    /// The step, with nothing under way.
    pub step: Step,
    /// What had happened: signed out, or locked.
    pub problem: Problem,
    /// Whether they are signed in again, and the account is being looked at.
    pub is_back: bool,
}
