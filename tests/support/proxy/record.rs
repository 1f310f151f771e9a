//! Records what passed through the proxy, to the byte.

use matrix_sdk::ruma::serde::{Base64, base64::Standard};
use serde_json::{Value, json};

/// Request, and what came of it.
#[derive(Clone, Debug)]
pub struct Exchange {
    pub method: String,
    pub path_and_query: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// Status that the client got; none if it got nothing, or nothing yet.
    pub status: Option<u16>,
    /// Body of the server's answer, even if it did not arrive; or that of the proxy's own answer.
    pub answer: Vec<u8>,
    /// True if the proxy broke it.
    pub broken: bool,
}

impl Exchange {
    /// Returns the path without its query.
    pub fn path(&self) -> &str {
        self.path_and_query.split('?').next().unwrap_or_default()
    }

    /// Returns everything that the client sent, to be searched.
    pub fn sent(&self) -> Vec<u8> {
        let mut sent = format!("{} {}\n", self.method, self.path_and_query).into_bytes();
        for (name, value) in &self.headers {
            sent.extend(format!("{name}: {value}\n").into_bytes());
        }
        sent.push(b'\n');
        sent.extend(&self.body);
        sent
    }

    /// Returns it for a program in another language; bodies are in base64.
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
