//! The text form of a recovery key, and what can be said about an entry that is not one.
//!
//! Source: specification, appendices, "Cryptographic key representation": `8B 01`, 32 bytes, one parity byte, base58, white
//! space anywhere. Only the form is checked here; whether the key *opens* anything is the engine's.

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use self::beginning::Beginning;
use super::{key_file::armour, secret::Secret};

pub mod beginning;
mod near_miss;
mod search;
mod wrapping;

#[cfg(test)]
mod tests;

const PREFIX: [u8; 2] = [0x8b, 0x01];
/// Prefix, key and parity.
const DECODED_LENGTH: usize = 2 + 32 + 1;
/// Number of base58 characters that every such key has.
pub const LENGTH: usize = 48;
/// The longest text in which a key is looked for, in bytes. A password manager with ten thousand entries exports
/// less; more would hold up the page at each look.
pub const LONGEST_ENTRY: usize = 2 * 1024 * 1024;

/// A well-formed recovery key.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct RecoveryKey([u8; DECODED_LENGTH]);

/// The mistake in an entry, so that the person can be told what is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecoveryKeyError {
    /// Nothing was entered.
    Empty,
    /// Characters are missing or too many: how many there are, of [`LENGTH`].
    Length(usize),
    /// This character never appears in a recovery key (0, O, I and l among them).
    Character(char),
    /// The right length, but the check at the end fails: one or more characters are wrong.
    Parity,
    /// Not a key at all: words, or far from one.
    NotAKey,
    /// Two different recovery keys, or more: how the first two begin.
    TwoKeys([Beginning; 2]),
    /// A file of room keys that an app exported.
    KeyFile,
}

impl RecoveryKey {
    /// Reads a key as people keep it: typed, pasted, or in a text with other things around it.
    ///
    /// The one key in the entry is the key, whatever stands before, after and between its groups that is not base58:
    /// labels, quotes, line breaks, invisible characters, the markup of HTML, RTF and JSON. A longer text than
    /// [`LONGEST_ENTRY`] is not searched: it is none ([`RecoveryKeyError::NotAKey`] or [`RecoveryKeyError::KeyFile`]).
    ///
    /// # Errors
    /// Names the mistake in the form.
    pub fn parse(entry: &str) -> Result<Self, RecoveryKeyError> {
        Self::read(entry, search::keys)
    }

    /// Reads a key like [`Self::parse`], from a text that is in no format.
    ///
    /// # Errors
    /// Names the mistake in the form.
    pub fn parse_plain(entry: &str) -> Result<Self, RecoveryKeyError> {
        Self::read(entry, search::plain_keys)
    }

    fn read(entry: &str, search: impl Fn(&str) -> Vec<Self>) -> Result<Self, RecoveryKeyError> {
        let is_searched = entry.len() <= LONGEST_ENTRY;
        if is_searched {
            let mut keys = search(&armour::outside(entry)).into_iter();
            match (keys.next(), keys.next()) {
                (Some(key), None) => return Ok(key),
                (Some(one), Some(other)) => {
                    return Err(RecoveryKeyError::TwoKeys([one.beginning(), other.beginning()]));
                }
                (None, _) => {}
            }
        }
        Err(if armour::is_in(entry) {
            RecoveryKeyError::KeyFile
        } else if is_searched {
            near_miss::mistake(entry)
        } else {
            RecoveryKeyError::NotAKey
        })
    }

    /// Tells whether an entry holds a recovery key, or several, which must be sent nowhere. One longer than
    /// [`LONGEST_ENTRY`] is not searched.
    pub fn is_in(entry: &str) -> bool {
        matches!(Self::parse(entry), Ok(_) | Err(RecoveryKeyError::TwoKeys(_)))
    }

    /// The key that [`LENGTH`] characters of base58 say.
    fn decode(run: &[u8]) -> Option<Self> {
        let mut decoded = Zeroizing::new([0u8; DECODED_LENGTH]);
        let length = bs58::decode(run).onto(&mut *decoded).ok()?;
        let parity = decoded.iter().fold(0, |sum, byte| sum ^ byte);
        let is_key = length == DECODED_LENGTH && decoded.starts_with(&PREFIX) && parity == 0;
        is_key.then(|| Self(*decoded))
    }

    /// The form of a key's 32 bytes.
    pub fn of(key: &[u8; DECODED_LENGTH - 3]) -> Self {
        let mut form = Self([0; DECODED_LENGTH]);
        let bytes = PREFIX.iter().chain(key).copied();
        form.0.iter_mut().zip(bytes).for_each(|(place, byte)| *place = byte);
        let parity = form.0.iter().fold(0, |sum, byte| sum ^ byte);
        form.0[DECODED_LENGTH - 1] = parity;
        form
    }

    /// The key as clients write it, in one group: whoever else reads it may know fewer ways to write it.
    pub fn text(&self) -> Secret {
        Secret::new(bs58::encode(&self.0).into_string())
    }

    /// Returns its first characters, to tell it from another.
    pub fn beginning(&self) -> Beginning {
        Beginning::of(&self.text())
    }

    /// Tells whether an entry has the form of a recovery key, right or mistyped, and not that of a phrase.
    pub fn resembles(entry: &str) -> bool {
        use RecoveryKeyError::{Empty, KeyFile, NotAKey};
        !matches!(Self::parse(entry), Err(NotAKey | Empty | KeyFile))
    }
}

/// Groups the text form in fours, as every client shows it.
pub fn in_fours(text: &Secret) -> Vec<Secret> {
    let compact: Zeroizing<Vec<char>> =
        Zeroizing::new(text.expose().chars().filter(|c| !c.is_whitespace()).collect());
    compact.chunks(4).map(|group| Secret::new(group.iter().collect())).collect()
}

/// A character as every keyboard has it: those of East Asian keyboards come in full width, too.
pub fn plain(c: char) -> char {
    const FULL_WIDTH: u32 = 0xff01 - 0x21;
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - FULL_WIDTH).unwrap_or(c),
        _ => c,
    }
}

/// Tells whether a character may stand in a recovery key: base58 leaves out those that look like others.
fn is_base58(c: char) -> bool {
    c.is_ascii_alphanumeric() && !matches!(c, '0' | 'O' | 'I' | 'l')
}
