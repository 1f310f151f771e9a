//! Tries one entry on the descriptions of keys.

use matrix_sdk_crypto::secret_storage::SecretStorageKey;
use serde_json::Value;

use crate::{
    domain::{recovery_key::RecoveryKey, secret::Secret},
    engine::account::{
        derivation::{self, Budget, Derivations},
        secret_storage::{open_with_key, open_with_phrase},
    },
};

/// An entry, and the rounds that may be spent on it.
pub(in crate::engine) struct Tries<'a> {
    /// The entry as typed, and composed if that differs: this page makes keys of composed phrases.
    forms: Vec<Secret>,
    is_key: bool,
    budget: Budget<'a>,
}

impl<'a> Tries<'a> {
    /// Prepares the tries of an entry.
    pub(in crate::engine) fn new(entry: &Secret, derivations: &'a Derivations) -> Self {
        let mut forms = vec![entry.clone(), derivation::composed(entry)];
        forms.dedup();
        let is_key = RecoveryKey::parse(entry.expose()).is_ok();
        Self { forms, is_key, budget: Budget::new(derivations) }
    }

    /// Tells whether the entry is a well-formed recovery key.
    pub(in crate::engine) fn is_key(&self) -> bool {
        self.is_key
    }

    /// Tells whether a description was skipped because too few rounds were left.
    pub(in crate::engine) fn has_refused(&self) -> bool {
        self.budget.has_refused()
    }

    /// Opens a description; returns the key, and the phrase if a phrase opened it.
    pub(in crate::engine) async fn open(
        &self,
        key_id: &str,
        description: &Value,
    ) -> Option<(SecretStorageKey, Option<Secret>)> {
        for form in &self.forms {
            if self.is_key {
                return open_with_key(key_id, description, form).map(|key| (key, None));
            }
            if let Some(key) = open_with_phrase(key_id, description, form, &self.budget).await {
                return Some((key, Some(form.clone())));
            }
        }
        None
    }

    /// Opens the first description under whose key `wanted` finds something.
    pub(in crate::engine) async fn find<'d, T>(
        &self,
        descriptions: impl Iterator<Item = (&'d str, &'d Value)>,
        wanted: impl Fn(&SecretStorageKey) -> Option<T>,
    ) -> Option<(SecretStorageKey, Option<Secret>, T)> {
        for (key_id, description) in descriptions {
            if let Some((key, phrase)) = self.open(key_id, description).await
                && let Some(found) = wanted(&key)
            {
                return Some((key, phrase, found));
            }
        }
        None
    }
}
