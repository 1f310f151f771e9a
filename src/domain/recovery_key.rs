//! Reads and writes the text form of a recovery key.
//!
//! Source: specification, "Key representation": `8B 01`, 32 bytes, one parity byte, base58, white space anywhere.
//! Only the form is checked here; the engine finds out what the key opens.

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::secret::Secret;

const PREFIX: [u8; 2] = [0x8b, 0x01];
/// Prefix, key and parity.
const DECODED_LENGTH: usize = 2 + 32 + 1;
/// Number of base58 characters that every such key has.
pub const LENGTH: usize = 48;

/// A well-formed recovery key.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct RecoveryKey([u8; DECODED_LENGTH]);

/// The mistake in an entry, so that the person can be told where to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecoveryKeyError {
    /// Nothing was entered.
    Empty,
    /// Some characters are missing, or there are too many: this is their number, which should be [`LENGTH`].
    Length(usize),
    /// This character never occurs in a recovery key; 0, O, I and l do not.
    Character(char),
    /// The length is right, but the prefix or the parity byte is not: one or more characters are wrong.
    Parity,
    /// It is not like a key at all: words, for example.
    NotAKey,
}

impl RecoveryKey {
    /// Reads a key as typed, pasted or read from a file; ignores white space and dashes.
    ///
    /// # Errors
    /// Names the mistake in the form.
    pub fn parse(entry: &str) -> Result<Self, RecoveryKeyError> {
        let compact: Zeroizing<String> =
            Zeroizing::new(entry.chars().filter(|c| !c.is_whitespace() && !is_ignorable(*c)).collect());
        let count = compact.chars().count();
        if count == 0 {
            return Err(RecoveryKeyError::Empty);
        }
        let base58 = |c: char| c.is_ascii_alphanumeric() && !matches!(c, '0' | 'O' | 'I' | 'l');
        let has_digit = compact.contains(|c: char| c.is_ascii_digit());
        let starts_right = compact.starts_with(['E', 'e']);
        // Keys begin with E, and only one in two thousand has no digit; few phrases have both.
        let key_like =
            has_digit && (count >= 40 || count >= 8 && starts_right) || count == LENGTH && starts_right;
        if !key_like {
            return Err(RecoveryKeyError::NotAKey);
        }
        if let Some(bad) = compact.chars().find(|c| !base58(*c)) {
            // Punctuation or a foreign letter makes it a phrase, not a mistyped key.
            return Err(if bad.is_ascii_alphanumeric() {
                RecoveryKeyError::Character(bad)
            } else {
                RecoveryKeyError::NotAKey
            });
        }
        if count != LENGTH {
            return Err(RecoveryKeyError::Length(count));
        }
        let mut decoded = [0u8; DECODED_LENGTH];
        let length =
            bs58::decode(compact.as_bytes()).onto(&mut decoded).map_err(|_| RecoveryKeyError::Parity)?;
        let key = Self(decoded);
        let parity = key.0.iter().fold(0, |sum, byte| sum ^ byte);
        if length != DECODED_LENGTH || key.0[..2] != PREFIX || parity != 0 {
            return Err(RecoveryKeyError::Parity);
        }
        Ok(key)
    }

    /// Makes the text form of a key's 32 bytes.
    pub fn of(key: &[u8; DECODED_LENGTH - 3]) -> Self {
        let mut form = Self([0; DECODED_LENGTH]);
        let bytes = PREFIX.iter().chain(key).copied();
        form.0.iter_mut().zip(bytes).for_each(|(place, byte)| *place = byte);
        let parity = form.0.iter().fold(0, |sum, byte| sum ^ byte);
        form.0[DECODED_LENGTH - 1] = parity;
        form
    }

    /// The key in one group, since another reader may not accept white space.
    pub fn text(&self) -> Secret {
        Secret::new(bs58::encode(&self.0).into_string())
    }

    /// Tells whether an entry has the form of a recovery key, right or mistyped, and not that of a phrase.
    pub fn resembles(entry: &str) -> bool {
        !matches!(Self::parse(entry), Err(RecoveryKeyError::NotAKey | RecoveryKeyError::Empty))
    }
}

/// Splits the text form into groups of four, as clients show it.
pub fn in_fours(text: &Secret) -> Vec<Secret> {
    let compact: Zeroizing<Vec<char>> =
        Zeroizing::new(text.expose().chars().filter(|c| !c.is_whitespace()).collect());
    compact.chunks(4).map(|group| Secret::new(group.iter().collect())).collect()
}

/// Tells whether word processors and messengers slip this character in: dashes and invisible characters.
fn is_ignorable(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{2060}')
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "EsTcLW2KPGiFwKEA3As5g5c4BXwkqeeJZJV8Q9fugUMNUE4d";

    #[test]
    fn the_specifications_form_is_read_with_any_white_space() {
        let spaced = "EsTc LW2K PGiF wKEA 3As5 g5c4 BXwk qeeJ ZJV8 Q9fu gUMN UE4d";
        let messy = format!("\u{feff}{}\r\n", KEY.replace("wKEA", "-wKEA\u{200b}\t"));
        for entry in [KEY, spaced, messy.as_str()] {
            assert!(RecoveryKey::parse(entry) == RecoveryKey::parse(KEY), "{entry}");
        }
        assert!(RecoveryKey::parse(KEY).is_ok());
    }

    #[test]
    fn each_mistake_in_a_key_is_named() {
        for (entry, error) in [
            ("".to_owned(), RecoveryKeyError::Empty),
            (" \n".to_owned(), RecoveryKeyError::Empty),
            (KEY[..47].to_owned(), RecoveryKeyError::Length(47)),
            (format!("{KEY}x"), RecoveryKeyError::Length(49)),
            (KEY.replace("EsTc", "EsTd"), RecoveryKeyError::Parity),
            (KEY.replace("EsTc", "FsTc"), RecoveryKeyError::Parity),
            (KEY.replace("EsTc", "EsT0"), RecoveryKeyError::Character('0')),
            (KEY.replace("EsTc", "EsTl"), RecoveryKeyError::Character('l')),
            ("correct horse battery staple".to_owned(), RecoveryKeyError::NotAKey),
            ("Every good boy does fine".to_owned(), RecoveryKeyError::NotAKey),
            (format!("1{}", &KEY[1..]), RecoveryKeyError::Parity),
            ("hunter2".to_owned(), RecoveryKeyError::NotAKey),
        ] {
            assert_eq!(RecoveryKey::parse(&entry).err(), Some(error), "{entry}");
        }
        assert!(RecoveryKey::resembles(&KEY[..40]));
        assert!(!RecoveryKey::resembles("correct horse battery staple"));
    }

    #[test]
    fn groups_of_four_lose_nothing() {
        let groups = in_fours(&Secret::from(KEY));
        assert_eq!(groups.len(), 12);
        let joined: String = groups.iter().map(|g| g.expose().to_string()).collect();
        assert_eq!(joined, KEY);
    }

    proptest::proptest! {
        #[test]
        fn every_key_in_the_specifications_form_is_accepted(key: [u8; 32]) {
            let mut bytes = PREFIX.to_vec();
            bytes.extend(key);
            bytes.push(bytes.iter().fold(0, |sum, byte| sum ^ byte));
            let text = bs58::encode(&bytes).into_string();
            proptest::prop_assert_eq!(text.len(), LENGTH);
            proptest::prop_assert!(RecoveryKey::parse(&text).is_ok());
            let made = RecoveryKey::of(&key).text();
            proptest::prop_assert_eq!(made.expose(), text);
            bytes[5] ^= 1;
            let damaged = bs58::encode(&bytes).into_string();
            proptest::prop_assert_eq!(RecoveryKey::parse(&damaged).err(), Some(RecoveryKeyError::Parity));
        }

        #[test]
        fn no_entry_panics(entry in "\\PC{0,120}") {
            let _ = RecoveryKey::parse(&entry);
        }
    }

    #[test]
    fn an_entry_of_the_right_length_is_never_called_a_phrase() {
        let all_ones = vec!['1'; LENGTH].into_iter().collect::<String>();
        assert_eq!(RecoveryKey::parse(&all_ones).err(), Some(RecoveryKeyError::Parity));
    }
}
