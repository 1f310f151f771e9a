//! Runs a reverse proxy before the homeserver. It records all that passes, and can break any of it in every way that a
//! network, a server, or a closed tab breaks things.
#![allow(dead_code, missing_docs, clippy::unwrap_used)]

pub mod fault;
pub mod record;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::{self, Bytes},
    extract::Request,
    http::{HeaderMap, HeaderName, header, request::Parts},
    response::Response,
};
use matrix_sdk::reqwest;

pub use fault::Fault;
use fault::{Answer, Break, Then, Trap, is_write};
use record::Exchange;

/// Decides about one request; called with its method, and its path with query.
pub type Rule = Box<dyn Fn(&str, &str) -> Reply + Send + Sync>;

/// Ways to answer a request.
pub enum Reply {
    /// The server's answer.
    Pass,
    /// The server's answer to this other path and query.
    AsIf(String),
    /// This status and body; the request never reaches the server.
    Instead(u16, String),
    /// No answer: it is lost, and the request never reaches the server.
    Lost,
    /// No answer yet: the rule is called again a little later.
    Later,
}

/// Method of a request, and its path without the query.
pub type Line = (String, String);

/// A running proxy.
pub struct Proxy {
    /// Address to sign in at.
    pub url: String,
    state: Arc<State>,
}

struct State {
    target: String,
    http: reqwest::Client,
    record: Mutex<Vec<Exchange>>,
    trap: Mutex<Option<Trap>>,
    /// Account password that is asked for before an identity is published.
    password: Option<String>,
    rule: Option<Rule>,
}

/// Answer of the server, without the headers that belong to one connection only.
struct Answered {
    status: u16,
    headers: HeaderMap,
    body: Bytes,
}

impl Proxy {
    /// Starts one that only records, until a trap is laid.
    pub async fn recording(target: &str) -> Self {
        Self::start(target, None, None, None).await
    }

    /// Starts one that breaks the k-th request that writes (from 0; signing in is not counted).
    pub async fn breaking(target: &str, k: usize, fault: Fault) -> Self {
        Self::start(target, Some(Trap::of_write(k, fault.into())), None, None).await
    }

    /// Starts one that asks for this account password before an identity is published.
    pub async fn asking_for(target: &str, password: &str) -> Self {
        Self::start(target, None, Some(password.to_owned()), None).await
    }

    /// Starts one that answers as a rule says.
    pub async fn ruled(target: &str, rule: impl Fn(&str, &str) -> Reply + Send + Sync + 'static) -> Self {
        Self::start(target, None, None, Some(Box::new(rule))).await
    }

    /// Starts one that always takes `last` for the current backup version, as a server does that sorts versions as
    /// text.
    pub async fn sorting_as_text(target: &str, last: &str) -> Self {
        let last = format!("/{last}");
        Self::ruled(target, move |method, path| {
            let asks = method == "GET" && path.ends_with("/room_keys/version");
            if asks { Reply::AsIf([path, &last].concat()) } else { Reply::Pass }
        })
        .await
    }

    async fn start(target: &str, trap: Option<Trap>, password: Option<String>, rule: Option<Rule>) -> Self {
        Self::listen(target, 0, trap, password, rule, |_| Router::new()).await
    }

    /// Starts one at a port of its own (0 for any), which answers some paths itself.
    pub async fn at(target: &str, port: u16, own: impl FnOnce(Arc<Self>) -> Router) -> Arc<Self> {
        Arc::new(Self::listen(target, port, None, None, None, |proxy| own(Arc::new(proxy))).await)
    }

    async fn listen(
        target: &str,
        port: u16,
        trap: Option<Trap>,
        password: Option<String>,
        rule: Option<Rule>,
        own: impl FnOnce(Self) -> Router,
    ) -> Self {
        let state = Arc::new(State {
            target: target.trim_end_matches('/').to_owned(),
            http: reqwest::Client::new(),
            record: Mutex::default(),
            trap: Mutex::new(trap),
            password,
            rule,
        });
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let proxy = || Self { url: url.clone(), state: state.clone() };
        let shared = state.clone();
        let app = own(proxy()).fallback(move |request: Request| pass(shared.clone(), request));
        let served = proxy();
        tokio::spawn(async move { axum::serve(listener, app).await });
        served
    }

    /// Breaks the k-th request that writes (from 0), counted from now on.
    pub fn break_next_write_but(&self, k: usize, fault: Fault) {
        self.lay(Trap::of_write(k, fault.into()));
    }

    /// Breaks the requests that this trap waits for, and no others, from now on.
    pub fn lay(&self, trap: Trap) {
        *self.state.trap.lock().unwrap() = Some(trap);
    }

    /// Breaks nothing any more.
    pub fn mend(&self) {
        *self.state.trap.lock().unwrap() = None;
    }

    /// Returns every request with its answer, in order and to the byte.
    pub fn record(&self) -> Vec<Exchange> {
        self.state.record.lock().unwrap().clone()
    }

    /// Forgets the requests so far.
    pub fn forget(&self) {
        self.state.record.lock().unwrap().clear();
    }

    /// Returns method and path of every request, in order.
    pub fn lines(&self) -> Vec<Line> {
        let record = self.state.record.lock().unwrap();
        record.iter().map(|exchange| (exchange.method.clone(), exchange.path().to_owned())).collect()
    }

    /// Returns method and path of the requests that write, in order, repeats included.
    pub fn writes(&self) -> Vec<Line> {
        self.lines().into_iter().filter(|(method, path)| is_write(method, path)).collect()
    }
}

impl State {
    /// Records a request; returns its number.
    fn record(&self, parts: &Parts, path_and_query: &str, body: &[u8]) -> usize {
        let text = |value: &axum::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let mut record = self.record.lock().unwrap();
        record.push(Exchange {
            method: parts.method.to_string(),
            path_and_query: path_and_query.to_owned(),
            headers: parts.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
            body: body.to_vec(),
            status: None,
            answer: Vec::new(),
            broken: false,
        });
        record.len() - 1
    }

    /// Decides by the rule, once it does not say "later".
    async fn ruled(&self, method: &str, path_and_query: &str) -> Reply {
        let Some(rule) = &self.rule else { return Reply::Pass };
        loop {
            match rule(method, path_and_query) {
                Reply::Later => tokio::time::sleep(Duration::from_millis(20)).await,
                reply => return reply,
            }
        }
    }

    /// Answers an upload that lacks the password; takes the password out of one that has it.
    fn ask_for_password(&self, body: &mut Vec<u8>) -> Option<Answer> {
        let password = self.password.as_ref()?;
        let mut upload: serde_json::Value = serde_json::from_slice(body).unwrap();
        let flows = r#""flows":[{"stages":["m.login.password"]}],"params":{},"session":"s1""#;
        match upload.as_object_mut().unwrap().remove("auth") {
            None => Some(Answer::json(401, &format!("{{{flows}}}"))),
            Some(auth) if auth["password"] != **password || auth["session"] != "s1" => {
                let body = format!(r#"{{"errcode":"M_FORBIDDEN","error":"no",{flows}}}"#);
                Some(Answer::json(401, &body))
            }
            Some(_) => {
                *body = upload.to_string().into_bytes();
                None
            }
        }
    }

    /// Adds the answer that the client gets to the record of its request.
    fn note(&self, number: usize, status: Option<u16>, answer: &[u8], broken: bool) {
        if let Some(exchange) = self.record.lock().unwrap().get_mut(number) {
            exchange.status = status;
            exchange.answer = answer.to_vec();
            exchange.broken = broken;
        }
    }

    /// Lets the server act, even if the client is gone before it has.
    async fn forward(
        self: &Arc<Self>,
        method: axum::http::Method,
        path_and_query: String,
        headers: HeaderMap,
        body: Vec<u8>,
    ) -> Answered {
        let state = self.clone();
        let acted = tokio::spawn(async move {
            let url = format!("{}{path_and_query}", state.target);
            let request = state.http.request(method, url).headers(headers).body(body);
            let answer = request.send().await.unwrap();
            let (status, mut headers) = (answer.status().as_u16(), answer.headers().clone());
            for name in [header::CONNECTION, header::CONTENT_LENGTH, header::TRANSFER_ENCODING] {
                headers.remove(name);
            }
            Answered { status, headers, body: answer.bytes().await.unwrap() }
        });
        acted.await.unwrap()
    }
}

impl Answered {
    fn without_cors(mut self) -> Self {
        let names: Vec<HeaderName> = self.headers.keys().cloned().collect();
        for name in names.into_iter().filter(|name| name.as_str().starts_with("access-control-")) {
            self.headers.remove(name);
        }
        self
    }

    fn half(mut self) -> Self {
        self.body = self.body.slice(..self.body.len() / 2);
        self
    }

    fn into_response(self) -> Response {
        let mut response = Response::new(self.body.into());
        *response.status_mut() = self.status.try_into().unwrap();
        *response.headers_mut() = self.headers;
        response
    }
}

impl Answer {
    fn json(status: u16, body: &str) -> Self {
        Self { status, content_type: "application/json".to_owned(), body: body.to_owned(), cors: true }
    }

    fn into_response(self) -> Response {
        let mut response =
            Response::builder().status(self.status).header(header::CONTENT_TYPE, self.content_type);
        if self.cors {
            for name in [
                header::ACCESS_CONTROL_ALLOW_ORIGIN,
                header::ACCESS_CONTROL_ALLOW_HEADERS,
                header::ACCESS_CONTROL_EXPOSE_HEADERS,
            ] {
                response = response.header(name, "*");
            }
        }
        response.body(self.body.into()).unwrap()
    }
}

async fn pass(state: Arc<State>, request: Request) -> Response {
    let (parts, incoming) = request.into_parts();
    let mut body = body::to_bytes(incoming, usize::MAX).await.unwrap().to_vec();
    let method = parts.method.to_string();
    let mut path_and_query = parts.uri.path_and_query().unwrap().to_string();
    let number = state.record(&parts, &path_and_query, &body);
    let instead = |answer: Answer, broken| {
        state.note(number, Some(answer.status), answer.body.as_bytes(), broken);
        answer.into_response()
    };
    match state.ruled(&method, &path_and_query).await {
        Reply::Pass | Reply::Later => {}
        Reply::AsIf(other) => path_and_query = other,
        Reply::Instead(status, body) => return instead(Answer::json(status, &body), true),
        Reply::Lost => return lost(),
    }

    let breaks = state.trap.lock().unwrap().as_mut().and_then(|trap| trap.spring(&method, &path_and_query));
    let breaks = match breaks {
        Some(Break { acts: false, then, .. }) => {
            state.note(number, None, &[], true);
            return match then {
                Then::Answer(answer) => instead(answer, true),
                Then::Late(wait) => {
                    tokio::time::sleep(Duration::from_millis(wait)).await;
                    lost()
                }
                Then::Nothing | Then::Half | Then::WithoutCors => lost(),
            };
        }
        breaks => breaks.map(|breaks| breaks.then),
    };
    if parts.uri.path().ends_with("/keys/device_signing/upload")
        && let Some(asked) = state.ask_for_password(&mut body)
    {
        return instead(asked, false);
    }

    let mut headers = parts.headers;
    // Headers of one connection, and a length that may have changed. Without `Accept-Encoding` answers come as plain
    // text.
    for name in [header::HOST, header::CONNECTION, header::CONTENT_LENGTH, header::ACCEPT_ENCODING] {
        headers.remove(name);
    }
    let answered = state.forward(parts.method, path_and_query, headers, body).await;
    state.note(number, Some(answered.status), &answered.body, breaks.is_some());
    match breaks {
        None => answered.into_response(),
        Some(Then::Nothing) => {
            state.note(number, None, &answered.body, true);
            lost()
        }
        Some(Then::Answer(answer)) => instead(answer, true),
        Some(Then::Half) => answered.half().into_response(),
        Some(Then::WithoutCors) => answered.without_cors().into_response(),
        Some(Then::Late(wait)) => {
            tokio::time::sleep(Duration::from_millis(wait)).await;
            answered.into_response()
        }
    }
}

/// Breaks off an answer, and the connection with it: less comes than was promised, so that the client has nothing.
///
/// One byte does come. Without it some clients ask again by themselves on a connection that they have used before.
fn lost() -> Response {
    let response = Response::builder().header(header::CONTENT_LENGTH, "1000");
    let broken = [Ok(Bytes::from_static(b"{")), Err(std::io::Error::other("lost"))];
    response.body(body::Body::from_stream(futures_util::stream::iter(broken))).unwrap()
}
