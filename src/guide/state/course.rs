//! A command for whose answer a step waits.

use crate::domain::problem::Problem;

/// State of a command that the person may have carried out again.
#[derive(Clone, Debug, PartialEq)]
pub enum Course<W> {
    /// Nothing is under way.
    Rest,
    /// The engine carries it out.
    Running(W),
    /// It failed with this problem the last time.
    Failed(Problem),
}

impl<W> Course<W> {
    /// Tells whether the engine carries it out.
    pub fn is_running(&self) -> bool {
        matches!(self, Self::Running(_))
    }

    /// What belongs to it while the engine carries it out.
    pub fn running(&self) -> Option<&W> {
        if let Self::Running(work) = self { Some(work) } else { None }
    }

    /// The problem with which it failed.
    pub fn trouble(&self) -> Option<&Problem> {
        if let Self::Failed(problem) = self { Some(problem) } else { None }
    }
}
