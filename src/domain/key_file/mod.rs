//! Files of room keys, as clients export and import them.
//!
//! Source: specification, "Key exports".

use serde::{Deserialize, Serialize};

pub mod armour;
pub mod blocks;

use super::{file_text::text_of, recovery_key::RecoveryKey, secret::Secret};

/// The largest file that is taken, in bytes. No account has as many keys: 100,000 of them take some 125 MB.
pub const LARGEST_FILE: u64 = 300_000_000;

/// The reason why a file could not be used; nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyFileError {
    /// It is no file of exported keys.
    NotAnExport,
    /// It is no exported key file: there is a recovery key in it.
    RecoveryKey,
    /// It begins like one, but is cut off or damaged.
    Damaged,
    /// The passphrase does not open it, or the file was changed after it was made.
    WrongPassphrase,
    /// The passphrase that was entered is a recovery key, and does not open it.
    KeyAsPassphrase,
    /// It asks for more rounds of key derivation than any honest file does.
    TooManyRounds {
        /// The number of rounds that it asks for.
        rounds: u32,
    },
    /// It is of a version that this page does not know.
    UnknownVersion {
        /// The version that it names.
        version: u8,
    },
    /// It is larger than [`LARGEST_FILE`].
    TooLarge,
    /// It opens, but has no room key in it.
    Empty,
    /// The browser could not read it: it was moved, or was changed meanwhile.
    Unreadable,
}

/// Tells by a file's name that it is a picture, a film, a sound or a document for reading: no app exports keys as one of
/// these, so nobody is asked for a passphrase.
pub fn is_of_another_kind(name: &str) -> bool {
    const KINDS: [&str; 14] = [
        "jpg", "jpeg", "png", "gif", "webp", "heic", "heif", "avif", "bmp", "mp4", "mov", "mp3", "m4a", "pdf",
    ];
    name.rsplit_once('.').is_some_and(|(_, end)| KINDS.contains(&end.to_ascii_lowercase().as_str()))
}

impl KeyFileError {
    /// Names a file that does not begin like an export, by its beginning.
    pub fn of_another_file(beginning: &[u8]) -> Self {
        if RecoveryKey::is_in(text_of(beginning).expose()) { Self::RecoveryKey } else { Self::NotAnExport }
    }

    /// Names the mistake in a passphrase that did not open a file. It was tried whatever it is: people choose anything.
    pub fn of_passphrase(passphrase: &Secret) -> Self {
        if RecoveryKey::is_in(passphrase.expose()) { Self::KeyAsPassphrase } else { Self::WrongPassphrase }
    }
}

/// The result of an import. Each key was compared with the backup before, and read back afterwards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    /// Number of entries in the exports that the passphrase opens.
    pub in_file: u64,
    /// Keys of sessions that the backup did not have.
    pub new: u64,
    /// Keys that open more messages than the backup's key for the same session, which they replaced.
    pub better: u64,
    /// Keys that the backup already had, as good or better.
    pub already_there: u64,
    /// Entries that are no room keys, or contradict the backup's key for the same session, which stays.
    pub unreadable: u64,
    /// Number of exports in the file that have another passphrase. Their keys are not among those counted here.
    pub locked: u64,
    /// Number of rooms that these exports have keys for.
    pub rooms: u64,
    /// Number of keys in the backup now.
    pub room_keys: u64,
}

/// The result of a key export: the whole backup as one file, read back with its passphrase.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenHome {
    /// Number of room keys in the file.
    pub room_keys: u64,
    /// Number of rooms that they are for.
    pub rooms: u64,
    /// Number of entries of the backup that did not open, and so are not in the file.
    pub unreadable: u64,
    /// Length of the file, in bytes.
    pub bytes: u64,
    /// Time at which the file was read back, in milliseconds since 1970.
    pub at_ms: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "EsTc LW2K PGiF wKEA 3As5 g5c4 BXwk qeeJ ZJV8 Q9fu gUMN UE4d";

    #[test]
    fn a_recovery_key_in_a_files_or_its_passphrases_place_is_called_one() {
        let utf16: Vec<u8> = KEY.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for (beginning, error) in [
            (KEY.as_bytes(), KeyFileError::RecoveryKey),
            (&utf16, KeyFileError::RecoveryKey),
            (b"milk, eggs", KeyFileError::NotAnExport),
            (b"", KeyFileError::NotAnExport),
        ] {
            assert_eq!(KeyFileError::of_another_file(beginning), error, "{beginning:?}");
        }
        assert_eq!(KeyFileError::of_passphrase(&KEY.into()), KeyFileError::KeyAsPassphrase);
        assert_eq!(KeyFileError::of_passphrase(&"the file's own".into()), KeyFileError::WrongPassphrase);
    }
}
