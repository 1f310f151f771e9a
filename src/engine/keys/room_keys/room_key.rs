//! A room key out of a backup.
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

/// A session key's version byte and the four bytes of its index come before its secret; its session's
/// public key comes last (specification, "Session export format").
const INDEX: std::ops::Range<usize> = 1..5;
const PUBLIC_KEY_LENGTH: usize = 32;
/// Where it stands in the text.
const SESSION_KEY: &str = "session_key";

/// One session's key, from some message on. Wiped when dropped.
pub(in crate::engine) struct RoomKey {
    /// What was encrypted: the specification's `BackedUpSessionData` and whatever else its client wrote; made whole.
    text: Zeroizing<Vec<u8>>,
    /// The first message that it opens: the one in the key itself, not the one that the server says.
    first_message_index: u32,
    /// How often it was passed on, as the backup says.
    forwarded_count: UInt,
    /// Whether the device that made it was verified, as the backup says.
    is_verified: bool,
    /// Whether what was encrypted had to be made whole.
    text_is_mended: bool,
    /// Whether a count or a mark beside it was missing.
    lacks_marks: bool,
}

impl RoomKey {
    /// Takes what was decrypted, made whole if need be ([`session_data`]); `None` if it is no room key, or another
    /// session's.
    ///
    /// The second is no mere tidiness: a backup proves nothing about who wrote into it, and a foreign key
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

    /// The same key, where a count or a mark beside it was missing in the version.
    pub(super) fn without_marks(self) -> Self {
        Self { lacks_marks: true, ..self }
    }

    /// Takes a key from an export.
    ///
    /// It is written as never passed on, although nobody knows: a server gives up a key for one that was passed
    /// on less often, even if that opens fewer messages (Synapse does), and an app that got this session's key
    /// late uploads it as never passed on. Were this one called passed on, its first messages would be lost as
    /// soon as the person gives the app its backup back. Who made it is not known either, so that it is not
    /// called verified; a server that is then given a verified one prefers that whatever is said here.
    ///
    /// An export is not signed. What can be checked without a message of the session is: that it is a key in
    /// form, and this session's, whose name it ends with. Its ratchet proves nothing: whoever has a person
    /// import a file of their making can put a key that opens nothing where the backup has none, and a true one
    /// from the same message on will not displace it. That is why what a backup has is compared first, and why
    /// people must be told to import only what they exported themselves.
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

    /// The session's key as it stands here, in all else that a version says of the session: who made it, and
    /// whether that device was verified. Only of the key itself was seen that it is the same session's; what
    /// is said beside it may be anybody's word, and must not be taken for the verified device's.
    ///
    /// Called verified as the version's is, since a server may otherwise keep that one; and never passed on,
    /// see [`Self::from_export`].
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

    /// The key in the SDK's form, in which it can be exported.
    pub(in crate::engine) fn export(
        &self,
        room_id: OwnedRoomId,
        session_id: &str,
    ) -> Option<ExportedRoomKey> {
        let key = serde_json::from_slice(&self.text).ok()?;
        Some(ExportedRoomKey::from_backed_up_room_key(room_id, session_id.to_owned(), key))
    }

    /// Whether two keys of one session are the same, word by word.
    pub(in crate::engine) fn says_the_same_as(&self, other: &Self) -> bool {
        self.text == other.text
    }

    /// Whether other apps can read it as it stood where it was read. The key here can be read in any case: what was
    /// missing is filled in.
    pub(in crate::engine) fn was_whole(&self) -> bool {
        !self.text_is_mended && !self.lacks_marks
    }

    /// Whether it stood there without a count or a mark that a server compares.
    pub(in crate::engine) fn lacks_marks(&self) -> bool {
        self.lacks_marks
    }

    /// What is to be encrypted.
    pub(super) fn text(&self) -> &[u8] {
        &self.text
    }

    /// The first message that it opens.
    pub(in crate::engine) fn first_message_index(&self) -> u32 {
        self.first_message_index
    }

    /// How often it was passed on, as the backup says.
    pub(super) fn forwarded_count(&self) -> UInt {
        self.forwarded_count
    }

    /// Whether the device that made it was verified, as the backup says.
    pub(super) fn is_verified(&self) -> bool {
        self.is_verified
    }

    /// Whether this key is to be kept rather than another of the same session, should both be true.
    ///
    /// A server decides by "verified" first (specification, `PUT /room_keys/keys`). Here the index comes
    /// first: a key from an earlier message opens all that one from a later message does, and more. Of equals the one
    /// that was whole says more.
    pub(super) fn is_better_than(&self, other: &Self) -> bool {
        let rank =
            |key: &Self| (key.first_message_index, !key.is_verified, key.forwarded_count, !key.was_whole());
        rank(self) < rank(other)
    }

    /// Whether this key opens everything that another of the same session opens: moved on to where the
    /// other begins, it is the same.
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

    /// Whether this key really opens a message of its session: it has the session's name, and only this shows that it
    /// is no made-up one. What the message says is wiped at once.
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

/// The first message that a session's key opens; `None` if it is another session's.
fn first_message_index(session_id: &str, key: &ExportedSessionKey) -> Option<u32> {
    let key = Zeroizing::new(key.to_bytes());
    let public_key = key.get(key.len().checked_sub(PUBLIC_KEY_LENGTH)?..)?;
    if base64_encode(public_key) != session_id {
        return None;
    }
    Some(u32::from_be_bytes(key.get(INDEX)?.try_into().ok()?))
}
