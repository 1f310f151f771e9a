//! Keeps what an address answered before anybody signed in.

use super::{
    json::Json,
    problem::{Problem, wait_ms},
};

/// The wait after "too many requests" where the server names none, in milliseconds.
const DEFAULT_WAIT_MS: u64 = 10_000;

/// The answer of one address.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Nothing that this page may read: no connection, no CORS headers, or too late.
    Nothing,
    /// A status, and the body where it is JSON of sane size.
    Status(u16, Option<Json>),
}

/// Reads from the body of a 429 how long the server asks to wait.
pub(super) fn rate_limited(json: Option<&Json>) -> Problem {
    let ms = json.and_then(|json| json.get("retry_after_ms")?.number()).and_then(wait_ms);
    Problem::RateLimited { wait_ms: ms.unwrap_or(DEFAULT_WAIT_MS) }
}
