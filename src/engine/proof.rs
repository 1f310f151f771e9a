//! The proof that a server may want before it does something grave: the account password.
//!
//! Source: specification, "User-Interactive Authentication API".

use matrix_sdk::ruma::{
    UserId,
    api::client::uiaa::{AuthData, MatrixUserIdentifier, Password, UserIdentifier},
    assign,
};

use super::{
    http::{Challenge, Failure},
    set_up::Halt,
};
use crate::domain::{problem::Problem, secret::Secret};

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
            Err(Problem::ProofUnsupported { stages: challenge.flows.concat() }.into())
        }
    }
}

/// Whether the password alone is one of the ways.
fn require_password_flow(challenge: &Challenge) -> Result<(), Problem> {
    let enough = |flow: &Vec<String>| flow.iter().any(|s| s == "m.login.password") && flow.len() == 1;
    if challenge.flows.iter().any(enough) {
        return Ok(());
    }
    Err(Problem::ProofUnsupported { stages: challenge.flows.concat() })
}
