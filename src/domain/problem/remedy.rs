//! What helps against a problem.

use super::Problem;

impl Problem {
    /// Whether only somebody else can mend it: the homeserver's administrator, or whoever hosts the page.
    pub fn is_for_others(&self) -> bool {
        match self {
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
            | Self::Refused { .. }
            | Self::Contradicted
            | Self::NotAsWritten { .. }
            | Self::BackupNotUsed
            | Self::EngineMissing
            | Self::EngineStopped
            | Self::OutOfOrder => true,
            Self::NotAnAddress(_)
            | Self::UnknownServer { .. }
            | Self::ServerUnreachable { .. }
            | Self::WindowBlocked
            | Self::NotLetIn { .. }
            | Self::StrayAnswer
            | Self::AnswerTooLate
            | Self::AnotherAccount { .. }
            | Self::WrongPassword
            | Self::RateLimited { .. }
            | Self::SignedOut
            | Self::ProofRefused
            | Self::KeyAsPassword
            | Self::WeakKey
            | Self::Passing { .. }
            | Self::Garbled
            | Self::SomeoneElseIsWriting
            | Self::KeyNotProved
            | Self::BackupReplaced
            | Self::KeyNotPutBack
            | Self::OpensNothing
            | Self::DoesNotFit
            | Self::KeyFile(_) => false,
        }
    }

    /// Whether doing the same again may help without changing anything first.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::RateLimited { .. }
            | Self::Passing { .. }
            | Self::Garbled
            | Self::Refused { .. }
            | Self::KeyNotPutBack
            | Self::ServerUnreachable { .. }
            | Self::UnknownServer { .. } => true,
            Self::NotAnAddress(_)
            | Self::NoCors { .. }
            | Self::NotAHomeserver { .. }
            | Self::WellKnownBroken { .. }
            | Self::NoWayToSignIn { .. }
            | Self::WindowBlocked
            | Self::NotLetIn { .. }
            | Self::StrayAnswer
            | Self::AnswerTooLate
            | Self::PageRefused { .. }
            | Self::AnotherAccount { .. }
            | Self::AnotherDevice { .. }
            | Self::AnotherServer { .. }
            | Self::WrongPassword
            | Self::Deactivated
            | Self::Locked
            | Self::SignedOut
            | Self::ProofRefused
            | Self::KeyAsPassword
            | Self::WeakKey
            | Self::ProofUnsupported { .. }
            | Self::SomeoneElseIsWriting
            | Self::Contradicted
            | Self::NotAsWritten { .. }
            | Self::KeyNotProved
            | Self::BackupReplaced
            | Self::BackupNotUsed
            | Self::OpensNothing
            | Self::DoesNotFit
            | Self::KeyFile(_)
            | Self::EngineMissing
            | Self::EngineStopped
            | Self::OutOfOrder => false,
        }
    }
}
