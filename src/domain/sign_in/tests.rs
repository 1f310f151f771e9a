//! Tests reading the ways to sign in, and the authorization server.

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
