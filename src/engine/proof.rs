//! The proof that a server may want before it does something grave: the account password.
//!
//! Source: specification, "User-Interactive Authentication API".

use std::collections::BTreeSet;

use matrix_sdk::ruma::{
    UserId,
    api::client::uiaa::{AuthData, MatrixUserIdentifier, Password, UserIdentifier},
    assign,
};

use super::{
    http::{Challenge, Failure},
    set_up::Halt,
};
use crate::domain::{problem::Problem, recovery_key::RecoveryKey, secret::Secret};

/// How many stages are named of a proof that this page cannot give.
const MOST_NAMED: usize = 4;
/// How often a password may be refused before there is an end to asking: a server may ask without one.
pub(super) const ROUNDS: u32 = 3;

/// What a refused request asks for.
///
/// # Errors
/// The request's problem, if it asks for no proof.
pub(super) fn challenge(failure: Failure) -> Result<Challenge, Problem> {
    match failure {
        Failure::Refused(mut refusal) => match refusal.challenge.take() {
            Some(challenge) => Ok(challenge),
            None => Err(refusal.into()),
        },
        failure => Err(failure.into()),
    }
}

/// Sends the request once more, with the password.
///
/// # Errors
/// [`Halt::PasswordNeeded`] if there is none or it was refused; [`Problem::ProofUnsupported`] if the server
/// wants anything else; the request's problem.
pub(super) async fn prove(
    user_id: &UserId,
    challenge: Challenge,
    password: Option<Secret>,
    send: impl AsyncFnOnce(AuthData) -> Result<(), Failure>,
) -> Result<(), Halt> {
    require_password_flow(&challenge)?;
    let Some(password) = password else { return Err(Halt::PasswordNeeded { refused: false }) };
    let identifier = UserIdentifier::Matrix(MatrixUserIdentifier::new(user_id.to_string()));
    let auth = AuthData::Password(assign!(Password::new(identifier, password.expose().to_owned()), {
        session: challenge.session,
    }));
    match send(auth).await {
        Ok(()) => Ok(()),
        Err(Failure::Refused(refusal)) if refusal.status == 401 && refusal.errcode == "M_FORBIDDEN" => {
            Err(Halt::PasswordNeeded { refused: true })
        }
        Err(failure) => {
            // A second stage that is no password: nothing this page can give.
            let challenge = self::challenge(failure)?;
            Err(unsupported(&challenge).into())
        }
    }
}

/// Whether the password alone is one of the ways.
fn require_password_flow(challenge: &Challenge) -> Result<(), Problem> {
    let enough = |flow: &Vec<String>| flow.iter().any(|s| s == "m.login.password") && flow.len() == 1;
    if challenge.flows.iter().any(enough) {
        return Ok(());
    }
    Err(unsupported(challenge))
}

/// Names what the server wants instead, each once and not without end.
fn unsupported(challenge: &Challenge) -> Problem {
    let stages: BTreeSet<&String> =
        challenge.flows.iter().flatten().filter(|stage| !stage.is_empty()).collect();
    Problem::ProofUnsupported { stages: stages.into_iter().take(MOST_NAMED).cloned().collect() }
}

/// Refuses to send as a password what opens the backup: people mix them up, and the server must not have it.
///
/// # Errors
/// [`Problem::KeyAsPassword`].
pub(super) fn require_no_key(entry: &Secret, phrases: &[Option<&Secret>]) -> Result<(), Problem> {
    let is_key = RecoveryKey::parse(entry.expose()).is_ok();
    let is_phrase = phrases.iter().flatten().any(|phrase| *phrase == entry);
    if is_key || is_phrase { Err(Problem::KeyAsPassword) } else { Ok(()) }
}
