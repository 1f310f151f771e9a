//! Turns failures of requests into the problems that the person is told.

use crate::{
    domain::problem::Problem,
    engine::net::failure::{Failure, Refusal},
};

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::NoAnswer => Self::Passing { status: None },
            Failure::Garbled => Self::Garbled,
            Failure::Refused(refusal) => refusal.into(),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match (refusal.status, refusal.errcode.as_str()) {
            (429, _) => Self::RateLimited { wait_ms: refusal.retry_after_ms.unwrap_or(5_000) },
            (_, "M_UNKNOWN_TOKEN" | "M_MISSING_TOKEN") => Self::SignedOut,
            (_, "M_USER_DEACTIVATED") => Self::Deactivated,
            (_, "M_USER_LOCKED") => Self::Locked,
            (500.., _) => Self::Passing { status: Some(refusal.status) },
            _ => Self::Refused { status: refusal.status, errcode: refusal.errcode },
        }
    }
}

/// Reads the failure of a sign-in by password, where `M_FORBIDDEN` means that name and password do not fit.
pub(in crate::engine) fn of_sign_in(failure: Failure) -> Problem {
    if failure.is("M_FORBIDDEN") { Problem::WrongPassword } else { failure.into() }
}

/// Reads the failure of a sign-in by token, where `M_FORBIDDEN` means that the token is not valid, or no longer.
pub(in crate::engine) fn of_token(failure: Failure) -> Problem {
    if failure.is("M_FORBIDDEN") { Problem::AnswerTooLate } else { failure.into() }
}
