//! Reads what a person types when asked for their Matrix ID: an ID, a server name or a URL.
//!
//! Source: specification, appendices "User identifiers" and "Server name".

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{passphrase::is_invisible, recovery_key::plain};

mod international;
mod link;
mod login;

#[cfg(test)]
mod tests;

pub use login::login_name;

/// The longest Matrix ID the specification allows, in bytes.
const LONGEST_USER_ID: usize = 255;
/// The longest URL this page looks at, in bytes.
const LONGEST_ADDRESS: usize = 2_048;

/// The three kinds of entry that the page understands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// `@you:example.org`: the person, and so their server.
    UserId {
        /// The whole user ID, `@` included.
        user_id: String,
        /// The part after the first colon.
        server: ServerName,
    },
    /// `example.org`: a server name only.
    Server(ServerName),
    /// `https://matrix.example.org`: the homeserver itself, so no well-known is looked up.
    Url(BaseUrl),
}

/// The reason why an entry is none of the three.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AddressError {
    /// Nothing was entered.
    Empty,
    /// A name without a server, such as `@you` or `you`.
    NoServer,
    /// The part that should be a server name is not one.
    BadServer,
    /// The part before the colon is empty, or has white space or control characters; or the whole is too long.
    BadUser,
    /// An `http:` URL of a host that is not this computer.
    Insecure,
    /// An e-mail address, which resembles a Matrix ID.
    Email,
    /// A telephone number.
    Phone,
    /// A link to a room, or to something else that is nobody.
    NotAUser,
}

/// A server name: host and, perhaps, port, as after the first colon of a Matrix ID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerName(String);

/// Base URL of a homeserver's client API: scheme, host, perhaps port and path; no slash at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl(String);

impl Address {
    /// Reads an entry, or a link to somebody (`https://matrix.to/#/@you:example.org`, `matrix:u/you:example.org`).
    /// Ignores invisible characters, and what stands around it.
    ///
    /// # Errors
    /// Names what is wrong with the entry, so that the page can say what to do.
    pub fn parse(entry: &str) -> Result<Self, AddressError> {
        let entry = cleaned(entry);
        if let Some(user_id) = link::user_id(&entry)? {
            return Self::parse_user(&user_id, user_id.strip_prefix('@').unwrap_or_default());
        }
        let entry = entry.as_str();
        if entry.is_empty() {
            return Err(AddressError::Empty);
        }
        if split_scheme(entry).is_some() {
            return BaseUrl::parse(entry).map(Self::Url);
        }
        if let Some(rest) = entry.strip_prefix('@') {
            return Self::parse_user(entry, rest);
        }
        if entry.contains('@') {
            return Err(AddressError::Email);
        }
        if login::is_phone(entry) {
            return Err(AddressError::Phone);
        }
        // `you:example.org` is an ID whose `@` was forgotten; but `example.org:8448` is a server.
        if let Some((before, after)) = entry.split_once(':')
            && !before.contains(['.', '['])
            && before != "localhost"
            && after.parse::<u16>().is_err()
        {
            return Self::parse_user(&format!("@{entry}"), entry);
        }
        if !entry.contains(['.', ':']) && entry != "localhost" {
            return Err(AddressError::NoServer);
        }
        ServerName::parse(entry).map(Self::Server)
    }

    fn parse_user(user_id: &str, rest: &str) -> Result<Self, AddressError> {
        let (localpart, server) = rest.split_once(':').ok_or(AddressError::NoServer)?;
        let bad = |c: char| c.is_whitespace() || c.is_control();
        if localpart.is_empty() || localpart.contains(bad) {
            return Err(AddressError::BadUser);
        }
        let name = ServerName::parse(server)?;
        // As it was written; but homeservers know each other's international names in ASCII only.
        let user_id = if server.is_ascii() {
            user_id.to_owned()
        } else {
            ["@", localpart, ":", name.as_str()].concat()
        };
        if user_id.len() > LONGEST_USER_ID {
            return Err(AddressError::BadUser);
        }
        Ok(Self::UserId { user_id, server: name })
    }

    /// URL of a file at the server's name; at its origin if a URL was entered.
    pub fn at_server(&self, path: &str) -> String {
        let origin = match self {
            Self::UserId { server, .. } | Self::Server(server) => server.base_url().origin(),
            Self::Url(base_url) => base_url.origin(),
        };
        [&*origin, path].concat()
    }

    /// The user ID, if one was entered.
    pub fn user_id(&self) -> Option<&str> {
        match self {
            Self::UserId { user_id, .. } => Some(user_id),
            Self::Server(_) | Self::Url(_) => None,
        }
    }
}

impl ServerName {
    /// Checks the grammar: DNS name, IPv4 or bracketed IPv6, and perhaps a port. An international name is taken in the
    /// form that requests have.
    ///
    /// # Errors
    /// [`AddressError::BadServer`] when it is no server name.
    pub fn parse(name: &str) -> Result<Self, AddressError> {
        let name = international::to_ascii(name);
        if is_authority(&name) { Ok(Self(name.to_ascii_lowercase())) } else { Err(AddressError::BadServer) }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The URL to try for this name: https, or http on this computer.
    pub fn base_url(&self) -> BaseUrl {
        let scheme = if is_this_computer(&self.0) { "http" } else { "https" };
        BaseUrl(format!("{scheme}://{}", self.0))
    }
}

impl BaseUrl {
    /// Checks a URL: https anywhere, http on this computer only; no user, query or fragment.
    ///
    /// # Errors
    /// [`AddressError::Insecure`] for http on another host, [`AddressError::BadServer`] for anything else.
    pub fn parse(url: &str) -> Result<Self, AddressError> {
        let (scheme, rest) = split_scheme(url).ok_or(AddressError::BadServer)?;
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let authority = international::to_ascii(authority);
        let path = path.trim_end_matches('/');
        let path_char = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '.' | '_' | '~');
        if url.len() > LONGEST_ADDRESS || !is_authority(&authority) || !path.chars().all(path_char) {
            return Err(AddressError::BadServer);
        }
        let authority = authority.to_ascii_lowercase();
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "https" => "https",
            "http" if is_this_computer(&authority) => "http",
            "http" => return Err(AddressError::Insecure),
            _ => return Err(AddressError::BadServer),
        };
        let slash = if path.is_empty() { "" } else { "/" };
        Ok(Self([scheme, "://", &authority, slash, path].concat()))
    }

    /// The URL, without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Scheme, host and port, in the form in which the content security policy allows them.
    pub fn origin(&self) -> String {
        origin(&self.0)
    }

    /// Host and perhaps port, to be shown.
    pub fn host(&self) -> &str {
        host(&self.0)
    }

    /// The host and port as the person knows them, where its name is international. Only beside [`Self::host`]: letters
    /// of two scripts look alike.
    pub fn international_host(&self) -> Option<String> {
        international::to_unicode(self.host())
    }
}

impl fmt::Display for ServerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Returns an entry without invisible characters and what stands around it: quotes, brackets, and after a host the full
/// stop of a sentence or the slash that browsers put there. Every sign is the one that keyboards have.
pub fn cleaned(entry: &str) -> String {
    let is_seen = |c: &char| c.is_whitespace() || !is_invisible(*c);
    let typed = |c| if matches!(c, '\u{3002}' | '\u{ff61}') { '.' } else { plain(c) };
    let text: String = entry.chars().filter(is_seen).map(typed).collect();
    let is_around = |c: char| c.is_whitespace() || "<>()\"'“”„‘’«»`".contains(c);
    let text = text.trim_matches(is_around);
    let host = text.trim_end_matches(|c| is_around(c) || ".,;/".contains(c));
    // A name may end so.
    if host.contains([':', '.']) { host.to_owned() } else { text.to_owned() }
}

/// Host and perhaps port of a URL that was already checked.
pub(super) fn host(address: &str) -> &str {
    let rest = split_scheme(address).map_or("", |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

/// Scheme, host and port of a URL that was already checked.
pub(super) fn origin(address: &str) -> String {
    let scheme = split_scheme(address).map_or("https", |(scheme, _)| scheme);
    [scheme, "://", host(address)].concat()
}

/// Splits a URL into the parts before and after `://`.
pub(super) fn split_scheme(url: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = url.split_once(':')?;
    Some((scheme, rest.strip_prefix("//")?))
}

fn split_port(authority: &str) -> Option<(&str, Option<&str>)> {
    if let Some(rest) = authority.strip_prefix('[') {
        let (_, after) = rest.split_once(']')?;
        let host = authority.strip_suffix(after)?;
        return match after {
            "" => Some((host, None)),
            _ => after.strip_prefix(':').map(|port| (host, Some(port))),
        };
    }
    match authority.split_once(':') {
        Some((host, port)) => Some((host, Some(port))),
        None => Some((authority, None)),
    }
}

pub(super) fn is_authority(authority: &str) -> bool {
    let Some((host, port)) = split_port(authority) else { return false };
    // "+443" is a number to Rust, but no port to a browser.
    let is_port = |p: &str| !p.starts_with('+') && p.len() <= 5 && p.parse::<u16>().is_ok_and(|p| p != 0);
    let port_is_fine = port.is_none_or(is_port);
    let host_is_fine = match host.strip_prefix('[').and_then(|h| h.strip_suffix(']')) {
        // Checks the characters only: the browser finds out whether the address leads anywhere.
        Some(v6) => {
            let v6_char = |c: char| c.is_ascii_hexdigit() || matches!(c, ':' | '.');
            (2..=45).contains(&v6.len()) && v6.contains(':') && v6.chars().all(v6_char)
        }
        None => is_host_name(host),
    };
    port_is_fine && host_is_fine
}

fn is_host_name(host: &str) -> bool {
    let label = |l: &str| {
        (1..=63).contains(&l.len())
            && l.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && !l.starts_with('-')
            && !l.ends_with('-')
    };
    (1..=230).contains(&host.len()) && host.split('.').all(label)
}

pub(super) fn is_this_computer(authority: &str) -> bool {
    let host = split_port(authority).map_or("", |(host, _)| host);
    host == "localhost"
        || host.ends_with(".localhost")
        || host == "[::1]"
        || host.starts_with("127.")
            && host.split('.').count() == 4
            && host.split('.').all(|part| part.len() < 4 && part.parse::<u8>().is_ok())
}
