//! The two keys that a file's passphrase leads to: one encrypts the text, one authenticates it.

use aes::{
    Aes256,
    cipher::{KeyIvInit as _, StreamCipher as _},
};
use ctr::Ctr128BE;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::MAC_LENGTH;
use crate::{domain::secret::Secret, engine::account::derivation};

/// AES-256 in counter mode, and HMAC-SHA-256; both take a file piece by piece.
pub(super) struct Locks {
    stream: Ctr128BE<Aes256>,
    mac: Hmac<Sha256>,
}

impl Locks {
    /// Derives both keys from the passphrase. `None` never happens: every length is right.
    pub(super) async fn derive(
        passphrase: &Secret,
        salt: &[u8; 16],
        initialization_vector: &[u8; 16],
        rounds: u32,
    ) -> Option<Self> {
        let keys = derivation::derive::<64>(passphrase, salt, rounds).await?;
        let (text, code) = keys.split_at(32);
        Some(Self {
            stream: Ctr128BE::new_from_slices(text, initialization_vector).ok()?,
            mac: Hmac::new_from_slice(code).ok()?,
        })
    }

    /// Encrypts or decrypts the next piece in place.
    pub(super) fn turn(&mut self, text: &mut [u8]) {
        self.stream.apply_keystream(text);
    }

    /// Feeds the next piece to the HMAC: the header, then all of the ciphertext.
    pub(super) fn authenticate(&mut self, bytes: &[u8]) {
        self.mac.update(bytes);
    }

    /// The HMAC over all pieces so far.
    pub(super) fn code(&self) -> [u8; MAC_LENGTH] {
        self.mac.clone().finalize().into_bytes().into()
    }

    /// Tells whether this is the HMAC, compared in constant time.
    pub(super) fn is_code(&self, code: &[u8; MAC_LENGTH]) -> bool {
        self.mac.clone().verify_slice(code).is_ok()
    }
}
