//! Finds the homeserver of a Matrix ID, before anybody signs in.
//!
//! Source: specification, client-server API, "Well-known URI" (IGNORE, PROMPT, FAIL_PROMPT and
//! FAIL_ERROR), `GET /_matrix/client/versions` and `GET /_matrix/client/v3/login`.

use super::{
    address::{Address, BaseUrl},
    answer::{Answer, rate_limited},
    json::Json,
    problem::Problem,
    sign_in::Ways,
};

/// The content of `/.well-known/matrix/client`, as far as this page needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WellKnown {
    /// A 404, or no answer: the page tries the server name itself.
    Absent,
    /// An answer that does not follow the specification.
    Broken,
    /// `m.homeserver.base_url`, not yet checked.
    Names(String),
}

impl WellKnown {
    /// Reads the answer at [`well_known_url`].
    pub fn read(answer: &Answer) -> Self {
        match answer {
            Answer::Nothing | Answer::Status(404, _) => Self::Absent,
            Answer::Status(200, Some(json)) => {
                let base_url = json.get("m.homeserver").and_then(|server| server.get("base_url"));
                base_url.and_then(Json::text).map_or(Self::Broken, |url| Self::Names(url.to_owned()))
            }
            Answer::Status(..) => Self::Broken,
        }
    }
}

/// A homeserver that answered, and the ways to sign in there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Base URL of its client API.
    pub base_url: BaseUrl,
    /// The user ID that was entered, if one was.
    pub user_id: Option<String>,
    /// Ways to sign in there.
    pub ways: Ways,
}

/// The base URL to try next, given the entry and the well-known.
///
/// # Errors
/// [`Problem::WellKnownBroken`], for the specification's FAIL_PROMPT and FAIL_ERROR.
pub fn homeserver_of(address: &Address, well_known: &WellKnown) -> Result<BaseUrl, Problem> {
    let server = match address {
        Address::Url(base_url) => return Ok(base_url.clone()),
        Address::UserId { server, .. } | Address::Server(server) => server,
    };
    match well_known {
        WellKnown::Absent => Ok(server.base_url()),
        WellKnown::Broken => Err(Problem::WellKnownBroken { server: server.as_str().to_owned() }),
        WellKnown::Names(url) => BaseUrl::parse(url.trim())
            .map_err(|_| Problem::WellKnownBroken { server: server.as_str().to_owned() }),
    }
}

/// URL of the well-known; `None` if a homeserver's URL was entered.
pub fn well_known_url(address: &Address) -> Option<String> {
    match address {
        Address::Url(_) => None,
        Address::UserId { server, .. } | Address::Server(server) => {
            Some(format!("{}/.well-known/matrix/client", server.base_url()))
        }
    }
}

/// Tells by its list of versions whether a homeserver answers at this URL. `false` stands for no readable answer,
/// which [`silence`] explains.
///
/// # Errors
/// [`Problem::NotAHomeserver`], or a problem that hides whether it is one: too many requests, or an error of the
/// server.
pub fn is_homeserver(base_url: &BaseUrl, answer: &Answer) -> Result<bool, Problem> {
    match answer {
        Answer::Status(200, Some(json)) if json.get("versions").and_then(Json::items).is_some() => Ok(true),
        Answer::Status(429, json) => Err(rate_limited(json.as_ref())),
        Answer::Status(status @ 500.., _) => Err(Problem::Passing { status: Some(*status) }),
        Answer::Status(..) => Err(Problem::NotAHomeserver { host: base_url.host().to_owned() }),
        Answer::Nothing => Ok(false),
    }
}

/// Explains why nothing can be read. `answers_at_all`: something answers that web pages may not read.
pub fn silence(
    address: &Address,
    well_known: &WellKnown,
    base_url: &BaseUrl,
    answers_at_all: bool,
) -> Problem {
    let host = base_url.host().to_owned();
    match (address, well_known) {
        _ if answers_at_all => Problem::NoCors { host },
        (Address::UserId { server, .. } | Address::Server(server), WellKnown::Absent) => {
            Problem::UnknownServer { server: server.as_str().to_owned() }
        }
        _ => Problem::ServerUnreachable { host },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_well_known_decides_as_the_specification_says() {
        let id = Address::parse("@you:example.org").unwrap();
        let broken = Err(Problem::WellKnownBroken { server: "example.org".into() });
        for (well_known, expected) in [
            (WellKnown::Absent, Ok("https://example.org")),
            (WellKnown::Names("https://matrix.example.org/".into()), Ok("https://matrix.example.org")),
            (WellKnown::Names("http://matrix.example.org".into()), Err(())),
            (WellKnown::Names("matrix.example.org".into()), Err(())),
            (WellKnown::Broken, Err(())),
        ] {
            let found = homeserver_of(&id, &well_known).map(|url| url.to_string());
            assert_eq!(found, expected.map(str::to_owned).or(broken.clone()), "{well_known:?}");
        }
    }

    #[test]
    fn a_url_that_was_entered_needs_no_well_known() {
        let url = Address::parse("https://hs.example.org").unwrap();
        assert_eq!(well_known_url(&url), None);
        assert_eq!(homeserver_of(&url, &WellKnown::Broken).unwrap().as_str(), "https://hs.example.org");
    }

    fn said(status: u16, body: &str) -> Answer {
        Answer::Status(status, Json::parse(body.as_bytes()))
    }

    #[test]
    fn a_well_known_is_read_as_the_specification_says() {
        let names = |url: &str| WellKnown::Names(url.to_owned());
        for (answer, expected) in [
            (Answer::Nothing, WellKnown::Absent),
            (said(404, "{}"), WellKnown::Absent),
            (said(200, r#"{"m.homeserver": {"base_url": "https://a.example"}}"#), names("https://a.example")),
            (
                said(200, "\u{feff}{\"m.homeserver\": {\"base_url\": \"https://a.example\"}}"),
                names("https://a.example"),
            ),
            // Some servers answer with their start page when they do not have a file.
            (said(200, "<!doctype html>"), WellKnown::Broken),
            (said(200, "{}"), WellKnown::Broken),
            (said(200, r#"{"m.homeserver": "https://a.example"}"#), WellKnown::Broken),
            (said(200, r#"{"m.homeserver": {"base_url": ["https://a.example"]}}"#), WellKnown::Broken),
            (said(200, r#"[{"m.homeserver": {"base_url": "https://a.example"}}]"#), WellKnown::Broken),
            (said(500, "{}"), WellKnown::Broken),
            (said(301, r#"{"m.homeserver": {"base_url": "https://a.example"}}"#), WellKnown::Broken),
        ] {
            assert_eq!(WellKnown::read(&answer), expected, "{answer:?}");
        }
    }

    #[test]
    fn a_homeserver_is_known_by_its_list_of_versions() {
        let url = BaseUrl::parse("https://hs.example.org").unwrap();
        let other = Err(Problem::NotAHomeserver { host: "hs.example.org".into() });
        for (answer, expected) in [
            (said(200, r#"{"versions": ["v1.11"]}"#), Ok(true)),
            (said(200, r#"{"versions": "v1.11"}"#), other.clone()),
            (said(200, "<html>"), other.clone()),
            (said(404, r#"{"versions": []}"#), other),
            (said(429, r#"{"retry_after_ms": 1500}"#), Err(Problem::RateLimited { wait_ms: 1_500 })),
            (said(429, r#"{"retry_after_ms": -1}"#), Err(Problem::RateLimited { wait_ms: 10_000 })),
            (said(429, r#"{"retry_after_ms": 1e300}"#), Err(Problem::RateLimited { wait_ms: 86_400_000 })),
            (said(429, "slow down"), Err(Problem::RateLimited { wait_ms: 10_000 })),
            (said(502, "<html>"), Err(Problem::Passing { status: Some(502) })),
            (Answer::Nothing, Ok(false)),
        ] {
            assert_eq!(is_homeserver(&url, &answer), expected, "{answer:?}");
        }
    }

    #[test]
    fn a_missing_answer_is_explained() {
        let id = Address::parse("@you:example.org").unwrap();
        let direct = Address::parse("https://hs.example.org").unwrap();
        let url = BaseUrl::parse("https://hs.example.org").unwrap();
        let host = || "hs.example.org".to_owned();
        let named = WellKnown::Names("https://hs.example.org".into());
        for (address, well_known, answers_at_all, expected) in [
            (&id, &WellKnown::Absent, false, Problem::UnknownServer { server: "example.org".into() }),
            (&id, &named, false, Problem::ServerUnreachable { host: host() }),
            (&direct, &WellKnown::Absent, false, Problem::ServerUnreachable { host: host() }),
            (&id, &WellKnown::Absent, true, Problem::NoCors { host: host() }),
        ] {
            assert_eq!(silence(address, well_known, &url, answers_at_all), expected, "{well_known:?}");
        }
    }
}
