//! A reverse proxy before the homeserver that records what passes and can break off.

use std::sync::{Arc, Mutex};

use axum::{Router, body, extract::Request, http::StatusCode, response::Response};
use matrix_sdk::reqwest;

/// What happens to one writing request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It never reaches the server, nor does anything after it: the tab was closed before.
    ClosedBefore,
    /// The server acts, its answer is lost, and nothing after it gets through: closed after.
    ClosedAfter,
    /// The server acts, and its answer is lost; what comes after works.
    AnswerLost,
    /// It never reaches the server; what comes after works.
    RequestLost,
    /// The server says 500 without acting.
    ServerError,
    /// A proxy's 502 in HTML, without acting.
    BadGateway,
    /// 429 with a short wait, without acting.
    RateLimited,
    /// 429 with a wait that is left to the person, without acting.
    TooLongAWait,
    /// The access token is no longer known.
    UnknownToken,
}

/// What a test makes of one request; asked with method, and path with query.
pub type Rule = Box<dyn Fn(&str, &str) -> Reply + Send + Sync>;

/// How a request is answered.
pub enum Reply {
    /// As the server does.
    Pass,
    /// As the server answers another path and query.
    AsIf(String),
    /// With this status and body; it never reaches the server.
    Instead(u16, String),
    /// Not at all: the answer is lost.
    Lost,
    /// Not yet: the rule is asked again a little later.
    Later,
}

/// What passed: method and path without its query.
pub type Line = (String, String);

/// A running proxy.
pub struct Proxy {
    /// Its address, to sign in at.
    pub url: String,
    state: Arc<State>,
}

struct State {
    target: String,
    http: reqwest::Client,
    lines: Mutex<Vec<Line>>,
    writes: Mutex<usize>,
    fault: Mutex<Option<(usize, Fault)>>,
    /// Answers the first upload of an identity like a server that always asks for the password.
    password: Option<String>,
    rule: Option<Rule>,
}

impl Proxy {
    /// One that only records.
    pub async fn recording(target: &str) -> Self {
        Self::start(target, None, None, None).await
    }

    /// One that breaks the k-th writing request after sign-in (from 0).
    pub async fn breaking(target: &str, k: usize, fault: Fault) -> Self {
        Self::start(target, Some((k, fault)), None, None).await
    }

    /// One that asks for this account password before an identity is published.
    pub async fn asking_for(target: &str, password: &str) -> Self {
        Self::start(target, None, Some(password.to_owned()), None).await
    }

    /// One that answers as a rule says.
    pub async fn ruled(target: &str, rule: impl Fn(&str, &str) -> Reply + Send + Sync + 'static) -> Self {
        Self::start(target, None, None, Some(Box::new(rule))).await
    }

    async fn start(
        target: &str,
        fault: Option<(usize, Fault)>,
        password: Option<String>,
        rule: Option<Rule>,
    ) -> Self {
        let state = Arc::new(State {
            target: target.to_owned(),
            http: reqwest::Client::new(),
            lines: Mutex::default(),
            writes: Mutex::default(),
            fault: Mutex::new(fault),
            password,
            rule,
        });
        let shared = state.clone();
        let app = Router::new().fallback(move |request: Request| pass(shared.clone(), request));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, state }
    }

    /// From now on breaks the k-th writing request (from 0).
    pub fn break_next_write_but(&self, k: usize, fault: Fault) {
        let so_far = *self.state.writes.lock().unwrap();
        *self.state.fault.lock().unwrap() = Some((so_far + k, fault));
    }

    /// Everything that came, in order.
    pub fn lines(&self) -> Vec<Line> {
        self.state.lines.lock().unwrap().clone()
    }

    /// The writing requests after sign-in, in order, repeats included.
    pub fn writes(&self) -> Vec<Line> {
        self.lines().into_iter().filter(|(method, path)| is_write(method, path)).collect()
    }
}

/// Requests that change something: not the questions that are POSTed, nor signing in and out.
fn is_write(method: &str, path: &str) -> bool {
    method != "GET" && !["/keys/query", "/login", "/logout", "/sync"].iter().any(|end| path.ends_with(end))
}

fn plain(status: u16, content_type: &str, text: &str) -> Response {
    let response = Response::builder().status(status).header("content-type", content_type);
    response.body(text.to_owned().into()).unwrap()
}

async fn pass(state: Arc<State>, request: Request) -> Response {
    let (parts, incoming) = request.into_parts();
    let bytes = body::to_bytes(incoming, usize::MAX).await.unwrap();
    let (method, path) = (parts.method.to_string(), parts.uri.path().to_owned());
    state.lines.lock().unwrap().push((method.clone(), path.clone()));

    let mut path_and_query = parts.uri.path_and_query().unwrap().to_string();
    while let Some(rule) = &state.rule {
        match rule(&method, &path_and_query) {
            Reply::Pass => break,
            Reply::AsIf(other) => {
                path_and_query = other;
                break;
            }
            Reply::Instead(status, body) => return plain(status, "application/json", &body),
            Reply::Lost => return lost(),
            Reply::Later => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
        }
    }

    let mut lose_answer = false;
    let number = *state.writes.lock().unwrap();
    let is_write = is_write(&method, &path);
    let fault = *state.fault.lock().unwrap();
    if let Some((k, fault)) = fault {
        let closed = |from: usize| number >= from && !path.ends_with("/logout");
        match fault {
            Fault::ClosedBefore if closed(k) && (is_write || number > k) => return lost(),
            Fault::ClosedAfter if closed(k + 1) => return lost(),
            Fault::ClosedAfter | Fault::AnswerLost if is_write && number == k => lose_answer = true,
            _ if !is_write || number != k => {}
            Fault::RequestLost => {
                *state.writes.lock().unwrap() += 1;
                return lost();
            }
            Fault::ServerError => {
                *state.writes.lock().unwrap() += 1;
                return plain(500, "application/json", r#"{"errcode":"M_UNKNOWN","error":"internal"}"#);
            }
            Fault::BadGateway => {
                *state.writes.lock().unwrap() += 1;
                return plain(502, "text/html", "<html><h1>502 Bad Gateway</h1></html>");
            }
            Fault::RateLimited => {
                *state.writes.lock().unwrap() += 1;
                return plain(
                    429,
                    "application/json",
                    r#"{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":50}"#,
                );
            }
            Fault::TooLongAWait => {
                *state.writes.lock().unwrap() += 1;
                return plain(
                    429,
                    "application/json",
                    r#"{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":600000}"#,
                );
            }
            Fault::UnknownToken => {
                *state.writes.lock().unwrap() += 1;
                return plain(401, "application/json", r#"{"errcode":"M_UNKNOWN_TOKEN","error":"gone"}"#);
            }
            Fault::ClosedBefore | Fault::ClosedAfter | Fault::AnswerLost => {}
        }
    }
    if is_write {
        *state.writes.lock().unwrap() += 1;
    }

    let mut bytes = bytes.to_vec();
    if let Some(password) = &state.password
        && path.ends_with("/keys/device_signing/upload")
    {
        let mut upload: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        let flows = r#""flows":[{"stages":["m.login.password"]}],"params":{},"session":"s1""#;
        match upload.as_object_mut().unwrap().remove("auth") {
            None => return plain(401, "application/json", &format!("{{{flows}}}")),
            Some(auth) if auth["password"] != **password || auth["session"] != "s1" => {
                return plain(
                    401,
                    "application/json",
                    &format!(r#"{{"errcode":"M_FORBIDDEN","error":"no",{flows}}}"#),
                );
            }
            Some(_) => bytes = upload.to_string().into_bytes(),
        }
    }

    let url = format!("{}{path_and_query}", state.target);
    let mut forwarded = state.http.request(parts.method, url).body(bytes);
    for name in ["authorization", "content-type"] {
        if let Some(value) = parts.headers.get(name) {
            forwarded = forwarded.header(name, value);
        }
    }
    let answer = forwarded.send().await.unwrap();
    let status = answer.status().as_u16();
    let text = String::from_utf8(answer.bytes().await.unwrap().to_vec()).unwrap();
    if lose_answer { lost() } else { plain(status, "application/json", &text) }
}

/// An answer that breaks off: less comes than was promised, so the client has nothing.
fn lost() -> Response {
    let response = Response::builder().status(StatusCode::OK).header("content-length", "1000");
    response
        .body(body::Body::from_stream(futures_util::stream::once(async {
            Err::<Vec<u8>, std::io::Error>(std::io::Error::other("lost"))
        })))
        .unwrap()
}
