//! Random text that nobody can guess, for `state` and the PKCE code verifier.

use matrix_sdk::ruma::serde::{Base64, base64::UrlSafe};
use rand::RngExt as _;

/// 256 random bits, as text that needs no escaping anywhere (RFC 7636, section 4.1).
pub(in crate::engine) fn unguessable() -> String {
    Base64::<UrlSafe, _>::new(rand::rng().random::<[u8; 32]>()).encode()
}
