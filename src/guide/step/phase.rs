//! The list of steps, as the person sees it.

/// The parts of the way, for the list of steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Why.
    Start,
    /// Which account, and signing in.
    SignIn,
    /// What is the matter.
    Findings,
    /// Phrase and key.
    Key,
    /// Writing.
    TurnOn,
    /// The old messages' keys.
    OldMessages,
    /// Signed out.
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
