//! Plays a homeserver with other ways to sign in and other User-Interactive Authentication. A real one behind it does
//! the work once this one is satisfied. It refuses what no specification names.

mod issuer;
mod proofs;

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, body, body::Body, extract::Request, response::Response};
use futures_util::stream;
use matrix_sdk::reqwest;
use oauth2::url::Url;
use serde_json::{Value, json};

use self::{issuer::Issuer, proofs::Proofs};
use crate::support::account::Account;

/// Running server of this kind.
pub struct Front {
    /// Address to sign in at.
    pub url: String,
    state: Arc<State>,
}

struct State {
    url: String,
    target: String,
    user_id: String,
    password: String,
    http: reqwest::Client,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    /// Login tokens that single sign-on has given and nobody has used.
    login_tokens: BTreeSet<String>,
    issuer: Option<Issuer>,
    proofs: Option<Proofs>,
    traps: Vec<Trap>,
    /// Tokens that let nobody in any more, and the body of the refusal.
    barred: Vec<(String, Value)>,
    asked: Vec<(String, String)>,
    /// Neither set nor read: [`Issuer`] counts the lost answers.
    lost: usize,
}

struct Trap {
    method: &'static str,
    end: String,
    /// Number of matching requests that pass first.
    after: usize,
    does: Does,
}

/// Ways in which the server ends a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Does {
    /// The token ends; the device stays.
    SoftLogout,
    /// Device and token are gone.
    HardLogout,
    /// The account is locked until the next sign-in.
    Lock,
    /// The access token ends; a refresh token still renews it.
    Expire,
}

/// Request that came in.
struct Asked {
    method: String,
    path: String,
    query: String,
    token: Option<String>,
    bytes: Vec<u8>,
}

type Said = (u16, String);

impl Front {
    /// Starts one before an account's homeserver.
    pub async fn before(account: &Account) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(State {
            url: url.clone(),
            target: account.homeserver.clone(),
            user_id: account.user_id.clone(),
            password: account.password.clone(),
            http: reqwest::Client::new(),
            inner: Mutex::default(),
        });
        let shared = state.clone();
        let app = Router::new().fallback(move |request: Request| answer(shared.clone(), request));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, state }
    }

    /// Starts one whose people sign in at an authorization server. Its access tokens are good for `lives`.
    pub async fn delegating(account: &Account, lives: Duration) -> Self {
        let front = Self::before(account).await;
        front.inner(|inner| inner.issuer = Some(Issuer::new(&front.url, lives)));
        front
    }

    fn inner<T>(&self, with: impl FnOnce(&mut Inner) -> T) -> T {
        with(&mut self.state.inner.lock().unwrap())
    }

    /// Returns the method and path of every request, in order.
    pub fn asked(&self) -> Vec<(String, String)> {
        self.inner(|inner| inner.asked.clone())
    }

    /// Counts the requests whose path has this end.
    pub fn count(&self, end: &str) -> usize {
        self.asked().iter().filter(|(_, path)| path.ends_with(end)).count()
    }

    /// Ends the session just before a request with this method and this text in its path, once `after` such requests
    /// have passed.
    pub fn trap(&self, method: &'static str, end: &str, after: usize, does: Does) {
        self.inner(|inner| inner.traps.push(Trap { method, end: end.to_owned(), after, does }));
    }

    /// Returns true once every trap has sprung.
    pub fn has_sprung(&self) -> bool {
        self.inner(|inner| inner.traps.is_empty())
    }

    /// Visits the page of single sign-on as somebody who is let in; returns the query that `callback.html` is opened
    /// with.
    pub fn sign_in_with_sso(&self, address: &str) -> String {
        let page = Url::parse(address).unwrap();
        assert!(page.path().starts_with("/_matrix/client/v3/login/sso/redirect"), "{address}");
        let [(name, back)] = &page.query_pairs().collect::<Vec<_>>()[..] else { panic!("{address}") };
        assert_eq!(name, "redirectUrl");
        let token = random();
        self.inner(|inner| inner.login_tokens.insert(token.clone()));
        let mut back = Url::parse(back).unwrap();
        back.query_pairs_mut().append_pair("loginToken", &token);
        format!("?{}", back.query().unwrap())
    }

    /// Forgets every login token that single sign-on has given.
    pub fn let_login_tokens_expire(&self) {
        self.inner(|inner| inner.login_tokens.clear());
    }
}

/// Makes a token that nobody can guess.
fn random() -> String {
    oauth2::CsrfToken::new_random().into_secret()
}

async fn answer(state: Arc<State>, request: Request) -> Response {
    let (parts, incoming) = request.into_parts();
    let bytes = body::to_bytes(incoming, usize::MAX).await.unwrap().to_vec();
    let header = parts.headers.get("authorization").map(|header| header.to_str().unwrap().to_owned());
    let asked = Asked {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        token: header.map(|header| header.strip_prefix("Bearer ").unwrap().to_owned()),
        bytes,
    };
    let (status, body) = state.answer(&asked).await;
    // Status 0 stands for an answer that is lost on the way.
    if status == 0 {
        let cut_off = stream::once(async { Err::<Vec<u8>, _>(std::io::Error::other("lost")) });
        return Response::builder()
            .header("content-length", "1000")
            .body(Body::from_stream(cut_off))
            .unwrap();
    }
    Response::builder().status(status).header("content-type", "application/json").body(body.into()).unwrap()
}

fn said(status: u16, body: Value) -> Said {
    (status, body.to_string())
}

fn unrecognized() -> Said {
    said(404, json!({"errcode": "M_UNRECOGNIZED", "error": "no such endpoint"}))
}

fn unknown_token(soft_logout: bool) -> Value {
    json!({"errcode": "M_UNKNOWN_TOKEN", "error": "who?", "soft_logout": soft_logout})
}

impl State {
    async fn answer(&self, asked: &Asked) -> Said {
        let is_delegated = {
            let mut inner = self.inner.lock().unwrap();
            inner.asked.push((asked.method.clone(), asked.path.clone()));
            inner.issuer.is_some()
        };
        if asked.path.starts_with("/issuer/") {
            return self.ask_issuer(asked).await;
        }
        if asked.method == "POST" && asked.path.ends_with("/login") {
            self.inner.lock().unwrap().barred.retain(|(_, body)| body["errcode"] != "M_USER_LOCKED");
            return if is_delegated { unrecognized() } else { self.log_in(asked).await };
        }
        if is_delegated && (asked.path.ends_with("/logout") || asked.path.ends_with("/delete_devices")) {
            return unrecognized();
        }
        self.spring(asked).await;
        if let Some(body) = self.barred(asked.token.as_deref()) {
            return said(401, body);
        }
        let Some(token) = self.token_behind(asked.token.as_deref()) else {
            return said(401, unknown_token(false));
        };
        if asked.method == "POST" && asked.path.ends_with("/keys/device_signing/upload") {
            return self.publish(asked, &token).await;
        }
        self.pass(
            &asked.method,
            &format!("{}?{}", asked.path, asked.query),
            Some(&token),
            asked.bytes.clone(),
        )
        .await
    }

    /// Sends a request to the homeserver behind.
    async fn pass(&self, method: &str, path: &str, token: Option<&str>, body: Vec<u8>) -> Said {
        let url = format!("{}{}", self.target, path.trim_end_matches('?'));
        let mut request = self.http.request(method.parse().unwrap(), url).body(body);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let answer = request.header("content-type", "application/json").send().await.unwrap();
        (answer.status().as_u16(), String::from_utf8(answer.bytes().await.unwrap().to_vec()).unwrap())
    }

    /// Signs the account in at the homeserver behind, with this device id.
    async fn log_in_behind(&self, device_id: &str, name: Option<&Value>) -> Said {
        let mut body = json!({
            "type": "m.login.password", "identifier": {"type": "m.id.user", "user": self.user_id},
            "password": self.password, "device_id": device_id,
        });
        if let Some(name) = name {
            body["initial_device_display_name"] = name.clone();
        }
        self.pass("POST", "/_matrix/client/v3/login", None, body.to_string().into_bytes()).await
    }

    async fn log_in(&self, asked: &Asked) -> Said {
        let body: Value = serde_json::from_slice(&asked.bytes).unwrap();
        if body["type"] != "m.login.token" {
            return self.pass("POST", &asked.path, None, asked.bytes.clone()).await;
        }
        if !self.inner.lock().unwrap().login_tokens.remove(body["token"].as_str().unwrap()) {
            return said(403, json!({"errcode": "M_FORBIDDEN", "error": "Invalid login token"}));
        }
        self.log_in_behind(body["device_id"].as_str().unwrap(), Some(&body["initial_device_display_name"]))
            .await
    }

    fn barred(&self, token: Option<&str>) -> Option<Value> {
        let inner = self.inner.lock().unwrap();
        let barred = inner.barred.iter().find(|(barred, _)| Some(barred.as_str()) == token);
        barred.map(|(_, body)| body.clone())
    }

    /// Returns the token that the homeserver behind knows.
    fn token_behind(&self, token: Option<&str>) -> Option<String> {
        let inner = self.inner.lock().unwrap();
        match &inner.issuer {
            Some(issuer) => issuer.behind(token?),
            None => token.map(ToOwned::to_owned),
        }
    }

    /// Ends the session, if a trap was set for this request.
    async fn spring(&self, asked: &Asked) {
        let does = {
            let mut inner = self.inner.lock().unwrap();
            let fits = |trap: &Trap| asked.method == trap.method && asked.path.contains(&trap.end);
            let at = inner.traps.iter().position(fits);
            match at.map(|at| (at, inner.traps[at].after)) {
                Some((at, 0)) => Some(inner.traps.remove(at).does),
                Some((at, after)) => {
                    inner.traps[at].after = after - 1;
                    None
                }
                None => None,
            }
        };
        let Some(does) = does else { return };
        let token = asked.token.clone().unwrap();
        let body = match does {
            Does::SoftLogout => unknown_token(true),
            Does::HardLogout => {
                let behind = self.token_behind(Some(&token)).unwrap();
                assert_eq!(
                    self.pass("POST", "/_matrix/client/v3/logout", Some(&behind), Vec::new()).await.0,
                    200
                );
                unknown_token(false)
            }
            Does::Lock => json!({"errcode": "M_USER_LOCKED", "error": "locked", "soft_logout": true}),
            Does::Expire => unknown_token(true),
        };
        let mut inner = self.inner.lock().unwrap();
        inner.barred.push((token.clone(), body));
        if let (Some(issuer), true) = (&mut inner.issuer, does != Does::Expire) {
            issuer.end(&token);
        }
    }
}
