//! Plays a homeserver that lies: a real one behind it answers, unless a script says otherwise. Every request is kept
//! with its body, so that a test can say what reached the server and what did not.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use axum::{Router, body, body::Body, extract::Request, http::request::Parts, response::Response};
use futures_util::{StreamExt as _, stream};
use matrix_sdk::reqwest;
use serde_json::{Value, json};

use crate::support::proxy::fault::is_write;

/// Request as it came in.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: String,
    /// Without the query.
    pub path: String,
    pub query: String,
    /// The access token; empty for none.
    pub token: String,
    /// The JSON body; null if there is none or it is not JSON.
    pub body: Value,
    /// Number of earlier requests with this method and path.
    pub before: usize,
}

/// Ways to answer a request.
pub enum Answer {
    /// The real server's answer.
    Pass,
    /// The real server's answer, with a changed body.
    Changed(Box<dyn FnOnce(&mut Value) + Send>),
    /// This status and text; the request never reaches the real server.
    Instead(u16, String),
    /// This status and text, after the real server did what was asked.
    Acted(u16, String),
    /// An answer that is lost, after the real server did what was asked.
    Lost,
    /// A body without end, with this as its `Content-Length`, or without one.
    Endless(Option<u64>),
    /// No answer at all, while the connection stays open.
    Never,
    /// A redirect with this status to this address.
    Redirect(u16, String),
}

impl Answer {
    /// Returns the real answer, changed.
    pub fn changed(change: impl FnOnce(&mut Value) + Send + 'static) -> Self {
        Self::Changed(Box::new(change))
    }

    /// Returns this status and JSON instead of the real answer.
    pub fn json(status: u16, body: Value) -> Self {
        Self::Instead(status, body.to_string())
    }
}

type Script = Box<dyn Fn(&Asked) -> Answer + Send + Sync>;

/// Running server of this kind.
pub struct HostileHomeserver {
    /// Address to sign in at.
    pub url: String,
    state: Arc<State>,
}

struct State {
    target: String,
    http: reqwest::Client,
    script: Script,
    asked: Mutex<Vec<Asked>>,
    endless: AtomicUsize,
}

impl HostileHomeserver {
    /// Starts one before a real homeserver.
    pub async fn before(target: &str, script: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        let state = Arc::new(State {
            target: target.to_owned(),
            http: reqwest::Client::new(),
            script: Box::new(script),
            asked: Mutex::default(),
            endless: AtomicUsize::default(),
        });
        let shared = state.clone();
        let app = Router::new().fallback(move |request: Request| answer(shared.clone(), request));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, state }
    }

    /// Returns every request, in order.
    pub fn asked(&self) -> Vec<Asked> {
        self.state.asked.lock().unwrap().clone()
    }

    /// Returns the requests that would change something, in order: neither questions that are POSTed, nor signing in
    /// and out.
    pub fn writes(&self) -> Vec<Asked> {
        self.asked().into_iter().filter(|asked| is_write(&asked.method, &asked.path)).collect()
    }

    /// Counts the bytes of endless bodies that were taken from this server.
    pub fn endless_bytes(&self) -> usize {
        self.state.endless.load(Ordering::Relaxed)
    }
}

impl Asked {
    /// Returns true if the request has this method and a path with this end.
    pub fn is(&self, method: &str, end: &str) -> bool {
        self.method == method && self.path.ends_with(end)
    }
}

/// Changes the content of account data whose type starts with `event_type`, in an answer to `/sync`.
pub fn with_account_data(sync: &mut Value, event_type: &str, change: impl Fn(&mut Value)) {
    for event in sync["account_data"]["events"].as_array_mut().into_iter().flatten() {
        if event["type"].as_str().is_some_and(|found| found.starts_with(event_type)) {
            change(&mut event["content"]);
        }
    }
}

/// Takes account data whose type starts with `event_type` out of an answer to `/sync`.
pub fn without_account_data(sync: &mut Value, event_type: &str) {
    if let Some(events) = sync["account_data"]["events"].as_array_mut() {
        events.retain(|event| !event["type"].as_str().is_some_and(|found| found.starts_with(event_type)));
    }
}

/// Returns the error of the specification for something that is not there.
pub fn not_found() -> Answer {
    Answer::json(404, json!({"errcode": "M_NOT_FOUND", "error": "not here"}))
}

impl State {
    /// Remembers a request.
    fn note(&self, parts: &Parts, bytes: &[u8]) -> Asked {
        let mut all = self.asked.lock().unwrap();
        let (method, path) = (parts.method.to_string(), parts.uri.path().to_owned());
        let before = all.iter().filter(|asked| asked.method == method && asked.path == path).count();
        let body = serde_json::from_slice(bytes).unwrap_or_default();
        let query = parts.uri.query().unwrap_or_default().to_owned();
        let token = parts.headers.get("authorization").and_then(|header| header.to_str().ok());
        let token = token.unwrap_or_default().trim_start_matches("Bearer ").to_owned();
        all.push(Asked { method, path, query, token, body, before });
        all.last().unwrap().clone()
    }
}

async fn answer(state: Arc<State>, request: Request) -> Response {
    let (parts, incoming) = request.into_parts();
    let bytes = body::to_bytes(incoming, usize::MAX).await.unwrap();
    let asked = state.note(&parts, &bytes);
    let pass = async || {
        let url = format!("{}{}", state.target, parts.uri.path_and_query().unwrap());
        let mut forwarded = state.http.request(parts.method.clone(), url).body(bytes.to_vec());
        for name in ["authorization", "content-type"] {
            if let Some(value) = parts.headers.get(name) {
                forwarded = forwarded.header(name, value);
            }
        }
        let answer = forwarded.send().await.unwrap();
        (answer.status().as_u16(), answer.bytes().await.unwrap().to_vec())
    };
    match (state.script)(&asked) {
        Answer::Pass => {
            let (status, body) = pass().await;
            plain(status, body)
        }
        Answer::Changed(change) => {
            let (status, body) = pass().await;
            let mut body = serde_json::from_slice(&body).unwrap();
            change(&mut body);
            plain(status, body.to_string())
        }
        Answer::Instead(status, text) => plain(status, text),
        Answer::Acted(status, text) => {
            pass().await;
            plain(status, text)
        }
        Answer::Lost => {
            pass().await;
            let cut_off = stream::once(async { Err::<Vec<u8>, _>(std::io::Error::other("lost")) });
            Response::builder().header("content-length", "1000").body(Body::from_stream(cut_off)).unwrap()
        }
        Answer::Endless(length) => {
            let state = state.clone();
            let blocks = stream::repeat(vec![b' '; 64 * 1024]).map(move |block| {
                state.endless.fetch_add(block.len(), Ordering::Relaxed);
                Ok::<_, std::io::Error>(block)
            });
            let mut response = Response::builder().header("content-type", "application/json");
            if let Some(length) = length {
                response = response.header("content-length", length);
            }
            response.body(Body::from_stream(blocks)).unwrap()
        }
        Answer::Never => std::future::pending().await,
        Answer::Redirect(status, to) => {
            Response::builder().status(status).header("location", to).body(Body::empty()).unwrap()
        }
    }
}

fn plain(status: u16, body: impl Into<Body>) -> Response {
    Response::builder().status(status).header("content-type", "application/json").body(body.into()).unwrap()
}
