//! A homeserver that lies: a real one behind it answers, unless a script says otherwise. Everything that was asked is
//! kept with its body, so that a test can say what reached the server and what did not.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use axum::{Router, body, body::Body, extract::Request, response::Response};
use futures_util::{StreamExt as _, stream};
use matrix_sdk::reqwest;
use serde_json::{Value, json};

use crate::support::proxy::fault::is_write;

/// One request, as it came.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: String,
    /// Without the query.
    pub path: String,
    pub query: String,
    /// The access token; empty for none.
    pub token: String,
    /// The body; null for none, or for what is no JSON.
    pub body: Value,
    /// How often this method and path had been asked before.
    pub before: usize,
}

/// How a request is answered.
pub enum Answer {
    /// As the real server does.
    Pass,
    /// As the real server does, with another body in the end.
    Changed(Box<dyn FnOnce(&mut Value) + Send>),
    /// With this status and text; it never reaches the real server.
    Instead(u16, String),
    /// The real server acts, and this is said of it.
    Acted(u16, String),
    /// The real server acts, and its answer is lost.
    Lost,
    /// A body without end, with this as its length, or none.
    Endless(Option<u64>),
    /// Nothing ever comes.
    Never,
    /// Go there instead.
    Redirect(u16, String),
}

impl Answer {
    /// The real answer, changed.
    pub fn changed(change: impl FnOnce(&mut Value) + Send + 'static) -> Self {
        Self::Changed(Box::new(change))
    }

    /// This status and JSON.
    pub fn json(status: u16, body: Value) -> Self {
        Self::Instead(status, body.to_string())
    }
}

type Script = Box<dyn Fn(&Asked) -> Answer + Send + Sync>;

/// A running one.
pub struct HostileHomeserver {
    /// Its address, to sign in at.
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

    /// Everything that was asked, in order.
    pub fn asked(&self) -> Vec<Asked> {
        self.state.asked.lock().unwrap().clone()
    }

    /// What would change something, in order: neither questions that are POSTed, nor signing in and out.
    pub fn writes(&self) -> Vec<Asked> {
        self.asked().into_iter().filter(|asked| is_write(&asked.method, &asked.path)).collect()
    }

    /// How many bytes of endless bodies were taken off its hands.
    pub fn endless_bytes(&self) -> usize {
        self.state.endless.load(Ordering::Relaxed)
    }
}

impl Asked {
    /// Whether it is this method and a path that ends so.
    pub fn is(&self, method: &str, end: &str) -> bool {
        self.method == method && self.path.ends_with(end)
    }
}

/// Changes the content of account data of one type in an answer to `/sync`.
pub fn with_account_data(sync: &mut Value, event_type: &str, change: impl Fn(&mut Value)) {
    for event in sync["account_data"]["events"].as_array_mut().into_iter().flatten() {
        if event["type"].as_str().is_some_and(|found| found.starts_with(event_type)) {
            change(&mut event["content"]);
        }
    }
}

/// Takes account data of one type out of an answer to `/sync`.
pub fn without_account_data(sync: &mut Value, event_type: &str) {
    if let Some(events) = sync["account_data"]["events"].as_array_mut() {
        events.retain(|event| !event["type"].as_str().is_some_and(|found| found.starts_with(event_type)));
    }
}

/// What Matrix says of something that is not there.
pub fn not_found() -> Answer {
    Answer::json(404, json!({"errcode": "M_NOT_FOUND", "error": "not here"}))
}

async fn answer(state: Arc<State>, request: Request) -> Response {
    let (parts, incoming) = request.into_parts();
    let bytes = body::to_bytes(incoming, usize::MAX).await.unwrap();
    let asked = {
        let mut all = state.asked.lock().unwrap();
        let (method, path) = (parts.method.to_string(), parts.uri.path().to_owned());
        let before = all.iter().filter(|asked| asked.method == method && asked.path == path).count();
        let body = serde_json::from_slice(&bytes).unwrap_or_default();
        let query = parts.uri.query().unwrap_or_default().to_owned();
        let token = parts.headers.get("authorization").and_then(|header| header.to_str().ok());
        let token = token.unwrap_or_default().trim_start_matches("Bearer ").to_owned();
        all.push(Asked { method, path, query, token, body, before });
        all.last().unwrap().clone()
    };
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
