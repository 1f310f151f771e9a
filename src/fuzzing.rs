//! Checks that hold whatever others send: one function for each kind of input, which panics if one fails.
//!
//! These are never in a page that is shipped. `fuzz/` feeds them with a fuzzer. A test feeds them with `fuzz/seeds`,
//! so that each input that once failed is tried again.

#[cfg(test)]
#[cfg(feature = "native")]
mod tests;

pub use crate::engine::fuzzing::{
    account, coverage, error_body, key_description, key_file, recovery_key, room_keys, version,
};
use crate::{
    domain::{
        address::{Address, BaseUrl, ServerName},
        answer::Answer,
        config::{Config, MOST_LINKS},
        contact::Contact,
        discovery::{WellKnown, homeserver_of, is_homeserver},
        json::{Json, LARGEST_TEXT},
        line,
        passphrase::Strength,
        plan::Action,
        problem::Problem,
        sign_in::{Way, Ways},
        web_address::WebAddress,
    },
    protocol::{
        messages::{Command, Envelope, Event},
        wire::{decode, encode},
    },
};

/// No server may ask for a longer wait.
const A_DAY_MS: u64 = 86_400_000;

/// Checks the answers of a server before anybody signs in, and what a person enters as their address. Every URL taken
/// from them is safe to connect to and to put into a policy.
pub fn well_known(data: &[u8]) {
    if let Ok(entry) = std::str::from_utf8(data) {
        entered(entry);
    }
    let json = Json::parse(data);
    assert!(json.is_none() || data.len() <= LARGEST_TEXT);
    let Ok(asked) = Address::parse("@ada:example.org") else { return };
    let Ok(base_url) = BaseUrl::parse("https://matrix.example.org") else { return };
    for status in [200, 301, 404, 429, 500] {
        let answer = Answer::Status(status, json.clone());
        let well_known = WellKnown::read(&answer);
        assert!(status == 200 || !matches!(well_known, WellKnown::Names(_)));
        if let Ok(url) = homeserver_of(&asked, &well_known) {
            require_safe(&url);
        }
        let is_one = is_homeserver(&base_url, &answer);
        assert!(is_one != Ok(true) || status == 200);
        let _ = is_one.map_err(require_showable);
        // Reads the same answer as a list of login types, and as the metadata of an authorization server.
        for (login, metadata) in [(&answer, &Answer::Nothing), (&Answer::Status(404, None), &answer)] {
            match Ways::read(&base_url, login, metadata) {
                Ok(ways) => require_reachable(&ways),
                Err(problem) => require_showable(problem),
            }
        }
        let contacts = Contact::read_support(&answer);
        assert!(contacts.len() <= 3);
        contacts.iter().for_each(require_harmless);
    }
}

/// Checks that the page can use one of the ways, shows each on one line, and allows only plain origins in its policy.
fn require_reachable(ways: &Ways) {
    assert!(!ways.usable.is_empty() && ways.unsupported.len() <= 8);
    ways.unsupported.iter().for_each(|name| assert_eq!(*name, line::cut(name, 64)));
    for origin in ways.origins() {
        let url = BaseUrl::parse(&origin);
        assert_eq!(url.as_ref().map(BaseUrl::as_str), Ok(origin.as_str()));
        if let Ok(url) = &url {
            require_safe(url);
        }
    }
    for way in &ways.usable {
        if let Way::SingleSignOn(providers) = way {
            assert!(providers.len() <= 12);
            for provider in providers {
                assert!(!provider.id.is_empty() && provider.name == line::cut(&provider.name, 40));
            }
        }
    }
}

/// Checks a host's settings: they can narrow what the page does and never widen it, and every link is safe.
pub fn config(data: &[u8]) {
    let json = Json::parse(data);
    let (config, warnings) = Config::read_answer(&Answer::Status(200, json.clone()));
    assert!(json.is_some() || config == Config::default() && warnings.len() == 1);
    assert!((Strength::LEAST..=Strength::MOST).contains(&config.strength.power()));
    assert!(config.strength >= Config::default().strength);
    // People for whom something is wrong need these, so a host cannot switch them off.
    for action in
        [Action::SetUp, Action::Repair, Action::Reset, Action::AddKey, Action::Verify, Action::Cover]
    {
        assert!(!config.offers.withhold(action), "{action:?}");
    }
    assert!(warnings.len() <= 21);
    for warning in &warnings {
        assert!(warning.key().chars().count() <= 40 && !warning.to_string().contains(char::is_control));
    }
    for (text, longest) in [(&config.brand, 40), (&config.notice, 600)] {
        assert!(text.as_ref().is_none_or(|text| is_plain(text, longest)), "{text:?}");
    }
    assert!(config.links.len() <= MOST_LINKS);
    for link in &config.links {
        assert!(is_plain(&link.text, 40), "{link:?}");
        require_https(link.address.as_str());
    }
    config.element.iter().for_each(|element| require_https(element.as_str()));
    config.contact.iter().for_each(require_harmless);
    let is_beside = |path: &str| {
        let leads_away = path.starts_with('/') || path.split('/').any(|part| part == "..");
        !leads_away && !path.contains([':', '\\', '?', '#', '%', ' ']) && is_plain(path, 200)
    };
    assert!(config.logo.as_deref().is_none_or(is_beside), "{:?}", config.logo);
    if let Some(home) = &config.home {
        match &home.address {
            Address::Url(url) => require_safe(url),
            Address::Server(name) => require_safe(&name.base_url()),
            Address::UserId { user_id, .. } => assert!(user_id.is_empty(), "a person is no homeserver"),
        }
        assert_eq!(Address::parse(&home.name).as_ref(), Ok(&home.address));
    }
    for status in [301, 403, 404, 500] {
        let (config, _) = Config::read_answer(&Answer::Status(status, json.clone()));
        assert_eq!(config, Config::default());
    }
}

/// Checks a message between page and worker: it is unreadable, or the same after encoding it again.
pub fn message(data: &[u8]) {
    fn again<T: serde::Serialize + serde::de::DeserializeOwned + PartialEq + std::fmt::Debug>(data: &[u8]) {
        let Ok(message) = decode::<T>(data) else { return };
        let bytes = encode(&message);
        // A varint may be longer than needed, and is encoded as the shortest.
        assert!(bytes.as_ref().is_ok_and(|bytes| bytes.len() <= data.len()), "{message:?}");
        let read: Option<Envelope<T>> = bytes.ok().and_then(|bytes| decode(&bytes).ok());
        assert_eq!(read, Some(message));
    }
    again::<Command>(data);
    again::<Event>(data);
}

/// Checks what a person enters as their address.
fn entered(entry: &str) {
    if let Ok(url) = BaseUrl::parse(entry) {
        require_safe(&url);
    }
    if let Ok(name) = ServerName::parse(entry) {
        require_safe(&name.base_url());
    }
    match Address::parse(entry) {
        Ok(Address::UserId { user_id, server }) => {
            assert!(user_id.starts_with('@') && user_id.len() <= 255);
            require_safe(&server.base_url());
        }
        Ok(Address::Server(name)) => require_safe(&name.base_url()),
        Ok(Address::Url(url)) => require_safe(&url),
        Err(_) => {}
    }
    WebAddress::parse(entry).iter().for_each(|address| require_https(address.as_str()));
    Contact::parse(entry).iter().for_each(require_harmless);
}

/// Requires a homeserver's URL to be encrypted or on this computer, stable when parsed again, and one source in a
/// policy.
fn require_safe(url: &BaseUrl) {
    assert_eq!(BaseUrl::parse(url.as_str()).as_ref(), Ok(url));
    let host = url.host();
    let bare = host.rsplit_once(':').filter(|_| !host.ends_with(']')).map_or(host, |(bare, _)| bare);
    let port = host.strip_prefix(bare).unwrap_or_default();
    assert!(port.chars().skip(1).all(|c| c.is_ascii_digit()), "{url}");
    let numbers: Vec<&str> = bare.split('.').collect();
    let is_loopback = numbers.len() == 4
        && numbers[0] == "127"
        && numbers.iter().all(|number| number.parse::<u8>().is_ok());
    let is_here = bare == "localhost" || bare.ends_with(".localhost") || bare == "[::1]" || is_loopback;
    let is_encrypted = url.as_str().starts_with("https://");
    assert!(is_encrypted || url.as_str().starts_with("http://") && is_here, "{url}");
    let origin = url.origin();
    assert!(url.as_str().starts_with(&origin), "{url}");
    let fits = |c: char| c.is_ascii_graphic() && !"\"'*,;<>\\`{}|^?#@%".contains(c);
    assert!(!host.is_empty() && url.as_str().chars().all(fits), "{url}");
    assert_eq!(origin.matches('/').count(), 2, "{url}");
}

fn require_https(address: &str) {
    let rest = address.strip_prefix("https://").unwrap_or_default();
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    assert!(!host.is_empty() && !host.contains('@'), "{address}");
    assert!(address.chars().all(|c| c.is_ascii_graphic() && !"\"<>\\`{}|^".contains(c)), "{address}");
}

/// Requires a contact to link to https or mailto only, and its text to fit one line.
fn require_harmless(contact: &Contact) {
    assert!(is_plain(&contact.text, 500), "{contact:?}");
    match contact.link.as_deref().map(|link| link.strip_prefix("mailto:").ok_or(link)) {
        Some(Ok(mail)) => {
            let fits = |c: char| c.is_ascii_alphanumeric() || "@._+-".contains(c);
            assert!(mail.matches('@').count() == 1 && mail.chars().all(fits), "{contact:?}");
        }
        Some(Err(link)) => require_https(link),
        None => {}
    }
}

/// Requires a problem of a server's making to be a few short lines, and to ask for a wait of a day at most.
pub(crate) fn require_showable(problem: Problem) {
    if let Problem::RateLimited { wait_ms } = problem {
        assert!(wait_ms <= A_DAY_MS, "{wait_ms}");
    }
    let words = problem.words();
    for text in [&words.title, &words.meaning, &words.action] {
        let length = text.chars().count();
        assert!(length <= 2_000, "{length} characters");
        assert_eq!(*text, line::cut(text, length));
    }
}

fn is_plain(text: &str, longest: usize) -> bool {
    !text.is_empty() && text.chars().count() <= longest && !text.contains(char::is_control)
}
