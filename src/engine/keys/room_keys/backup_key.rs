//! A backup version's private key: opens what is in the version, and seals what is to go there.
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

/// The private key with its public half, which the SDK's own type derives anew for every room key; that
/// would be a third of the work.
pub(in crate::engine) struct BackupKey(PkDecryption);

/// An entry of a version. Its counts and its mark may be missing or null: the index is in the key itself, and the others
/// then say the least that they can say.
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
    /// Opens an entry of a version (`KeyBackupData`); `None` if it is anything but this session's key. The one
    /// reader of entries: copying, moving, importing and counting all see what it sees.
    ///
    /// What is missing and changes nothing is filled in; the key then says that other apps cannot read the entry
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

    /// Seals a key. The text is the very one that was opened, or that made whole; the index beside it is the key's own, and
    /// the two marks are what the old version said, since it is still the same key from the same device.
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
