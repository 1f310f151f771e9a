//! The end of an order that cannot go on by itself.

use crate::domain::{problem::Problem, proof::Wanted};

/// The reason for which an order stopped before its end.
pub(in crate::engine) enum Halt {
    /// The server wants a proof.
    ProofNeeded(Wanted),
    /// Something went wrong.
    Trouble(Problem),
}

impl<T: Into<Problem>> From<T> for Halt {
    fn from(problem: T) -> Self {
        Self::Trouble(problem.into())
    }
}
