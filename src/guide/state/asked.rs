//! A proof that the server has asked for.

use crate::domain::proof::Wanted;

/// A proof that the server has asked the person for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedProof {
    /// The ways to give the proof.
    pub wanted: Wanted,
    /// Set if the person went to the server's page, and the engine asks the server whether they are done.
    pub went: bool,
}

impl AskedProof {
    /// Makes one for which the person has done nothing yet.
    pub fn new(wanted: Wanted) -> Self {
        Self { wanted, went: false }
    }
}
