//! The ways to sign in that a homeserver offers.
//!
//! Source: specification, client-server API, `GET /_matrix/client/v3/login` and
//! `GET /_matrix/client/v1/auth_metadata` (RFC 8414), "OAuth 2.0 API".

use serde::{Deserialize, Serialize};

use super::{
    address::{BaseUrl, is_this_computer},
    answer::{Answer, rate_limited},
    json::Json,
    line,
    problem::Problem,
    web_address::WebAddress,
};

/// The most identity providers that are shown.
const MOST_PROVIDERS: usize = 12;
/// The most characters of a provider's name that are shown.
const LONGEST_NAME: usize = 40;
/// The longest provider ID that is sent back, in bytes: the specification's own limit.
const LONGEST_ID: usize = 255;
/// The most login types that are named of those this page cannot use, and the most characters of each.
const MOST_NAMED: usize = 8;
const LONGEST_TYPE: usize = 64;

/// The ways to sign in that a homeserver offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ways {
    /// Ways that this page can use, best first; never empty.
    pub usable: Vec<Way>,
    /// Login types that this page cannot use, by the server's names.
    pub unsupported: Vec<String>,
}

/// One way to sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// On the page of the authorization server that this homeserver names (OAuth 2.0).
    OAuth(AuthorizationServer),
    /// With the account password (`m.login.password`).
    Password,
    /// On another service's page (`m.login.sso`, then `m.login.token`).
    SingleSignOn(Vec<IdentityProvider>),
}

/// An identity provider of a single sign-on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityProvider {
    /// Its ID in requests.
    pub id: String,
    /// Its name for people.
    pub name: String,
}

/// An OAuth 2.0 authorization server. The page reads all of this before the second content security policy applies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationServer {
    /// Issuer identifier.
    pub issuer: String,
    /// Set if its answers always name the issuer (RFC 9207).
    pub answers_name_issuer: bool,
    /// URL of the page where people sign in.
    pub authorization_endpoint: WebAddress,
    /// URL that gives tokens.
    pub token_endpoint: WebAddress,
    /// URL at which this page registers as a client.
    pub registration_endpoint: WebAddress,
    /// URL that revokes tokens.
    pub revocation_endpoint: WebAddress,
    /// URL of the page where people manage their account.
    pub account_management_uri: Option<WebAddress>,
    /// Actions that can be done there.
    pub account_management_actions_supported: Vec<String>,
}

/// The server's page on which the person signs in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Door {
    /// The authorization server's page.
    OAuth(AuthorizationServer),
    /// The page to which the homeserver redirects people.
    SingleSignOn {
        /// ID of the identity provider, if the person chose one.
        provider: Option<String>,
    },
}

impl Ways {
    /// The account password only.
    pub fn password() -> Self {
        Self { usable: vec![Way::Password], unsupported: Vec::new() }
    }

    /// Reads the server's login types and the metadata of its authorization server.
    ///
    /// # Errors
    /// [`Problem::NoWayToSignIn`] with the login types that are offered instead, or a problem that hides them.
    pub fn read(base_url: &BaseUrl, login: &Answer, metadata: &Answer) -> Result<Self, Problem> {
        let oauth = match metadata {
            // A homeserver elsewhere must not send the page to a server on this computer.
            Answer::Status(200, Some(json)) => Some(AuthorizationServer::read(json).filter(|server| {
                is_this_computer(base_url.host()) || server.origin().starts_with("https://")
            })),
            Answer::Status(..) | Answer::Nothing => None,
        };
        let flows = match login {
            Answer::Status(200, Some(json)) => json.get("flows").and_then(Json::items).unwrap_or_default(),
            // A server with OAuth 2.0 only need not have a list of login types.
            Answer::Status(_, _) if matches!(oauth, Some(Some(_))) => &[],
            Answer::Status(429, json) => return Err(rate_limited(json.as_ref())),
            Answer::Status(status @ 500.., _) => return Err(Problem::Passing { status: Some(*status) }),
            Answer::Status(..) => &[],
            Answer::Nothing => return Err(Problem::ServerUnreachable { host: base_url.host().to_owned() }),
        };
        let of_type = |wanted: &str| flows.iter().find(|flow| type_of(flow) == Some(wanted));
        let (password, sso) = (of_type("m.login.password"), of_type("m.login.sso"));
        // The server's page returns a login token, which is of use only with `m.login.token`.
        let usable_sso = sso.filter(|_| of_type("m.login.token").is_some());
        let prefers_oauth = sso.is_some_and(|flow| is_true(flow, "oauth_aware_preferred"))
            || sso.is_some_and(|flow| is_true(flow, "org.matrix.msc3824.delegated_oidc_compatibility"));

        let mut usable = Vec::new();
        let mut unsupported = Vec::new();
        match oauth {
            Some(Some(server)) => usable.push(Way::OAuth(server)),
            Some(None) => unsupported.push("OAuth 2.0".to_owned()),
            None => {}
        }
        let has_oauth = !usable.is_empty();
        // With `oauth_aware_preferred`, a server asks clients that know OAuth 2.0 to use nothing else.
        usable.extend(password.filter(|_| !(has_oauth && prefers_oauth)).map(|_| Way::Password));
        usable.extend(usable_sso.filter(|_| !has_oauth).map(|flow| Way::SingleSignOn(providers(flow))));

        let known = |name: &str| match name {
            "m.login.password" | "m.login.token" => true,
            "m.login.sso" => usable_sso.is_some() || has_oauth,
            // For application services, never for people.
            "m.login.application_service" => true,
            _ => false,
        };
        for name in flows.iter().filter_map(type_of).filter(|name| !known(name)) {
            let name = line::cut(name, LONGEST_TYPE);
            if unsupported.len() < MOST_NAMED && !unsupported.contains(&name) {
                unsupported.push(name);
            }
        }
        if usable.is_empty() {
            return Err(Problem::NoWayToSignIn { offers: unsupported });
        }
        Ok(Self { usable, unsupported })
    }

    /// Origins that the content security policy must allow beside the homeserver.
    pub fn origins(&self) -> Vec<String> {
        let servers = self.usable.iter().filter_map(|way| match way {
            Way::OAuth(server) => Some(server.origin()),
            Way::Password | Way::SingleSignOn(_) => None,
        });
        servers.collect()
    }
}

impl AuthorizationServer {
    /// Reads the metadata of an authorization server; `None` if it lacks something that this page needs.
    pub fn read(json: &Json) -> Option<Self> {
        let address = |name| WebAddress::of_server(json.get(name)?.text()?);
        let names = |name| {
            let items = json.get(name).and_then(Json::items).unwrap_or_default();
            items.iter().filter_map(Json::text).collect::<Vec<_>>()
        };
        // RFC 8414 gives the defaults of what is left out: both response modes, the authorization code among the
        // grants.
        let supports = |name, value, unless_said| match json.get(name) {
            Some(_) => names(name).contains(&value),
            None => unless_said,
        };
        let can = supports("response_types_supported", "code", false)
            && supports("response_modes_supported", "fragment", true)
            && supports("grant_types_supported", "authorization_code", true)
            && supports("code_challenge_methods_supported", "S256", false);
        let issuer = json.get("issuer")?.text()?;
        WebAddress::of_server(issuer)?;
        let mut server = Self {
            issuer: issuer.to_owned(),
            answers_name_issuer: is_true(json, "authorization_response_iss_parameter_supported"),
            authorization_endpoint: address("authorization_endpoint")?,
            token_endpoint: address("token_endpoint")?,
            registration_endpoint: address("registration_endpoint")?,
            revocation_endpoint: address("revocation_endpoint")?,
            account_management_uri: address("account_management_uri"),
            account_management_actions_supported: names("account_management_actions_supported")
                .into_iter()
                .take(32)
                .map(|action| line::cut(action, LONGEST_TYPE))
                .collect(),
        };
        // A server could name an honest server's page and a token endpoint of its own. It would then receive the code
        // that lets people in there (RFC 9700, section 4.4), so all URLs must be on one origin.
        let origin = server.origin();
        let is_one = [&server.token_endpoint, &server.registration_endpoint, &server.revocation_endpoint]
            .iter()
            .all(|endpoint| endpoint.origin() == origin);
        // The account page may be elsewhere, but not on this computer if the server is not.
        let page = server.account_management_uri.take();
        server.account_management_uri =
            page.filter(|page| page.origin() == origin || page.origin().starts_with("https://"));
        (can && is_one).then_some(server)
    }

    /// The one origin of all these URLs: scheme, host and port.
    pub fn origin(&self) -> String {
        self.authorization_endpoint.origin()
    }
}

fn type_of(flow: &Json) -> Option<&str> {
    flow.get("type")?.text()
}

fn is_true(json: &Json, name: &str) -> bool {
    json.get(name) == Some(&Json::Bool(true))
}

/// Reads the identity providers of a flow; empty if the homeserver redirects everybody to the same page. Icons are
/// left out, since the server could have them fetched from anywhere.
fn providers(flow: &Json) -> Vec<IdentityProvider> {
    let stable = flow.get("identity_providers").and_then(Json::items).unwrap_or_default();
    let provider = |json: &Json| {
        let (id, name) = (json.get("id")?.text()?, json.get("name")?.text()?);
        let is_fine = !id.is_empty() && id.len() <= LONGEST_ID && !name.trim().is_empty();
        is_fine.then(|| IdentityProvider { id: id.to_owned(), name: line::cut(name, LONGEST_NAME) })
    };
    stable.iter().filter_map(provider).take(MOST_PROVIDERS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(status: u16, body: &str) -> Answer {
        Answer::Status(status, Json::parse(body.as_bytes()))
    }

    fn metadata(change: &str, to: &str) -> String {
        r#"{"issuer": "https://account.example.org/",
            "authorization_endpoint": "https://account.example.org/authorize",
            "token_endpoint": "https://account.example.org/token",
            "registration_endpoint": "https://account.example.org/register",
            "revocation_endpoint": "https://account.example.org/revoke",
            "account_management_uri": "https://account.example.org/account/",
            "account_management_actions_supported": ["org.matrix.device_delete", 5],
            "response_types_supported": ["code"],
            "response_modes_supported": ["query", "fragment"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "code_challenge_methods_supported": ["S256"]}"#
            .replace(change, to)
    }

    fn names(ways: &Ways) -> Vec<&'static str> {
        let name = |way: &Way| match way {
            Way::OAuth(_) => "OAuth",
            Way::Password => "password",
            Way::SingleSignOn(_) => "SSO",
        };
        ways.usable.iter().map(name).collect()
    }

    #[test]
    fn the_best_way_comes_first_and_what_cannot_be_used_is_named() {
        let url = BaseUrl::parse("https://hs.example.org").unwrap();
        let none = || said(404, r#"{"errcode": "M_UNRECOGNIZED"}"#);
        let oauth = || said(200, &metadata("", ""));
        let old_oauth = || said(200, &metadata("registration_endpoint", "x"));
        let flows = |flows: &str| said(200, &format!(r#"{{"flows": [{flows}]}}"#));
        let sso = r#"{"type": "m.login.sso"}, {"type": "m.login.token"}"#;
        let both = format!(r#"{sso}, {{"type": "m.login.password"}}"#);
        let preferred = r#"{"type": "m.login.sso", "oauth_aware_preferred": true}, {"type": "m.login.token"},
            {"type": "m.login.password"}"#;
        for (login, metadata, usable, unsupported) in [
            (flows(r#"{"type": "m.login.password"}"#), none(), &["password"][..], &[][..]),
            (flows(sso), none(), &["SSO"], &[]),
            (flows(&both), none(), &["password", "SSO"], &[]),
            (flows(&both), oauth(), &["OAuth", "password"], &[]),
            (flows(preferred), oauth(), &["OAuth"], &[]),
            (flows(preferred), none(), &["password", "SSO"], &[]),
            (flows(&both), old_oauth(), &["password", "SSO"], &["OAuth 2.0"]),
            (flows(&both), Answer::Nothing, &["password", "SSO"], &[]),
            (said(404, "{}"), oauth(), &["OAuth"], &[]),
            (said(200, "null"), oauth(), &["OAuth"], &[]),
            (
                flows(r#"{"type": "m.login.password"}, {"type": "m.login.jwt"}, {"type": "m.login.sso"}"#),
                none(),
                &["password"],
                &["m.login.jwt", "m.login.sso"],
            ),
        ] {
            let ways = Ways::read(&url, &login, &metadata).unwrap();
            assert_eq!(
                (&names(&ways)[..], &ways.unsupported[..]),
                (usable, &unsupported.iter().map(|&name| name.to_owned()).collect::<Vec<_>>()[..]),
                "{login:?} {metadata:?}"
            );
        }
    }

    #[test]
    fn a_server_without_a_usable_way_is_reported_with_its_login_types() {
        let url = BaseUrl::parse("https://hs.example.org").unwrap();
        let none = |offers: &[&str]| {
            let offers = offers.iter().map(|&offer| offer.to_owned()).collect();
            Err(Problem::NoWayToSignIn { offers })
        };
        // Without `m.login.token`, the login token is of no use.
        let sso = r#"{"flows": [{"type": "m.login.sso"}, {"type": 5}, "m.login.password"]}"#;
        let many: Vec<_> = (0..20).map(|i| format!(r#"{{"type": "{i:02}{}"}}"#, "x".repeat(100))).collect();
        let many = format!(r#"{{"flows": [{}]}}"#, many.join(","));
        let shown: Vec<_> = (0..8).map(|i| format!("{i:02}{}", "x".repeat(62))).collect();
        let shown: Vec<_> = shown.iter().map(String::as_str).collect();
        for (answer, expected) in [
            (said(200, sso), none(&["m.login.sso"])),
            (said(200, &many), none(&shown)),
            (said(200, r#"{"flows": {"type": "m.login.password"}}"#), none(&[])),
            (said(200, "null"), none(&[])),
            (said(404, "{}"), none(&[])),
            (said(429, "{}"), Err(Problem::RateLimited { wait_ms: 10_000 })),
            (said(503, "{}"), Err(Problem::Passing { status: Some(503) })),
            (Answer::Nothing, Err(Problem::ServerUnreachable { host: "hs.example.org".into() })),
        ] {
            assert_eq!(Ways::read(&url, &answer, &said(404, "{}")), expected, "{answer:?}");
        }
    }

    #[test]
    fn an_authorization_server_must_have_all_that_is_needed() {
        let read = |change: &str, to: &str| {
            AuthorizationServer::read(&Json::parse(metadata(change, to).as_bytes()).unwrap())
        };
        let server = read("", "").unwrap();
        assert_eq!(server.account_management_actions_supported, ["org.matrix.device_delete"]);
        for needed in [
            "\"issuer\"",
            "authorization_endpoint",
            "token_endpoint",
            "registration_endpoint",
            "revocation_endpoint",
            "response_types_supported",
            "code_challenge_methods_supported",
        ] {
            assert_eq!(read(needed, if needed.starts_with('"') { "\"x\"" } else { "x" }), None, "{needed}");
        }
        for (change, to) in [
            ("https://account.example.org/token", "http://account.example.org/token"),
            // These are on another server than the page that people see.
            ("https://account.example.org/token", "https://evil.example.org/token"),
            ("https://account.example.org/revoke", "https://evil.example.org/revoke"),
            ("https://account.example.org/register", "https://evil.example.org/register"),
            ("https://account.example.org/authorize", "https://evil.example.org/authorize"),
            ("https://account.example.org/authorize", "javascript:alert(1)"),
            ("\"S256\"", "\"plain\""),
            ("\"fragment\"", "\"form_post\""),
            ("\"authorization_code\"", "\"implicit\""),
        ] {
            assert_eq!(read(change, to), None, "{to}");
        }
        assert!(read("account_management_uri", "x").unwrap().account_management_uri.is_none());
        assert!(read("response_modes_supported", "x").is_some(), "both modes are the default");
    }

    #[test]
    fn an_issuer_is_an_address() {
        for issuer in ["\"account\"", "\"http://account.example.org/\"", "\"\"", "5"] {
            let text = metadata("\"https://account.example.org/\"", issuer);
            assert_eq!(AuthorizationServer::read(&Json::parse(text.as_bytes()).unwrap()), None, "{issuer}");
        }
    }

    #[test]
    fn the_account_page_of_a_server_elsewhere_is_not_on_this_computer() {
        for (page, is_kept) in
            [("http://localhost:8080/account/", false), ("https://id.example.org/account/", true)]
        {
            let text = metadata("https://account.example.org/account/", page);
            let server = AuthorizationServer::read(&Json::parse(text.as_bytes()).unwrap()).unwrap();
            assert_eq!(server.account_management_uri.is_some(), is_kept, "{page}");
        }
    }

    #[test]
    fn the_browser_is_told_of_every_host_that_will_be_needed() {
        let url = BaseUrl::parse("https://hs.example.org").unwrap();
        let ways = Ways::read(&url, &said(404, "{}"), &said(200, &metadata("", ""))).unwrap();
        assert_eq!(ways.origins(), ["https://account.example.org"]);
        assert_eq!(Ways::password().origins(), [""; 0]);
    }

    #[test]
    fn only_a_homeserver_on_this_computer_may_send_the_page_to_this_computer() {
        let local = metadata("https://account.example.org", "http://localhost:8080");
        let read = |base_url: &str| {
            let url = BaseUrl::parse(base_url).unwrap();
            Ways::read(&url, &said(404, "{}"), &said(200, &local)).is_ok()
        };
        assert!(read("http://127.0.0.1:8008") && !read("https://hs.example.org"));
    }

    #[test]
    fn providers_are_offered_by_name_and_never_with_their_icon() {
        let flow = r#"{"type": "m.login.sso", "identity_providers": [
            {"id": "a", "name": "University", "icon": "mxc://evil/icon"}, {"id": "", "name": "No id"},
            {"id": "b"}, {"id": "c", "name": "  "}, "d", {"id": "e", "name": "A company with a name that does not come to its end"}]}"#;
        let names: Vec<_> = providers(&Json::parse(flow.as_bytes()).unwrap())
            .into_iter()
            .map(|IdentityProvider { id, name }| [id, name].join(" "))
            .collect();
        assert_eq!(names, ["a University", "e A company with a name that does not come"]);
    }
}
