//! Files of room keys, as every client exports and imports them.
//!
//! Source: specification, "Key exports".

use serde::{Deserialize, Serialize};

pub mod armour;
pub mod blocks;

use super::{file_text::text_of, recovery_key::RecoveryKey, secret::Secret};

/// The largest file that is taken, in bytes: far more than any account has (100,000 keys are some 125 MB).
pub const LARGEST_FILE: u64 = 300_000_000;

/// Why a file could not be used. Nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyFileError {
    /// It is no exported key file.
    NotAnExport,
    /// It is no exported key file: there is a recovery key in it.
    RecoveryKey,
    /// It begins like one and breaks off, or something in it is damaged.
    Damaged,
    /// The passphrase does not open it (or it was changed after it was made).
    WrongPassphrase,
    /// The passphrase that was entered is a recovery key, and does not open it.
    KeyAsPassphrase,
    /// It asks for more rounds of key derivation than any honest file does.
    TooManyRounds {
        /// How many.
        rounds: u32,
    },
    /// It is of a version that this page does not know.
    UnknownVersion {
        /// Which.
        version: u8,
    },
    /// It is larger than [`LARGEST_FILE`].
    TooLarge,
    /// It opens, and no room key is in it.
    Empty,
    /// The browser could not read it: it was moved, or changed while it was read.
    Unreadable,
}

impl KeyFileError {
    /// What a file is that does not begin like an export, by its beginning.
    pub fn of_another_file(beginning: &[u8]) -> Self {
        if RecoveryKey::is_in(text_of(beginning).expose()) { Self::RecoveryKey } else { Self::NotAnExport }
    }

    /// What was wrong with a passphrase that did not open a file. It is tried whatever it is: who chose it for the file
    /// may have taken anything.
    pub fn of_passphrase(passphrase: &Secret) -> Self {
        if RecoveryKey::is_in(passphrase.expose()) { Self::KeyAsPassphrase } else { Self::WrongPassphrase }
    }
}

/// What became of the keys of a file, each compared with what the backup held before and read back after.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    /// How many entries the file has.
    pub in_file: u64,
    /// Keys the backup did not have.
    pub new: u64,
    /// Keys that open more than the one the backup had, which they now stand in for.
    pub better: u64,
    /// Keys that the backup had already, as good or better.
    pub already_there: u64,
    /// Entries that are no room keys, or contradict the backup's key for the same session, which stays.
    pub unreadable: u64,
    /// How many rooms the file's keys are for.
    pub rooms: u64,
    /// How many keys the backup holds now.
    pub room_keys: u64,
}

/// A whole backup as one file: made, and read back with its passphrase.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenHome {
    /// How many room keys are in the file.
    pub room_keys: u64,
    /// Of how many rooms.
    pub rooms: u64,
    /// How many entries of the backup did not open, and so are not in the file.
    pub unreadable: u64,
    /// The file's length in bytes.
    pub bytes: u64,
    /// When it was read back, in milliseconds since 1970.
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
