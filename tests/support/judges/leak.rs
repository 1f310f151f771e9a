//! Looks for secrets in what was sent, in any form in which one could get there by mistake.

use crate::support::proxy::record::Exchange;
use matrix_sdk::ruma::serde::{Base64, base64::Standard};

/// Secret that must not be sent, with the name by which a finding calls it.
#[derive(Clone)]
pub struct Needle {
    pub name: String,
    forms: Vec<(&'static str, String)>,
}

impl Needle {
    /// Takes a text, such as a phrase.
    pub fn text(name: &str, text: &str) -> Self {
        let mut forms = forms_of(text.as_bytes());
        forms.push(("text", latin(text.as_bytes())));
        let escaped = |keeps: fn(u8) -> bool, space: &str| -> String {
            let byte = |byte: &u8| match *byte {
                b' ' => space.to_owned(),
                byte if keeps(byte) => char::from(byte).to_string(),
                byte => format!("%{byte:02X}"),
            };
            text.as_bytes().iter().map(byte).collect()
        };
        let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        forms.push(("URL-encoded", escaped(unreserved, "%20")));
        forms.push(("form-encoded", escaped(unreserved, "+")));
        let json = serde_json::to_string(text).unwrap();
        forms.push(("JSON", latin(json.trim_matches('"').as_bytes())));
        let unicode = |unit: u16| match char::from_u32(unit.into()) {
            Some(plain) if plain.is_ascii_graphic() || plain == ' ' => plain.to_string(),
            _ => format!("\\u{unit:04x}"),
        };
        forms.push(("JSON, escaped", text.encode_utf16().map(unicode).collect()));
        let without_spaces: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        forms.push(("without spaces", latin(without_spaces.as_bytes())));
        Self::new(name, forms)
    }

    /// Takes the bytes of a key.
    pub fn bytes(name: &str, bytes: &[u8]) -> Self {
        Self::new(name, forms_of(bytes))
    }

    /// Takes a recovery key: its text, and the key that it encodes.
    pub fn recovery_key(name: &str, text: &str) -> Vec<Self> {
        let decoded = bs58::decode(text.split_whitespace().collect::<String>()).into_vec().unwrap();
        // Two bytes before the key, and one after it (specification, "Key representation").
        let key = decoded.get(2..34).unwrap();
        vec![Self::text(name, text), Self::bytes(&format!("{name}, as bytes"), key)]
    }

    /// Takes a secret that is stored as base64.
    pub fn base64(name: &str, text: &str) -> Self {
        let bytes: Base64 = Base64::parse(text).unwrap();
        Self::bytes(name, bytes.as_bytes())
    }

    fn new(name: &str, mut forms: Vec<(&'static str, String)>) -> Self {
        forms.retain(|(_, form)| form.len() >= 8);
        Self { name: name.to_owned(), forms }
    }

    /// Returns the first form of it that is in `sent`.
    pub fn is_in(&self, sent: &str) -> Option<&'static str> {
        self.forms.iter().find(|(_, form)| sent.contains(form.as_str())).map(|(form, _)| *form)
    }
}

fn forms_of(bytes: &[u8]) -> Vec<(&'static str, String)> {
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let list = |separator| bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(separator);
    let percent =
        |hex: &str| -> String { hex.as_bytes().chunks(2).map(|two| format!("%{}", latin(two))).collect() };
    let mut forms = vec![
        ("raw", latin(bytes)),
        ("percent", percent(&hex)),
        ("PERCENT", percent(&hex.to_uppercase())),
        ("HEX", hex.to_uppercase()),
        ("hex", hex),
        ("a list", list(",")),
        ("a spaced list", list(", ")),
    ];
    for before in 0..3 {
        let base64 = core_of_base64(bytes, before);
        // Some encoders escape base64 in JSON, others in a URL.
        forms.push(("base64 in JSON", base64.replace('/', "\\/")));
        forms.push(("base64 in a URL", base64.replace('+', "%2B").replace('/', "%2F")));
        forms.push(("base64url", base64.replace('+', "-").replace('/', "_")));
        forms.push(("base64", base64));
    }
    forms
}

/// Returns the part of the base64 that depends on these bytes alone, if `before` others stand in front of them.
fn core_of_base64(bytes: &[u8], before: usize) -> String {
    let padded = [&[0, 0][..before], bytes].concat();
    let text = Base64::<Standard, _>::new(padded).encode();
    let whole = (before + bytes.len()) * 8 / 6;
    text.chars().take(whole).skip((before * 8).div_ceil(6)).collect()
}

/// Turns each byte into one character, so that anything can be searched as text.
fn latin(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

/// Lists where the record has any of these secrets: the request, the secret's name, its form.
///
/// The account password is allowed in the body of a request that signs in or proves who somebody is, and nowhere else.
pub fn leaks(record: &[Exchange], password: &str, needles: &[Needle]) -> Vec<String> {
    let password = Needle::text("account password", password);
    let mut found = Vec::new();
    for exchange in record {
        let sent = latin(&exchange.sent());
        let mut found_in = |needle: &Needle, sent: &str| {
            if let Some(form) = needle.is_in(sent) {
                found.push(format!("{} {}: {} ({form})", exchange.method, exchange.path(), needle.name));
            }
        };
        needles.iter().for_each(|needle| found_in(needle, &sent));
        let takes_password = ["/login", "/keys/device_signing/upload", "/delete_devices"];
        if takes_password.iter().any(|end| exchange.path().ends_with(end)) {
            let head = Exchange { body: Vec::new(), ..exchange.clone() };
            found_in(&password, &latin(&head.sent()));
        } else {
            found_in(&password, &sent);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(path: &str, body: &[u8]) -> Vec<Exchange> {
        let headers = vec![("authorization".to_owned(), "Bearer syt_token".to_owned())];
        let (method, path_and_query) = ("PUT".to_owned(), path.to_owned());
        let body = body.to_vec();
        vec![Exchange {
            method,
            path_and_query,
            headers,
            body,
            status: None,
            answer: Vec::new(),
            broken: false,
        }]
    }

    #[test]
    fn a_secret_is_found_in_every_form_and_nothing_else_is() {
        let key =
            [0xfb, 0xef, 0xbe, 0xff, 0x3f, 0x3e, 0x00, 0x41, 0x42, 0xf0, 0x9f, 0x98, 0x80, 0x13, 0x37, 0x01];
        let needle = [Needle::bytes("key", &key)];
        let phrase = [Needle::text("phrase", "glass \"ötter\" fifty/moons")];
        for (needle, body) in [
            (&needle, &key[..]),
            (&needle, b"{\"k\":\"++++/z8+AEFC8J+YgBM3AQ==\"}"),
            (&needle, b"{\"k\":\"++++\\/z8+AEFC8J+YgBM3AQ\"}"),
            (&needle, b"k=%2B%2B%2B%2B%2Fz8%2BAEFC8J%2BYgBM3AQ"),
            (&needle, b"----_z8-AEFC8J-YgBM3AQ"),
            (&needle, b"fbefbeff3f3e004142f09f9880133701"),
            (&needle, b"FBEFBEFF3F3E004142F09F9880133701"),
            (&needle, b"[251,239,190,255,63,62,0,65,66,240,159,152,128,19,55,1]"),
            (&needle, b"[251, 239, 190, 255, 63, 62, 0, 65, 66, 240, 159, 152, 128, 19, 55, 1]"),
            (&phrase, "glass \"ötter\" fifty/moons".as_bytes()),
            (&phrase, "{\"p\":\"glass \\\"ötter\\\" fifty/moons\"}".as_bytes()),
            (&phrase, b"p=glass%20%22%C3%B6tter%22%20fifty%2Fmoons"),
            (&phrase, b"p=glass+%22%C3%B6tter%22+fifty%2Fmoons"),
            (&phrase, "glass\"ötter\"fifty/moons".as_bytes()),
            (&phrase, b"Z2xhc3MgIsO2dHRlciIgZmlmdHkvbW9vbnM="),
            // Here one byte stands before the key, and two in the next line.
            (&needle, b"Yfvvvv8/PgBBQvCfmIATNwE="),
            (&needle, b"YWH7777/Pz4AQULwn5iAEzcB"),
            (&needle, b"%fb%ef%be%ff%3f%3e%00%41%42%f0%9f%98%80%13%37%01"),
        ] {
            let found = leaks(&sent("/x", body), "none at all", needle);
            assert_eq!(found.len(), 1, "{}", String::from_utf8_lossy(body));
        }
        assert_eq!(
            leaks(&sent("/x?k=fbefbeff3f3e004142f09f9880133701", b""), "none at all", &needle).len(),
            1
        );
        let nothing = sent("/x", b"{\"k\":\"AAAA/z8+AEFC8J+YgBM3AQ==\",\"p\":\"glass otter fifty moons\"}");
        assert_eq!(leaks(&nothing, "none at all", &[needle, phrase].concat()), [""; 0]);
    }

    #[test]
    fn the_password_is_allowed_as_a_proof_in_a_body_only() {
        let login = "/_matrix/client/v3/login";
        assert_eq!(leaks(&sent(login, b"{\"password\":\"hunter22\"}"), "hunter22", &[]), [""; 0]);
        assert_eq!(
            leaks(&sent("/_matrix/client/v3/x", b"{\"password\":\"hunter22\"}"), "hunter22", &[]).len(),
            1
        );
        assert_eq!(leaks(&sent(&format!("{login}?p=hunter22"), b"{}"), "hunter22", &[]).len(), 1);
    }
}
