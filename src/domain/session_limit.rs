//! The limit that a server may set to the sessions of an account.
//!
//! matrix-authentication-service has one (`experimental.session_limit`). At its `soft_limit` the sign-in page has people
//! remove devices first. It tells clients neither the limit nor that there is one: not in its metadata (RFC 8414), not in
//! its answers. So everybody who signs in on such a page is warned. Source: its `ExperimentalSessionLimitConfig`, and
//! element-hq/matrix-authentication-service#5639.

use super::sign_in::Way;
use crate::words;

/// Says, before the person goes to the server's page, what they must not do there. Returns `None` where no page can
/// ask to remove devices.
pub fn warning(way: &Way) -> Option<&'static str> {
    match way {
        Way::OAuth(_) => Some(words::session_limit_if_that_page_asks_you()),
        Way::Password | Way::SingleSignOn(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{address::BaseUrl, answer::Answer, json::Json, sign_in::Ways};

    const METADATA: &str = r#"{"issuer": "https://account.example.org/",
        "authorization_endpoint": "https://account.example.org/authorize",
        "token_endpoint": "https://account.example.org/token",
        "registration_endpoint": "https://account.example.org/register",
        "revocation_endpoint": "https://account.example.org/revoke",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "fragment"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "code_challenge_methods_supported": ["S256"]}"#;

    #[test]
    fn whoever_signs_in_where_devices_can_be_removed_is_warned_and_nobody_else() {
        let url = BaseUrl::parse("https://hs.example.org").unwrap();
        let said = |body: &str| Answer::Status(200, Json::parse(body.as_bytes()));
        let login = said(r#"{"flows": [{"type": "m.login.password"}]}"#);
        let ways = Ways::read(&url, &login, &said(METADATA)).unwrap().usable;
        assert!(matches!(ways[..], [Way::OAuth(_), Way::Password]), "{ways:?}");
        for way in ways.into_iter().chain([Way::SingleSignOn(Vec::new())]) {
            let is_warned = warning(&way).is_some_and(|text| text.contains("remove a device"));
            assert_eq!(is_warned, matches!(way, Way::OAuth(_)), "{way:?}");
        }
    }
}
