//! A phrase that is being chosen.

use crate::domain::{passphrase::Judgement, secret::Secret};

/// What is known about the phrase in the field.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draft {
    /// The number of the last question to the engine; older answers are ignored.
    pub number: u32,
    /// The answer to it, once it came.
    pub judgement: Option<Judgement>,
    /// The phrase that was proposed last.
    pub suggestion: Option<Secret>,
    /// The phrase the person wants to go on with, while the engine judges it.
    pub choosing: Option<Secret>,
}
