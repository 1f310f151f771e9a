//! The sheet with the recovery key that a person keeps.

use serde::{Deserialize, Serialize};

use super::secret::Secret;

/// Number of characters in a kit's mark.
const MARK: usize = 4;

/// A recovery key as it is shown and printed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kit {
    /// The key in its text form ("Key representation"), in groups of four.
    pub recovery_key: Secret,
    /// The id of the key in secret storage; its first letters tell two kits apart.
    pub key_id: String,
    /// The key as a QR code, and so as secret as the key: an SVG path around the dark modules. One module is one unit
    /// wide; the path leaves out the quiet zone.
    pub qr: Secret,
    /// Width and height of the QR code, in modules.
    pub qr_modules: u8,
}

impl Kit {
    /// The mark by which two kits, and the files with their keys, are told apart. It is made of the key's public id:
    /// nothing of the key is in it, and the keys themselves begin alike.
    pub fn mark(&self) -> String {
        mark_of(&self.key_id)
    }
}

/// Returns the mark of the key with this id, without the key.
pub fn mark_of(key_id: &str) -> String {
    let id = key_id.chars().filter(char::is_ascii_alphanumeric).take(MARK);
    id.collect::<String>().to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_tells_keys_apart_and_has_nothing_of_the_key() {
        let kit = |key_id: &str| Kit {
            recovery_key: Secret::from("EsTcLW2KPGiFwKEA3As5g5c4BXwkqeeJZJV8Q9fugUMNUE4d"),
            key_id: key_id.into(),
            qr: Secret::default(),
            qr_modules: 33,
        };
        for (key_id, mark) in [("whWE91Kx", "WHWE"), ("q7", "Q7"), ("../a b\u{202e}c/d", "ABCD"), ("", "")] {
            assert_eq!(kit(key_id).mark(), mark, "{key_id}");
        }
    }
}
