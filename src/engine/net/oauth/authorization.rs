//! One attempt to sign in on an authorization server's page: what the page is asked, and what becomes of its answer.
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
        retry::Courier,
    },
};

/// What is asked for: the client API, as one device. By the names that the proposal gave them (MSC2967), as the SDK asks
/// for them: every authorization server knows these; some that are in use refuse those of the specification
/// (matrix-authentication-service#4587).
const API: &str = "urn:matrix:org.matrix.msc2967.client:api:*";
const DEVICE: &str = "urn:matrix:org.matrix.msc2967.client:device:";

/// What is known of an attempt while the person is on the page.
pub(in crate::engine) struct Authorization {
    client: Rc<Client>,
    verifier: PkceCodeVerifier,
}

impl Authorization {
    /// Begins one; gives the address of the page.
    pub(in crate::engine) fn begin(
        client: Rc<Client>,
        device_id: &DeviceId,
        state: &str,
        user_id: Option<&str>,
    ) -> (Self, String) {
        let verifier = PkceCodeVerifier::new(unguessable());
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
        let scope = [API, " ", DEVICE, device_id.as_str()].concat();
        // MSC4198.
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

    /// Whether an answer is this server's, by whom it says that it is from (RFC 9207).
    pub(in crate::engine) fn is_from(&self, issuer: Option<&str>) -> bool {
        let server = &self.client.server;
        issuer.map_or(!server.answers_name_issuer, |issuer| issuer == server.issuer)
    }

    /// Gets the tokens for the code; once, since a code is good for one time.
    ///
    /// # Errors
    /// [`Problem::AnswerTooLate`]; [`Problem::PageRefused`]; the request's problem.
    pub(in crate::engine) async fn finish(self, courier: &Courier, code: &str) -> Result<Grant, Problem> {
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
        match courier.exchange(&request, Repeat::Unsafe, LIMITS).await {
            Ok(answer) => Ok(Grant::read(client, Zeroizing::new(answer.into_body()), None)?),
            Err(Failure::Refused(refusal)) if refusal.error == "invalid_grant" => Err(Problem::AnswerTooLate),
            Err(failure) => Err(refused(failure)),
        }
    }
}
