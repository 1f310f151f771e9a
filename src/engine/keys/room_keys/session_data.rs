//! Reads the text of a room key as every app has to read it, and makes it whole if it lacks only what changes nothing.
//!
//! Old apps left fields out or misspelt them (FluffyChat wrote none, or other names, for `sender_claimed_keys`).
//! matrix-sdk-crypto, and with it Element, then drops the key, although it is right and opens every message. Only a
//! field that is missing or null is filled in. A wrong value cannot be corrected, and a text without `algorithm`,
//! `sender_key` or `session_key` cannot be made whole.
//!
//! Source: specification, "BackedUpSessionData", "Key exports".

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::Pairs;
use crate::engine::account::public_key;

/// The fields that say nothing of the key itself, each with its empty value.
const FILLED_IN: [(&str, &str); 2] =
    [("forwarding_curve25519_key_chain", "[]"), ("sender_claimed_keys", "{}")];
/// Fields that may be absent but not null: one field by its two names.
const LEFT_OUT: [&str; 2] = ["m.shared_history", "org.matrix.msc3061.shared_history"];

/// Reads a room key's text. If that succeeds only once it is made whole, also returns the whole text.
pub(in crate::engine) fn read<T: DeserializeOwned>(text: &[u8]) -> Option<(T, Option<Zeroizing<Vec<u8>>>)> {
    if let Some(key) = as_it_stands(text) {
        return Some((key, None));
    }
    let whole = made_whole(text)?;
    Some((as_it_stands(&whole)?, Some(whole)))
}

fn as_it_stands<T: DeserializeOwned>(text: &[u8]) -> Option<T> {
    if !public_key::are_claimed_in(text) {
        return None;
    }
    serde_json::from_slice(text).ok()
}

fn made_whole(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut fields = BTreeMap::new();
    for (name, value) in serde_json::from_slice::<Pairs<'_>>(text).ok()?.0 {
        // Apps may differ in which of two fields with the same name they take.
        if fields.insert(name.0.into_owned(), value).is_some() {
            return None;
        }
    }
    fields.retain(|name, value| value.get() != "null" || !LEFT_OUT.contains(&name.as_str()));
    for (name, nothing) in FILLED_IN {
        if fields.get(name).is_none_or(|value| value.get() == "null") {
            fields.insert(name.to_owned(), serde_json::from_str(nothing).ok()?);
        }
    }
    // Large enough never to grow, which would leave copies behind.
    let mut whole = Zeroizing::new(Vec::with_capacity(text.len() + 1_024));
    serde_json::to_writer(&mut *whole, &fields).ok()?;
    Some(Zeroizing::new(whole.to_vec()))
}

#[cfg(test)]
mod tests {
    use matrix_sdk_crypto::olm::{BackedUpRoomKey, ExportedRoomKey};
    use serde_json::{Value, json};

    use super::*;

    const KEY: &str = "eNbN2WOfdAQwQNrqQlmzVXx1fSM9C4c6fQ4YauHWECc";
    const CLAIMED: &str = "FQB/RACRxdQkWlnG1MPZa30h2vx0B5cLTeXRh+k20Ok";
    const SESSION_KEY: &str = "AQAAAABkyjjbplp8+/HqyL6p56dk+hcFgC16Z/hH5xvda96gOSgWxk7CtEGl2g9l6lQYZf7VZiMXYHqwXQss1YUEWTYQ3SNVQV+f7MItZ3CPqDLWienwlj+aOUdhTh9WKP6nxZmhoFIoukwfdDxtFPQaG91zcK/N8+kPkq0mXJaDE1ldj4d0zHf9iCe1njVMW2ukY4XbfEBiOGhTI1vRgqrQ2Hz5";

    fn whole() -> Value {
        json!({
            "algorithm": "m.megolm.v1.aes-sha2", "sender_key": KEY, "session_key": SESSION_KEY,
            "sender_claimed_keys": { "ed25519": CLAIMED }, "forwarding_curve25519_key_chain": [KEY],
            "m.shared_history": true, "of the future": 1.50,
        })
    }

    fn with(field: &str, value: Value) -> Value {
        let mut text = whole();
        text[field] = value;
        text
    }

    fn without(field: &str) -> Value {
        let mut text = whole();
        text.as_object_mut().unwrap().remove(field);
        text
    }

    /// Reads a text; returns the whole text if it had to be made whole.
    fn read_as(text: &Value) -> Option<Option<Value>> {
        let (_, text) = read::<BackedUpRoomKey>(text.to_string().as_bytes())?;
        Some(text.map(|text| serde_json::from_slice(&text).unwrap()))
    }

    #[test]
    fn a_key_that_lacks_only_what_changes_nothing_is_made_whole() {
        assert_eq!(read_as(&whole()), Some(None));
        for (field, nothing) in
            [("sender_claimed_keys", json!({})), ("forwarding_curve25519_key_chain", json!([]))]
        {
            let mended = Some(Some(with(field, nothing)));
            assert_eq!(read_as(&with(field, Value::Null)), mended, "{field}");
            // The SDK does without this field.
            let absent = if field == "forwarding_curve25519_key_chain" { Some(None) } else { mended };
            assert_eq!(read_as(&without(field)), absent, "{field}");
        }
        let mut misspelt = without("sender_claimed_keys");
        misspelt["sender_clencaimed_keys"] = json!({ "ed25519": CLAIMED });
        let mut mended = misspelt.clone();
        mended["sender_claimed_keys"] = json!({});
        assert_eq!(read_as(&misspelt), Some(Some(mended)), "nothing of what is there is lost");
        assert_eq!(read_as(&with("m.shared_history", Value::Null)), Some(Some(without("m.shared_history"))));
        let bare =
            json!({ "algorithm": "m.megolm.v1.aes-sha2", "sender_key": KEY, "session_key": SESSION_KEY });
        assert!(matches!(read_as(&bare), Some(Some(_))));
    }

    #[test]
    fn what_is_made_whole_is_read_as_it_stands_from_then_on() {
        for field in ["sender_claimed_keys", "forwarding_curve25519_key_chain", "m.shared_history"] {
            let (_, text) = read::<BackedUpRoomKey>(with(field, Value::Null).to_string().as_bytes()).unwrap();
            let (_, again) = read::<BackedUpRoomKey>(&text.unwrap()).unwrap();
            assert!(again.is_none(), "{field}");
        }
    }

    #[test]
    fn what_says_something_wrong_or_lacks_the_key_stays_unreadable() {
        for field in ["algorithm", "sender_key", "session_key"] {
            assert_eq!(read_as(&without(field)), None, "{field}");
            assert_eq!(read_as(&with(field, Value::Null)), None, "{field}");
        }
        for (field, wrong) in [
            ("algorithm", json!(7)),
            ("sender_claimed_keys", json!([])),
            ("sender_claimed_keys", json!({ "ed25519": "?" })),
            // 44 letters that are not 32 bytes: vodozemac's own parser panics there.
            ("sender_claimed_keys", json!({ "ed25519": "MT4VbsBYLI4Csewth0ViOt1T2gh5A8iaOWlEjcI6ErQA" })),
            ("forwarding_curve25519_key_chain", json!("")),
            ("forwarding_curve25519_key_chain", json!([""])),
            ("m.shared_history", json!("yes")),
            ("session_key", json!("AAAA")),
        ] {
            assert_eq!(read_as(&with(field, wrong.clone())), None, "{field} {wrong}");
        }
        let twice = without("sender_claimed_keys").to_string();
        let twice = twice.replacen('{', "{\"sender_key\":\"another\",", 1);
        for text in ["", "null", "[]", "7", "{", "{}", &twice] {
            assert!(read::<BackedUpRoomKey>(text.as_bytes()).is_none(), "{text}");
        }
    }

    #[test]
    fn an_exported_key_is_read_the_same() {
        for field in ["sender_claimed_keys", "forwarding_curve25519_key_chain"] {
            let mut text = with(field, Value::Null);
            text["room_id"] = json!("!a:b");
            text["session_id"] = json!("FLWeNUxba6Rjhdt8QGI4aFMjW9GCqtDYfPk");
            assert!(read::<ExportedRoomKey>(text.to_string().as_bytes()).is_some(), "{field}");
            text["session_id"] = Value::Null;
            assert!(read::<ExportedRoomKey>(text.to_string().as_bytes()).is_none(), "{field}");
        }
    }
}
