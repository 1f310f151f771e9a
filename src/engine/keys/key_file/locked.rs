//! A whole file that is still encrypted, and its contents.

use std::{cell::Cell, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error as _, SeqAccess, Visitor},
};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::{HEADER_LENGTH, MAC_LENGTH, MOST_ROUNDS, VERSION, locks::Locks};
use crate::{
    domain::{key_file::KeyFileError, problem::Problem, secret::Secret},
    engine::{
        account::derivation::{composed, decomposed},
        keys::room_keys::{Interruption, breathe},
        net::stop::unless_stopped,
    },
};

/// The most entries that are read: four times as many as fit into the largest file if they are real.
pub(in crate::engine) const MOST_ENTRIES: usize = 1_000_000;

/// A well-formed file.
pub(in crate::engine) struct Locked {
    header: [u8; HEADER_LENGTH],
    ciphertext: Vec<Vec<u8>>,
    code: [u8; MAC_LENGTH],
    rounds: u32,
}

/// The contents of a file, decrypted; wiped when dropped.
pub(in crate::engine) struct Contents(Zeroizing<Vec<u8>>);

impl Locked {
    /// Reads the header of a decoded file.
    ///
    /// # Errors
    /// [`KeyFileError::UnknownVersion`]; [`KeyFileError::Damaged`] for no rounds; [`KeyFileError::TooManyRounds`].
    pub(super) fn new(
        header: [u8; HEADER_LENGTH],
        ciphertext: Vec<Vec<u8>>,
        code: [u8; MAC_LENGTH],
    ) -> Result<Self, KeyFileError> {
        let [version, .., a, b, c, d] = header;
        let rounds = u32::from_be_bytes([a, b, c, d]);
        match (version, rounds) {
            (VERSION, 0) => Err(KeyFileError::Damaged),
            (VERSION, 1..=MOST_ROUNDS) => Ok(Self { header, ciphertext, code, rounds }),
            (VERSION, _) => Err(KeyFileError::TooManyRounds { rounds }),
            (version, _) => Err(KeyFileError::UnknownVersion { version }),
        }
    }

    /// The HMAC over the whole file, salt included, by which the file is recognized.
    pub(in crate::engine) fn code(&self) -> [u8; MAC_LENGTH] {
        self.code
    }

    /// The rounds of key derivation that it asks for.
    pub(in crate::engine) fn rounds(&self) -> u32 {
        self.rounds
    }

    /// Decrypts a copy of the file; the file itself stays as it is. `None` if the passphrase is another.
    ///
    /// The passphrase is tried as it was entered, composed and decomposed: the keyboard on which it was typed first may
    /// have given its letters in another form (Unicode, "Normalization Forms").
    ///
    /// # Errors
    /// Stopped.
    pub(in crate::engine) async fn open(
        &self,
        passphrase: &Secret,
        stop: &Cell<bool>,
    ) -> Result<Option<Contents>, Interruption> {
        let mut forms = vec![passphrase.clone(), composed(passphrase), decomposed(passphrase)];
        forms.sort_by_key(|form| form != passphrase);
        forms.dedup();
        for form in &forms {
            if let Some(contents) = self.open_with(form, stop).await? {
                return Ok(Some(contents));
            }
        }
        Ok(None)
    }

    async fn open_with(
        &self,
        passphrase: &Secret,
        stop: &Cell<bool>,
    ) -> Result<Option<Contents>, Interruption> {
        breathe(stop).await?;
        let locks = unless_stopped(stop, self.locks(passphrase)).await.ok_or(Interruption::Stopped)?;
        let mut locks = locks.ok_or(Problem::engine_stopped())?;
        locks.authenticate(&self.header);
        for block in &self.ciphertext {
            breathe(stop).await?;
            locks.authenticate(block);
        }
        if !locks.is_code(&self.code) {
            return Ok(None);
        }
        let length = self.ciphertext.iter().map(Vec::len).sum();
        let mut text = Zeroizing::new(Vec::with_capacity(length));
        for block in &self.ciphertext {
            breathe(stop).await?;
            let begin = text.len();
            text.extend_from_slice(block);
            locks.turn(text.get_mut(begin..).unwrap_or_default());
        }
        Ok(Some(Contents(text)))
    }

    async fn locks(&self, passphrase: &Secret) -> Option<Locks> {
        let salt = self.header.get(1..17)?.try_into().ok()?;
        let initialization_vector = self.header.get(17..33)?.try_into().ok()?;
        Locks::derive(passphrase, salt, initialization_vector, self.rounds).await
    }
}

impl Contents {
    /// Takes a text as the contents of a file.
    #[cfg(feature = "fuzzing")]
    pub(in crate::engine) fn of(text: Vec<u8>) -> Self {
        Self(Zeroizing::new(text))
    }

    /// Lists the entries as text, without reading them.
    ///
    /// # Errors
    /// [`KeyFileError::Damaged`] if the contents are no list; [`KeyFileError::TooLarge`] if it has too many entries.
    pub(in crate::engine) fn entries(&self) -> Result<Vec<&RawValue>, KeyFileError> {
        let entries: Entries<'_> = serde_json::from_slice(&self.0).map_err(|error| {
            if error.to_string().starts_with(WITHOUT_END) {
                KeyFileError::TooLarge
            } else {
                KeyFileError::Damaged
            }
        })?;
        Ok(entries.0)
    }
}

const WITHOUT_END: &str = "too many entries";

/// A list of limited length: a file of nothing but commas would fill the memory.
struct Entries<'a>(Vec<&'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for Entries<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Items;

        impl<'de> Visitor<'de> for Items {
            type Value = Entries<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = list.next_element()? {
                    if entries.len() == MOST_ENTRIES {
                        return Err(A::Error::custom(WITHOUT_END));
                    }
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_seq(Items)
    }
}
