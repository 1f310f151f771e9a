//! Messages as bytes: postcard, and nothing that a damaged message could break.

use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

use super::messages::Envelope;

/// The message was not one of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable;

/// The bytes of a message; wiped when dropped, since a message may hold a secret.
///
/// # Errors
/// [`Unreadable`] if the message cannot be expressed, which no message of ours is.
pub fn encode<T: Serialize>(envelope: &Envelope<T>) -> Result<Zeroizing<Vec<u8>>, Unreadable> {
    postcard::to_allocvec(envelope).map(Zeroizing::new).map_err(|_| Unreadable)
}

/// The message in some bytes, all of which must belong to it.
///
/// # Errors
/// [`Unreadable`] for anything else.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<Envelope<T>, Unreadable> {
    match postcard::take_from_bytes(bytes) {
        Ok((envelope, [])) => Ok(envelope),
        Ok(_) | Err(_) => Err(Unreadable),
    }
}
