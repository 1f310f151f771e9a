//! Public keys in what strangers write, looked at before the SDK reads them.
//!
//! Its vodozemac (0.11.1, `Ed25519PublicKey::from_base64`) takes any base64 of 43 or 44 letters for an Ed25519 key and
//! panics where these are not 32 bytes: one such text in a file, a backup or a server's answer would stop the engine.
//! Source of the fields: specification, "Key exports", `BackedUpSessionData`, `POST /_matrix/client/v3/keys/query`.

use std::collections::BTreeMap;

use matrix_sdk::ruma::{api::client::keys::get_keys, serde::Raw};
use matrix_sdk_crypto::vodozemac::{base64_decode, base64_encode};
use serde::Deserialize;

use super::http::{Failure, Homeserver};

/// How many bytes an Ed25519 or Curve25519 key has.
const LENGTH: usize = 32;

/// What a room key says of who made it.
#[derive(Deserialize)]
struct Claimed {
    #[serde(default)]
    sender_claimed_keys: BTreeMap<String, String>,
}

/// What a device or an identity publishes.
#[derive(Deserialize)]
struct Published {
    keys: BTreeMap<String, String>,
}

/// The same Curve25519 key in unpadded base64; `None` if it is none.
pub(super) fn curve25519(key: &str) -> Option<String> {
    let key = base64_decode(key).ok()?;
    (key.len() == LENGTH).then(|| base64_encode(key))
}

/// Whether a room key's text, of a file or a backup, names no Ed25519 key that cannot be one.
pub(super) fn are_claimed_in(room_key: &[u8]) -> bool {
    serde_json::from_slice::<Claimed>(room_key).is_ok_and(|claimed| are_keys(&claimed.sender_claimed_keys))
}

/// Asks which keys are published. What names an Ed25519 key that cannot be one is left out, as everything else is
/// that is not what the specification says.
///
/// # Errors
/// The request's [`Failure`].
pub(super) async fn ask(
    server: &Homeserver,
    request: get_keys::v3::Request,
) -> Result<get_keys::v3::Response, Failure> {
    Ok(readable(server.send(request).await?))
}

fn readable(mut published: get_keys::v3::Response) -> get_keys::v3::Response {
    for devices in published.device_keys.values_mut() {
        devices.retain(|_, device| are_published_in(device));
    }
    for keys in
        [&mut published.master_keys, &mut published.self_signing_keys, &mut published.user_signing_keys]
    {
        keys.retain(|_, key| are_published_in(key));
    }
    published
}

fn are_published_in<T>(published: &Raw<T>) -> bool {
    let published = serde_json::from_str::<Published>(published.json().get());
    published.is_ok_and(|published| are_keys(&published.keys))
}

/// By the name of their algorithm, which a key's own name may follow.
fn are_keys(keys: &BTreeMap<String, String>) -> bool {
    let mut named = keys.iter().filter(|(name, _)| name.split(':').next() == Some("ed25519"));
    named.all(|(_, key)| base64_decode(key).is_ok_and(|key| key.len() == LENGTH))
}

#[cfg(test)]
mod tests {
    use matrix_sdk::ruma::api::IncomingResponseExt as _;
    use serde_json::{Value, json};

    use super::*;

    /// 32 bytes, 33 and 31; the last two as long as a key is written.
    const KEY: &str = "MT4VbsBYLI4Csewth0ViOt1T2gh5A8iaOWlEjcI6ErQ";
    const LONGER: &str = "MT4VbsBYLI4Csewth0ViOt1T2gh5A8iaOWlEjcI6ErQA";
    const SHORTER: &str = "MT4VbsBYLI4Csewth0ViOt1T2gh5A8iaOWlEjcI6Eg==";

    #[test]
    fn a_room_key_that_claims_what_cannot_be_a_key_is_told() {
        let claims = |claimed: Value| are_claimed_in(claimed.to_string().as_bytes());
        assert!(claims(json!({ "sender_claimed_keys": { "ed25519": KEY } })));
        assert!(claims(json!({ "sender_claimed_keys": { "other": LONGER } })));
        assert!(claims(json!({ "session_key": 7 })));
        for key in [LONGER, SHORTER, "", "?"] {
            assert!(!claims(json!({ "sender_claimed_keys": { "ed25519": key } })), "{key}");
        }
        // The same said twice, or without names.
        let twice =
            format!(r#"{{"sender_claimed_keys": {{"ed25519": "{LONGER}"}}, "sender_claimed_keys": {{}}}}"#);
        assert!(!are_claimed_in(twice.as_bytes()));
        assert!(!claims(json!(["m.megolm.v1.aes-sha2", {}])));
    }

    #[test]
    fn what_is_published_and_cannot_be_a_key_is_left_out() {
        let device = |key: &str| json!({ "keys": { "ed25519:D": key, "curve25519:D": KEY } });
        let identity = |key: &str| json!({ "@ada:hs": { "keys": { "ed25519:x": key } }});
        let answer = json!({
            "device_keys": { "@ada:hs": { "A": device(KEY), "B": device(LONGER), "C": device(SHORTER) } },
            "master_keys": identity(KEY),
            "self_signing_keys": identity(LONGER),
            "user_signing_keys": identity(SHORTER),
        });
        let answer = answer.to_string();
        let answer = http::Response::new(answer.as_bytes());
        let left = readable(get_keys::v3::Response::try_from_http_response(answer).unwrap());
        let devices: Vec<_> = left.device_keys.values().flat_map(BTreeMap::keys).collect();
        assert_eq!(devices, ["A"]);
        assert_eq!((left.master_keys.len(), left.self_signing_keys.len()), (1, 0));
        assert!(left.user_signing_keys.is_empty());
    }
}
