//! The phases of the way, which the page lists.

/// A phase of the way; the page lists them all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Reading what the page does.
    Start,
    /// Naming the account, and signing in.
    SignIn,
    /// Reading the findings.
    Findings,
    /// Making or entering a key.
    Key,
    /// Writing.
    TurnOn,
    /// Bringing in the keys of old messages.
    OldMessages,
    /// Checking everything, and signing out.
    Finish,
}

/// All phases, in order.
pub const PHASES: [Phase; 7] = [
    Phase::Start,
    Phase::SignIn,
    Phase::Findings,
    Phase::Key,
    Phase::TurnOn,
    Phase::OldMessages,
    Phase::Finish,
];
