//! Files of room keys, as clients export and import them.
//!
//! Source: specification, "Key exports".

use serde::{Deserialize, Serialize};

/// The largest file that is taken, in bytes. No account has as many keys: 100,000 of them take some 125 MB.
pub const LARGEST_FILE: u64 = 300_000_000;

/// The reason why a file could not be used; nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyFileError {
    /// It is no file of exported keys.
    NotAnExport,
    /// It begins like one, but is cut off or damaged.
    Damaged,
    /// The passphrase does not open it, or the file was changed after it was made.
    WrongPassphrase,
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

/// The result of an import. Each key was compared with the backup before, and read back afterwards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    /// Number of entries in the file.
    pub in_file: u64,
    /// Keys of sessions that the backup did not have.
    pub new: u64,
    /// Keys that open more messages than the backup's key for the same session, which they replaced.
    pub better: u64,
    /// Keys that the backup already had, as good or better.
    pub already_there: u64,
    /// Entries that are no room keys, or contradict the backup's key for the same session, which stays.
    pub unreadable: u64,
    /// Number of rooms that the file has keys for.
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
