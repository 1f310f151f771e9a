//! What a person gave, whatever they were asked for: keys, phrases, passwords and files are mixed up.

use super::{
    problem::Problem,
    recovery_key::{RecoveryKey, RecoveryKeyError, beginning::Beginning},
    secret::Secret,
};

/// What an entry is by its form alone; whether it opens anything is the engine's to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given {
    /// Nothing, or only what nobody sees.
    Nothing,
    /// One recovery key.
    RecoveryKey,
    /// Two or more of them.
    TwoKeys([Beginning; 2]),
    /// Nearly a recovery key. A phrase may look like one.
    Mistyped(RecoveryKeyError),
    /// A file of room keys that an app exported.
    KeyFile,
    /// Words: a phrase, or a password.
    Phrase,
}

impl Given {
    /// Tells what an entry is.
    pub fn of(entry: &Secret) -> Self {
        match RecoveryKey::parse(entry.expose()) {
            Ok(_) => Self::RecoveryKey,
            Err(RecoveryKeyError::Empty) => Self::Nothing,
            Err(RecoveryKeyError::TwoKeys(beginnings)) => Self::TwoKeys(beginnings),
            Err(RecoveryKeyError::KeyFile) => Self::KeyFile,
            Err(RecoveryKeyError::NotAKey) => Self::Phrase,
            Err(
                error @ (RecoveryKeyError::Length(_)
                | RecoveryKeyError::Character(_)
                | RecoveryKeyError::Parity),
            ) => Self::Mistyped(error),
        }
    }

    /// Why it cannot be tried where a recovery key or a phrase is asked for; nothing where it can.
    pub fn refused_as_key(self) -> Option<Problem> {
        match self {
            Self::TwoKeys(beginnings) => Some(Problem::TwoRecoveryKeys { beginnings }),
            Self::KeyFile => Some(Problem::KeyFileAsKey),
            Self::Nothing | Self::RecoveryKey | Self::Mistyped(_) | Self::Phrase => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "EsTcLW2KPGiFwKEA3As5g5c4BXwkqeeJZJV8Q9fugUMNUE4d";

    #[test]
    fn what_was_given_is_told_by_its_form_and_only_what_may_be_tried_is() {
        let other = RecoveryKey::of(&[7; 32]).text();
        let file = "-----BEGIN MEGOLM SESSION DATA-----\nAWfZ\n-----END MEGOLM SESSION DATA-----";
        let two = Given::of(&[KEY, "\n", other.expose()].concat().into());
        let Given::TwoKeys(beginnings) = two else { panic!("{two:?}") };
        assert_eq!(two.refused_as_key(), Some(Problem::TwoRecoveryKeys { beginnings }));
        for (entry, given, refused) in [
            ("\u{feff} \n", Given::Nothing, None),
            (KEY, Given::RecoveryKey, None),
            (&KEY[..44], Given::Mistyped(RecoveryKeyError::Length(44)), None),
            ("Eight moths over the harbour 99", Given::Mistyped(RecoveryKeyError::Length(26)), None),
            ("glass otter fifty moon", Given::Phrase, None),
            (file, Given::KeyFile, Some(Problem::KeyFileAsKey)),
        ] {
            assert_eq!(Given::of(&entry.into()), given, "{entry}");
            assert_eq!(given.refused_as_key(), refused, "{entry}");
        }
    }
}
