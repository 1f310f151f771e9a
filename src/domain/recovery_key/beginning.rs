//! The beginning of a recovery key: enough to tell two apart on paper, and no help to anybody who guesses.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::RecoveryKey;
use crate::domain::secret::Secret;

/// Its first four characters, of which the first three are nearly the same in every key.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beginning([char; 4]);

impl Beginning {
    /// The first four characters of a key, and no more of it.
    pub(super) fn of(text: &Secret) -> Self {
        let mut beginning = ['·'; 4];
        beginning.iter_mut().zip(text.expose().chars()).for_each(|(place, c)| *place = c);
        Self(beginning)
    }

    /// That of the recovery key that was entered; `None` if what was entered is none.
    pub fn of_entry(entry: &Secret) -> Option<Self> {
        RecoveryKey::parse(entry.expose()).ok().map(|key| key.beginning())
    }

    /// Any, for what shows one.
    pub fn example(characters: [char; 4]) -> Self {
        Self(characters)
    }
}

impl fmt::Display for Beginning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|c| write!(f, "{c}"))
    }
}

impl fmt::Debug for Beginning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Beginning({self})")
    }
}
