//! One attempt to sign in on a page of the server's: the address of that page, and the answer that has to come back.
//!
//! Source: specification, "Client login via SSO" and "OAuth 2.0 API".

use matrix_sdk::ruma::DeviceId;
use oauth2::{CsrfToken, url::form_urlencoded};

use crate::{
    domain::{problem::Problem, secret::Secret, sign_in::Door, web_address::WebAddress},
    engine::net::{
        failure::cut,
        oauth::{Authorization, Grant, Registration, component, query, unguessable},
        retry::Retry,
    },
};

/// An attempt that waits for its answer.
pub(in crate::engine) struct Attempt {
    /// The client API's address, without a slash at the end.
    pub(in crate::engine) base_url: String,
    /// The user id that is to sign in, if it is known.
    pub(in crate::engine) wanted: Option<String>,
    state: CsrfToken,
    way: Way,
}

enum Way {
    SingleSignOn,
    OAuth(Box<Authorization>),
}

/// The result of an answer.
pub(in crate::engine) enum Key {
    /// A token to sign in with (`m.login.token`).
    LoginToken(Secret),
    /// The grant of an authorization server.
    Grant(Grant),
}

impl Attempt {
    /// Begins an attempt; returns it with the address of the page.
    ///
    /// # Errors
    /// [`Problem::PageRefused`]; the request's problem.
    pub(in crate::engine) async fn begin(
        base_url: String,
        door: Door,
        user_id: Option<String>,
        callback: String,
        device_id: &DeviceId,
        registration: &mut Registration,
    ) -> Result<(Self, WebAddress), Problem> {
        let state = CsrfToken::new(unguessable());
        let (way, address) = match door {
            Door::SingleSignOn { provider } => {
                let back = query(&callback, [("state", state.secret().as_str())]);
                let provider = provider.map(|id| ["/", &component(&id)].concat()).unwrap_or_default();
                let page = [&base_url, "/_matrix/client/v3/login/sso/redirect", &provider].concat();
                (Way::SingleSignOn, query(&page, [("redirectUrl", back.as_str())]))
            }
            Door::OAuth(server) => {
                let client = registration.of(server, callback).await?;
                let (authorization, address) =
                    Authorization::begin(client, device_id, state.secret(), user_id.as_deref());
                (Way::OAuth(Box::new(authorization)), address)
            }
        };
        let address = WebAddress::of_server(&address).ok_or(Problem::Garbled)?;
        Ok((Self { base_url, wanted: user_id, state, way }, address))
    }

    /// Tells whether an answer is to this attempt: any window can send one.
    pub(in crate::engine) fn is_answered_by(&self, answer: &Answer) -> bool {
        let is_theirs = match &self.way {
            Way::SingleSignOn => true,
            Way::OAuth(authorization) => authorization.is_from(answer.get("iss")),
        };
        is_theirs && answer.get("state").is_some_and(|state| CsrfToken::new(state.to_owned()) == self.state)
    }

    /// Uses the answer, once.
    ///
    /// # Errors
    /// [`Problem::NotLetIn`]; the errors of [`Authorization::finish`].
    pub(in crate::engine) async fn finish(self, answer: &Answer) -> Result<Key, Problem> {
        let refused = || Problem::NotLetIn { reason: cut(answer.get("error").unwrap_or_default()) };
        match self.way {
            Way::SingleSignOn => {
                answer.get("loginToken").map(|token| Key::LoginToken(Secret::from(token))).ok_or_else(refused)
            }
            Way::OAuth(authorization) => {
                let code = answer.get("code").ok_or_else(refused)?;
                let grant = authorization.finish(&Retry::new(), code).await?;
                Ok(Key::Grant(grant))
            }
        }
    }
}

/// The parameters with which `callback.html` was called, in its query or in its fragment.
pub(in crate::engine) struct Answer(Vec<(String, Secret)>);

impl Answer {
    /// Reads an answer; anything may stand in it.
    pub(in crate::engine) fn read(text: &Secret) -> Self {
        let parts = text.expose().split(['?', '#']);
        let pairs = parts.flat_map(|part| form_urlencoded::parse(part.as_bytes()));
        Self(pairs.map(|(name, value)| (name.into_owned(), Secret::new(value.into_owned()))).collect())
    }

    /// The value of a name; `None` if it comes twice, since nobody could say which one counts.
    fn get(&self, name: &str) -> Option<&str> {
        let mut found = self.0.iter().filter(|(other, _)| other == name);
        let value = found.next().filter(|_| found.next().is_none());
        value.map(|(_, value)| value.expose()).filter(|value| !value.is_empty())
    }
}
