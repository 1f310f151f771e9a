//! A recovery key that was made, and how the person keeps it.

use crate::domain::{kit::Kit, recovery_key::RecoveryKeyError};

/// A recovery key that is not written to the account yet.
#[derive(Clone, Debug, PartialEq)]
pub struct MadeKey {
    /// The key as it is shown and printed.
    pub kit: Kit,
    /// Set if a phrase leads to this key.
    pub with_phrase: bool,
}

/// A way of keeping the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeping {
    /// As a file.
    Downloaded,
    /// On the clipboard, for a password manager.
    Copied,
    /// In the browser's password manager, if the person agreed there.
    InManager,
    /// On paper, printed.
    Printed,
    /// On paper, written by hand.
    WrittenDown,
}

/// The reason why an entry does not prove that the key was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryMistake {
    /// It does not have the form of a recovery key.
    Form(RecoveryKeyError),
    /// It is a recovery key, but another one.
    AnotherKey,
}
