//! The steps from "backup is on" to "you're safe", by name.

/// A step after “backup is on” that the person can go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Counting the room keys as they come in.
    OldKeys,
    /// Comparing emoji with an app.
    Verify,
    /// Importing a key file.
    Import,
    /// Seeing which messages are covered.
    Coverage,
    /// Taking home a copy of the whole backup.
    TakeHome,
    /// The checklist at the end.
    Done,
}
