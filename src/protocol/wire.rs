//! Turns messages into bytes with postcard, and back; damaged bytes are an error.

use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

use super::messages::Envelope;

/// The bytes are not a message of this build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable;

/// Encodes a message. The bytes are wiped when dropped, since a message may hold a secret.
///
/// # Errors
/// [`Unreadable`] if the message cannot be encoded, which does not happen for the types in
/// [`messages`](super::messages).
pub fn encode<T: Serialize>(envelope: &Envelope<T>) -> Result<Zeroizing<Vec<u8>>, Unreadable> {
    postcard::to_allocvec(envelope).map(Zeroizing::new).map_err(|_| Unreadable)
}

/// Decodes a message, which must use up all the bytes.
///
/// # Errors
/// [`Unreadable`] for anything else.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<Envelope<T>, Unreadable> {
    match postcard::take_from_bytes(bytes) {
        Ok((envelope, [])) => Ok(envelope),
        Ok(_) | Err(_) => Err(Unreadable),
    }
}
