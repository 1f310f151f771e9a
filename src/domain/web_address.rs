//! URLs that the page may open or link to: https, with few exceptions.

use serde::{Deserialize, Serialize};

use super::address::{self, is_authority, is_this_computer, split_scheme};

/// The longest URL that is taken, in bytes.
pub(super) const LONGEST: usize = 500;
/// The longest URL that is taken from a homeserver, in bytes. These carry parameters of the request.
const LONGEST_OF_SERVER: usize = 4_096;

/// A URL that is safe in a link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WebAddress(String);

impl WebAddress {
    /// Checks an https URL: a host, perhaps a port, no user. Only characters of RFC 3986 are allowed, so that no
    /// browser reads it differently.
    pub fn parse(text: &str) -> Option<Self> {
        Self::read(text, LONGEST, |scheme, _| scheme == "https")
    }

    /// Checks a URL that a homeserver names, as a page of its own or a part of its sign-in. It may be longer, and on
    /// this computer it may be http.
    pub fn of_server(text: &str) -> Option<Self> {
        Self::read(text, LONGEST_OF_SERVER, |scheme, host| {
            scheme == "https" || scheme == "http" && is_this_computer(host)
        })
    }

    fn read(text: &str, longest: usize, is_safe: impl Fn(&str, &str) -> bool) -> Option<Self> {
        let (scheme, rest) = split_scheme(text)?;
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (host, rest) = rest.split_at_checked(end)?;
        let (scheme, host) = (scheme.to_ascii_lowercase(), host.to_ascii_lowercase());
        let fits = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=%".contains(c);
        let is_fine =
            text.len() <= longest && is_authority(&host) && is_safe(&scheme, &host) && rest.chars().all(fits);
        is_fine.then(|| Self([&scheme, "://", &host, rest].concat()))
    }

    /// The whole URL.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Host and perhaps port, to be shown.
    pub fn host(&self) -> &str {
        address::host(&self.0)
    }

    /// Scheme, host and port, in the form in which the content security policy allows them.
    pub fn origin(&self) -> String {
        address::origin(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_https_addresses_are_taken() {
        for (text, host) in [
            ("https://example.org", Some("example.org")),
            ("HTTPS://Example.org:8443/A?b=c#d", Some("example.org:8443")),
            ("https://example.org?x", Some("example.org")),
            ("https://matrix.to/#/@ada:example.org", Some("matrix.to")),
            ("http://example.org", None),
            ("http://localhost", None),
            ("javascript://example.org/%0aalert(1)", None),
            ("javascript:alert(1)", None),
            ("data:text/html,hi", None),
            ("//example.org", None),
            ("example.org", None),
            ("https:/example.org", None),
            ("https:\\\\example.org", None),
            ("https://", None),
            ("https://you@example.org", None),
            ("https://example.org\\@evil.org", None),
            ("https://exa mple.org", None),
            ("https://example.org/a b", None),
            ("https://example.org/\n", None),
            (" https://example.org", None),
            ("https://example.org/<script>", None),
            ("https://exämple.org", None),
        ] {
            assert_eq!(WebAddress::parse(text).as_ref().map(WebAddress::host), host, "{text:?}");
        }
        let long = ["https://example.org/", &"a".repeat(480)].concat();
        assert!(WebAddress::parse(&long).is_some());
        assert_eq!(WebAddress::parse(&[&*long, "a"].concat()), None);
    }

    #[test]
    fn a_homeserver_may_name_an_http_url_on_this_computer_only() {
        for (text, origin) in [
            ("https://account.example.org/?a=b", Some("https://account.example.org")),
            ("http://127.0.0.1:8008/auth", Some("http://127.0.0.1:8008")),
            ("http://localhost", Some("http://localhost")),
            ("http://example.org", None),
            ("http://127.0.0.1.example.org", None),
            ("javascript://localhost/%0aalert(1)", None),
        ] {
            assert_eq!(
                WebAddress::of_server(text).map(|address| address.origin()).as_deref(),
                origin,
                "{text:?}"
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn every_url_that_is_taken_begins_with_https_and_a_host(text in "(https?|javascript)?:?/{0,3}\\PC{0,40}") {
            if let Some(address) = WebAddress::parse(&text) {
                proptest::prop_assert!(address.as_str().starts_with("https://"));
                proptest::prop_assert!(is_authority(address.host()));
            }
        }
    }
}
