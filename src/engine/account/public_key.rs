//! Checks keys that came from outside before the SDK reads them.
//!
//! The SDK's vodozemac (0.11.1, `Ed25519PublicKey::from_base64` and `Ed25519SecretKey::from_base64`) takes any base64
//! of 43 or 44 letters for an Ed25519 key. It panics if these are not 32 bytes: one such text in a message, a file, a
//! backup or an answer would stop the engine. Both functions are therefore forbidden (`clippy.toml`), and SDK functions
//! that call them get only what was checked here. The SDK's readers of Curve25519 keys, signatures, room keys and
//! encrypted messages return an error for every length; `tests` tries all of them.
//!
//! Source of the fields: specification, "Key exports", `BackedUpSessionData`, `POST /_matrix/client/v3/keys/query`.

use std::collections::BTreeMap;

use matrix_sdk::ruma::{OwnedDeviceId, OwnedUserId, api::client::keys::get_keys, assign, serde::Raw};
use matrix_sdk_crypto::{
    store::types::CrossSigningKeyExport,
    vodozemac::{Ed25519PublicKey, Ed25519SecretKey, base64_decode, base64_encode},
};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::engine::net::{failure::Failure, homeserver::Homeserver};

/// The length of a key in bytes: public or private, Ed25519 or Curve25519.
const LENGTH: usize = 32;

/// A room key's claim about its sender's keys.
#[derive(Deserialize)]
struct Claimed {
    #[serde(default)]
    sender_claimed_keys: BTreeMap<String, String>,
}

/// The keys that a device or an identity publishes.
#[derive(Deserialize)]
struct Published {
    keys: BTreeMap<String, String>,
}

/// Reads a public Ed25519 key, such as a session's id; `None` if it is none.
pub(in crate::engine) fn ed25519(text: &str) -> Option<Ed25519PublicKey> {
    let bytes = bytes(text)?;
    Ed25519PublicKey::from_slice(&bytes).ok()
}

/// Writes a Curve25519 key in unpadded base64; `None` if the text is none.
pub(in crate::engine) fn curve25519(text: &str) -> Option<String> {
    bytes(text).map(|bytes| base64_encode(*bytes))
}

/// Reads a private Ed25519 key; `None` if it is none.
pub(in crate::engine) fn ed25519_secret(text: &str) -> Option<Ed25519SecretKey> {
    let bytes = bytes(text)?;
    Some(Ed25519SecretKey::from_slice(&bytes))
}

/// Tells whether every private key in the export has a key's length.
pub(in crate::engine) fn are_private(keys: &CrossSigningKeyExport) -> bool {
    let CrossSigningKeyExport { master_key, self_signing_key, user_signing_key } = keys;
    [master_key, self_signing_key, user_signing_key].into_iter().flatten().all(|key| bytes(key).is_some())
}

/// Tells whether every Ed25519 key that a room key of a file or a backup claims can be one.
pub(in crate::engine) fn are_claimed_in(room_key: &[u8]) -> bool {
    serde_json::from_slice::<Claimed>(room_key).is_ok_and(|claimed| are_keys(&claimed.sender_claimed_keys))
}

/// Asks for the published keys of users and their devices. Leaves out what names an impossible Ed25519 key, as the SDK
/// leaves out everything malformed. An impossible master key is an error: an identity that cannot be read must not be
/// taken for none.
///
/// # Errors
/// The request's [`Failure`]; [`Failure::Garbled`] for an impossible master key.
pub(in crate::engine) async fn ask(
    server: &Homeserver,
    device_keys: BTreeMap<OwnedUserId, Vec<OwnedDeviceId>>,
) -> Result<get_keys::v3::Response, Failure> {
    #[expect(clippy::disallowed_methods, reason = "this is where its answer is looked at")]
    let request = assign!(get_keys::v3::Request::new(), { device_keys });
    readable(server.send(request).await?)
}

/// Keeps the published keys that the SDK can read: see [`ask`].
///
/// # Errors
/// [`Failure::Garbled`] for an impossible master key.
pub(in crate::engine) fn readable(
    mut published: get_keys::v3::Response,
) -> Result<get_keys::v3::Response, Failure> {
    if !published.master_keys.values().all(are_published_in) {
        return Err(Failure::Garbled);
    }
    for devices in published.device_keys.values_mut() {
        devices.retain(|_, device| are_published_in(device));
    }
    for keys in [&mut published.self_signing_keys, &mut published.user_signing_keys] {
        keys.retain(|_, key| are_published_in(key));
    }
    Ok(published)
}

fn are_published_in<T>(published: &Raw<T>) -> bool {
    let published = serde_json::from_str::<Published>(published.json().get());
    published.is_ok_and(|published| are_keys(&published.keys))
}

/// Checks the keys whose name begins with `ed25519`; a `:` and the key's own name may follow.
fn are_keys(keys: &BTreeMap<String, String>) -> bool {
    let mut named = keys.iter().filter(|(name, _)| name.split(':').next() == Some("ed25519"));
    named.all(|(_, key)| bytes(key).is_some())
}

/// Decodes a key; `None` unless it has the right length.
fn bytes(text: &str) -> Option<Zeroizing<[u8; LENGTH]>> {
    let decoded = Zeroizing::new(base64_decode(text).ok()?);
    Some(Zeroizing::new(decoded.as_slice().try_into().ok()?))
}

#[cfg(test)]
#[cfg(feature = "native")]
mod tests;
