//! Lists the ways in which a request can go wrong between a client and its homeserver.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Ways that have a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// The tab is closed: neither this request nor any later one reaches the server.
    ClosedBefore,
    /// The tab is closed after the server acted: its answer is lost, and no later request gets through.
    ClosedAfter,
    /// The server acts, and its answer is lost; what comes after works.
    AnswerLost,
    /// The request never reaches the server; what comes after works.
    RequestLost,
    /// The server answers 500 without acting.
    ServerError,
    /// A proxy's 502 in HTML and without CORS headers, without acting.
    BadGateway,
    /// 429 with a short wait, without acting.
    RateLimited,
    /// 429 with a wait that is left to the person, without acting.
    TooLongAWait,
    /// The server answers 401 without acting: the access token is no longer known.
    UnknownToken,
    /// The server answers 401 without acting: the access token has ended, though the device is still there.
    SoftLogout,
    /// The server answers 403 without acting.
    Forbidden,
    /// The server forbids this and everything of its kind, and does what else is asked.
    Refused,
    /// The server has another newest backup version than the one that is written to.
    WrongVersion,
    /// The server acts, and half of its answer arrives as if that were all.
    Truncated,
    /// The server acts, and answers after every deadline has passed.
    Late,
    /// The server acts, and its answer has no CORS headers: a page does not get to see it.
    WithoutCors,
}

/// Treatment of one request.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Break {
    /// True if the request reaches the server.
    pub acts: bool,
    /// Answer to the client.
    pub then: Then,
    /// True if nothing gets through from then on, either way.
    #[serde(default)]
    pub gone: bool,
}

/// Answers to a broken request.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Then {
    /// Nothing: the connection is closed before the answer is complete.
    Nothing,
    /// An answer of the proxy's own.
    Answer(Answer),
    /// The first half of the server's answer, as if it were all.
    Half,
    /// The server's answer without CORS headers.
    WithoutCors,
    /// The server's answer, so many milliseconds later.
    Late(u64),
}

/// Answer of the proxy's own.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Answer {
    pub status: u16,
    #[serde(default = "json")]
    pub content_type: String,
    pub body: String,
    /// True if a page of another origin may see it.
    #[serde(default = "yes")]
    pub cors: bool,
}

fn json() -> String {
    "application/json".to_owned()
}

fn yes() -> bool {
    true
}

/// Longer than any deadline.
const LATE: Duration = Duration::from_secs(700);

impl Fault {
    /// Returns its name in records and printed lines.
    pub fn name(self) -> String {
        serde_json::to_value(self).unwrap().as_str().unwrap().to_owned()
    }
}

impl From<Fault> for Break {
    fn from(fault: Fault) -> Self {
        let error = |status, errcode: &str, more: &str| {
            let body = format!(r#"{{"errcode":"{errcode}","error":"by the fault proxy"{more}}}"#);
            Then::Answer(Answer { status, content_type: json(), body, cors: true })
        };
        let without_acting = |then| Self { acts: false, then, gone: false };
        let acting = |then| Self { acts: true, then, gone: false };
        match fault {
            Fault::ClosedBefore => Self { gone: true, ..without_acting(Then::Nothing) },
            Fault::ClosedAfter => Self { gone: true, ..acting(Then::Nothing) },
            Fault::AnswerLost => acting(Then::Nothing),
            Fault::RequestLost => without_acting(Then::Nothing),
            Fault::ServerError => without_acting(error(500, "M_UNKNOWN", "")),
            Fault::BadGateway => without_acting(Then::Answer(Answer {
                status: 502,
                content_type: "text/html".to_owned(),
                body: "<html><h1>502 Bad Gateway</h1></html>".to_owned(),
                cors: false,
            })),
            Fault::RateLimited => without_acting(error(429, "M_LIMIT_EXCEEDED", r#","retry_after_ms":50"#)),
            Fault::TooLongAWait => {
                without_acting(error(429, "M_LIMIT_EXCEEDED", r#","retry_after_ms":600000"#))
            }
            Fault::UnknownToken => without_acting(error(401, "M_UNKNOWN_TOKEN", "")),
            Fault::SoftLogout => without_acting(error(401, "M_UNKNOWN_TOKEN", r#","soft_logout":true"#)),
            Fault::Forbidden | Fault::Refused => without_acting(error(403, "M_FORBIDDEN", "")),
            Fault::WrongVersion => {
                without_acting(error(403, "M_WRONG_ROOM_KEYS_VERSION", r#","current_version":"99""#))
            }
            Fault::Truncated => acting(Then::Half),
            Fault::Late => acting(Then::Late(LATE.as_millis().try_into().unwrap())),
            Fault::WithoutCors => acting(Then::WithoutCors),
        }
    }
}

/// Requests that are counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Matching {
    /// Those that change something.
    #[default]
    Writes,
    /// Those of this method, if one is given, whose path and query contain this.
    Requests { method: Option<String>, contain: String },
}

impl Matching {
    /// Reads a method and a part of a path (`PUT /account_data/`), or the part alone; the empty text matches every
    /// request.
    pub fn parse(pattern: &str) -> Self {
        let (method, contain) = match pattern.split_once(' ') {
            Some((method, rest)) => (Some(method.to_owned()), rest),
            None => (None, pattern),
        };
        Self::Requests { method, contain: contain.to_owned() }
    }

    /// Returns true if a request is counted. A CORS preflight never is.
    pub fn counts(&self, method: &str, path_and_query: &str) -> bool {
        if method == "OPTIONS" {
            return false;
        }
        match self {
            Self::Writes => is_write(method, path_and_query),
            Self::Requests { method: wanted, contain } => {
                wanted.as_deref().is_none_or(|wanted| wanted == method) && path_and_query.contains(contain)
            }
        }
    }
}

/// Returns true for requests that change something: not for questions that are POSTed, nor for signing in and out.
pub fn is_write(method: &str, path_and_query: &str) -> bool {
    let path = path_and_query.split('?').next().unwrap_or_default();
    !["GET", "HEAD", "OPTIONS"].contains(&method)
        && !["/keys/query", "/login", "/logout", "/sync"].iter().any(|end| path.ends_with(end))
}

/// Fault that waits for its requests.
#[derive(Clone, Debug)]
pub struct Trap {
    pub matching: Matching,
    /// The first request to be broken, from 0, of those counted since the trap was laid.
    pub k: usize,
    /// Number of requests to break, one after the other.
    pub times: usize,
    pub breaks: Break,
    /// Number of requests counted so far.
    pub seen: usize,
    /// True once nothing gets through any more.
    pub gone: bool,
    /// True if only requests with the method and path of the first broken one are broken after it.
    pub of_one_kind: bool,
    /// Method and path of that first one.
    pub kind: Option<(String, String)>,
}

impl Trap {
    /// Makes a trap for the k-th request (from 0) that changes something.
    pub fn of_write(k: usize, breaks: Break) -> Self {
        Self {
            matching: Matching::Writes,
            k,
            times: 1,
            breaks,
            seen: 0,
            gone: false,
            of_one_kind: false,
            kind: None,
        }
    }

    /// Returns the treatment of the next request; `None` if nothing happens to it.
    pub fn spring(&mut self, method: &str, path_and_query: &str) -> Option<Break> {
        // Browsers still send the sign-out of a tab that is closed.
        if self.gone {
            let nothing = Break { acts: false, then: Then::Nothing, gone: true };
            return (!path_and_query.ends_with("/logout")).then_some(nothing);
        }
        if !self.matching.counts(method, path_and_query) {
            return None;
        }
        let number = self.seen;
        self.seen += 1;
        if !(self.k..self.k.saturating_add(self.times)).contains(&number) {
            return None;
        }
        if self.of_one_kind {
            let path = path_and_query.split('?').next().unwrap_or_default();
            let kind = (method.to_owned(), path.to_owned());
            if *self.kind.get_or_insert_with(|| kind.clone()) != kind {
                return None;
            }
        }
        self.gone = self.breaks.gone;
        Some(self.breaks.clone())
    }
}
