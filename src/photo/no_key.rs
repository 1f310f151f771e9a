//! Tells from what was read why it is no recovery key.

use crate::domain::{no_key::NoKey, recovery_key::RecoveryKeyError};

/// What a code begins with by which apps verify each other or sign another one in. Source: specification, "QR code
/// format"; MSC4108 begins alike.
const OF_AN_APP: &[u8] = b"MATRIX";
/// Beginnings of addresses and links.
const LINKS: [&[u8]; 3] = [b"http:", b"https:", b"matrix:"];

/// Tells what codes are whose text is not one recovery key.
pub(super) fn reason(error: RecoveryKeyError, content: &[u8]) -> NoKey {
    let begins_with = |start: &[u8]| {
        content.get(..start.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(start))
    };
    if content.starts_with(OF_AN_APP) {
        return NoKey::App;
    }
    if LINKS.into_iter().any(begins_with) {
        return NoKey::Link;
    }
    match error {
        RecoveryKeyError::TwoKeys(_) => NoKey::TwoKeys,
        RecoveryKeyError::Length(_) | RecoveryKeyError::Character(_) | RecoveryKeyError::Parity => {
            NoKey::Mistyped
        }
        RecoveryKeyError::Empty | RecoveryKeyError::NotAKey | RecoveryKeyError::KeyFile => NoKey::Other,
    }
}
