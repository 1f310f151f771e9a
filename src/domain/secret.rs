//! Keeps a text out of logs, errors and `Debug`, and wipes it when dropped.

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A password, phrase or key in text form.
///
/// It has no `Display`, its `Debug` shows nothing (not even the length), and dropping it wipes the memory.
/// Comparison is not constant-time: neither side may come from somebody who could measure how long it takes.
#[derive(Clone, Default, PartialEq, Eq, Zeroize, ZeroizeOnDrop, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Takes over the text; the caller must keep no copy.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text itself. The caller is responsible for where it goes.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Tells whether nothing, or only white space, was entered.
    pub fn is_blank(&self) -> bool {
        self.0.trim().is_empty()
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::new(text.into())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {

    use super::*;

    #[test]
    fn debug_of_a_secret_shows_neither_text_nor_length() {
        assert_eq!(format!("{:?}", Secret::from("correct horse")), "Secret(…)");
        assert_eq!(format!("{:?}", Secret::default()), format!("{:?}", Secret::from("longer")));
    }
}
