//! The length that a homeserver asks of the phrases of its users.
//!
//! Source: Element X of 2026, which reads `custom_recovery_passphrase.min_character_count` in this file at the server's
//! name, takes anything below one character for one, and counts without a limit.

use super::{address::Address, answer::Answer, json::Json};

/// The greatest length that is taken for meant. Nobody could use a page that asks for a thousand characters.
const MOST: u8 = 128;

/// URL at which a server says so.
pub fn policy_url(address: &Address) -> String {
    address.at_server("/.well-known/element/element.json")
}

/// Reads the least number of characters; 0 if the server asks for none, or for something that cannot be meant.
pub fn least_length(answer: &Answer) -> u8 {
    let Answer::Status(200, Some(json)) = answer else { return 0 };
    let settings = json.get("custom_recovery_passphrase");
    let asked = settings.and_then(|settings| settings.get("min_character_count")).and_then(Json::number);
    (1..=MOST).find(|length| asked == Some(f64::from(*length))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> u8 {
        least_length(&Answer::Status(200, Json::parse(body.as_bytes())))
    }

    #[test]
    fn a_server_may_ask_for_a_length_and_for_nothing_odd() {
        for (asked, length) in [
            ("12", 12),
            ("12.0", 12),
            ("1", 1),
            ("128", 128),
            ("0", 0),
            ("-8", 0),
            ("129", 0),
            ("4294967308", 0),
            ("1e300", 0),
            ("12.5", 0),
            ("\"12\"", 0),
            ("null", 0),
            ("true", 0),
            ("[12]", 0),
            ("{}", 0),
        ] {
            let settings = format!(r#"{{"custom_recovery_passphrase": {{"min_character_count": {asked}}}}}"#);
            assert_eq!(read(&settings), length, "{asked}");
        }
        let marked = "\u{feff}{\"custom_recovery_passphrase\": {\"min_character_count\": 12}, \"brand_color\": \"#f00\"}";
        assert_eq!(read(marked), 12);
    }

    #[test]
    fn anything_else_asks_for_nothing() {
        for body in [
            "",
            "<!doctype html>",
            "{}",
            "[]",
            r#"{"custom_recovery_passphrase": 12}"#,
            r#"{"custom_recovery_passphrase": {}}"#,
            r#"{"custom_recovery_passphrase": [{"min_character_count": 12}]}"#,
            r#"{"min_character_count": 12}"#,
        ] {
            assert_eq!(read(body), 0, "{body}");
        }
        let asked = Json::parse(br#"{"custom_recovery_passphrase": {"min_character_count": 12}}"#);
        for answer in [Answer::Nothing, Answer::Status(404, asked.clone()), Answer::Status(500, asked)] {
            assert_eq!(least_length(&answer), 0, "{answer:?}");
        }
    }

    #[test]
    fn a_server_is_asked_at_its_name_and_an_address_at_its_origin() {
        for (entry, url) in [
            ("@ada:example.org", "https://example.org/.well-known/element/element.json"),
            ("https://hs.example.org/matrix", "https://hs.example.org/.well-known/element/element.json"),
        ] {
            assert_eq!(policy_url(&Address::parse(entry).unwrap()), url);
        }
    }
}
