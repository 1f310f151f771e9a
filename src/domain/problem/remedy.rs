//! Tells what helps against a problem: one table answers every question about it.

use super::Problem;

/// Names who has to act, so that the person can go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// The person does the same again: it may pass without any change.
    TryAgain,
    /// The person does the same again, and asks somebody else if that does not help.
    TryAgainThenAsk,
    /// The person enters, chooses or opens something else.
    Correct,
    /// Somebody else mends it: the homeserver's administrator, or whoever hosts the page.
    AskSomebody,
    /// The person begins anew, since the account is not as this page saw it any more.
    StartAgain,
}

impl Problem {
    /// Names what helps.
    pub fn remedy(&self) -> Remedy {
        match self {
            Self::UnknownServer { .. }
            | Self::ServerUnreachable { .. }
            | Self::RateLimited { .. }
            | Self::Passing { .. }
            | Self::Garbled
            | Self::KeyNotPutBack => Remedy::TryAgain,
            Self::Refused { .. } => Remedy::TryAgainThenAsk,
            Self::NotAnAddress(_)
            | Self::WindowBlocked
            | Self::NotLetIn { .. }
            | Self::StrayAnswer
            | Self::AnswerTooLate
            | Self::AnotherAccount { .. }
            | Self::WrongPassword
            | Self::ProofRefused
            | Self::KeyAsPassword
            | Self::TwoRecoveryKeys { .. }
            | Self::KeyFileAsKey
            | Self::WeakKey
            | Self::KeyNotProved
            | Self::OpensNothing
            | Self::KeyFile(_) => Remedy::Correct,
            Self::NoCors { .. }
            | Self::NotAHomeserver { .. }
            | Self::WellKnownBroken { .. }
            | Self::NoWayToSignIn { .. }
            | Self::PageRefused { .. }
            | Self::AnotherDevice { .. }
            | Self::AnotherServer { .. }
            | Self::Deactivated
            | Self::Locked
            | Self::ProofUnsupported { .. }
            | Self::Contradicted
            | Self::NotAsWritten { .. }
            | Self::BackupNotUsed
            | Self::EngineMissing
            | Self::EngineStopped(_)
            | Self::OutOfOrder(_) => Remedy::AskSomebody,
            Self::SignedOut | Self::SomeoneElseIsWriting | Self::BackupReplaced | Self::DoesNotFit => {
                Remedy::StartAgain
            }
        }
    }

    /// Tells whether somebody else may have to mend it: the homeserver's administrator, or whoever hosts the page.
    pub fn is_for_others(&self) -> bool {
        matches!(self.remedy(), Remedy::AskSomebody | Remedy::TryAgainThenAsk)
    }

    /// Tells whether the person may do the same again without changing anything first.
    pub fn may_pass(&self) -> bool {
        matches!(self.remedy(), Remedy::TryAgain | Remedy::TryAgainThenAsk)
    }

    /// Tells whether the server ended this page's sign-in, so that signing in once more may be enough.
    pub fn is_signed_out(&self) -> bool {
        matches!(self, Self::SignedOut | Self::Locked)
    }
}
