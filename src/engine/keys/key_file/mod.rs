//! Reads and writes files of exported room keys, in the form of every client.
//!
//! ```text
//! pieces ── Receiving ──(checked)── Locked ── open ── Contents ── entries, as text
//! entries ── Sealing ── pieces
//! ```
//!
//! The SDK's two functions for it are not used: they hold a file some five times over, and cannot be stopped. They
//! return nothing at all if one entry is bad, and trust the file's length and rounds. The cryptography is in the same
//! crates that they use.
//!
//! Source: specification, "Key exports".

mod locked;
mod locks;
mod receiving;
mod sealing;

pub(in crate::engine) use self::{
    locked::{Contents, Locked, MOST_ENTRIES},
    receiving::Receiving,
    sealing::Sealing,
};

/// The first line of a file, and the last.
const BEGIN: &[u8] = b"-----BEGIN MEGOLM SESSION DATA-----";
const END: &[u8] = b"-----END MEGOLM SESSION DATA-----";
/// The only version there is.
const VERSION: u8 = 1;
/// The length of version, salt, initialization vector and rounds, in bytes; the ciphertext and its HMAC follow.
const HEADER_LENGTH: usize = 1 + 16 + 16 + 4;
const MAC_LENGTH: usize = 32;
/// The most rounds that are accepted; apps write 100,000 to 500,000.
pub(in crate::engine) const MOST_ROUNDS: u32 = 10_000_000;

/// Entries that are read or written between two breaths: some hundredths of a second of work. A browser makes each
/// pause at least four milliseconds long.
pub(in crate::engine) const ENTRIES_PER_BREATH: usize = 500;

#[cfg(test)]
#[cfg(feature = "native")]
mod tests;
