//! What a person gave, whatever they were asked for: keys, phrases, passwords and files are mixed up.

use super::{
    file_text::text_of,
    problem::Problem,
    recovery_key::{RecoveryKey, RecoveryKeyError, beginning::Beginning},
    secret::Secret,
};

/// The longest file that may be a phrase, in bytes.
const LONGEST_PHRASE: usize = 4_096;

/// Kind of an entry, by its form alone; the engine finds out what it opens.
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

    /// Returns the reason why it cannot be tried as a recovery key or a phrase; `None` if it can.
    pub fn refused_as_key(self) -> Option<Problem> {
        match self {
            Self::TwoKeys(beginnings) => Some(Problem::TwoRecoveryKeys { beginnings }),
            Self::KeyFile => Some(Problem::KeyFileAsKey),
            Self::Nothing | Self::RecoveryKey | Self::Mistyped(_) | Self::Phrase => None,
        }
    }
}

/// Returns what of a file is entered as a recovery key or a phrase: the key alone, since nobody asked for what
/// else the person keeps beside it. A file without one is entered whole; nothing if it is too long for a phrase.
pub fn entry_of_file(bytes: &[u8]) -> Option<Secret> {
    let text = text_of(bytes);
    match Given::of(&text) {
        Given::RecoveryKey => RecoveryKey::parse(text.expose()).ok().map(|key| key.text()),
        Given::TwoKeys(_) | Given::KeyFile => Some(text),
        Given::Nothing | Given::Mistyped(_) | Given::Phrase => {
            (text.expose().len() <= LONGEST_PHRASE).then_some(text)
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

    #[test]
    fn of_a_file_the_key_alone_is_entered_and_a_phrase_without_the_editors_line_break() {
        let vault = format!("name,password\nbank,1234\nmatrix,{KEY}\n");
        let utf16: Vec<u8> = vault.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let photo = [0xff, 0xd8, 0xff, 0xe0].repeat(2_000);
        let file = ["-----BEGIN MEGOLM SESSION DATA-----\n", &"AWfZ".repeat(5_000)].concat();
        let long = [&"words ".repeat(1_000), KEY].concat();
        for (bytes, entry) in [
            (vault.as_bytes(), Some(KEY)),
            (&utf16, Some(KEY)),
            (long.as_bytes(), Some(KEY)),
            (b"glass otter fifty moon\r\n", Some("glass otter fifty moon")),
            (b"", Some("")),
            (file.as_bytes(), Some(&file)),
            (&photo, None),
        ] {
            assert_eq!(entry_of_file(bytes).as_ref().map(Secret::expose), entry);
        }
    }
}
