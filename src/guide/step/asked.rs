//! A proof that the server has asked for.

use crate::domain::proof::Wanted;

/// A proof that the server has asked the person for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// What it wants.
    pub wanted: Wanted,
    /// Whether the person went to its page, and the server is being asked whether that is done.
    pub went: bool,
}

impl Asked {
    /// Nothing was done about it yet.
    pub fn new(wanted: Wanted) -> Self {
        Self { wanted, went: false }
    }
}
