//! A backup version's private key: opens the entries of the version, and seals new ones.
//!
//! Source: specification, `m.megolm_backup.v1.curve25519-aes-sha2`.

use matrix_sdk::ruma::{
    UInt,
    api::client::backup::{EncryptedSessionData, EncryptedSessionDataInit, KeyBackupData, KeyBackupDataInit},
    serde::Base64,
};
use matrix_sdk_crypto::{
    store::types::BackupDecryptionKey,
    vodozemac::{
        Curve25519PublicKey, Curve25519SecretKey,
        pk_encryption::{Message, PkDecryption, PkEncryption},
    },
};
use serde::Deserialize;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::room_key::RoomKey;

/// The private key with its public key. The SDK's own type derives that anew for every room key, which would be a third
/// of the work.
pub(in crate::engine) struct BackupKey(PkDecryption);

/// An entry of a version. Its counts and its mark may be missing or null. The index is in the key itself, and the
/// others then default to the lowest claim.
#[derive(Deserialize)]
struct Entry {
    first_message_index: Option<UInt>,
    forwarded_count: Option<UInt>,
    is_verified: Option<bool>,
    session_data: EncryptedSessionData,
}

impl From<&BackupDecryptionKey> for BackupKey {
    fn from(key: &BackupDecryptionKey) -> Self {
        Self(PkDecryption::from_key(Curve25519SecretKey::from_slice(key.as_bytes())))
    }
}

impl BackupKey {
    /// Opens an entry of a version (`KeyBackupData`); `None` if it is anything but this session's key. Copying, moving,
    /// importing and counting all read entries by this function only.
    ///
    /// Fills in missing fields that change nothing; the key then tells that other apps cannot read the entry
    /// ([`RoomKey::was_whole`]).
    pub(in crate::engine) fn open(&self, session_id: &str, entry: &RawValue) -> Option<RoomKey> {
        let Entry { first_message_index, forwarded_count, is_verified, session_data } =
            serde_json::from_str(entry.get()).ok()?;
        let message = Message {
            ephemeral_key: Curve25519PublicKey::from_slice(session_data.ephemeral.as_bytes()).ok()?,
            ciphertext: session_data.ciphertext.into_inner(),
            mac: session_data.mac.into_inner(),
        };
        let text = Zeroizing::new(self.0.decrypt(&message).ok()?);
        let has_marks = first_message_index.is_some() && forwarded_count.is_some() && is_verified.is_some();
        let (forwarded_count, is_verified) =
            (forwarded_count.unwrap_or(UInt::MIN), is_verified.unwrap_or(false));
        let key = RoomKey::new(session_id, text, forwarded_count, is_verified)?;
        Some(if has_marks { key } else { key.without_marks() })
    }

    /// Encrypts a key as an entry. The text is the one that was opened, or made whole; the index beside it is the key's
    /// own. The two marks are those of the old version: it is still the same key from the same device.
    pub(in crate::engine) fn seal(&self, key: &RoomKey) -> Option<KeyBackupData> {
        let message = PkEncryption::from_key(self.0.public_key()).encrypt(key.text()).ok()?;
        let session_data = EncryptedSessionDataInit {
            ephemeral: Base64::new(message.ephemeral_key.to_vec()),
            ciphertext: Base64::new(message.ciphertext),
            mac: Base64::new(message.mac),
        };
        let data = KeyBackupDataInit {
            first_message_index: key.first_message_index().into(),
            forwarded_count: key.forwarded_count(),
            is_verified: key.is_verified(),
            session_data: session_data.into(),
        };
        Some(data.into())
    }
}
