//! One session's entry in the backup: decrypted with the backup key, and verified. Anybody who knows the
//! backup's public key can write an entry with any room key in it. So the room key also has to open a message
//! of its session.

use matrix_sdk_crypto::vodozemac::megolm::MegolmMessage;
use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use crate::engine::keys::room_keys::{BackupKey, RoomKey};

/// The longest message that is kept as a witness, in bytes; most are far shorter.
const LONGEST_WITNESS: usize = 4_096;

/// The state of a session's entry in the backup.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Entry {
    /// There is none.
    #[default]
    Absent,
    /// It holds the session's key.
    Opens {
        /// The index of the first message that the key itself opens.
        from: u32,
        /// The first message index that the entry names beside the key.
        said: u32,
        /// True if other apps can read the entry, too.
        is_whole: bool,
        /// True if the key was seen to open a message.
        is_proved: bool,
    },
    /// It does not open, or holds no key of this session.
    Closed,
}

/// The messages of a range, counted by what the entry does for them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Messages that the key opens.
    pub(super) covered: u64,
    /// Messages for which there is an entry that does not do what it says.
    pub(super) unopened: u64,
    /// Those of them whose key only this page can read.
    pub(super) mendable: u64,
    /// Messages without an entry, or before the first one that it claims to open.
    pub(super) absent: u64,
}

/// An entry that was looked at. It is not opened again if it has not changed and is proved.
#[derive(Debug, Default)]
pub(super) struct SeenEntry {
    /// The state of the entry.
    pub(super) entry: Entry,
    print: Print,
    /// The witness: a message of the session, if possible one that an entry was seen to open.
    witness: Option<MegolmMessage>,
}

/// The hash of an entry's text; of an empty one without an entry.
#[derive(Debug, Default, PartialEq, Eq)]
struct Print([u8; 16]);

impl Entry {
    /// Counts the messages from index `first` to `last`, both included, by what this entry does for them.
    pub(super) fn count(self, first: u32, last: u32) -> Counts {
        let (first, end) = (u64::from(first), u64::from(last) + 1);
        let all = end.saturating_sub(first);
        match self {
            Self::Absent => Counts { absent: all, ..Counts::default() },
            Self::Closed => Counts { unopened: all, ..Counts::default() },
            Self::Opens { from, said, is_whole, is_proved } => {
                let (from, said) = (u64::from(from), u64::from(said).min(u64::from(from)));
                let opened = end.saturating_sub(first.max(from));
                let absent = end.min(said).saturating_sub(first);
                let (covered, mendable) = match (is_proved, is_whole) {
                    (true, true) => (opened, 0),
                    (true, false) => (0, opened),
                    (false, _) => (0, 0),
                };
                Counts { covered, absent, unopened: all - covered - absent, mendable }
            }
        }
    }

    /// Tells whether this entry does the same for a message and for its neighbour.
    pub(super) fn is_same_to(self, index: u32, neighbour: u32) -> bool {
        self.count(index, index) == self.count(neighbour, neighbour)
    }
}

impl SeenEntry {
    /// Looks at the entry as it is now, and tries it on a new message of the session if there is one.
    pub(super) fn look(
        &mut self,
        session_id: &str,
        now: Option<&RawValue>,
        key: &BackupKey,
        message: Option<&MegolmMessage>,
    ) {
        let print = Print::of(now.map_or("", RawValue::get));
        let is_same = print == self.print;
        self.print = print;
        let is_new = message.filter(|_| !is_same || self.is_unproved());
        if let Some(now) = now
            && (!is_same || is_new.is_some())
        {
            let opened = key.open(session_id, now);
            let tries = self.witness.iter().chain(is_new);
            let witness =
                opened.as_ref().and_then(|opened| tries.into_iter().find(|message| opened.opens(message)));
            self.entry = worth(now, opened.as_ref(), witness.is_some());
            if let Some(witness) = witness.filter(|witness| is_short(witness)).cloned() {
                self.witness = Some(witness);
            }
        } else if now.is_none() {
            self.entry = Entry::Absent;
        }
        if self.witness.is_none() {
            self.witness = message.filter(|message| is_short(message)).cloned();
        }
    }

    /// Tells whether another message is of use: to prove the entry, or as a witness.
    pub(super) fn wants_message(&self) -> bool {
        self.is_unproved() || self.witness.is_none()
    }

    fn is_unproved(&self) -> bool {
        matches!(self.entry, Entry::Opens { is_proved: false, .. })
    }
}

fn is_short(message: &MegolmMessage) -> bool {
    message.ciphertext().len() <= LONGEST_WITNESS
}

/// Judges an entry: it counts as closed unless it opens with this key to a key of this very session.
fn worth(entry: &RawValue, opened: Option<&RoomKey>, is_proved: bool) -> Entry {
    #[derive(Deserialize)]
    struct Said {
        first_message_index: Option<u64>,
    }
    let Some(opened) = opened else { return Entry::Closed };
    let from = opened.first_message_index();
    let said = serde_json::from_str::<Said>(entry.get()).ok().and_then(|said| said.first_message_index);
    let said = said.and_then(|said| u32::try_from(said).ok()).unwrap_or(from);
    Entry::Opens { from, said, is_whole: opened.was_whole(), is_proved }
}

impl Print {
    fn of(text: &str) -> Self {
        let digest = Sha256::digest(text);
        let mut print = [0; 16];
        print.iter_mut().zip(digest.iter()).for_each(|(to, from)| *to = *from);
        Self(print)
    }
}

#[cfg(test)]
mod tests {
    use matrix_sdk_crypto::{
        store::types::BackupDecryptionKey,
        vodozemac::megolm::{ExportedSessionKey, GroupSession, InboundGroupSession, SessionConfig},
    };
    use serde_json::{json, value::to_raw_value};
    use zeroize::Zeroizing;

    use super::*;

    const KEY: &str = "eNbN2WOfdAQwQNrqQlmzVXx1fSM9C4c6fQ4YauHWECc";

    /// A session with its first messages, and a way to make entries of it.
    struct Session {
        key: BackupKey,
        id: String,
        inbound: InboundGroupSession,
        messages: Vec<MegolmMessage>,
    }

    impl Session {
        fn new() -> Self {
            let mut session = GroupSession::new(SessionConfig::version_1());
            Self {
                key: BackupKey::from(&BackupDecryptionKey::new()),
                id: session.session_id(),
                inbound: InboundGroupSession::new(&session.session_key(), SessionConfig::version_1()),
                messages: (0..6).map(|_| session.encrypt("hello")).collect(),
            }
        }

        /// Makes an entry with the key from one message on; in a forged one only the session id is right.
        fn entry(&mut self, from: u32, is_made_up: bool) -> Box<RawValue> {
            let mut bytes = self.inbound.export_at(from).unwrap().to_bytes();
            if is_made_up {
                bytes[5..133].fill(7);
            }
            let text = json!({
                "algorithm": "m.megolm.v1.aes-sha2", "sender_key": KEY, "sender_claimed_keys": {},
                "forwarding_curve25519_key_chain": [],
                "session_key": ExportedSessionKey::from_bytes(&bytes).unwrap(),
            });
            let text = Zeroizing::new(text.to_string().into_bytes());
            let room_key = RoomKey::new(&self.id, text, 0_u32.into(), false).unwrap();
            to_raw_value(&self.key.seal(&room_key).unwrap()).unwrap()
        }

        /// Looks at an entry with one of the messages; returns whether it covers anything then.
        fn covers(&self, known: &mut SeenEntry, entry: Option<&RawValue>, message: Option<usize>) -> bool {
            let message = message.map(|index| &self.messages[index]);
            known.look(&self.id, entry, &self.key, message);
            known.entry.count(0, 5).covered > 0
        }
    }

    #[test]
    fn an_entry_counts_once_its_key_has_opened_a_message() {
        let mut session = Session::new();
        let (made_up, whole, late) =
            (session.entry(0, true), session.entry(0, false), session.entry(3, false));
        let (made_up, whole, late) = (Some(&*made_up), Some(&*whole), Some(&*late));
        let mut known = SeenEntry::default();
        assert!(
            !session.covers(&mut known, made_up, Some(5)) && !session.covers(&mut known, made_up, Some(4))
        );
        // An entry that replaces it is tried on the witness.
        assert!(session.covers(&mut known, whole, None) && !known.is_unproved());
        assert!(!session.covers(&mut known, made_up, None));
        assert!(!session.covers(&mut known, None, None) && !known.is_unproved());
        assert!(session.covers(&mut known, late, None));
        assert_eq!(known.entry.count(0, 5), Counts { covered: 3, absent: 3, ..Counts::default() });

        // An earlier message does not prove a key that opens later ones only.
        let mut known = SeenEntry::default();
        assert!(!session.covers(&mut known, late, Some(2)) && known.is_unproved());
        assert!(session.covers(&mut known, late, Some(3)));
    }

    #[test]
    fn a_message_that_nobody_opens_says_nothing_against_the_key_of_the_others() {
        let mut session = Session::new();
        // Somebody sent this message under the session's id.
        let mut other = GroupSession::new(SessionConfig::version_1());
        session.messages[5] = other.encrypt("not of this session");
        let entry = session.entry(0, false);
        let mut known = SeenEntry::default();
        assert!(!session.covers(&mut known, Some(&entry), Some(5)) && known.is_unproved());
        assert!(session.covers(&mut known, Some(&entry), Some(4)));
        // The message that was opened is the witness for later entries.
        let late = session.entry(1, false);
        assert!(session.covers(&mut known, Some(&late), None));
    }

    #[test]
    fn a_long_message_is_tried_and_not_kept() {
        let mut session = GroupSession::new(SessionConfig::version_1());
        let long = session.encrypt("A".repeat(LONGEST_WITNESS + 1));
        let mut session = Session::new();
        session.messages[5] = long;
        let mut known = SeenEntry::default();
        assert!(!session.covers(&mut known, None, Some(5)) && known.wants_message());
        assert!(!session.covers(&mut known, None, Some(4)) && !known.wants_message());
        let entry = session.entry(0, false);
        assert!(session.covers(&mut known, Some(&entry), None), "the short one is there to try it on");
    }

    #[test]
    fn each_message_counts_once_by_what_the_key_itself_opens() {
        let opens = |from, said| Entry::Opens { from, said, is_whole: true, is_proved: true };
        for (entry, first, last, covered, unopened, absent) in [
            (Entry::Absent, 3, 7, 0, 0, 5),
            (Entry::Closed, 3, 7, 0, 5, 0),
            (opens(0, 0), 3, 7, 5, 0, 0),
            (opens(3, 3), 3, 7, 5, 0, 0),
            (opens(5, 5), 3, 7, 3, 0, 2),
            (opens(8, 8), 3, 7, 0, 0, 5),
            // The entry claims more than it opens: the messages in between are unopened, not absent.
            (opens(5, 0), 3, 7, 3, 2, 0),
            (opens(5, 4), 3, 7, 3, 1, 1),
            (opens(9, 0), 3, 7, 0, 5, 0),
            // The entry claims less than it opens: what opens counts.
            (opens(2, 6), 3, 7, 5, 0, 0),
            (opens(0, 0), 0, u32::MAX, 1 << 32, 0, 0),
            (opens(u32::MAX, 1), 0, u32::MAX, 1, (1 << 32) - 2, 1),
        ] {
            let counts = entry.count(first, last);
            let expected = Counts { covered, unopened, absent, mendable: 0 };
            assert_eq!(counts, expected, "{entry:?} {first} {last}");
            // Messages that only this page can open are not covered.
            if let Entry::Opens { from, said, .. } = entry {
                let counts =
                    |is_whole, is_proved| Entry::Opens { from, said, is_whole, is_proved }.count(first, last);
                let unopened = covered + unopened;
                assert_eq!(counts(false, true), Counts { covered: 0, unopened, absent, mendable: covered });
                // Nor are those of an entry that was not seen to open any.
                for is_whole in [true, false] {
                    assert_eq!(counts(is_whole, false), Counts { covered: 0, unopened, absent, mendable: 0 });
                }
            }
        }
    }

    #[test]
    fn neighbours_are_the_same_where_nothing_changes_between_them() {
        let entry = Entry::Opens { from: 5, said: 3, is_whole: true, is_proved: true };
        let same = (0..7).map(|index| entry.is_same_to(index, index + 1)).collect::<Vec<_>>();
        assert_eq!(same, [true, true, false, true, false, true, true]);
    }
}
