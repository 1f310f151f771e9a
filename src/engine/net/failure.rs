//! Failures of requests: as much of a server's "no" as is read, and the limits within which a request is tried again.

use std::time::Duration;

use serde_json::Value;

use crate::domain::{line, problem, web_address::WebAddress};

/// Attempts at a request that may be repeated, the first one included.
const ATTEMPTS: u32 = 4;
/// The longest wait that the engine sits through when a server asks for one (429); longer ones are shown to the person.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// The longest string of an error body that is kept, in characters.
const LONGEST_STRING: usize = line::LONGEST;
/// The largest error body that is parsed, in bytes. An honest one is a few lines; a larger one, parsed as JSON, would
/// take many times its size in memory.
const LARGEST_ERROR: usize = 64 * 1024;
/// The longest `session` of a challenge that is sent back, in bytes; servers use a few dozen.
const LONGEST_SESSION: usize = 1_024;

/// The reason why a request failed.
#[derive(Clone, Debug)]
pub(in crate::engine) enum Failure {
    /// Nothing came back: offline, a lost connection, the deadline, or an answer without CORS headers.
    NoAnswer,
    /// Something came back that is not what the specification says.
    Garbled,
    /// The server, or a proxy before it, said no.
    Refused(Refusal),
}

/// A server's "no". Strings are cut to a length that is safe to show.
#[derive(Clone, Debug, Default)]
pub(in crate::engine) struct Refusal {
    /// The status code.
    pub(in crate::engine) status: u16,
    /// The specification's error code; empty if the body is no Matrix error.
    pub(in crate::engine) errcode: String,
    /// The error code of an authorization server (RFC 6749, section 5.2).
    pub(in crate::engine) error: String,
    /// `soft_logout` of a 401: true if the device still exists (specification, "Soft logout").
    pub(in crate::engine) soft_logout: bool,
    /// `retry_after_ms` of a 429: milliseconds to wait before the next attempt.
    pub(in crate::engine) retry_after_ms: Option<u64>,
    /// The user-interactive authentication that a 401 asks for.
    pub(in crate::engine) challenge: Option<Box<Challenge>>,
}

/// User-interactive authentication, as far as this page needs it (specification, "User-Interactive
/// Authentication API").
#[derive(Clone, Debug)]
pub(in crate::engine) struct Challenge {
    /// To be sent back with the proof.
    pub(in crate::engine) session: Option<String>,
    /// The stages of each flow; one flow has to be completed.
    pub(in crate::engine) flows: Vec<Vec<String>>,
    /// The stages that are completed.
    pub(in crate::engine) completed: Vec<String>,
    /// The address of a stage's page, for stages that name one.
    pub(in crate::engine) pages: Vec<(String, WebAddress)>,
}

/// Limits of a request.
#[derive(Clone, Copy, Debug)]
pub(in crate::engine) struct Limits {
    /// Time for one attempt, reading the body included.
    pub(in crate::engine) deadline: Duration,
    /// The largest answer that is read, in bytes.
    pub(in crate::engine) largest_answer: usize,
    /// Attempts, the first one included.
    pub(in crate::engine) attempts: u32,
}

impl Limits {
    /// For nearly every request.
    pub(in crate::engine) const SMALL: Self =
        Self { deadline: Duration::from_secs(30), largest_answer: 16 * 1024 * 1024, attempts: ATTEMPTS };
    /// For a request that carries room keys: a slow line takes long to upload a megabyte.
    pub(in crate::engine) const ROOM_KEYS_UP: Self =
        Self { deadline: Duration::from_secs(120), ..Self::SMALL };
    /// For a question about every room: a first sync may take a busy server long.
    pub(in crate::engine) const EVERY_ROOM: Self =
        Self { deadline: Duration::from_secs(180), largest_answer: 64 * 1024 * 1024, attempts: ATTEMPTS };
    /// For a whole backup: 100,000 room keys are some 100 MB and cannot be asked for in parts. Neither the browser nor
    /// the server tells how far it has come.
    pub(in crate::engine) const WHOLE_BACKUP: Self =
        Self { deadline: Duration::from_secs(600), largest_answer: 512 * 1024 * 1024, attempts: ATTEMPTS };
    /// For a request that the server holds until it has news, at most 20 seconds. One attempt: the caller asks again
    /// anyway.
    pub(in crate::engine) const LONG_POLL: Self =
        Self { deadline: Duration::from_secs(45), attempts: 1, ..Self::SMALL };
}

/// Says whether a request sent twice has the same effect as a request sent once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) enum Repeat {
    /// It has: try again when the connection or the server has a passing trouble.
    Safe,
    /// It has, but a wait that the server asks for (429) is shown to the person at once.
    SafeButShowWaits,
    /// It has not: try again only if the server says that it did nothing (429).
    Unsafe,
}

impl Failure {
    /// The wait before the next attempt; `None` if another one would not help or might harm.
    pub(in crate::engine) fn wait_before_next(&self, repeat: Repeat, pause: Duration) -> Option<Duration> {
        match self {
            Self::NoAnswer => (repeat != Repeat::Unsafe).then_some(pause),
            Self::Garbled => None,
            Self::Refused(refusal) if refusal.status == 429 => {
                if repeat == Repeat::SafeButShowWaits {
                    return None;
                }
                let asked = refusal.retry_after_ms.map_or(pause, Duration::from_millis);
                (asked <= LONGEST_WAIT).then_some(asked)
            }
            Self::Refused(refusal) => (repeat != Repeat::Unsafe && refusal.status >= 500).then_some(pause),
        }
    }

    /// Tells whether the server rejects the token or has locked the account (specification, "Soft logout" and "Account
    /// locking"). Signing in again may help.
    pub(in crate::engine) fn is_signed_out(&self) -> bool {
        ["M_UNKNOWN_TOKEN", "M_MISSING_TOKEN", "M_USER_LOCKED"].iter().any(|errcode| self.is(errcode))
    }

    /// Tells whether the server refused with a 4xx: the request will take no effect later.
    pub(in crate::engine) fn is_client_error(&self) -> bool {
        matches!(self, Self::Refused(refusal) if (400..500).contains(&refusal.status))
    }

    /// Tells whether the server answered with this error code.
    pub(in crate::engine) fn is(&self, errcode: &str) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.errcode == errcode)
    }
}

impl Refusal {
    /// Tells whether a repetition would be refused again: any 4xx but 429.
    pub(in crate::engine) fn is_final(&self) -> bool {
        (400..500).contains(&self.status) && self.status != 429
    }

    /// Reads an error body; anything may stand in it.
    pub(in crate::engine) fn read(status: u16, body: &[u8]) -> Self {
        let body = Some(body).filter(|body| body.len() <= LARGEST_ERROR);
        let body: Value = body.and_then(|body| serde_json::from_slice(body).ok()).unwrap_or_default();
        let errcode = body.get("errcode").and_then(Value::as_str).unwrap_or_default();
        Self {
            status,
            errcode: cut(errcode),
            error: cut(body.get("error").and_then(Value::as_str).unwrap_or_default()),
            soft_logout: body.get("soft_logout").and_then(Value::as_bool).unwrap_or(false),
            retry_after_ms: body.get("retry_after_ms").and_then(Value::as_f64).and_then(problem::wait_ms),
            challenge: (status == 401).then(|| Challenge::read(&body)).flatten().map(Box::new),
        }
    }
}

impl Challenge {
    fn read(body: &Value) -> Option<Self> {
        let names = |names: Option<&Value>| -> Vec<String> {
            let names = names.and_then(Value::as_array);
            names.into_iter().flatten().take(8).filter_map(Value::as_str).map(cut).collect()
        };
        let flows = body.get("flows")?.as_array()?.iter().take(16);
        let flows: Vec<_> = flows.map(|flow| names(flow.get("stages"))).collect();
        let page = |stage: &String| {
            let address = body.get("params")?.get(stage)?.get("url")?.as_str()?;
            Some((stage.clone(), WebAddress::of_server(address)?))
        };
        let pages = flows.iter().flatten().filter_map(page).collect();
        // A cut `session` would be another one, so a longer one is dropped.
        let session = body.get("session").and_then(Value::as_str);
        let session = session.filter(|session| session.len() <= LONGEST_SESSION).map(ToOwned::to_owned);
        Some(Self { session, flows, completed: names(body.get("completed")), pages })
    }
}

/// Cuts a server's string to a length that fits a line, and removes characters that could change the line.
pub(in crate::engine) fn cut(text: &str) -> String {
    line::cut(text, LONGEST_STRING)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_body_may_be_anything() {
        for body in [
            "",
            "null",
            "[]",
            "<html>502</html>",
            "{\"errcode\":7}",
            "{\"flows\":3}",
            "{\"flows\":[{\"stages\":[1]}]}",
        ] {
            let refusal = Refusal::read(401, body.as_bytes());
            assert_eq!((refusal.status, refusal.errcode.as_str()), (401, ""), "{body}");
        }
        let long = format!("{{\"errcode\":\"{}\"}}", "M".repeat(5_000));
        assert_eq!(Refusal::read(400, long.as_bytes()).errcode.len(), LONGEST_STRING);
    }

    #[test]
    fn an_error_body_larger_than_any_honest_one_is_not_looked_into() {
        let body = |length: usize| {
            let body = |filling: &str| format!(r#"{{"errcode":"M_FORBIDDEN","error":"{filling}"}}"#);
            body(&"x".repeat(length - body("").len()))
        };
        for (length, errcode) in [(LARGEST_ERROR, "M_FORBIDDEN"), (LARGEST_ERROR + 1, "")] {
            let refusal = Refusal::read(403, body(length).as_bytes());
            assert_eq!((refusal.status, refusal.errcode.as_str()), (403, errcode), "{length}");
        }
    }

    #[test]
    fn a_request_that_might_act_twice_is_repeated_only_if_the_server_did_nothing() {
        let refused = |status, retry_after_ms| {
            Failure::Refused(Refusal { status, retry_after_ms, ..Refusal::default() })
        };
        let pause = Duration::from_secs(1);
        for (failure, safe, not_safe) in [
            (Failure::NoAnswer, Some(1_000), None),
            (Failure::Garbled, None, None),
            (refused(500, None), Some(1_000), None),
            (refused(502, None), Some(1_000), None),
            (refused(403, None), None, None),
            (refused(401, None), None, None),
            (refused(429, Some(2_500)), Some(2_500), Some(2_500)),
            (refused(429, None), Some(1_000), Some(1_000)),
            (refused(429, Some(600_000)), None, None),
        ] {
            let wait = |repeat| failure.wait_before_next(repeat, pause).map(|wait| wait.as_millis());
            assert_eq!(wait(Repeat::Safe), safe, "{failure:?}");
            assert_eq!(wait(Repeat::Unsafe), not_safe, "{failure:?}");
            let shown = matches!(&failure, Failure::Refused(refusal) if refusal.status == 429);
            assert_eq!(wait(Repeat::SafeButShowWaits), safe.filter(|_| !shown), "{failure:?}");
        }
    }
}
