//! Narrows a content security policy.
//!
//! Source: Content Security Policy Level 3, "Parse a serialized CSP".

/// The directive that says where a page may connect to.
const CONNECT: &str = "connect-src";

/// Returns this policy with these sources in its `connect-src`, and with no other ones there. Everything else in it
/// stays. A browser judges some requests by more than one directive, so the rest must not be left out.
pub fn connecting_to(policy: &str, sources: &[String]) -> String {
    let kept = policy.split(';').map(str::trim).filter(|directive| {
        let name = directive.split_ascii_whitespace().next().unwrap_or_default();
        !name.is_empty() && !name.eq_ignore_ascii_case(CONNECT)
    });
    let narrowed =
        [CONNECT].into_iter().chain(sources.iter().map(String::as_str)).collect::<Vec<_>>().join(" ");
    kept.map(str::to_owned).chain([narrowed]).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn narrowed(policy: &str) -> String {
        connecting_to(policy, &["'self'".to_owned(), "https://matrix.example.org".to_owned()])
    }

    #[test]
    fn a_policy_keeps_all_but_where_it_may_connect_to() {
        assert_eq!(
            narrowed("default-src 'none'; connect-src 'self' https:; form-action 'none'"),
            "default-src 'none'; form-action 'none'; connect-src 'self' https://matrix.example.org",
        );
    }

    #[test]
    fn a_policy_that_let_the_page_connect_anywhere_does_no_longer() {
        for before in ["", ";", "connect-src *", "CONNECT-SRC *;Connect-src\thttps:; "] {
            assert_eq!(narrowed(before), "connect-src 'self' https://matrix.example.org", "{before}");
        }
    }

    #[test]
    fn a_directive_with_a_longer_name_is_another_one() {
        assert_eq!(
            narrowed("connect-src-elem 'none'"),
            "connect-src-elem 'none'; connect-src 'self' https://matrix.example.org",
        );
    }

    #[test]
    fn the_pages_own_policy_is_narrowed_and_not_loosened() {
        let page = include_str!("../../index.html");
        let policy =
            page.split("Content-Security-Policy\" content=\"").nth(1).and_then(|rest| rest.split('"').next());
        let policy = policy.expect("index.html has a policy");
        let narrowed = narrowed(policy);
        for directive in policy.split("; ").filter(|directive| !directive.starts_with(CONNECT)) {
            assert!(narrowed.contains(directive), "{directive}");
        }
        assert!(!narrowed.contains("https:;") && !narrowed.ends_with("https:"), "{narrowed}");
    }
}
