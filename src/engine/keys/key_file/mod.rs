//! Files of exported room keys, as every client writes and reads them.
//!
//! ```text
//! pieces ── Receiving ──(checked)── Locked ── open ── Listed (entries as text)
//! entries ── Sealing ── pieces
//! ```
//!
//! Not by the SDK's two functions for it: they hold a file some five times over, work it off in one go that
//! nothing can stop, give nothing at all if one entry is bad, and trust the file's length and rounds. The
//! cryptography is the very crates that they use.
//!
//! Source: specification, "Key exports".

mod locked;
mod locks;
mod receiving;
mod sealing;

pub(in crate::engine) use self::{
    locked::{Contents, Locked},
    receiving::Receiving,
    sealing::Sealing,
};

/// What a file begins and ends with.
const BEGIN: &[u8] = b"-----BEGIN MEGOLM SESSION DATA-----";
const END: &[u8] = b"-----END MEGOLM SESSION DATA-----";
/// The only version there is.
const VERSION: u8 = 1;
/// Version, salt, initialization vector and rounds; then come the ciphertext and its code.
const HEADER_LENGTH: usize = 1 + 16 + 16 + 4;
const MAC_LENGTH: usize = 32;
/// More rounds than this no honest file asks for; apps write 100,000 to 500,000.
pub(in crate::engine) const MOST_ROUNDS: u32 = 10_000_000;

/// How many entries are read or written between two moments in which the worker can hear: some hundredths of a
/// second, since a browser makes each pause at least four milliseconds long.
pub(in crate::engine) const ENTRIES_PER_BREATH: usize = 500;

#[cfg(test)]
#[cfg(feature = "native")]
mod tests;
