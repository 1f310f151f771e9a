//! What the person chose to do, and the news that it is done.

use super::visit::Visit;
use crate::domain::plan::{Action, Task};

/// Something that the person chose to do.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// The account it is done on.
    pub visit: Box<Visit>,
    /// What to do.
    pub action: Action,
}

impl Job {
    /// Whether the key is chosen right below the findings: there is nothing else to do.
    pub(in crate::guide) fn is_all_there_is(&self) -> bool {
        self.action == Action::SetUp && self.visit.plan().recommended == Action::SetUp
    }
}

/// What was just done, told with the findings after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// What was chosen.
    pub action: Action,
    /// What it wrote.
    pub written: Vec<Task>,
}
