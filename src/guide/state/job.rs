//! An action that the person chose, and the news that it is done.

use super::visit::Visit;
use crate::domain::plan::{Action, Task};

/// An action that the person chose, for their account.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// The account and its server.
    pub visit: Box<Visit>,
    /// The action.
    pub action: Action,
}

impl Job {
    /// Tells whether the findings themselves ask for the kind of key, since set-up is all they recommend.
    pub(in crate::guide) fn is_all_there_is(&self) -> bool {
        self.action == Action::SetUp && self.visit.plan().recommended == Action::SetUp
    }
}

/// An action that was just carried out, told with the findings after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// The action.
    pub action: Action,
    /// The tasks of it that write.
    pub written: Vec<Task>,
}
