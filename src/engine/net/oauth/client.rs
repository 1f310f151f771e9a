//! This page's registration as a client of an authorization server.
//!
//! Source: RFC 7591, and specification, "OAuth 2.0 API", "Client registration".

use std::rc::Rc;

use serde::Deserialize;
use serde_json::json;

use super::form::{self, LIMITS};
use crate::{
    domain::{problem::Problem, sign_in::AuthorizationServer},
    engine::net::{
        failure::{Failure, Repeat},
        retry::Retry,
    },
};

/// The client name that the server's page shows to people.
const NAME: &str = "Key backup page";
/// The longest client id that is accepted, in bytes.
const LONGEST_ID: usize = 1_024;

/// This page's registration, made once in a visit: each attempt to sign in there uses it.
#[derive(Default)]
pub(in crate::engine) struct Registration(Option<Rc<Client>>);

impl Registration {
    /// The client that is registered with this server and callback; registers it if there is none, or another one.
    ///
    /// # Errors
    /// The same as [`Client::register`].
    pub(in crate::engine) async fn of(
        &mut self,
        server: AuthorizationServer,
        callback: String,
    ) -> Result<Rc<Client>, Problem> {
        let client = match self.0.take().filter(|client| client.fits(&server, &callback)) {
            Some(client) => client,
            None => Client::register(&Retry::new(), server, callback).await?,
        };
        Ok(self.0.insert(client).clone())
    }
}

/// A client of an authorization server.
pub(in crate::engine) struct Client {
    pub(super) server: AuthorizationServer,
    pub(super) id: String,
    /// The address to which the server's page sends people back.
    pub(super) callback: String,
}

#[derive(Deserialize)]
struct Registered {
    client_id: String,
}

impl Client {
    /// Registers this page.
    ///
    /// # Errors
    /// [`Problem::PageRefused`]; the request's problem.
    async fn register(
        retry: &Retry,
        server: AuthorizationServer,
        callback: String,
    ) -> Result<Rc<Self>, Problem> {
        // The page is the folder in which the callback lies.
        let home = callback.rfind('/').map_or("", |slash| &callback[..=slash]);
        let metadata = json!({
            "application_type": "web",
            "client_name": NAME,
            "client_uri": home,
            "grant_types": ["authorization_code", "refresh_token"],
            "redirect_uris": [callback],
            "response_types": ["code"],
            "token_endpoint_auth_method": "none",
        });
        let body = serde_json::to_vec(&metadata).map_err(|_| Problem::engine_stopped())?;
        let request = form::request(&server.registration_endpoint, "application/json", body)?;
        // Safe: a registration that nobody uses has no effect.
        let answer = retry.exchange(&request, Repeat::Safe, LIMITS).await.map_err(refused)?;
        let Registered { client_id: id } =
            serde_json::from_slice(answer.body()).map_err(|_| Problem::Garbled)?;
        if id.is_empty() || id.len() > LONGEST_ID {
            return Err(Problem::Garbled);
        }
        Ok(Rc::new(Self { server, id, callback }))
    }

    /// Tells whether an attempt with this server and callback can use this registration.
    fn fits(&self, server: &AuthorizationServer, callback: &str) -> bool {
        self.server == *server && self.callback == callback
    }
}

/// Reads a failure, of which a final "no" is about this page and not about the person.
pub(super) fn refused(failure: Failure) -> Problem {
    match failure {
        Failure::Refused(refusal) if refusal.is_final() => Problem::PageRefused { reason: refusal.error },
        failure => failure.into(),
    }
}
