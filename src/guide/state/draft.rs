//! A phrase that is being chosen.

use crate::domain::{passphrase::Judgement, secret::Secret};

/// State of the phrase in the field.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draft {
    /// Number of the last question to the engine; answers to older ones are ignored.
    pub number: u32,
    /// The engine's answer to it.
    pub judgement: Option<Judgement>,
    /// The phrase that the engine proposed last.
    pub suggestion: Option<Secret>,
    /// The phrase that the person wants to go on with, while the engine judges it.
    pub choosing: Option<Secret>,
}
