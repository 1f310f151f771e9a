//! Contacts: people and pages to ask for help that this page cannot give.
//!
//! Source: specification, client-server API, `GET /.well-known/matrix/support` (MSC1929).

use super::{
    address::{Address, ServerName},
    answer::Answer,
    json::Json,
    web_address::WebAddress,
};

/// The longest contact, in characters.
pub const LONGEST_CONTACT: usize = 200;
/// The most contacts of a server that are shown.
const MOST_CONTACTS: usize = 3;

/// A person or a page to ask for help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// The text to show.
    pub text: String,
    /// The link, if a browser can open it: https or mailto.
    pub link: Option<String>,
}

impl Contact {
    /// Reads an https URL, an e-mail address, a Matrix ID, a room alias or plain words. Returns `None` for a text that
    /// is empty, too long, has control characters or looks like a URL of another scheme.
    pub fn parse(entry: &str) -> Option<Self> {
        let text = entry.trim();
        let to = |link: String| Some(Self { text: shown(text), link: Some(link) });
        if let Some(address) = WebAddress::parse(text) {
            return to(address.as_str().to_owned());
        }
        if let Some(mail) = mail_address(text.strip_prefix("mailto:").unwrap_or(text)) {
            return Some(Self { text: mail.to_owned(), link: Some(["mailto:", mail].concat()) });
        }
        if is_matrix_name(text) {
            return to(["https://matrix.to/#/", text].concat());
        }
        let words = plain_text(text, LONGEST_CONTACT)?;
        // Words that look like a link, but are none, would mislead.
        let looks_like_a_link = words.split_once(':').is_some_and(|(scheme, rest)| {
            !rest.starts_with(' ') && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
        });
        (!looks_like_a_link).then_some(Self { text: words, link: None })
    }

    /// Reads the contacts that a server publishes: its support page first, then its administrators.
    pub fn read_support(answer: &Answer) -> Vec<Self> {
        let Answer::Status(200, Some(json)) = answer else { return Vec::new() };
        let page = json.get("support_page").and_then(Json::text).and_then(WebAddress::parse);
        let page =
            page.map(|page| Self { text: page.host().to_owned(), link: Some(page.as_str().to_owned()) });
        let listed = json.get("contacts").and_then(Json::items).unwrap_or_default().iter();
        // The contacts for security reports cannot help with a lost key.
        let admins =
            listed.filter(|contact| contact.get("role").and_then(Json::text) == Some("m.role.admin"));
        let admins = admins.filter_map(|contact| {
            let address = |name| contact.get(name).and_then(Json::text).and_then(Self::parse);
            let is_link = |contact: &Self| contact.link.is_some();
            address("email_address").filter(is_link).or_else(|| address("matrix_id").filter(is_link))
        });
        page.into_iter().chain(admins).take(MOST_CONTACTS).collect()
    }
}

/// URL at which a server publishes its contacts.
pub fn support_url(address: &Address) -> String {
    address.at_server("/.well-known/matrix/support")
}

/// Reads a text that may be shown as it is: trimmed, not empty, not too long, without control characters.
pub(super) fn plain_text(text: &str, longest: usize) -> Option<String> {
    let text = text.trim();
    let fits = !text.is_empty() && text.chars().count() <= longest && !text.contains(char::is_control);
    fits.then(|| text.to_owned())
}

/// Shortens a URL for display: no `https://`, no slash at the end.
fn shown(text: &str) -> String {
    text.strip_prefix("https://").unwrap_or(text).trim_end_matches('/').to_owned()
}

/// Reads an e-mail address; one with more than a receiver, such as `?subject=`, is none.
fn mail_address(text: &str) -> Option<&str> {
    let (name, host) = text.split_once('@')?;
    let fits = |c: char| c.is_ascii_alphanumeric() || "._+-".contains(c);
    let is_mail = (1..=64).contains(&name.len())
        && host.is_ascii()
        && name.chars().all(fits)
        && host.contains('.')
        && ServerName::parse(host).is_ok()
        && !host.contains([':', '[']);
    is_mail.then_some(text)
}

/// Tells whether a text is `@somebody:example.org` or `#room:example.org` and needs no escaping in a link.
fn is_matrix_name(text: &str) -> bool {
    let Some((name, server)) = text.strip_prefix(['@', '#']).and_then(|rest| rest.split_once(':')) else {
        return false;
    };
    let fits = |c: char| c.is_ascii_alphanumeric() || "._=-+".contains(c);
    text.len() <= 255
        && text.is_ascii()
        && !name.is_empty()
        && name.chars().all(fits)
        && ServerName::parse(server).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_is_a_link_only_where_it_is_https_mail_or_matrix() {
        for (entry, text, link) in [
            ("https://help.example.org/", "help.example.org", Some("https://help.example.org/")),
            ("help@example.org", "help@example.org", Some("mailto:help@example.org")),
            ("mailto:help@example.org", "help@example.org", Some("mailto:help@example.org")),
            (" @ada:example.org ", "@ada:example.org", Some("https://matrix.to/#/@ada:example.org")),
            ("#help:example.org", "#help:example.org", Some("https://matrix.to/#/#help:example.org")),
            ("Room 12, phone: 4711", "Room 12, phone: 4711", None),
        ] {
            let expected = Contact { text: text.into(), link: link.map(str::to_owned) };
            assert_eq!(Contact::parse(entry), Some(expected), "{entry}");
        }
        for entry in [
            "",
            "  ",
            "javascript:alert(1)",
            "data:text/html,x",
            "http://help.example.org",
            "mailto:help@example.org?bcc=all@example.org",
            "tel:4711",
            "a\u{7}b",
            &"x".repeat(LONGEST_CONTACT + 1),
        ] {
            assert_eq!(Contact::parse(entry), None, "{entry}");
        }
    }

    #[test]
    fn a_server_names_its_page_and_its_administrators() {
        let said = |body: &str| Answer::Status(200, Json::parse(body.as_bytes()));
        let texts = |body: &str| {
            Contact::read_support(&said(body)).into_iter().map(|contact| contact.text).collect::<Vec<_>>()
        };
        let all = r#"{
            "contacts": [
                {"role": "m.role.security", "email_address": "security@example.org"},
                {"role": "m.role.admin", "matrix_id": "@admin:example.org"},
                {"role": "m.role.admin", "email_address": "admin@example.org", "matrix_id": "@b:example.org"},
                {"role": "m.role.admin", "email_address": "third@example.org"}
            ],
            "support_page": "https://example.org/help"
        }"#;
        assert_eq!(texts(all), ["example.org", "@admin:example.org", "admin@example.org"]);
        // A name that is no Matrix ID is left out.
        assert!(texts(r#"{"contacts": [{"role": "m.role.admin", "matrix_id": "call 4711"}]}"#).is_empty());
        assert!(texts(r#"{"support_page": "javascript:alert(1)", "contacts": {}}"#).is_empty());
        assert!(texts("[]").is_empty());
        assert!(Contact::read_support(&Answer::Nothing).is_empty());
        assert!(Contact::read_support(&Answer::Status(404, Json::parse(all.as_bytes()))).is_empty());
    }

    #[test]
    fn a_server_is_asked_at_its_name_and_an_address_at_its_origin() {
        for (entry, url) in [
            ("@ada:example.org", "https://example.org/.well-known/matrix/support"),
            ("https://example.org/matrix", "https://example.org/.well-known/matrix/support"),
        ] {
            assert_eq!(support_url(&Address::parse(entry).unwrap()), url);
        }
    }

    proptest::proptest! {
        #[test]
        fn every_contact_links_to_https_or_mailto_only(entry in "\\PC{0,60}|(javascript|data|http|mailto):\\PC{0,40}") {
            if let Some(link) = Contact::parse(&entry).and_then(|contact| contact.link) {
                let known = ["https://", "mailto:"].iter().any(|scheme| link.starts_with(scheme));
                proptest::prop_assert!(known, "{link}");
            }
        }
    }
}
