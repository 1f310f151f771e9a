//! Sends the engine's requests to the homeserver with our access token; `retry.rs` adds a deadline and retries.
//!
//! matrix-sdk's `Client` is not used: on wasm it has neither, and after sign-in it sends requests at moments that we
//! cannot choose (see docs/decisions/01-olm-machine.md). Used are the SDK's request and response types, and its
//! `OlmMachine`, which sends nothing by itself.

use std::{
    borrow::Cow,
    cell::{Cell, RefCell},
    collections::BTreeSet,
    rc::Rc,
};

use futures_util::{
    FutureExt as _,
    future::{LocalBoxFuture, Shared},
};
use http::header::{AUTHORIZATION, HeaderValue};
use matrix_sdk::{
    SupportedAuthScheme,
    ruma::api::{
        IncomingResponseExt as _, MatrixVersion, OutgoingRequest, OutgoingRequestExt as _, SupportedVersions,
        auth_scheme::SendAccessToken, client::session::logout, path_builder::VersionHistory,
    },
};
use zeroize::Zeroizing;

use crate::{
    domain::{farewell::Farewell, secret::Secret},
    engine::net::{
        credentials::{self, Credentials},
        failure::{Failure, Limits, Repeat},
        oauth::Grant,
        retry::Retry,
        written::Written,
    },
};

/// A renewal of the token under way; everybody who waits for it gets the same answer.
type Renewal = Shared<LocalBoxFuture<'static, Result<Grant, Failure>>>;

/// The farewell for the newest token, until the engine tells the page of it.
pub(in crate::engine) type TokenNews = Rc<RefCell<Option<Farewell>>>;

/// A homeserver's client API, and our credentials there.
pub(in crate::engine) struct Homeserver {
    base_url: String,
    retry: Retry,
    pass: RefCell<Option<Credentials>>,
    /// The renewal of the token that is under way.
    renewal: RefCell<Option<Renewal>>,
    /// Set once the server has rejected our token or locked the account.
    is_out: Cell<bool>,
    news: TokenNews,
    written: Written,
}

impl Homeserver {
    /// Makes the handle; sends nothing.
    pub(in crate::engine) fn new(base_url: String, news: TokenNews) -> Self {
        Self {
            base_url,
            retry: Retry::new(),
            pass: RefCell::default(),
            renewal: RefCell::default(),
            is_out: Cell::default(),
            news,
            written: Written::default(),
        }
    }

    /// The account data that this visit wrote.
    pub(in crate::engine) fn written(&self) -> &Written {
        &self.written
    }

    /// The client API's address, without a slash at the end.
    pub(in crate::engine) fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Sets the credentials of all later requests.
    pub(in crate::engine) fn enter_with(&self, pass: Credentials) {
        // A grant has created a device already: the page must be able to sign it out when its tab is closed.
        if let Credentials::Grant(grant) = &pass {
            *self.news.borrow_mut() = Some(grant.farewell());
        }
        *self.pass.borrow_mut() = Some(pass);
    }

    /// Tells whether the server has rejected our token or locked the account: signing in again may help.
    pub(in crate::engine) fn is_out(&self) -> bool {
        self.is_out.get()
    }

    /// The request by which the page signs this device out.
    pub(in crate::engine) fn farewell(&self) -> Farewell {
        match &*self.pass.borrow() {
            Some(Credentials::Grant(grant)) => grant.farewell(),
            Some(Credentials::Token(token)) => credentials::logout(&self.base_url, token.clone()),
            None => credentials::logout(&self.base_url, Secret::default()),
        }
    }

    /// The grant of an authorization server, if one let us in.
    pub(in crate::engine) fn grant(&self) -> Option<Grant> {
        match &*self.pass.borrow() {
            Some(Credentials::Grant(grant)) => Some(grant.clone()),
            Some(Credentials::Token(_)) | None => None,
        }
    }

    /// Signs this device out.
    ///
    /// # Errors
    /// The request's [`Failure`]; the device is then still there.
    pub(in crate::engine) async fn sign_out(&self) -> Result<(), Failure> {
        if let Some(grant) = self.grant() {
            // A renewal under way replaces the present token, and the server may ignore the revocation of a replaced
            // one.
            if self.renewal.borrow().is_some() {
                let _ = self.renew(grant.token()).await;
            }
            return self.grant().unwrap_or(grant).revoke(&self.retry).await;
        }
        match self.send(logout::v3::Request::new()).await {
            // After a soft logout the device still exists.
            Err(Failure::Refused(refusal))
                if refusal.errcode == "M_UNKNOWN_TOKEN" && !refusal.soft_logout =>
            {
                Ok(())
            }
            result => result.map(|_| ()),
        }
    }

    /// Sends a request that may be repeated.
    ///
    /// # Errors
    /// The last attempt's [`Failure`].
    pub(in crate::engine) async fn send<R>(&self, request: R) -> Result<R::IncomingResponse, Failure>
    where
        R: OutgoingRequest<PathBuilder = VersionHistory>,
        R::Authentication: SupportedAuthScheme,
    {
        self.send_as(request, Repeat::Safe).await
    }

    /// Sends a request.
    ///
    /// # Errors
    /// The last attempt's [`Failure`].
    pub(in crate::engine) async fn send_as<R>(
        &self,
        request: R,
        repeat: Repeat,
    ) -> Result<R::IncomingResponse, Failure>
    where
        R: OutgoingRequest<PathBuilder = VersionHistory>,
        R::Authentication: SupportedAuthScheme,
    {
        self.send_within(request, repeat, Limits::SMALL).await
    }

    /// Sends a request within its own limits.
    ///
    /// # Errors
    /// The last attempt's [`Failure`].
    pub(in crate::engine) async fn send_within<R>(
        &self,
        request: R,
        repeat: Repeat,
        limits: Limits,
    ) -> Result<R::IncomingResponse, Failure>
    where
        R: OutgoingRequest<PathBuilder = VersionHistory>,
        R::Authentication: SupportedAuthScheme,
    {
        let (parts, body) = self.exchange(self.prepare(request)?, repeat, limits).await?.into_parts();
        let response = http::Response::from_parts(parts, body.as_slice());
        R::IncomingResponse::try_from_http_response(response).map_err(|_| Failure::Garbled)
    }

    /// Sends a request that may be repeated and whose answer is a whole backup. Returns the body as it came: it is too
    /// large to be held twice.
    ///
    /// # Errors
    /// The last attempt's [`Failure`].
    pub(in crate::engine) async fn fetch_whole_backup<R>(&self, request: R) -> Result<Vec<u8>, Failure>
    where
        R: OutgoingRequest<PathBuilder = VersionHistory>,
        R::Authentication: SupportedAuthScheme,
    {
        self.fetch(request, Limits::WHOLE_BACKUP).await
    }

    /// Sends a request that may be repeated; returns the answer's body as it came.
    ///
    /// # Errors
    /// The last attempt's [`Failure`].
    pub(in crate::engine) async fn fetch<R>(&self, request: R, limits: Limits) -> Result<Vec<u8>, Failure>
    where
        R: OutgoingRequest<PathBuilder = VersionHistory>,
        R::Authentication: SupportedAuthScheme,
    {
        Ok(self.exchange(self.prepare(request)?, Repeat::Safe, limits).await?.into_body())
    }

    /// Builds the HTTP request, with our token if it needs one.
    fn prepare<R>(&self, request: R) -> Result<http::Request<Vec<u8>>, Failure>
    where
        R: OutgoingRequest<PathBuilder = VersionHistory>,
        R::Authentication: SupportedAuthScheme,
    {
        // Every path used here exists since Matrix 1.1. Servers that do not have these paths answer 404.
        let versions =
            SupportedVersions { versions: BTreeSet::from([MatrixVersion::V1_1]), features: BTreeSet::new() };
        let pass = self.pass.borrow();
        let token = match &*pass {
            Some(pass) => SendAccessToken::IfRequired(pass.token().expose()),
            None => SendAccessToken::None,
        };
        request
            .try_into_http_request::<Vec<u8>>(
                &self.base_url,
                R::Authentication::authentication_input(token),
                Cow::Owned(versions),
            )
            .map_err(|_| Failure::Garbled)
    }

    /// Sends a prepared request. Renews a short-lived token before it ends, or once the server no longer knows it. A
    /// request refused for its token had no effect, so it is sent once more with the new one.
    async fn exchange(
        &self,
        mut request: http::Request<Vec<u8>>,
        repeat: Repeat,
        limits: Limits,
    ) -> Result<http::Response<Vec<u8>>, Failure> {
        if !request.headers().contains_key(AUTHORIZATION) {
            return self.retry.exchange(&request, repeat, limits).await;
        }
        self.renew_in_time().await;
        let used = self.put_token(&mut request)?;
        let mut result = self.retry.exchange(&request, repeat, limits).await;
        let is_unknown = result.as_ref().err().is_some_and(|failure| failure.is("M_UNKNOWN_TOKEN"));
        if is_unknown && self.can_renew() {
            result = match self.renew(&used).await {
                Ok(()) => {
                    self.put_token(&mut request)?;
                    self.retry.exchange(&request, repeat, limits).await
                }
                Err(failure) => Err(failure),
            };
        }
        if result.as_ref().err().is_some_and(Failure::is_signed_out) {
            self.is_out.set(true);
        }
        result
    }

    /// Puts our present token into a request; returns it.
    fn put_token(&self, request: &mut http::Request<Vec<u8>>) -> Result<Secret, Failure> {
        let pass = self.pass.borrow();
        let token = pass.as_ref().map(Credentials::token).ok_or(Failure::Garbled)?;
        let mut header = HeaderValue::try_from(Zeroizing::new(["Bearer ", token.expose()].concat()).as_str())
            .map_err(|_| Failure::Garbled)?;
        header.set_sensitive(true);
        request.headers_mut().insert(AUTHORIZATION, header);
        Ok(token.clone())
    }

    fn can_renew(&self) -> bool {
        matches!(&*self.pass.borrow(), Some(Credentials::Grant(grant)) if grant.can_renew())
    }

    /// Renews a token that ends soon. If that fails, the present one may still be valid.
    async fn renew_in_time(&self) {
        let ends_soon = match &*self.pass.borrow() {
            Some(Credentials::Grant(grant)) if grant.ends_soon() => Some(grant.token().clone()),
            _ => None,
        };
        if let Some(token) = ends_soon {
            let _ = self.renew(&token).await;
        }
    }

    /// Gets a new token in place of `used`, by one request for all who wait for it. The answer can be had only once: if
    /// a caller is dropped while it waits, the next one gets that answer.
    async fn renew(&self, used: &Secret) -> Result<(), Failure> {
        let renewal = {
            let mut renewal = self.renewal.borrow_mut();
            match (&*renewal, &*self.pass.borrow()) {
                (Some(renewal), _) => renewal.clone(),
                (None, Some(Credentials::Grant(grant))) if grant.token() == used => {
                    let begun = grant.clone().renew(self.retry.clone()).boxed_local().shared();
                    renewal.insert(begun).clone()
                }
                // Another request has renewed it meanwhile.
                _ => return Ok(()),
            }
        };
        let renewed = renewal.clone().await;
        let is_first = self.renewal.borrow().as_ref().is_some_and(|other| other.ptr_eq(&renewal));
        if is_first {
            *self.renewal.borrow_mut() = None;
            match &renewed {
                Ok(grant) => self.enter_with(Credentials::Grant(grant.clone())),
                Err(failure) if failure.is_signed_out() => {
                    if let Some(Credentials::Grant(grant)) = &mut *self.pass.borrow_mut() {
                        grant.mark_spent();
                    }
                }
                Err(_) => {}
            }
        }
        renewed.map(|_| ())
    }
}

#[cfg(test)]
#[cfg(feature = "native")]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_a_whole_backup_may_be_large() {
        use axum::Router;
        use matrix_sdk::ruma::api::client::backup::get_backup_keys::v3::Request;

        let body = format!("{{\"rooms\":{{}},\"filler\":\"{}\"}}", "x".repeat(17 * 1024 * 1024));
        let length = body.len();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server =
            Homeserver::new(format!("http://{}", listener.local_addr().unwrap()), TokenNews::default());
        server.enter_with(Credentials::Token(Secret::from("token")));
        let router = Router::new().fallback(move || std::future::ready(body));
        let serving = tokio::spawn(axum::serve(listener, router).into_future());

        let request = || Request::new("1".to_owned());
        assert!(matches!(server.send(request()).await, Err(Failure::Garbled)));
        assert_eq!(server.fetch_whole_backup(request()).await.unwrap().len(), length);
        serving.abort();
    }
}
