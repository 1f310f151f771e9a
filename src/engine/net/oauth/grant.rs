//! A grant of an authorization server: an access token for a few minutes, and a refresh token to renew it with.
//!
//! Source: RFC 6749, sections 5 and 6; RFC 7009.

use std::{rc::Rc, time::Duration};

use matrix_sdk::ruma::time::Instant;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::{
    client::Client,
    form::{self, LIMITS, encode, query},
};
use crate::{
    domain::{farewell::Farewell, secret::Secret, web_address::WebAddress},
    engine::net::{
        failure::{Failure, Refusal, Repeat},
        retry::Retry,
    },
};

/// Time before its end at which a token is renewed: longer than a request takes. A token that lives less than twice as
/// long is renewed after half its life.
const AHEAD: Duration = Duration::from_secs(30);

/// Tokens, and the client that may renew them. Has no `Debug`: all of it is secret.
#[derive(Clone)]
pub(in crate::engine) struct Grant {
    client: Rc<Client>,
    access: Secret,
    renewal: Option<Renewal>,
}

/// The means to renew an access token.
#[derive(Clone)]
struct Renewal {
    refresh: Secret,
    /// The moment to do so; `None` if the server named no end.
    at: Option<Instant>,
}

#[derive(Deserialize)]
struct Tokens {
    access_token: Secret,
    token_type: String,
    #[serde(default)]
    expires_in: Option<u32>,
    #[serde(default)]
    refresh_token: Option<Secret>,
}

impl Grant {
    /// Reads a token endpoint's answer. `refresh` is the refresh token used for it, which stays valid if the answer
    /// brings no new one.
    ///
    /// # Errors
    /// [`Failure::Garbled`].
    pub(super) fn read(
        client: Rc<Client>,
        answer: Zeroizing<Vec<u8>>,
        refresh: Option<Secret>,
    ) -> Result<Self, Failure> {
        let tokens: Tokens = serde_json::from_slice(&answer).map_err(|_| Failure::Garbled)?;
        if !tokens.token_type.eq_ignore_ascii_case("Bearer") || tokens.access_token.is_blank() {
            return Err(Failure::Garbled);
        }
        let lives = tokens.expires_in.map(|seconds| Duration::from_secs(seconds.into()));
        let at = lives.and_then(|lives| Instant::now().checked_add(lives - AHEAD.min(lives / 2)));
        let refresh = tokens.refresh_token.filter(|token| !token.is_blank()).or(refresh);
        let renewal = refresh.map(|refresh| Renewal { refresh, at });
        Ok(Self { client, access: tokens.access_token, renewal })
    }

    /// The access token.
    pub(in crate::engine) fn token(&self) -> &Secret {
        &self.access
    }

    /// Tells whether there is a refresh token.
    pub(in crate::engine) fn can_renew(&self) -> bool {
        self.renewal.is_some()
    }

    /// Tells whether it is time to renew the access token.
    pub(in crate::engine) fn ends_soon(&self) -> bool {
        let at = self.renewal.as_ref().and_then(|renewal| renewal.at);
        at.is_some_and(|at| Instant::now() >= at)
    }

    /// Notes that the server does not renew it any more.
    pub(in crate::engine) fn mark_spent(&mut self) {
        self.renewal = None;
    }

    /// Gets new tokens. If the answer is lost, the old refresh token may be void by then. Sending it once more finds
    /// that out and loses nothing: without the answer the token has no other use.
    ///
    /// # Errors
    /// `M_UNKNOWN_TOKEN` if the server does not renew it any more; the request's [`Failure`].
    pub(in crate::engine) async fn renew(self, retry: Retry) -> Result<Self, Failure> {
        let Self { client, renewal, .. } = self;
        let Renewal { refresh, .. } = renewal.ok_or_else(signed_out)?;
        let form = Zeroizing::new(encode([
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh.expose()),
            ("client_id", &client.id),
        ]));
        let request = form::post(&client.server.token_endpoint, &form)?;
        match retry.exchange(&request, Repeat::Safe, LIMITS).await {
            Ok(answer) => Self::read(client, Zeroizing::new(answer.into_body()), Some(refresh)),
            Err(Failure::Refused(refusal)) if refusal.is_final() => Err(signed_out()),
            Err(failure) => Err(failure),
        }
    }

    /// The request that signs this device out. It revokes the refresh token where there is one, and with it the whole
    /// grant.
    pub(in crate::engine) fn farewell(&self) -> Farewell {
        let url = self.client.server.revocation_endpoint.as_str().to_owned();
        Farewell::Revocation { url, form: Secret::new(self.form_to_revoke()) }
    }

    /// Revokes the grant. A token that the server no longer knows is success (RFC 7009, section 2.2).
    ///
    /// # Errors
    /// The request's [`Failure`].
    pub(in crate::engine) async fn revoke(&self, retry: &Retry) -> Result<(), Failure> {
        let form = Zeroizing::new(self.form_to_revoke());
        let request = form::post(&self.client.server.revocation_endpoint, &form)?;
        retry.exchange(&request, Repeat::Safe, LIMITS).await.map(|_| ())
    }

    fn form_to_revoke(&self) -> String {
        let (token, hint) = match &self.renewal {
            Some(Renewal { refresh, .. }) => (refresh, "refresh_token"),
            None => (&self.access, "access_token"),
        };
        encode([("token", token.expose()), ("token_type_hint", hint), ("client_id", &self.client.id)])
    }

    /// The page on which the person can remove a device, if the server has such a page.
    pub(in crate::engine) fn page_to_remove(&self, device_id: &str) -> Option<WebAddress> {
        let server = &self.client.server;
        let offers = |action: &str| {
            server.account_management_actions_supported.iter().any(|offered| offered == action)
        };
        // Actions of MSC4191; the former name only if the server knows no other.
        let (stable, former) = ("org.matrix.device_delete", "org.matrix.session_end");
        let action = if !offers(stable) && offers(former) { former } else { stable };
        let page = server.account_management_uri.as_ref()?.as_str();
        WebAddress::of_server(&query(page, [("action", action), ("device_id", device_id)]))
    }
}

fn signed_out() -> Failure {
    Failure::Refused(Refusal { status: 401, errcode: "M_UNKNOWN_TOKEN".to_owned(), ..Refusal::default() })
}
