//! What passed through the proxy, to the byte.

use matrix_sdk::ruma::serde::{Base64, base64::Standard};
use serde_json::{Value, json};

/// A request and what came of it.
#[derive(Clone, Debug)]
pub struct Exchange {
    pub method: String,
    pub path_and_query: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// The status that the client got; none where it got nothing (yet).
    pub status: Option<u16>,
    /// What the server said, whether or not it arrived. Of an answer of the proxy's own, that.
    pub answer: Vec<u8>,
    /// Whether it was broken.
    pub broken: bool,
}

impl Exchange {
    /// The path without its query.
    pub fn path(&self) -> &str {
        self.path_and_query.split('?').next().unwrap_or_default()
    }

    /// Everything that the client sent, as text where it is, for a search.
    pub fn sent(&self) -> Vec<u8> {
        let mut sent = format!("{} {}\n", self.method, self.path_and_query).into_bytes();
        for (name, value) in &self.headers {
            sent.extend(format!("{name}: {value}\n").into_bytes());
        }
        sent.push(b'\n');
        sent.extend(&self.body);
        sent
    }

    /// For a program in another language; bodies in base64.
    pub fn as_json(&self) -> Value {
        let base64 = |bytes: &[u8]| Base64::<Standard, _>::new(bytes).encode();
        json!({
            "method": self.method,
            "path": self.path_and_query,
            "headers": self.headers,
            "body": base64(&self.body),
            "status": self.status,
            "answer": base64(&self.answer),
            "broken": self.broken,
        })
    }
}
