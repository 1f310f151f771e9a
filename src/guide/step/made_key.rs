//! A recovery key that was made, and how the person keeps it.

use crate::domain::{kit::Kit, recovery_key::RecoveryKeyError};

/// A recovery key that exists in this page only.
#[derive(Clone, Debug, PartialEq)]
pub struct MadeKey {
    /// The key as it is shown and printed.
    pub kit: Kit,
    /// Whether a phrase opens the backup, too.
    pub with_phrase: bool,
}

/// A way of keeping the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeping {
    /// As a file.
    Downloaded,
    /// On the clipboard, for a password manager.
    Copied,
    /// In the browser's own password manager, if the person said yes there.
    InManager,
    /// On paper, by printer.
    Printed,
    /// On paper, by hand.
    WrittenDown,
}

/// Why an entry does not prove that the key was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofMistake {
    /// It has not the form of a recovery key.
    Form(RecoveryKeyError),
    /// It is a recovery key, but another one.
    AnotherKey,
}
