//! Runs the proxy as a program of its own, for tests in a browser: `tests/support/proxy/fault-proxy.mjs` speaks to it.
//!
//!     fault-proxy http://localhost:8008 [PORT]
//!
//! Prints its address in one line, and ends when its standard input is closed. It takes commands under a path that no
//! homeserver has:
//!
//! - `PUT /_proxy/fault` with `{"k": 0, "times": 1, "fault": "answer-lost", "matching": "PUT /account_data/"}`:
//!   breaks the k-th request (from 0, counted from now on) that matches, and as many as `times` says. Without
//!   `matching` those that change something are counted; with `""` all of them. `fault` is one of the names of
//!   [`proxy::Fault`], or instead of it `breaks` is a [`proxy::fault::Break`], such as
//!   `{"acts": true, "then": {"answer": {"status": 200, "body": "{}"}}}`.
//! - `DELETE /_proxy/fault`: breaks nothing any more.
//! - `GET /_proxy/record`: everything that came, see [`proxy::record::Exchange::as_json`].
//! - `DELETE /_proxy/record`: forgets it.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]

#[path = "mod.rs"]
mod proxy;

use std::{io::Read as _, sync::Arc};

use axum::{
    Router,
    body::Bytes,
    http::{StatusCode, header::CONTENT_TYPE},
    routing::{get, put},
};
use proxy::{
    Fault, Proxy,
    fault::{Break, Matching, Trap},
};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    k: usize,
    #[serde(default = "once")]
    times: usize,
    fault: Option<Fault>,
    breaks: Option<Break>,
    matching: Option<String>,
}

fn once() -> usize {
    1
}

impl Asked {
    fn into_trap(self) -> Result<Trap, String> {
        let breaks = self.breaks.or(self.fault.map(Break::from)).ok_or("neither fault nor breaks")?;
        let matching = self.matching.as_deref().map(Matching::parse).unwrap_or_default();
        Ok(Trap { matching, times: self.times, ..Trap::of_write(self.k, breaks) })
    }
}

fn own(proxy: Arc<Proxy>) -> Router {
    let (lay, mend, record, forget) = (proxy.clone(), proxy.clone(), proxy.clone(), proxy);
    let lay = async move |body: Bytes| {
        let asked: Result<Asked, _> = serde_json::from_slice(&body);
        match asked.map_err(|error| error.to_string()).and_then(Asked::into_trap) {
            Ok(trap) => {
                lay.lay(trap);
                (StatusCode::NO_CONTENT, String::new())
            }
            Err(error) => (StatusCode::BAD_REQUEST, error),
        }
    };
    let mend = async move || {
        mend.mend();
        StatusCode::NO_CONTENT
    };
    let record = async move || {
        let record: Value = record.record().iter().map(|exchange| exchange.as_json()).collect();
        ([(CONTENT_TYPE, "application/json")], record.to_string())
    };
    let forget = async move || {
        forget.forget();
        StatusCode::NO_CONTENT
    };
    Router::new()
        .route("/_proxy/fault", put(lay).delete(mend))
        .route("/_proxy/record", get(record).delete(forget))
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let target = arguments.next().unwrap();
    let port = arguments.next().map_or(0, |port| port.parse().unwrap());
    let proxy = Proxy::at(&target, port, own).await;
    println!("{}", proxy.url);
    let closed = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
    closed.await.unwrap().unwrap();
}
