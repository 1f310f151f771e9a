//! A room key, as a backup holds it.
//!
//! Source: specification, `m.megolm_backup.v1.curve25519-aes-sha2`, "BackedUpSessionData".

use std::collections::BTreeMap;

use matrix_sdk::ruma::{OwnedRoomId, UInt};
use matrix_sdk_crypto::{
    olm::{BackedUpRoomKey, ExportedRoomKey},
    types::EventEncryptionAlgorithm,
    vodozemac::{
        base64_encode,
        megolm::{ExportedSessionKey, InboundGroupSession, MegolmMessage, SessionConfig},
    },
};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::session_data;

/// The place of the index in a session key. A version byte and the index come before the secret, and the session's
/// public key comes last (specification, "Session export format").
const INDEX: std::ops::Range<usize> = 1..5;
const PUBLIC_KEY_LENGTH: usize = 32;
/// The field that holds it in the text.
const SESSION_KEY: &str = "session_key";

/// One session's key, from some message on. Wiped when dropped.
pub(in crate::engine) struct RoomKey {
    /// The decrypted text: the specification's `BackedUpSessionData` and whatever else its client wrote; made whole.
    text: Zeroizing<Vec<u8>>,
    /// The index of the first message that it opens: the key's own, not the one that the server says.
    first_message_index: u32,
    /// The number of times that it was forwarded, as the backup says.
    forwarded_count: UInt,
    /// True if the device that made it was verified, as the backup says.
    is_verified: bool,
    /// Set if the text had to be made whole.
    text_is_mended: bool,
    /// Set if a count or a mark beside the text was missing.
    lacks_marks: bool,
}

impl RoomKey {
    /// Takes a decrypted text, made whole if need be ([`session_data`]); `None` if it is no room key, or another
    /// session's.
    ///
    /// Another session's key has to be refused, since a backup proves nothing about who wrote into it. A foreign key
    /// from an earlier index must not displace the true one.
    pub(in crate::engine) fn new(
        session_id: &str,
        text: Zeroizing<Vec<u8>>,
        forwarded_count: UInt,
        is_verified: bool,
    ) -> Option<Self> {
        let (key, whole): (BackedUpRoomKey, _) = session_data::read(&text)?;
        if key.algorithm != EventEncryptionAlgorithm::MegolmV1AesSha2 {
            return None;
        }
        let first_message_index = first_message_index(session_id, &key.session_key)?;
        let text_is_mended = whole.is_some();
        let text = whole.unwrap_or(text);
        Some(Self {
            text,
            first_message_index,
            forwarded_count,
            is_verified,
            text_is_mended,
            lacks_marks: false,
        })
    }

    /// Notes that a count or a mark beside the key was missing in the version.
    pub(super) fn without_marks(self) -> Self {
        Self { lacks_marks: true, ..self }
    }

    /// Takes a key from an export.
    ///
    /// It is written as never forwarded, although nobody knows. A server replaces a key by one that was forwarded less
    /// often, even if that opens fewer messages (Synapse does). An app that got this session's key late uploads it as
    /// never forwarded. Were the imported key called forwarded, its first messages would be lost as soon as the app
    /// uses the backup again. Nobody knows who made it either, so it is not called verified. A server that gets a
    /// verified key later prefers that in any case.
    ///
    /// An export is not signed. Without a message of the session only two things can be checked: it is a well-formed
    /// key, and this session's, whose id it ends with. Its ratchet proves nothing. Anybody who has a person import a
    /// forged file can put a key that opens nothing where the backup has none. A true key from the same message on will
    /// not displace it. So the keys of a backup are compared first, and people must be told to import only what they
    /// exported themselves.
    pub(in crate::engine) fn from_export(key: ExportedRoomKey) -> Option<Self> {
        let first_message_index = first_message_index(&key.session_id, &key.session_key)?;
        // Large enough never to grow, which would leave copies behind.
        let mut text = Zeroizing::new(Vec::with_capacity(4_096));
        serde_json::to_writer(&mut *text, &BackedUpRoomKey::from(key)).ok()?;
        Some(Self {
            text: Zeroizing::new(text.to_vec()),
            first_message_index,
            forwarded_count: UInt::MIN,
            is_verified: false,
            text_is_mended: false,
            lacks_marks: false,
        })
    }

    /// Puts this key into everything else that a version says of the session: who made it, and whether that device was
    /// verified. Only the key itself was seen to be the same session's. What the file says beside it may be forged, and
    /// must not count as the verified device's.
    ///
    /// Called verified if the version's is, since a server may otherwise keep that one; and never forwarded, see
    /// [`Self::from_export`].
    pub(super) fn within(&self, session_id: &str, theirs: &Self) -> Option<Self> {
        let ours: BTreeMap<String, &RawValue> = serde_json::from_slice(&self.text).ok()?;
        let mut fields: BTreeMap<String, &RawValue> = serde_json::from_slice(&theirs.text).ok()?;
        fields.insert(SESSION_KEY.to_owned(), ours.get(SESSION_KEY)?);
        // Large enough never to grow, which would leave copies behind.
        let mut text = Zeroizing::new(Vec::with_capacity(self.text.len() + theirs.text.len()));
        serde_json::to_writer(&mut *text, &fields).ok()?;
        let text = Zeroizing::new(text.to_vec());
        Self::new(session_id, text, UInt::MIN, theirs.is_verified)
    }

    /// Returns the key in the SDK's form for exports.
    pub(in crate::engine) fn export(
        &self,
        room_id: OwnedRoomId,
        session_id: &str,
    ) -> Option<ExportedRoomKey> {
        let key = serde_json::from_slice(&self.text).ok()?;
        Some(ExportedRoomKey::from_backed_up_room_key(room_id, session_id.to_owned(), key))
    }

    /// Tells whether two keys of one session have the same text, byte by byte.
    pub(in crate::engine) fn says_the_same_as(&self, other: &Self) -> bool {
        self.text == other.text
    }

    /// Tells whether other apps can read the entry from which this key was read. This page reads it in any case: it
    /// fills in what was missing.
    pub(in crate::engine) fn was_whole(&self) -> bool {
        !self.text_is_mended && !self.lacks_marks
    }

    /// Tells whether that entry lacked a count or a mark that servers compare.
    pub(in crate::engine) fn lacks_marks(&self) -> bool {
        self.lacks_marks
    }

    /// The text that is to be encrypted.
    pub(super) fn text(&self) -> &[u8] {
        &self.text
    }

    /// The index of the first message that it opens.
    pub(in crate::engine) fn first_message_index(&self) -> u32 {
        self.first_message_index
    }

    /// The number of times that it was forwarded, as the backup says.
    pub(super) fn forwarded_count(&self) -> UInt {
        self.forwarded_count
    }

    /// Tells whether the device that made it was verified, as the backup says.
    pub(super) fn is_verified(&self) -> bool {
        self.is_verified
    }

    /// Tells whether this key is to be kept rather than another of the same session, if both are true.
    ///
    /// A server decides by "verified" first (specification, `PUT /room_keys/keys`). Here the index comes first: a key
    /// from an earlier message opens everything that one from a later message does, and more. Of equals the one that
    /// was whole is kept.
    pub(super) fn is_better_than(&self, other: &Self) -> bool {
        let rank =
            |key: &Self| (key.first_message_index, !key.is_verified, key.forwarded_count, !key.was_whole());
        rank(self) < rank(other)
    }

    /// Tells whether this key opens everything that another of the same session opens: advanced to the other's first
    /// message, it must be the same.
    pub(in crate::engine) fn opens_all_of(&self, other: &Self) -> bool {
        if self.text == other.text {
            return true;
        }
        let at_others_beginning = || {
            let mut session = InboundGroupSession::import(&self.session_key()?, SessionConfig::default());
            let key = session.export_at(other.first_message_index)?;
            Some(Zeroizing::new(key.to_bytes()))
        };
        let others = || Some(Zeroizing::new(other.session_key()?.to_bytes()));
        self.first_message_index <= other.first_message_index
            && at_others_beginning().is_some_and(|key| Some(key) == others())
    }

    /// Tells whether this key really opens a message of its session. Only that shows that it is not forged: anybody can
    /// give a key the session's id. The decrypted message is wiped at once.
    pub(in crate::engine) fn opens(&self, message: &MegolmMessage) -> bool {
        let Some(key) = self.session_key() else { return false };
        let mut session = InboundGroupSession::import(&key, SessionConfig::version_1());
        session.decrypt(message).map(|decrypted| Zeroizing::new(decrypted.plaintext)).is_ok()
    }

    fn session_key(&self) -> Option<ExportedSessionKey> {
        let key: BackedUpRoomKey = serde_json::from_slice(&self.text).ok()?;
        Some(key.session_key)
    }
}

/// The index of the first message that a session's key opens; `None` if it is another session's.
fn first_message_index(session_id: &str, key: &ExportedSessionKey) -> Option<u32> {
    let key = Zeroizing::new(key.to_bytes());
    let public_key = key.get(key.len().checked_sub(PUBLIC_KEY_LENGTH)?..)?;
    if base64_encode(public_key) != session_id {
        return None;
    }
    Some(u32::from_be_bytes(key.get(INDEX)?.try_into().ok()?))
}
