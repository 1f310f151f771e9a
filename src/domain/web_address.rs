//! An address that a link on the page may lead to: https, and nothing else.

use super::address::{is_authority, split_scheme};

/// The longest one that is taken, in bytes.
pub(super) const LONGEST: usize = 500;

/// An https address of plain form, as it may stand in a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebAddress(String);

impl WebAddress {
    /// Checks an address: https, a host, perhaps a port; no user, and only what an address may hold
    /// (RFC 3986), so that a browser cannot read it as anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = split_scheme(text)?;
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (host, rest) = rest.split_at_checked(end)?;
        let fits = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=%".contains(c);
        let is_fine = text.len() <= LONGEST
            && scheme.eq_ignore_ascii_case("https")
            && is_authority(host)
            && rest.chars().all(fits);
        is_fine.then(|| Self(["https://", &host.to_ascii_lowercase(), rest].concat()))
    }

    /// The whole address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Host and perhaps port, for people.
    pub fn host(&self) -> &str {
        let rest = self.0.strip_prefix("https://").unwrap_or_default();
        rest.split(['/', '?', '#']).next().unwrap_or_default()
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

    proptest::proptest! {
        #[test]
        fn whatever_is_taken_begins_with_https_and_a_host(text in "(https?|javascript)?:?/{0,3}\\PC{0,40}") {
            if let Some(address) = WebAddress::parse(&text) {
                proptest::prop_assert!(address.as_str().starts_with("https://"));
                proptest::prop_assert!(is_authority(address.host()));
            }
        }
    }
}
