//! One attempt to sign in on an authorization server's page: the page's address, and the tokens for the code it answers
//! with.
//!
//! Source: RFC 6749, section 4.1; RFC 7636; RFC 9207.

use std::rc::Rc;

use matrix_sdk::ruma::DeviceId;
use oauth2::{PkceCodeChallenge, PkceCodeVerifier};
use zeroize::Zeroizing;

use super::{
    client::{Client, refused},
    form::{self, LIMITS, encode, query},
    grant::Grant,
    random::unguessable,
};
use crate::{
    domain::{problem::Problem, secret::Secret},
    engine::net::{
        failure::{Failure, Repeat},
        retry::Retry,
    },
};

/// The scopes asked for: the client API, as one device. Every authorization server knows these names of MSC2967, which
/// the SDK uses as well. Some in use refuse the specification's names (matrix-authentication-service#4587).
const API: &str = "urn:matrix:org.matrix.msc2967.client:api:*";
const DEVICE: &str = "urn:matrix:org.matrix.msc2967.client:device:";

/// An attempt, while the person is on the server's page.
pub(in crate::engine) struct Authorization {
    client: Rc<Client>,
    verifier: PkceCodeVerifier,
}

impl Authorization {
    /// Begins an attempt; returns it with the address of the page.
    pub(in crate::engine) fn begin(
        client: Rc<Client>,
        device_id: &DeviceId,
        state: &str,
        user_id: Option<&str>,
    ) -> (Self, String) {
        let verifier = PkceCodeVerifier::new(unguessable());
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
        let scope = [API, " ", DEVICE, device_id.as_str()].concat();
        // The user id as a login hint: MSC4198.
        let hint = user_id.map(|user_id| ["mxid:", user_id].concat());
        let pairs = [
            ("response_type", "code"),
            ("response_mode", "fragment"),
            ("client_id", &client.id),
            ("redirect_uri", &client.callback),
            ("scope", &scope),
            ("state", state),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
        ];
        let hint = hint.as_deref().map(|hint| ("login_hint", hint));
        let address = query(client.server.authorization_endpoint.as_str(), pairs.into_iter().chain(hint));
        (Self { client, verifier }, address)
    }

    /// Tells whether an answer is this server's, by the issuer that it names (RFC 9207). One without an issuer passes
    /// only if the server never promised to name it.
    pub(in crate::engine) fn is_from(&self, issuer: Option<&str>) -> bool {
        let server = &self.client.server;
        issuer.map_or(!server.answers_name_issuer, |issuer| issuer == server.issuer)
    }

    /// Exchanges the code for tokens. Not repeated: a code is good for one time.
    ///
    /// # Errors
    /// [`Problem::AnswerTooLate`]; [`Problem::PageRefused`]; the request's problem.
    pub(in crate::engine) async fn finish(self, retry: &Retry, code: &str) -> Result<Grant, Problem> {
        let Self { client, verifier } = self;
        let verifier = Secret::new(verifier.into_secret());
        let form = Zeroizing::new(encode([
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &client.callback),
            ("client_id", &client.id),
            ("code_verifier", verifier.expose()),
        ]));
        let request = form::post(&client.server.token_endpoint, &form)?;
        match retry.exchange(&request, Repeat::Unsafe, LIMITS).await {
            Ok(answer) => Ok(Grant::read(client, Zeroizing::new(answer.into_body()), None)?),
            Err(Failure::Refused(refusal)) if refusal.error == "invalid_grant" => Err(Problem::AnswerTooLate),
            Err(failure) => Err(refused(failure)),
        }
    }
}
