//! Making a cross-signing identity and publishing it, with the server's proof if it asks.
//!
//! Source: specification, "Cross-signing" and "User-Interactive Authentication API".

use matrix_sdk::ruma::{
    api::client::{
        keys::upload_signing_keys,
        uiaa::{AuthData, MatrixUserIdentifier, Password, UserIdentifier},
    },
    assign,
};
use matrix_sdk_crypto::{
    CrossSigningBootstrapRequests, store::types::CrossSigningKeyExport, types::requests::AnyOutgoingRequest,
};

use super::{
    http::{Challenge, Failure},
    inspect::{Inspection, identity},
    secret_storage::Secrets,
    session::Session,
    set_up::Halt,
    stranger,
};
use crate::domain::{problem::Problem, secret::Secret};

/// An identity that so far exists in the SDK's machine only.
pub(super) struct NewIdentity {
    requests: CrossSigningBootstrapRequests,
}

impl NewIdentity {
    /// Makes it, before the machine has heard of any other (matrix-rust-sdk#4728), and hands out its
    /// private keys so that they can be stored before it is published.
    pub(super) async fn make(session: &Session) -> Result<(Self, CrossSigningKeyExport), Problem> {
        let machine = &session.machine;
        let requests = machine.bootstrap_cross_signing(false).await.map_err(|_| Problem::EngineStopped)?;
        let export = machine.export_cross_signing_keys().await.map_err(|_| Problem::EngineStopped)?;
        Ok((Self { requests }, export.ok_or(Problem::EngineStopped)?))
    }

    /// Publishes the identity, with the account password if the server asked for it.
    pub(super) async fn publish(
        &self,
        session: &Session,
        ours: &Secrets,
        password: Option<Secret>,
    ) -> Result<(), Halt> {
        let Err(failure) = self.upload(session, None).await else { return Ok(()) };
        let challenge = take_challenge(failure)?;
        check_no_other_identity(session, ours).await?;
        require_password_flow(&challenge)?;
        let Some(password) = password else { return Err(Halt::PasswordNeeded { refused: false }) };
        let identifier = UserIdentifier::Matrix(MatrixUserIdentifier::new(session.user_id.to_string()));
        let auth = AuthData::Password(assign!(Password::new(identifier, password.expose().to_owned()), {
            session: challenge.session,
        }));
        match self.upload(session, Some(auth)).await {
            Ok(()) => Ok(()),
            Err(Failure::Refused(refusal)) if refusal.status == 401 && refusal.errcode == "M_FORBIDDEN" => {
                Err(Halt::PasswordNeeded { refused: true })
            }
            Err(failure) => {
                // A second stage that is no password: nothing this page can give.
                let challenge = take_challenge(failure)?;
                Err(Problem::ProofUnsupported { stages: challenge.flows.concat() }.into())
            }
        }
    }

    /// The device keys, already signed by the new identity, so that no separate signature is needed.
    pub(super) async fn upload_device_keys(&self, session: &Session) -> Result<(), Failure> {
        let Some(outgoing) = &self.requests.upload_keys_req else { return Ok(()) };
        let AnyOutgoingRequest::KeysUpload(upload) = outgoing.request() else { return Err(Failure::Garbled) };
        let response = session.server.send(upload.clone()).await?;
        session
            .machine
            .mark_request_as_sent(outgoing.request_id(), &response)
            .await
            .map_err(|_| Failure::Garbled)
    }

    async fn upload(&self, session: &Session, auth: Option<AuthData>) -> Result<(), Failure> {
        let upload = &self.requests.upload_signing_keys_req;
        let request = assign!(upload_signing_keys::v3::Request::new(), {
            auth,
            master_key: upload.master_key.as_ref().map(|key| key.to_raw()),
            self_signing_key: upload.self_signing_key.as_ref().map(|key| key.to_raw()),
            user_signing_key: upload.user_signing_key.as_ref().map(|key| key.to_raw()),
        });
        session.server.send(request).await.map(|_| ())
    }
}

/// A server also asks for proof when an identity is there already: proving would then replace it.
async fn check_no_other_identity(session: &Session, ours: &Secrets) -> Result<(), Halt> {
    let now = Inspection::read(&session.server, &session.user_id, &session.device_id).await?;
    match identity(&now.keys, &session.user_id)? {
        None => Ok(()),
        Some(_) if stranger::is_identity_of(session, &now.keys, ours).await => Ok(()),
        Some(_) => Err(Problem::SomeoneElseIsWriting.into()),
    }
}

fn take_challenge(failure: Failure) -> Result<Challenge, Problem> {
    match failure {
        Failure::Refused(mut refusal) => match refusal.challenge.take() {
            Some(challenge) => Ok(challenge),
            None => Err(refusal.into()),
        },
        failure => Err(failure.into()),
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
