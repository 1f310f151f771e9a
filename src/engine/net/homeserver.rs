//! Every request of the engine goes through here: the one place with a deadline and with retries.
//!
//! matrix-sdk's `Client` is not used: on wasm it has neither, and it sends requests of its own after
//! sign-in whose moment we could not choose (see ARCHITECTURE.md). What is used are the SDK's request
//! and response types, and its `OlmMachine`, which sends nothing by itself.

use std::{
    borrow::Cow,
    cell::{Cell, RefCell},
    collections::BTreeSet,
    rc::Rc,
    time::Duration,
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
use serde_json::Value;
use zeroize::Zeroizing;

use crate::{
    domain::{farewell::Farewell, line, problem, secret::Secret, web_address::WebAddress},
    engine::{
        account::written::Written,
        net::{
            credentials::{self, Pass},
            retry::Courier,
        },
        sign_in::oauth::Grant,
    },
};

/// How often a request that may be repeated is tried in all.
const ATTEMPTS: u32 = 4;
/// The longest wait a server may ask for that is waited out here; longer ones are the person's.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// The longest string of an error body that is kept, in characters.
const LONGEST_STRING: usize = 100;
/// The largest error body that is looked into, in bytes. What is taken out of one is a few lines; read as JSON, one
/// that is as large as an answer may be would take many times its size in memory.
const LARGEST_ERROR: usize = 64 * 1024;
/// The longest session of a challenge that is sent back, in bytes: servers' are a few dozen.
const LONGEST_SESSION: usize = 1_024;

/// New tokens, once the server has answered; whoever waits for them gets the same.
type Renewal = Shared<LocalBoxFuture<'static, Result<Grant, Failure>>>;

/// Where it is told that there is another token, to whoever looks.
pub(in crate::engine) type News = Rc<RefCell<Option<Farewell>>>;

/// A homeserver's client API, and who we are there.
pub(in crate::engine) struct Homeserver {
    base_url: String,
    courier: Courier,
    pass: RefCell<Option<Pass>>,
    /// The renewal of the token that is under way.
    renewal: RefCell<Option<Renewal>>,
    /// Whether the server has said that it does not let us in any more.
    is_out: Cell<bool>,
    news: News,
    written: Written,
}

/// Why a request has no answer.
#[derive(Clone, Debug)]
pub(in crate::engine) enum Failure {
    /// Nothing came back: offline, a lost connection, the deadline, or an answer without CORS headers.
    NoAnswer,
    /// Something came back that is not what the specification says.
    Garbled,
    /// The server, or a proxy before it, said no.
    Refused(Refusal),
}

/// What a server's "no" says. Strings are cut to a length that is safe to show.
#[derive(Clone, Debug, Default)]
pub(in crate::engine) struct Refusal {
    /// The status code.
    pub(in crate::engine) status: u16,
    /// The specification's error code; empty when the body was none of Matrix.
    pub(in crate::engine) errcode: String,
    /// What an authorization server says instead (RFC 6749, section 5.2).
    pub(in crate::engine) error: String,
    /// Whether, of a 401, the device is still there (specification, "Soft logout").
    pub(in crate::engine) soft_logout: bool,
    /// When to come back, in milliseconds, of a 429.
    pub(in crate::engine) retry_after_ms: Option<u64>,
    /// The user-interactive authentication asked for, of a 401.
    pub(in crate::engine) challenge: Option<Box<Challenge>>,
}

/// User-interactive authentication, as far as this page needs it (specification, "User-Interactive
/// Authentication API").
#[derive(Clone, Debug)]
pub(in crate::engine) struct Challenge {
    /// Has to be sent back.
    pub(in crate::engine) session: Option<String>,
    /// The stages of each way there is.
    pub(in crate::engine) flows: Vec<Vec<String>>,
    /// The stages that are done.
    pub(in crate::engine) completed: Vec<String>,
    /// Where a stage's page is, for stages that say so.
    pub(in crate::engine) pages: Vec<(String, WebAddress)>,
}

/// What one attempt may cost.
#[derive(Clone, Copy, Debug)]
pub(in crate::engine) struct Limits {
    /// How long it may take, answer and all.
    pub(in crate::engine) deadline: Duration,
    /// The largest answer that is read, in bytes.
    pub(in crate::engine) largest_answer: usize,
    /// How often it is tried in all.
    pub(in crate::engine) attempts: u32,
}

impl Limits {
    /// Of nearly every request: little goes either way.
    const SMALL: Self =
        Self { deadline: Duration::from_secs(30), largest_answer: 16 * 1024 * 1024, attempts: ATTEMPTS };
    /// Of a request that carries room keys: a megabyte takes its time on a slow line upwards.
    pub(in crate::engine) const ROOM_KEYS_UP: Self =
        Self { deadline: Duration::from_secs(120), ..Self::SMALL };
    /// Of a question about every room: a first sync may take a busy server long.
    pub(in crate::engine) const EVERY_ROOM: Self =
        Self { deadline: Duration::from_secs(180), largest_answer: 64 * 1024 * 1024, attempts: ATTEMPTS };
    /// Of a whole backup: 100,000 room keys are some 100 MB, cannot be asked for in parts, and neither
    /// the browser nor the server tells how far it has come.
    pub(in crate::engine) const WHOLE_BACKUP: Self =
        Self { deadline: Duration::from_secs(600), largest_answer: 512 * 1024 * 1024, attempts: ATTEMPTS };
    /// Of a request for which the server waits until it has news, 20 seconds at the most. Whoever asks will ask
    /// again anyway.
    pub(in crate::engine) const LONG_POLL: Self =
        Self { deadline: Duration::from_secs(45), attempts: 1, ..Self::SMALL };
}

/// Whether sending a request twice does the same as sending it once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) enum Repeat {
    /// It does: try again when the connection or the server has a passing trouble.
    Safe,
    /// It does, but a wait that the server asks for is the person's to see, not to sit through.
    SafeButShowWaits,
    /// It does not: only try again when the server says that it did nothing (429).
    Unsafe,
}

impl Homeserver {
    /// Nothing is sent yet.
    pub(in crate::engine) fn new(base_url: String, news: News) -> Self {
        Self {
            base_url,
            courier: Courier::new(),
            pass: RefCell::default(),
            renewal: RefCell::default(),
            is_out: Cell::default(),
            news,
            written: Written::default(),
        }
    }

    /// What this visit wrote of account data here.
    pub(in crate::engine) fn written(&self) -> &Written {
        &self.written
    }

    /// The client API's address, without a slash at the end.
    pub(in crate::engine) fn base_url(&self) -> &str {
        &self.base_url
    }

    /// From now on requests carry this pass.
    pub(in crate::engine) fn enter_with(&self, pass: Pass) {
        // The device of a grant is there already: whoever ends the page must be able to take it along.
        if let Pass::Grant(grant) = &pass {
            *self.news.borrow_mut() = Some(grant.farewell());
        }
        *self.pass.borrow_mut() = Some(pass);
    }

    /// Whether the server has said that it does not let us in any more, though signing in again may help.
    pub(in crate::engine) fn is_out(&self) -> bool {
        self.is_out.get()
    }

    /// With which the page may sign this device out.
    pub(in crate::engine) fn farewell(&self) -> Farewell {
        match &*self.pass.borrow() {
            Some(Pass::Grant(grant)) => grant.farewell(),
            Some(Pass::Token(token)) => credentials::logout(&self.base_url, token.clone()),
            None => credentials::logout(&self.base_url, Secret::default()),
        }
    }

    /// What we were granted by an authorization server, if it was one that let us in.
    pub(in crate::engine) fn grant(&self) -> Option<Grant> {
        match &*self.pass.borrow() {
            Some(Pass::Grant(grant)) => Some(grant.clone()),
            Some(Pass::Token(_)) | None => None,
        }
    }

    /// Signs this device out.
    ///
    /// # Errors
    /// The request's [`Failure`]; the device is then still there.
    pub(in crate::engine) async fn sign_out(&self) -> Result<(), Failure> {
        if let Some(grant) = self.grant() {
            // What is being renewed is not the device's last word: a server may take no notice of the token before it.
            if self.renewal.borrow().is_some() {
                let _ = self.renew(grant.token()).await;
            }
            return self.grant().unwrap_or(grant).revoke(&self.courier).await;
        }
        match self.send(logout::v3::Request::new()).await {
            // Softly logged out, the device would still be there.
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

    /// Sends a request that may take longer or be answered at greater length than most.
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

    /// Sends a request that may be repeated and whose answer is a whole backup; gives the answer's body
    /// as it came, for it is too large to be held twice.
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

    /// Sends a request that may be repeated; gives the answer's body as it came.
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

    /// The request as it goes out, with our token where it needs one.
    fn prepare<R>(&self, request: R) -> Result<http::Request<Vec<u8>>, Failure>
    where
        R: OutgoingRequest<PathBuilder = VersionHistory>,
        R::Authentication: SupportedAuthScheme,
    {
        // Every path used here exists since 1.1; older servers were told apart by the page.
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

    /// Sends a prepared request. Where our token is short-lived it is renewed before it ends, and when the server does
    /// not know it any more: then it has done nothing, and the request is sent once more with the new one.
    async fn exchange(
        &self,
        mut request: http::Request<Vec<u8>>,
        repeat: Repeat,
        limits: Limits,
    ) -> Result<http::Response<Vec<u8>>, Failure> {
        if !request.headers().contains_key(AUTHORIZATION) {
            return self.courier.exchange(&request, repeat, limits).await;
        }
        self.renew_in_time().await;
        let used = self.sign(&mut request)?;
        let mut result = self.courier.exchange(&request, repeat, limits).await;
        let is_unknown = result.as_ref().err().is_some_and(|failure| failure.is("M_UNKNOWN_TOKEN"));
        if is_unknown && self.can_renew() {
            result = match self.renew(&used).await {
                Ok(()) => {
                    self.sign(&mut request)?;
                    self.courier.exchange(&request, repeat, limits).await
                }
                Err(failure) => Err(failure),
            };
        }
        if result.as_ref().err().is_some_and(Failure::is_signed_out) {
            self.is_out.set(true);
        }
        result
    }

    /// Puts our token, as it is now, into a request.
    fn sign(&self, request: &mut http::Request<Vec<u8>>) -> Result<Secret, Failure> {
        let pass = self.pass.borrow();
        let token = pass.as_ref().map(Pass::token).ok_or(Failure::Garbled)?;
        let mut header = HeaderValue::try_from(Zeroizing::new(["Bearer ", token.expose()].concat()).as_str())
            .map_err(|_| Failure::Garbled)?;
        header.set_sensitive(true);
        request.headers_mut().insert(AUTHORIZATION, header);
        Ok(token.clone())
    }

    fn can_renew(&self) -> bool {
        matches!(&*self.pass.borrow(), Some(Pass::Grant(grant)) if grant.can_renew())
    }

    /// Renews a token that ends soon. If that fails, the one there is may still do.
    async fn renew_in_time(&self) {
        let ends_soon = match &*self.pass.borrow() {
            Some(Pass::Grant(grant)) if grant.ends_soon() => Some(grant.token().clone()),
            _ => None,
        };
        if let Some(token) = ends_soon {
            let _ = self.renew(&token).await;
        }
    }

    /// Gets a new token in place of one that was used; once, however many requests want it. Whoever waits for it may be
    /// given up on: the answer, which can be had only once, is then for who comes next.
    async fn renew(&self, used: &Secret) -> Result<(), Failure> {
        let renewal = {
            let mut renewal = self.renewal.borrow_mut();
            match (&*renewal, &*self.pass.borrow()) {
                (Some(renewal), _) => renewal.clone(),
                (None, Some(Pass::Grant(grant))) if grant.token() == used => {
                    let begun = grant.clone().renew(self.courier.clone()).boxed_local().shared();
                    renewal.insert(begun).clone()
                }
                // Somebody else's request has brought a new one meanwhile.
                _ => return Ok(()),
            }
        };
        let renewed = renewal.clone().await;
        let is_first = self.renewal.borrow().as_ref().is_some_and(|other| other.ptr_eq(&renewal));
        if is_first {
            *self.renewal.borrow_mut() = None;
            match &renewed {
                Ok(grant) => self.enter_with(Pass::Grant(grant.clone())),
                Err(failure) if failure.is_signed_out() => {
                    if let Some(Pass::Grant(grant)) = &mut *self.pass.borrow_mut() {
                        grant.is_spent();
                    }
                }
                Err(_) => {}
            }
        }
        renewed.map(|_| ())
    }
}

impl Failure {
    /// How long to wait before the next attempt; `None` if another one would not help or might harm.
    pub(in crate::engine) fn wait_before_next(&self, repeat: Repeat, pause: Duration) -> Option<Duration> {
        match self {
            Self::NoAnswer => (repeat != Repeat::Unsafe).then_some(pause),
            Self::Garbled => None,
            Self::Refused(refusal) if refusal.status == 429 => {
                if repeat == Repeat::SafeButShowWaits {
                    return None;
                }
                let asked = refusal.retry_after_ms.map_or(pause, Duration::from_millis);
                (asked <= LONGEST_WAIT).then_some(asked)
            }
            Self::Refused(refusal) => (repeat != Repeat::Unsafe && refusal.status >= 500).then_some(pause),
        }
    }

    /// Whether it is the token, or for now the account, that the server does not accept (specification, "Soft logout"
    /// and "Account locking"): signing in again may help.
    pub(in crate::engine) fn is_signed_out(&self) -> bool {
        ["M_UNKNOWN_TOKEN", "M_MISSING_TOKEN", "M_USER_LOCKED"].iter().any(|errcode| self.is(errcode))
    }

    /// Whether the server itself said that it does not do this: nothing of it will come later.
    pub(in crate::engine) fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused(refusal) if (400..500).contains(&refusal.status))
    }

    /// Whether the server answered with this error code.
    pub(in crate::engine) fn is(&self, errcode: &str) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.errcode == errcode)
    }
}

impl Refusal {
    /// Whether asking again later would meet the same.
    pub(in crate::engine) fn is_final(&self) -> bool {
        (400..500).contains(&self.status) && self.status != 429
    }

    /// Reads an error body; anything may stand in it.
    pub(in crate::engine) fn read(status: u16, body: &[u8]) -> Self {
        let body = Some(body).filter(|body| body.len() <= LARGEST_ERROR);
        let body: Value = body.and_then(|body| serde_json::from_slice(body).ok()).unwrap_or_default();
        let errcode = body.get("errcode").and_then(Value::as_str).unwrap_or_default();
        Self {
            status,
            errcode: cut(errcode),
            error: cut(body.get("error").and_then(Value::as_str).unwrap_or_default()),
            soft_logout: body.get("soft_logout").and_then(Value::as_bool).unwrap_or(false),
            retry_after_ms: body.get("retry_after_ms").and_then(Value::as_f64).and_then(problem::wait_ms),
            challenge: (status == 401).then(|| Challenge::read(&body)).flatten().map(Box::new),
        }
    }
}

impl Challenge {
    fn read(body: &Value) -> Option<Self> {
        let names = |names: Option<&Value>| -> Vec<String> {
            let names = names.and_then(Value::as_array);
            names.into_iter().flatten().take(8).filter_map(Value::as_str).map(cut).collect()
        };
        let flows = body.get("flows")?.as_array()?.iter().take(16);
        let flows: Vec<_> = flows.map(|flow| names(flow.get("stages"))).collect();
        let page = |stage: &String| {
            let address = body.get("params")?.get(stage)?.get("url")?.as_str()?;
            Some((stage.clone(), WebAddress::of_server(address)?))
        };
        let pages = flows.iter().flatten().filter_map(page).collect();
        // It goes back as it is or not at all: cut, it would be another one.
        let session = body.get("session").and_then(Value::as_str);
        let session = session.filter(|session| session.len() <= LONGEST_SESSION).map(ToOwned::to_owned);
        Some(Self { session, flows, completed: names(body.get("completed")), pages })
    }
}

/// Cuts a string of the server's to a length that fits a line, without what could change the line.
pub(in crate::engine) fn cut(text: &str) -> String {
    line::cut(text, LONGEST_STRING)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_body_may_be_anything() {
        for body in [
            "",
            "null",
            "[]",
            "<html>502</html>",
            "{\"errcode\":7}",
            "{\"flows\":3}",
            "{\"flows\":[{\"stages\":[1]}]}",
        ] {
            let refusal = Refusal::read(401, body.as_bytes());
            assert_eq!((refusal.status, refusal.errcode.as_str()), (401, ""), "{body}");
        }
        let long = format!("{{\"errcode\":\"{}\"}}", "M".repeat(5_000));
        assert_eq!(Refusal::read(400, long.as_bytes()).errcode.len(), LONGEST_STRING);
    }

    #[test]
    fn an_error_body_larger_than_any_honest_one_is_not_looked_into() {
        let body = |length: usize| {
            let body = |filling: &str| format!(r#"{{"errcode":"M_FORBIDDEN","error":"{filling}"}}"#);
            body(&"x".repeat(length - body("").len()))
        };
        for (length, errcode) in [(LARGEST_ERROR, "M_FORBIDDEN"), (LARGEST_ERROR + 1, "")] {
            let refusal = Refusal::read(403, body(length).as_bytes());
            assert_eq!((refusal.status, refusal.errcode.as_str()), (403, errcode), "{length}");
        }
    }

    #[test]
    fn what_might_act_twice_is_repeated_only_if_the_server_did_nothing() {
        let refused = |status, retry_after_ms| {
            Failure::Refused(Refusal { status, retry_after_ms, ..Refusal::default() })
        };
        let pause = Duration::from_secs(1);
        for (failure, safe, not_safe) in [
            (Failure::NoAnswer, Some(1_000), None),
            (Failure::Garbled, None, None),
            (refused(500, None), Some(1_000), None),
            (refused(502, None), Some(1_000), None),
            (refused(403, None), None, None),
            (refused(401, None), None, None),
            (refused(429, Some(2_500)), Some(2_500), Some(2_500)),
            (refused(429, None), Some(1_000), Some(1_000)),
            (refused(429, Some(600_000)), None, None),
        ] {
            let wait = |repeat| failure.wait_before_next(repeat, pause).map(|wait| wait.as_millis());
            assert_eq!(wait(Repeat::Safe), safe, "{failure:?}");
            assert_eq!(wait(Repeat::Unsafe), not_safe, "{failure:?}");
            let shown = matches!(&failure, Failure::Refused(refusal) if refusal.status == 429);
            assert_eq!(wait(Repeat::SafeButShowWaits), safe.filter(|_| !shown), "{failure:?}");
        }
    }

    #[cfg(feature = "native")]
    #[tokio::test]
    async fn only_a_whole_backup_may_be_large() {
        use axum::Router;
        use matrix_sdk::ruma::api::client::backup::get_backup_keys::v3::Request;

        let body = format!("{{\"rooms\":{{}},\"filler\":\"{}\"}}", "x".repeat(17 * 1024 * 1024));
        let length = body.len();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Homeserver::new(format!("http://{}", listener.local_addr().unwrap()), News::default());
        server.enter_with(Pass::Token(Secret::from("token")));
        let router = Router::new().fallback(move || std::future::ready(body));
        let serving = tokio::spawn(axum::serve(listener, router).into_future());

        let request = || Request::new("1".to_owned());
        assert!(matches!(server.send(request()).await, Err(Failure::Garbled)));
        assert_eq!(server.fetch_whole_backup(request()).await.unwrap().len(), length);
        serving.abort();
    }
}
