//! The answer to one of the page's own requests, all of which come before anybody signs in.

use super::{
    json::Json,
    problem::{Problem, wait_ms},
};

/// The wait when a server says "too many requests" without saying how long, in milliseconds.
const DEFAULT_WAIT_MS: u64 = 10_000;

/// An answer from one URL.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Nothing that this page may read: no connection, no CORS headers, or no answer in time.
    Nothing,
    /// A status code, and the body if it is JSON within the limits of [`Json`].
    Status(u16, Option<Json>),
}

/// Makes the problem of a "too many requests" answer (429).
pub(super) fn rate_limited(json: Option<&Json>) -> Problem {
    let ms = json.and_then(|json| json.get("retry_after_ms")?.number()).and_then(wait_ms);
    Problem::RateLimited { wait_ms: ms.unwrap_or(DEFAULT_WAIT_MS) }
}
