//! The recovery key that the person kept, once this visit has seen it open what apps ask for.

use matrix_sdk_crypto::secret_storage::SecretStorageKey;

use crate::domain::secret::Secret;

/// A recovery key that was made or entered, with the phrase that leads to it, if that was entered too.
pub(in crate::engine) struct Kept {
    /// The id of the key in secret storage.
    pub(in crate::engine) key_id: String,
    /// The key in its text form, whatever was entered.
    pub(in crate::engine) recovery_key: Secret,
    /// The phrase.
    pub(in crate::engine) phrase: Option<Secret>,
}

impl Kept {
    /// Takes a key that was made or entered.
    pub(in crate::engine) fn new(key: &SecretStorageKey, phrase: Option<Secret>) -> Self {
        Self { key_id: key.key_id().to_owned(), recovery_key: Secret::new(key.to_base58()), phrase }
    }

    /// Adds the phrase that was entered earlier, if it leads to this key.
    pub(in crate::engine) fn with_phrase_of(mut self, earlier: Option<Self>) -> Self {
        let earlier = earlier.filter(|earlier| earlier.recovery_key == self.recovery_key);
        self.phrase = self.phrase.or_else(|| earlier?.phrase);
        self
    }
}
